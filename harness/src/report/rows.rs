//! Folds records into rows: per scenario, one row for all ways of reading with
//! the same result.

use std::collections::{BTreeMap, BTreeSet};

use shortread_server::{
    scenario::{Kind, StrategyName, World},
    units::{ByteSize, human_ns_like},
};

use super::{
    RunView,
    homes::{Homes, close},
    overview::Overview,
};
use crate::{outcome::Group, results::Record, stats::median_of};

/// The results of one scenario.
#[derive(Debug)]
pub(super) struct Story<'a> {
    /// The scenario's name.
    pub(super) name: &'a str,
    /// The worst of its rows.
    pub(super) group: Group,
    /// The row of the most ways to read first, of as many that of the most
    /// trials.
    pub(super) rows: Vec<Row<'a>>,
}

/// Trials of one scenario that came to the same.
#[derive(Debug)]
pub(super) struct Row<'a> {
    /// The ways to read, as people call them.
    pub(super) calls: Vec<String>,
    /// The world of these trials, if the run has others of another world.
    pub(super) world: Option<World>,
    /// The trials.
    pub(super) records: Vec<&'a Record>,
    /// Some of these are `response.read()` calls that came to the same end but
    /// returned nothing: their bytes are not in the row's figures.
    pub(super) read_lost_all: bool,
}

/// The conditions under which trials of one outcome share a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sharing {
    /// If their bytes agree within 1 % of the object.
    SameBytes,
    /// Whatever their bytes; the row then shows a range.
    AnyBytes,
}

/// The stories of a run by group, within it in the order of the records.
pub(super) fn stories<'a>(run: &RunView<'a>, sharing: Sharing) -> Vec<Story<'a>> {
    let overview = Overview::of(run.plain());
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut scenarios: Vec<(&'a str, Vec<&'a Record>)> = Vec::new();
    for record in run.plain() {
        let place = *places.entry(&record.scenario).or_insert_with(|| {
            scenarios.push((&record.scenario, Vec::new()));
            scenarios.len() - 1
        });
        scenarios[place].1.push(record);
    }
    let mut stories: Vec<Story<'a>> = scenarios
        .into_iter()
        .map(|(name, records)| story(name, records, &overview, sharing))
        .collect();
    // Stable: keeps the order of the records.
    stories.sort_by_key(|story| story.group);
    stories
}

fn story<'a>(
    name: &'a str,
    records: Vec<&'a Record>,
    overview: &Overview<'a>,
    sharing: Sharing,
) -> Story<'a> {
    let mut rows: Vec<Row<'a>> = Vec::new();
    let mut homes = Homes::default();
    // A loss by read() joins a row of the same end, so the others come first.
    let (lost, others): (Vec<_>, Vec<_>) = records.into_iter().partition(|record| lost_all(record));
    for record in others.into_iter().chain(lost) {
        let any_bytes = sharing == Sharing::AnyBytes || lost_all(record);
        match homes.find(record, any_bytes) {
            Some(home) => {
                let row = &mut rows[home];
                // If nobody got anything, read() lost nothing.
                row.read_lost_all |= lost_all(record) && row.records[0].delivered_bytes > 0;
                row.records.push(record);
                homes.moved_in(record, home);
            }
            None => {
                homes.founded(record, rows.len());
                rows.push(Row {
                    calls: Vec::new(),
                    world: None,
                    records: vec![record],
                    read_lost_all: false,
                });
            }
        }
    }
    for row in &mut rows {
        row.name_calls(overview);
    }
    rows.sort_by_key(|row| std::cmp::Reverse((row.calls.len(), row.records.len())));
    Story {
        name,
        group: rows.iter().map(Row::group).min().unwrap_or(Group::Ok),
        rows,
    }
}

