//! The order of records in reports.

use std::{cmp::Reverse, collections::BTreeMap};

use super::{Record, RunInfo};
use crate::engine::aiohttp::reader::Profile;

/// Brings `records` into the order in which every report tells them, whenever
/// their trials ended: by scenario as the run was asked for them, way to read,
/// chunk size, release (the newest first), client as it was typed, world and
/// repetition. A run just made and one that was kept are so told alike. Of runs
/// whose header does not tell their scenarios, the order by name.
pub fn in_order(records: &mut [Record], info: &RunInfo) {
    let names = info.scenarios.iter().enumerate().rev();
    // Of a name that is there twice the first place.
    let scenarios: BTreeMap<&str, usize> = names.map(|(at, name)| (&**name, at)).collect();
    records.sort_by_cached_key(|record| place(record, info, &scenarios));
}

fn place(record: &Record, info: &RunInfo, scenarios: &BTreeMap<&str, usize>) -> impl Ord + use<> {
    let scenario = scenarios.get(record.scenario.as_str()).copied();
    let release = record.profile.as_deref();
    let release = release.map(|name| Profile::parse(name).ok().map(|(p, _)| p.release));
    let client = record.client.as_ref().map(|client| {
        let place = info.clients.iter().position(|one| one.name == client.name);
        (place.unwrap_or(usize::MAX), client.name.clone())
    });
    (
        scenario.unwrap_or(usize::MAX),
        record.scenario.clone(),
        record.strategy,
        record.chunk_size,
        Reverse(release),
        client,
        record.world,
        record.repetition,
    )
}
