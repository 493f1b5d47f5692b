//! Warnings that the figures of a run may mislead: typed, with their numbers and
//! a remedy.
//!
//! Each kind is a fold over the records of the TCP world, in its own file. The
//! virtual world needs no warnings: no machine is busy there, no result is noise,
//! and buffers have their intended size.

mod bottleneck;
mod buffers;
mod busy;
mod noise;

use std::sync::Arc;

use shortread_server::scenario::{Scenario, World};

use crate::results::{Record, RunInfo, warning::Warning};

/// The warnings of a run, by kind.
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
