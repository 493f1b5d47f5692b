//! The content of the page, worked out before it is written.

use askama::Template;
use sha2::{Digest as _, Sha256};
use shortread_server::scenario::World;

use super::{
    board::Board,
    charts::{self, ChunkPanel, Picture},
    cures::CuresTable,
    matrix::{Mark, Matrix},
    section::Section,
};
use crate::{
    outcome::Group,
    report::{
        chunk_sizes::chunk_sizes,
        overview::Overview,
        told::{Circumstances, NOTHING_UNEXPECTED, Told},
    },
    results::Record,
};

/// The page.
#[derive(Debug, Template)]
#[template(path = "report.html")]
pub(super) struct Page {
    title: String,
    finding: String,
    counts: Vec<Count>,
    worlds: String,
    unexpected: Vec<(String, String)>,
    nothing_unexpected: &'static str,
    exit: String,
    /// The warnings that figures may mislead, each with a remedy.
    warnings: Vec<(String, String)>,
    matrix: Matrix,
    board: Option<Board>,
    cures: Option<CuresTable>,
    ceiling: Option<Picture>,
    /// A client had a total, whatever came of it.
    limited: bool,
    sections: Vec<Section>,
    /// Sections are open where there are few.
    open: bool,
    chunks: Vec<ChunkPanel>,
    chunk_series: usize,
    failed: bool,
    facts: Vec<(&'static str, String)>,
    digest: String,
}

/// One group of the strip below the finding.
#[derive(Debug)]
struct Count {
    mark: Mark,
    count: usize,
    meaning: &'static str,
}

impl Page {
    pub(super) fn of(told: &Told<'_>) -> Self {
        let (run, stories) = (&told.run, &told.stories);
        let series = chunk_sizes(run);
        let overview = Overview::of(run.plain());
        let sections: Vec<Section> = stories
            .iter()
            .enumerate()
            .map(|(index, story)| Section::of(told, &overview, index, story))
            .collect();
        Self {
            title: format!("Shortread: {}", told.finding),
            finding: told.finding.clone(),
            counts: told.counts.iter().map(Count::of).collect(),
            worlds: worlds(told),
            unexpected: told.unexpected.folded.clone(),
            nothing_unexpected: NOTHING_UNEXPECTED,
            exit: told.exit.clone(),
            warnings: told
                .warnings
                .iter()
                .map(|warning| (warning.sentence(), warning.remedy().to_string()))
                .collect(),
            matrix: Matrix::of(told),
            board: told.board.as_ref().map(|board| {
                Board::of(board, |name| {
                    stories
                        .iter()
                        .position(|story| story.name == name)
                        .unwrap_or_default()
                })
            }),
            cures: told.cures.as_ref().map(CuresTable::of),
            ceiling: charts::ceiling(run, stories),
            limited: stories
                .iter()
                .filter_map(|story| run.scenario(story.name))
                .any(|scenario| scenario.client.total.duration().is_some()),
            open: sections.len() <= 3,
            sections,
            chunks: charts::panels(&series),
            chunk_series: series.len(),
            failed: told.failed,
            facts: facts(&told.circumstances),
            digest: digest(run.records),
        }
    }
}

impl Count {
    fn of((group, count): &(Group, usize)) -> Self {
        Self {
            mark: Mark::of(*group),
            count: *count,
            meaning: group.meaning(),
        }
    }
}

/// The worlds of the run, and their differences.
fn worlds(told: &Told<'_>) -> String {
    let agreement = match (told.agreement, told.run.info.worlds.as_slice()) {
        (Some(agreement), _) => format!("{}.", agreement.sentence()),
        (None, [World::Virtual]) => {
            "All trials ran in the virtual world: in memory, on a simulated clock.".into()
        }
        (None, [World::Tcp]) => "All trials ran over real sockets on loopback.".into(),
        (None, _) => "No trial has a record in both worlds.".into(),
    };
    match &told.missing {
        Some(missing) => format!("{missing} {agreement}"),
        None => agreement,
    }
}

/// The circumstances, for the foot of the page.
fn facts(is: &Circumstances) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("Command", is.command.clone()),
        (
            "Trials",
            format!("{} of {}, seed {}", is.records, is.planned, is.seed),
        ),
        ("Versions", is.versions.clone()),
        ("Profiles", is.profiles.clone()),
        ("Host", is.host.clone()),
        (
            "Started",
            format!("{}, real time {}", is.started, is.real_time),
        ),
    ];
    facts.extend(is.simulated.clone().map(|time| ("Simulated", time)));
    facts
}

/// SHA-256 of the records as lines of `trials.jsonl`, sorted by their bytes: the
/// same for a run whatever the order in which its trials ended.
fn digest(records: &[Record]) -> String {
    // A record has no map whose keys are not text, so it always has its line.
    let lines = records
        .iter()
        .filter_map(|record| serde_json::to_string(record).ok());
    let mut lines: Vec<String> = lines.collect();
    lines.sort_unstable();
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(line.as_bytes());
        hash.update(b"\n");
    }
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
