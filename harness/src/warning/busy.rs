//! The machine did something else meanwhile.

use mock_server::units::human_ns;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::percent;
use crate::{measure::Load, results::RunInfo};

/// CPUs that a trial needs: one for the server, one for the client.
const NEEDED: u64 = 2;

/// The share of them, in percent, that must have been free: a process that has
/// to wait for a quarter of its time is late by that much.
const FREE_PERCENT: u64 = 75;

/// The share of all CPU time, in percent, above which what the host took away
/// counts: as much as the least effect that a comparison calls one.
const STOLEN_PERCENT: u64 = 5;

/// Others used the CPUs that trials needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MachineBusy {
    /// What was counted while trials ran over TCP.
    #[serde(flatten)]
    pub load: Load,
}

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

impl MachineBusy {
    pub(super) fn sentence(&self) -> String {
        let load = &self.load;
        let one_cpu = |ns| percent(ns, load.real_ns);
        let mut text = format!(
            "the machine was busy: in {} others used {} % of one of its {} CPUs, this run {} %",
            human_ns(load.real_ns),
            one_cpu(load.others_cpu_ns),
            load.cpus,
            one_cpu(load.own_cpu_ns),
        );
        if load.stolen_ns > 0 {
            text.push_str(&format!(
                ", and its host took {} %",
                one_cpu(load.stolen_ns)
            ));
        }
        if let Some(waiting) = load.waiting_ns {
            text.push_str(&format!(
                "; in {} % of the time something waited for a CPU",
                one_cpu(waiting)
            ));
        }
        text
    }

    pub(super) fn remedy(&self) -> &'static str {
        match percent(self.load.stolen_ns, self.load.others_cpu_ns) >= 50 {
            true => "run it on a machine whose host is not shared",
            false => "run it again when nothing else does; outcomes hold, figures may not",
        }
    }
}
