//! A machine that was busy with other work.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shortread_server::units::human_ns;

use super::percent;
use crate::measure::Load;

/// Others used the CPUs that trials needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MachineBusy {
    /// The load while trials ran over TCP.
    #[serde(flatten)]
    pub load: Load,
}

impl MachineBusy {
    pub(crate) fn sentence(&self) -> String {
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

    pub(crate) fn remedy(&self) -> &'static str {
        match percent(self.load.stolen_ns, self.load.others_cpu_ns) >= 50 {
            true => "run it on a machine whose host is not shared",
            false => "run it again when nothing else does; outcomes hold, figures may not",
        }
    }
}
