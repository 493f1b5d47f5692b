//! The unexpected outcomes.

use std::collections::BTreeMap;

use crate::{
    report::{RunView, overview::Overview},
    results::{Record, TrialKey},
};

/// The sentence if there is none.
pub(in crate::report) const NOTHING_UNEXPECTED: &str = "No outcome differs from its expectation.";

/// The trials whose outcome is not the expected one, or that the tool could not
/// play.
#[derive(Debug)]
pub(in crate::report) struct Unexpected {
    /// Their number.
    pub(in crate::report) count: usize,
    /// Trials of which nothing was expected.
    pub(in crate::report) open: usize,
    /// Each with how it differs; repetitions of one trial that differ in the same
    /// way are one, with their number.
    pub(in crate::report) folded: Vec<(String, String)>,
}

impl Unexpected {
    pub(super) fn of(run: &RunView<'_>) -> Self {
        Self {
            count: run.unexpected().count(),
            open: run.plain().filter(|r| r.passed().is_none()).count(),
            folded: folded(run),
        }
    }

    /// True if there are none.
    pub(in crate::report) const fn is_none(&self) -> bool {
        self.count == 0
    }
}

fn folded(run: &RunView<'_>) -> Vec<(String, String)> {
    let mut places: BTreeMap<(TrialKey<'_>, String), usize> = BTreeMap::new();
    let mut folds: Vec<(&Record, String, usize)> = Vec::new();
    for record in run.unexpected() {
        let difference = record.why();
        let place = *places
            .entry((record.key(), difference.clone()))
            .or_insert(folds.len());
        if place == folds.len() {
            folds.push((record, difference, 0));
        }
        folds[place].2 += 1;
    }
    let overview = Overview::of(run.records);
    let named = |record: &Record, count| match (count, overview.repetitions(record)) {
        (1, _) => record.id.clone(),
        (count, all) => format!("{} ({count} of {all})", record.trial()),
    };
    folds
        .into_iter()
        .map(|(record, difference, count)| (named(record, count), difference))
        .collect()
}
