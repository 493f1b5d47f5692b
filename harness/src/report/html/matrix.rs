//! Scenarios by ways to read: the outcome of each, grouped by the side that ended
//! it.

use std::collections::{BTreeMap, BTreeSet};

use shortread_server::scenario::{Party, StrategyName};

use super::prose;
use crate::{
    outcome::Group,
    plan::call,
    report::{
        RunView,
        rows::{Row, Story, lost_all},
        told::Told,
    },
    results::Record,
};

/// The table behind the finding.
#[derive(Debug)]
pub(super) struct Matrix {
    /// The ways to read that the run has, as calls.
    pub(super) ways: Vec<String>,
    /// Those that hold a scenario, in the order of reading.
    pub(super) blocks: Vec<Block>,
    /// Some `response.read()` returned nothing of what had arrived.
    pub(super) read_lost_all: bool,
}

/// Scenarios that ended alike.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) title: &'static str,
    pub(super) scenarios: Vec<MatrixLine>,
}

/// One scenario.
#[derive(Debug)]
pub(super) struct MatrixLine {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) expected: String,
    pub(super) when: String,
    pub(super) ended: String,
    pub(super) exception: String,
    pub(super) unexpected: bool,
    pub(super) cells: Vec<Cell>,
}

/// The result of neighbouring ways to read.
#[derive(Debug)]
pub(super) struct Cell {
    /// Columns.
    pub(super) span: usize,
    /// Their calls, where no heading stands above them.
    pub(super) ways: String,
    /// Several where trials of one way differ.
    pub(super) results: Vec<TrialEnd>,
    /// The row of the story, where it is the only one: what may be merged.
    only: Option<usize>,
}

/// One result.
#[derive(Debug)]
pub(super) struct TrialEnd {
    pub(super) mark: Mark,
    /// Bytes that the application got.
    pub(super) delivered: String,
    /// Of the object, in percent.
    pub(super) percent: u64,
    /// The trials of this way that it covers; empty for all.
    pub(super) of: String,
}

/// An outcome as word and symbol.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    /// The class, and the name of the symbol.
    pub(super) class: &'static str,
    /// The word beside it.
    pub(super) word: &'static str,
}

impl Mark {
    pub(super) fn of(group: Group) -> Self {
        let class = match group {
            Group::Silent => "silent",
            Group::Cut => "cut",
            Group::Hang => "hang",
            Group::Ok => "ok",
            Group::Tool => "tool",
        };
        Self {
            class,
            word: group.heading(),
        }
    }
}

/// The block of a story, by its worst row: its end and, if it was cut, the side
/// that did it. Blocks have the order of groups, worst first.
type EndKind = (Group, Option<Party>);

fn end(row: &Row<'_>) -> EndKind {
    match (row.group(), row.records[0].outcome.ended_by) {
        // For its user the two are one.
        (Group::Cut, None) => (Group::Hang, None),
        (Group::Cut, party) => (Group::Cut, party),
        (group, _) => (group, None),
    }
}

const fn title((group, by): EndKind) -> &'static str {
    match (group, by) {
        (Group::Tool, _) => "Not known: the tool failed",
        (Group::Silent, _) => "Reported as success, and the file is short or wrong",
        (Group::Hang, _) | (Group::Cut, None) => "Ended by nobody",
        (Group::Cut, Some(Party::Client)) => "Ended by the client",
        (Group::Cut, Some(Party::Server)) => "Ended by the server",
        (Group::Cut, Some(Party::Network)) => "Ended by the network",
        (Group::Ok, _) => "Complete",
    }
}

impl Matrix {
    pub(super) fn of(told: &Told<'_>) -> Self {
        let (run, stories) = (&told.run, &told.stories);
        let used = |name: &&StrategyName| run.records.iter().any(|r| r.strategy == Some(**name));
        let ways: Vec<StrategyName> = StrategyName::ALL.iter().filter(used).copied().collect();
        let mut blocks: BTreeMap<EndKind, Vec<MatrixLine>> = BTreeMap::new();
        for (index, story) in stories.iter().enumerate() {
            let block = blocks.entry(end(story.worst())).or_default();
            block.push(MatrixLine::of(run, index, story, &ways));
        }
        let blocks = blocks.into_iter().map(|(end, scenarios)| Block {
            title: title(end),
            scenarios,
        });
        Self {
            blocks: blocks.collect(),
            read_lost_all: told.read_lost_all,
            ways: ways.into_iter().map(heading).collect(),
        }
    }
}

