//! The order of records in reports.

use std::{cmp::Reverse, collections::BTreeMap};

use super::{Record, RunInfo};
use crate::engine::aiohttp::reader::Profile;

/// Sorts `records` into the order of every report, whatever the order of their
/// ends: by scenario as the run requested them, way to read, chunk size, release
/// (the newest first), client and recipe as typed, world and repetition. So a new run and a
/// kept one are reported alike. If the header of a run does not list its
/// scenarios, they are sorted by name.
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
    let recipe = record.recipe.as_ref().map(|recipe| {
        let place = info.recipes.iter().position(|one| one == recipe);
        (place.unwrap_or(usize::MAX), recipe.clone())
    });
    (
        scenario.unwrap_or(usize::MAX),
        record.scenario.clone(),
        record.strategy,
        record.chunk_size,
        Reverse(release),
        client,
        recipe,
        record.world,
        record.repetition,
    )
}