impl Row<'_> {
    /// The ways to read, in the order of the records. A way that is here with
    /// one of its two worlds says which, unless the whole row is of that world;
    /// one that is here with some of its repetitions says with how many.
    fn name_calls(&mut self, run: &Overview<'_>) {
        let here = Overview::of(self.records.iter().copied());
        self.world = here.world().filter(|_| run.world().is_none());
        let mut told = BTreeSet::new();
        for record in &self.records {
            let mut label = run.label(record);
            if self.world.is_none() && run.has_twin(record) && !here.has_twin(record) {
                label.push_str(&format!(", {}", record.world));
            }
            let (count, all) = (here.repetitions(record), run.repetitions(record));
            if count < all {
                label.push_str(&format!(" ({count} of {all})"));
            }
            if told.insert(label.clone()) {
                self.calls.push(label);
            }
        }
    }

    pub(super) fn group(&self) -> Group {
        Group::of(self.records[0].outcome.kind)
    }

    pub(super) fn unexpected(&self) -> bool {
        self.records
            .iter()
            .any(|record| record.passed() == Some(false))
    }

    /// Bytes handed over: one figure, or a range with its unit once.
    pub(super) fn delivered(&self) -> String {
        let records = self.records.iter();
        let counted = records.filter(|record| !(self.read_lost_all && lost_all(record)));
        let star = if self.read_lost_all { "*" } else { "" };
        let text = spread(
            counted.map(|record| record.delivered_bytes),
            |least, most| close(least, most, self.records[0].expected_bytes),
            |bytes, like| ByteSize(bytes).human_like(ByteSize(like)),
        );
        format!("{}{star}", text.unwrap_or_default())
    }

    pub(super) fn expected(&self) -> String {
        ByteSize(self.records[0].expected_bytes).human()
    }

    /// The time to the end.
    pub(super) fn when(&self) -> String {
        let times = self.records.iter().map(|record| record.elapsed_ns);
        spread(times, about, human_ns_like).unwrap_or_default()
    }

    /// The side that ended it and the manner, in a word each.
    pub(super) fn ended(&self) -> String {
        let outcome = &self.records[0].outcome;
        let how = match outcome.kind {
            Kind::Complete => return "complete".into(),
            Kind::Stalled => return "nobody".into(),
            Kind::Corrupt => return "wrong bytes".into(),
            Kind::WrongObject => return "another object".into(),
            Kind::ToolError => return "tool error".into(),
            Kind::TimedOut => outcome.deadline.map_or("timed-out", |d| d.word()),
            Kind::SilentTruncation => "short",
            Kind::OutOfMemory => "memory",
            Kind::DiskFull => "disk full",
            other => other.word(),
        };
        match outcome.ended_by {
            Some(party) => format!("{party}: {how}"),
            None => how.into(),
        }
    }

    /// The class of the exception; where there is none, the error's first line.
    pub(super) fn exception(&self) -> String {
        let outcome = &self.records[0].outcome;
        match (&outcome.exception, outcome.error.first()) {
            (Some(exception), _) => class(exception).into(),
            (None, Some(link)) => link.message.lines().next().unwrap_or_default().into(),
            (None, None) => "-".into(),
        }
    }

    /// The most heap in use at once.
    pub(super) fn heap(&self) -> String {
        let peaks = self.records.iter().filter_map(|r| r.peak_heap_bytes);
        let text = spread(peaks, about, |bytes, like| {
            ByteSize(bytes).human_like(ByteSize(like))
        });
        text.unwrap_or_else(|| "-".into())
    }

    /// The 99th percentile of the gap between chunks, where there were two.
    pub(super) fn gap(&self) -> String {
        let gaps = self.records.iter().map(|record| &record.gap_ns);
        let measured = gaps.filter(|gap| gap.count > 0).map(|gap| gap.p99);
        spread(measured, about, human_ns_like).unwrap_or_else(|| "-".into())
    }
}

/// A failed `response.read()` returns nothing of what had arrived.
pub(super) fn lost_all(record: &Record) -> bool {
    record.strategy.is_some_and(StrategyName::hands_over_at_end)
        && record.delivered_bytes == 0
        && Group::of(record.outcome.kind) != Group::Ok
}

/// `aiohttp.ClientPayloadError: Response ...` is a `ClientPayloadError`, and
/// `hyper::Error(Body)` an `Error(Body)`.
pub(crate) fn class(exception: &str) -> &str {
    if let Some((_, name)) = exception.rsplit_once("::") {
        return name;
    }
    let end = exception
        .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
        .unwrap_or(exception.len());
    let path = &exception[..end];
    path.rsplit('.').next().unwrap_or(path)
}

/// `590-600 MB`, or `0 B-600 MB` where the units differ.
fn range(least: &str, most: &str) -> String {
    match (least.split_once(' '), most.split_once(' ')) {
        (Some((number, unit)), Some((_, other))) if unit == other => format!("{number}-{most}"),
        _ => format!("{least}-{most}"),
    }
}

/// The median of values of which the least and the most are the `same`, else
/// from the least to the most. `None` of nothing. `human` tells a value in the
/// unit of another.
fn spread(
    values: impl Iterator<Item = u64>,
    same: impl Fn(u64, u64) -> bool,
    human: impl Fn(u64, u64) -> String,
) -> Option<String> {
    let values: Vec<u64> = values.collect();
    let (least, most) = (*values.iter().min()?, *values.iter().max()?);
    if same(least, most) {
        return median_of(values).map(|middle| human(middle, middle));
    }
    Some(range(&human(least, most), &human(most, most)))
}

/// Within 5 %: what timers and buffers make of the same trial.
fn about(least: u64, most: u64) -> bool {
    u128::from(most - least) * 20 <= u128::from(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_is_known_by_its_class() {
        assert_eq!(class("TimeoutError"), "TimeoutError");
        assert_eq!(class("TimeoutError('')"), "TimeoutError");
        assert_eq!(
            class("aiohttp.client_exceptions.ClientPayloadError: Response payload is. Not"),
            "ClientPayloadError"
        );
        assert_eq!(class("hyper::Error(Body)"), "Error(Body)");
        assert_eq!(class(""), "");
    }

    #[test]
    fn a_range_says_its_unit_once() {
        assert_eq!(range("590 MB", "600.1 MB"), "590-600.1 MB");
        assert_eq!(range("0 B", "600 MB"), "0 B-600 MB");
    }

    #[test]
    fn what_is_about_the_same_is_its_median_and_else_a_range() {
        let told = |times: &[u64]| spread(times.iter().copied(), about, human_ns_like);
        assert_eq!(told(&[]), None);
        assert_eq!(told(&[96_000_000, 100_000_000]).unwrap(), "98 ms");
        assert_eq!(told(&[94_000_000, 100_000_000]).unwrap(), "94-100 ms");
        assert_eq!(told(&[100_000_000, 0]).unwrap(), "0 s-100 ms");
        assert_eq!(told(&[0, 0]).unwrap(), "0 s");
    }

    #[test]
    fn one_percent_of_the_object_is_close() {
        assert!(close(590, 600, 1_000));
        assert!(!close(589, 600, 1_000));
        assert!(close(0, 0, 0));
        assert!(!close(u64::MAX, 0, 1_000));
    }
}
