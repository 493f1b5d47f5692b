//! Why a run's figures may not mean what they seem to: typed, with the numbers
//! that gave rise to it, and with what to do.
//!
//! Each sort is a fold over the records of the TCP world, one file each. In the
//! virtual world no machine can be busy, no result is noise and buffers are as
//! large as they are meant to be: there are no warnings.

mod bottleneck;
mod buffers;
mod busy;
mod noise;

use std::sync::Arc;

use mock_server::scenario::{Scenario, World};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use bottleneck::{Bottleneck, Slow};
pub use buffers::{BuffersHide, Hidden};
pub use busy::MachineBusy;
pub use noise::WithinNoise;

use crate::results::{Record, RunInfo};

/// One reason not to take a run at its word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Warning {
    /// Others used the machine.
    MachineBusy(MachineBusy),
    /// Repetitions of a trial differ by more than what one looks for.
    WithinNoise(WithinNoise),
    /// Client or server was slower than the link.
    Bottleneck(Bottleneck),
    /// Kernel buffers held what was to be felt.
    BuffersHide(BuffersHide),
}

/// The warnings of a run, by sort.
pub fn warnings(info: &RunInfo, records: &[Record], scenarios: &[Arc<Scenario>]) -> Vec<Warning> {
    let real: Vec<&Record> = records
        .iter()
        .filter(|record| record.world == World::Tcp)
        .collect();
    let mut all = Vec::new();
    all.extend(busy::find(info).map(Warning::MachineBusy));
    all.extend(noise::find(&real).into_iter().map(Warning::WithinNoise));
    all.extend(
        bottleneck::find(&real, scenarios)
            .into_iter()
            .map(Warning::Bottleneck),
    );
    all.extend(
        buffers::find(&real, scenarios)
            .into_iter()
            .map(Warning::BuffersHide),
    );
    all
}

impl Warning {
    /// What is wrong, as a sentence without its stop.
    pub fn sentence(&self) -> String {
        match self {
            Self::MachineBusy(one) => one.sentence(),
            Self::WithinNoise(one) => one.sentence(),
            Self::Bottleneck(one) => one.sentence(),
            Self::BuffersHide(one) => one.sentence(),
        }
    }

    /// What to do about it, as a sentence without its stop.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::MachineBusy(one) => one.remedy(),
            Self::WithinNoise(_) => {
                "repeat more often (--repeat 9) on a machine that does nothing else, and take \
                 differences below that for none"
            }
            Self::Bottleneck(one) => one.remedy(),
            Self::BuffersHide(one) => one.remedy(),
        }
    }
}

/// A scenario with the numbers that `record` was played with.
fn played(record: &Record, scenarios: &[Arc<Scenario>]) -> Option<Scenario> {
    let scenario = scenarios.iter().find(|one| one.name == record.scenario)?;
    match record.scaled {
        Some(_) => scenario.scaled().ok(),
        None => Some(Scenario::clone(scenario)),
    }
}

/// `part` of `whole` in percent.
fn percent(part: u64, whole: u64) -> u64 {
    let whole = u128::from(whole.max(1));
    u64::try_from(u128::from(part) * 100 / whole).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
