//! Repetitions of a trial that differ too much to show an effect.

use std::collections::BTreeMap;

use shortread_server::scenario::World;

use crate::{
    results::{
        Quantity, Record, TrialKey,
        warning::{SPREAD, WithinNoise},
    },
    stats,
};

/// Least repetitions for a meaningful spread: the range of two is as often tiny
/// as it is large.
const LEAST_REPETITIONS: usize = 3;

/// Each figure that varies too much, over all trials together.
pub(super) fn find(records: &[&Record]) -> Vec<WithinNoise> {
    let groups = repetitions(records);
    Quantity::in_world(World::Tcp)
        .filter_map(|quantity| noisy(quantity, &groups))
        .collect()
}

/// The repetitions of each trial that ended alike often enough.
fn repetitions<'a>(records: &[&'a Record]) -> Vec<Vec<&'a Record>> {
    let mut places: BTreeMap<TrialKey<'_>, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<&Record>> = Vec::new();
    for record in records {
        let place = *places.entry(record.key()).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[place].push(record);
    }
    // Other outcomes have other figures.
    groups.retain(|group| {
        let end = |record: &Record| (record.outcome.kind, record.outcome.deadline);
        group.len() >= LEAST_REPETITIONS && group.iter().all(|one| end(one) == end(group[0]))
    });
    groups
}

fn noisy(quantity: &Quantity, groups: &[Vec<&Record>]) -> Option<WithinNoise> {
    let mut found: Vec<(f64, &str, [f64; 3])> = Vec::new();
    for group in groups {
        let values: Option<Vec<f64>> = group.iter().map(|record| quantity.of(record)).collect();
        let Some(values) = values else { continue };
        let quantile = |p| stats::quantile(&values, p);
        let (Some(least), Some(median), Some(most)) = (quantile(0.0), quantile(0.5), quantile(1.0))
        else {
            continue;
        };
        let spread = (most - least) / median.max(1.0);
        if spread > SPREAD && quantity.matters(least, most) {
            found.push((spread, group[0].trial(), [least, median, most]));
        }
    }
    let (_, worst, [least, median, most]) = found
        .iter()
        .max_by(|(one, ..), (other, ..)| one.total_cmp(other))?;
    Some(WithinNoise {
        quantity: quantity.name.into(),
        trials: found.iter().map(|(_, trial, _)| (*trial).into()).collect(),
        of: groups.len(),
        worst: (*worst).into(),
        least: least.round() as u64,
        median: median.round() as u64,
        most: most.round() as u64,
    })
}