/// A call; of one that takes a size, without the size.
fn heading(way: StrategyName) -> String {
    match way {
        StrategyName::FixedChunk => "iter_chunked(n)".into(),
        way => call(way, None),
    }
}

impl MatrixLine {
    fn of(run: &RunView<'_>, index: usize, story: &Story<'_>, ways: &[StrategyName]) -> Self {
        let row = story.worst();
        let mut cells: Vec<Cell> = Vec::new();
        for way in ways {
            let cell = Cell::of(story, *way);
            match cells.last_mut() {
                Some(last) if last.only.is_some() && last.only == cell.only => {
                    last.span += 1;
                    last.ways.push_str(&format!(", {}", cell.ways));
                }
                _ => cells.push(cell),
            }
        }
        Self {
            id: prose::id(story.name, index),
            name: story.name.into(),
            title: run
                .scenario(story.name)
                .map_or(String::new(), |s| s.title.clone()),
            expected: row.expected(),
            when: row.when(),
            ended: row.ended(),
            exception: row.exception(),
            unexpected: story.rows.iter().any(Row::unexpected),
            cells,
        }
    }
}

impl Cell {
    fn of(story: &Story<'_>, way: StrategyName) -> Self {
        let mut results = Vec::new();
        let mut only = None;
        let of_way = |row: &Row<'_>| row.records.iter().any(|r| r.strategy == Some(way));
        let several = story.rows.iter().filter(|row| of_way(row)).count() > 1;
        for (index, row) in story.rows.iter().enumerate().filter(|(_, row)| of_way(row)) {
            let records: Vec<&Record> = row
                .records
                .iter()
                .filter(|r| r.strategy == Some(way))
                .copied()
                .collect();
            let lost = row.read_lost_all && records.iter().all(|record| lost_all(record));
            let (delivered, share) = match lost {
                true => ("0 B*".into(), 0),
                false => (row.delivered().replace('*', ""), records[0].delivered_bytes),
            };
            let whole = u128::from(records[0].expected_bytes.max(1));
            let percent = u128::from(share) * 100 / whole;
            results.push(TrialEnd {
                mark: Mark::of(row.group()),
                delivered,
                percent: u64::try_from(percent.min(100)).unwrap_or(100),
                of: if several {
                    which(story, row, &records)
                } else {
                    String::new()
                },
            });
            only = (!several && !lost).then_some(index);
        }
        Self {
            span: 1,
            ways: heading(way),
            results,
            only,
        }
    }
}

/// The traits that distinguish `records` of `row` from others of the same way:
/// sizes, releases, the world.
fn which(story: &Story<'_>, row: &Row<'_>, records: &[&Record]) -> String {
    let sizes: BTreeSet<u64> = records.iter().filter_map(|r| r.chunk_size).collect();
    let releases = |records: &[&Record]| -> BTreeSet<String> {
        let profiles = records.iter().filter_map(|r| r.profile.as_deref());
        profiles
            .map(|profile| profile.replace("aiohttp-", ""))
            .collect()
    };
    let all: Vec<&Record> = story
        .rows
        .iter()
        .flat_map(|row| row.records.iter().copied())
        .collect();
    let mut parts = vec![joined(sizes.into_iter())];
    // A release that all share tells nothing apart.
    if releases(&all).len() > 1 {
        let releases = releases(records);
        parts.push(match releases.len() {
            0..3 => joined(releases.into_iter()),
            n => format!("{n} releases"),
        });
    }
    parts.extend(row.world.map(|world| world.to_string()));
    parts.retain(|part| !part.is_empty());
    parts.join("; ")
}

fn joined(values: impl Iterator<Item = impl ToString>) -> String {
    let values: Vec<String> = values.map(|value| value.to_string()).collect();
    values.join(", ")
}
