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

use crate::results::{Record, RunInfo, warning::Warning};

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

/// A scenario with the numbers that `record` was played with.
fn played(record: &Record, scenarios: &[Arc<Scenario>]) -> Option<Scenario> {
    let scenario = scenarios.iter().find(|one| one.name == record.scenario)?;
    match record.scaled {
        Some(_) => scenario.scaled().ok(),
        None => Some(Scenario::clone(scenario)),
    }
}

#[cfg(test)]
mod tests;
