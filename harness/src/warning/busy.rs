//! The machine did something else meanwhile.

use crate::results::{
    RunInfo,
    warning::{MachineBusy, percent},
};

/// CPUs that a trial needs: one for the server, one for the client.
const NEEDED: u64 = 2;

/// The share of them, in percent, that must have been free: a process that has
/// to wait for a quarter of its time is late by that much.
const FREE_PERCENT: u64 = 75;

/// The share of all CPU time, in percent, above which what the host took away
/// counts: as much as the least effect that a comparison calls one.
const STOLEN_PERCENT: u64 = 5;

/// Of a run over TCP on a machine that others used.
pub(super) fn find(info: &RunInfo) -> Option<MachineBusy> {
    let load = info.load?;
    let whole = load.real_ns.saturating_mul(load.cpus);
    let free = whole.saturating_sub(load.others_cpu_ns);
    let needed = load.real_ns.saturating_mul(load.cpus.min(NEEDED));
    let busy =
        percent(free, needed) < FREE_PERCENT || percent(load.stolen_ns, whole) >= STOLEN_PERCENT;
    busy.then_some(MachineBusy { load })
}
