//! Finds the row of a record by look-up, not by search: rows of 20,000
//! repetitions take as many look-ups.

use std::collections::BTreeMap;

use shortread_server::scenario::{Deadline, Kind, Party};

use super::rows::class;
use crate::{
    results::agree,
    results::{Record, TrialKey},
};

/// Trials that share a row ended so.
type SameEnd<'a> = (Kind, Option<Party>, Option<Deadline>, Option<&'a str>);

/// A trial has one record of each repetition in each world. A file with more was
/// tampered with, and these are enough.
const MOST_TWINS: usize = 4;

/// The rows of a scenario by what makes a record belong to them.
#[derive(Debug, Default)]
pub(super) struct Homes<'a> {
    /// The first row of each end.
    first: BTreeMap<SameEnd<'a>, usize>,
    /// Of each end and size of the object, the rows by the bytes that their
    /// first record delivered.
    by_bytes: BTreeMap<(SameEnd<'a>, u64), BTreeMap<u64, usize>>,
    /// The place of each repetition of a trial.
    placed: BTreeMap<(TrialKey<'a>, u32), Vec<(usize, &'a Record)>>,
}

impl<'a> Homes<'a> {
    /// The first row for `record`: of the same end, and with bytes within 1 % of
    /// its first record's, or with the record's twin of the other world whose
    /// bytes agree; or with `any_bytes`.
    pub(super) fn find(&self, record: &'a Record, any_bytes: bool) -> Option<usize> {
        let end = end(record);
        if any_bytes {
            return self.first.get(&end).copied();
        }
        let (bytes, whole) = (record.delivered_bytes, record.expected_bytes);
        let least = bytes.saturating_sub(whole / 100);
        let most = bytes.saturating_add(whole / 100);
        let near = self.by_bytes.get(&(end, whole)).into_iter();
        let near = near
            .flat_map(|rows| rows.range(least..=most))
            .map(|(_, row)| *row);
        let twins = self
            .placed
            .get(&(record.key().elsewhere(), record.repetition));
        let alike = twins
            .into_iter()
            .flatten()
            .filter(|(_, twin)| agree::bytes_agree(record, twin) && self::end(twin) == end);
        near.chain(alike.map(|(row, _)| *row)).min()
    }

    /// `record` has founded the row at `row`.
    pub(super) fn founded(&mut self, record: &'a Record, row: usize) {
        let end = end(record);
        self.first.entry(end).or_insert(row);
        let of_size = self.by_bytes.entry((end, record.expected_bytes));
        let rows = of_size.or_default();
        rows.entry(record.delivered_bytes).or_insert(row);
        self.moved_in(record, row);
    }

    /// `record` has joined the row at `row`.
    pub(super) fn moved_in(&mut self, record: &'a Record, row: usize) {
        let key = (record.key(), record.repetition);
        let placed = self.placed.entry(key).or_default();
        if placed.len() < MOST_TWINS {
            placed.push((row, record));
        }
    }
}

fn end(record: &Record) -> SameEnd<'_> {
    let outcome = &record.outcome;
    let exception = outcome.exception.as_deref().map(class);
    (outcome.kind, outcome.ended_by, outcome.deadline, exception)
}

/// Within 1 % of the whole.
pub(super) fn close(a: u64, b: u64, whole: u64) -> bool {
    u128::from(a.abs_diff(b)) * 100 <= u128::from(whole)
}
