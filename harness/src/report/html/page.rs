//! What the page says, worked out before it is written.

use askama::Template;
use mock_server::{scenario::World, units::human_ns};
use sha2::{Digest as _, Sha256};

use super::{
    board::Board,
    charts::{self, ChunkPanel, Picture},
    matrix::{Mark, Matrix},
    section::Section,
};
use crate::{
    outcome::Group,
    report::{
        RunView, Scoreboard,
        chunk_sizes::chunk_sizes,
        finding::finding,
        overview::Overview,
        rows::{self, Story},
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
    exit: String,
    /// Why figures may not mean what they seem to, each with what to do.
    warnings: Vec<(String, String)>,
    matrix: Matrix,
    board: Option<Board>,
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
    pub(super) fn of(run: &RunView<'_>, stories: &[Story<'_>]) -> Self {
        let series = chunk_sizes(run);
        let overview = Overview::of(run.records);
        let sections: Vec<Section> = stories
            .iter()
            .enumerate()
            .map(|(index, story)| Section::of(run, &overview, index, story))
            .collect();
        Self {
            title: format!("Shortread: {}", finding(stories)),
            finding: finding(stories),
            counts: counts(stories),
            worlds: worlds(run),
            unexpected: rows::unexpected(run),
            exit: run.exit_meaning(),
            warnings: run
                .warnings()
                .iter()
                .map(|warning| (warning.sentence(), warning.remedy().to_string()))
                .collect(),
            matrix: Matrix::of(run, stories),
            board: Scoreboard::of(run).map(|board| {
                Board::of(&board, |name| {
                    stories
                        .iter()
                        .position(|story| story.name == name)
                        .unwrap_or_default()
                })
            }),
            ceiling: charts::ceiling(run, stories),
            limited: stories
                .iter()
                .filter_map(|story| run.scenario(story.name))
                .any(|scenario| scenario.client.total.duration().is_some()),
            open: sections.len() <= 3,
            sections,
            chunks: charts::panels(&series),
            chunk_series: series.len(),
            failed: stories.iter().any(|story| story.group != Group::Ok),
            facts: facts(run),
            digest: digest(run.records),
        }
    }
}

fn counts(stories: &[Story<'_>]) -> Vec<Count> {
    let groups = Group::ALL.into_iter().map(|group| Count {
        mark: Mark::of(group),
        count: stories.iter().filter(|story| story.group == group).count(),
        meaning: group.meaning(),
    });
    groups.filter(|group| group.count > 0).collect()
}

/// Where it ran, and whether that made a difference.
fn worlds(run: &RunView<'_>) -> String {
    if let Some(missing) = run.missing() {
        return format!("{missing} {}", agreement(run));
    }
    agreement(run)
}

fn agreement(run: &RunView<'_>) -> String {
    match (run.agreement, run.info.worlds.as_slice()) {
        (Some(agreement), _) => format!("{}.", agreement.sentence()),
        (None, [World::Virtual]) => {
            "All trials ran in the virtual world: in memory, on a simulated clock.".into()
        }
        (None, [World::Tcp]) => "All trials ran over real sockets on loopback.".into(),
        (None, _) => "No trial has a record in both worlds.".into(),
    }
}

/// The circumstances, for the foot of the page.
fn facts(run: &RunView<'_>) -> Vec<(&'static str, String)> {
    let info = run.info;
    let unknown = || "unknown".to_owned();
    let versions = info.versions.iter().filter(|(name, _)| *name != "profiles");
    let versions: Vec<String> = versions
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    let mut facts = vec![
        ("Command", info.command_line.join(" ")),
        (
            "Trials",
            format!(
                "{} of {}, seed {}",
                run.records.len(),
                info.planned_trials,
                info.seed
            ),
        ),
        ("Versions", versions.join(", ")),
        ("Profiles", run.profiles(usize::MAX)),
        (
            "Host",
            format!(
                "Linux {}, {} CPUs, congestion control {}",
                info.host.kernel.clone().unwrap_or_else(unknown),
                info.host.cpus.map_or_else(unknown, |cpus| cpus.to_string()),
                info.host.congestion_control.clone().unwrap_or_else(unknown),
            ),
        ),
        (
            "Started",
            format!(
                "{}, real time {}",
                info.started,
                info.real_ns.map_or_else(unknown, human_ns)
            ),
        ),
    ];
    facts.extend(info.simulated_ns.map(|ns| ("Simulated", human_ns(ns))));
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
