//! The machine was busy with something else.

use crate::results::{
    RunInfo,
    warning::{MachineBusy, percent},
};

/// CPUs that a trial needs, for the server and for the client.
const NEEDED: u64 = 2;

/// The share of them, in percent, that must have been free: a process that waits
/// for a quarter of its time is late by that much.
const FREE_PERCENT: u64 = 75;

/// The share of all CPU time, in percent, above which time taken by the host
/// counts: as much as the least effect in a comparison.
const STOLEN_PERCENT: u64 = 5;

/// Checks a run over TCP on a shared machine.
pub(super) fn find(info: &RunInfo) -> Option<MachineBusy> {
    let load = info.load?;
    let whole = load.real_ns.saturating_mul(load.cpus);
    let free = whole.saturating_sub(load.others_cpu_ns);
    let needed = load.real_ns.saturating_mul(load.cpus.min(NEEDED));
    let busy =
        percent(free, needed) < FREE_PERCENT || percent(load.stolen_ns, whole) >= STOLEN_PERCENT;
    busy.then_some(MachineBusy { load })
}
