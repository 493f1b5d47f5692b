//! One scenario: its outcome, its course over time, the reason, and the remedies.

use std::collections::BTreeMap;

use shortread_server::{
    scenario::Scenario,
    units::{ByteSize, human_ns},
};

use super::{
    charts::{self, Frame, Picture},
    choice,
    matrix::Mark,
    prose,
};
use crate::{
    explain,
    outcome::Group,
    report::{
        RunView,
        overview::Overview,
        rows::{Row, Story},
        told::{Advice, Told, play_trial, sentence},
    },
    results::{Record, Timeline},
};

/// Everything that the page says of one scenario.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) mark: Mark,
    /// Each way to read, and what came of it, as markup.
    pub(super) came: Vec<(Mark, String)>,
    /// The disagreements of the worlds.
    pub(super) disagreements: Vec<String>,
    /// The call of the trial that is drawn in full.
    pub(super) drawn: String,
    /// That trial over time.
    pub(super) picture: Option<Picture>,
    /// The trial with the remedy that helps most, over time.
    pub(super) remedied: Option<(String, Picture)>,
    pub(super) small: Vec<Small>,
    /// Trials that have no picture of their own.
    pub(super) not_drawn: usize,
    pub(super) gaps: Option<String>,
    pub(super) memory: Option<String>,
    pub(super) trials: Vec<TrialFigures>,
    pub(super) cause: String,
    pub(super) explanation: Vec<explain::Section>,
    pub(super) remedies: Vec<Remedy>,
    pub(super) sources: Vec<String>,
    pub(super) command: String,
}

/// A piece of advice.
#[derive(Debug)]
pub(super) struct Remedy {
    /// As markup.
    pub(super) text: String,
    /// The command that shows it.
    pub(super) command: Option<String>,
}

impl Remedy {
    fn of(advice: &Advice) -> Self {
        Self {
            text: prose::code(&advice.text),
            command: advice.command.clone(),
        }
    }
}

/// A trial in small.
#[derive(Debug)]
pub(super) struct Small {
    pub(super) svg: String,
    pub(super) call: String,
    pub(super) mark: Mark,
    pub(super) text: String,
}

/// A trial in figures.
#[derive(Debug)]
pub(super) struct TrialFigures {
    pub(super) call: String,
    pub(super) mark: Mark,
    pub(super) delivered: String,
    pub(super) received: String,
    pub(super) when: String,
    pub(super) reads: u64,
    pub(super) chunks: u64,
    pub(super) heap: String,
    pub(super) p50: String,
    pub(super) p99: String,
    pub(super) max: String,
}

impl Section {
    pub(super) fn of(
        told: &Told<'_>,
        overview: &Overview<'_>,
        index: usize,
        story: &Story<'_>,
    ) -> Self {
        let run = &told.run;
        let scenario = run.scenario(story.name);
        let id = prose::id(story.name, index);
        let record = choice::telling(story, run);
        let name = |record: &Record| named(record, run, overview);
        let trials = choice::worst_first(story);
        let shown = choice::shown(story, record);
        let drawn_ones: Vec<(String, &Record)> = shown.iter().map(|r| (name(r), *r)).collect();
        let others = drawn_ones.iter().filter(|(_, other)| other.id != record.id);
        let timelines: BTreeMap<&str, _> = shown
            .iter()
            .filter_map(|one| Some((one.id.as_str(), run.timelines.get(&one.id)?)))
            .collect();
        let timeline = |record: &Record| timelines.get(record.id.as_str()).map(|one| &**one);
        let frame = frame(run, story, timelines.values().map(|one| &**one));
        let drawn = name(record);
        let small: Vec<Small> = others
            .filter_map(|(call, other)| Some((call, *other, timeline(other)?)))
            .enumerate()
            .map(|(index, (call, other, timeline))| Small {
                svg: charts::small(&format!("{id}-{index}"), call, other, timeline, frame),
                call: call.clone(),
                mark: mark(other),
                text: format!(
                    "{} in {}",
                    size(other.delivered_bytes),
                    human_ns(other.elapsed_ns)
                ),
            })
            .collect();
        let over_time: Vec<_> = drawn_ones
            .iter()
            .filter_map(|(call, record)| Some((call.clone(), *record, timeline(record)?)))
            .collect();
        Self {
            picture: timeline(record).map(|timeline| {
                charts::timeline(&format!("{id}-time"), &drawn, record, timeline, frame)
            }),
            remedied: remedied(told, record, &id, frame),
            not_drawn: trials.len().saturating_sub(small.len() + 1),
            gaps: charts::gaps(&format!("{id}-gaps"), story.name, &drawn_ones),
            memory: charts::memory(&format!("{id}-heap"), &over_time, frame),
            came: story.rows.iter().map(|row| came(row, story)).collect(),
            disagreements: disagreements(told, story),
            trials: trials
                .iter()
                .map(|record| TrialFigures::of(&name(record), record))
                .collect(),
            title: scenario.map_or(String::new(), |s| s.title.clone()),
            cause: scenario.map_or(String::new(), |s| s.cause.clone()),
            explanation: scenario.map_or(Vec::new(), explanation),
            remedies: scenario.map_or(Vec::new(), |scenario| {
                let advice = story.advice(run, told.cures.as_ref(), scenario);
                advice.iter().map(Remedy::of).collect()
            }),
            sources: scenario.map_or(Vec::new(), |s| {
                s.sources.iter().map(|s| prose::source(s)).collect()
            }),
            command: play_trial(run, record),
            name: story.name.into(),
            mark: Mark::of(story.group),
            drawn,
            small,
            id,
        }
    }
}

impl TrialFigures {
    fn of(call: &str, record: &Record) -> Self {
        // Of fewer than two chunks there is none.
        let gap = |ns| match record.gap_ns.count {
            0 => "-".into(),
            _ => human_ns(ns),
        };
        Self {
            call: call.into(),
            mark: mark(record),
            delivered: size(record.delivered_bytes),
            received: size(record.received_bytes),
            when: human_ns(record.elapsed_ns),
            reads: record.transport_reads,
            chunks: record.sink_writes,
            heap: record.peak_heap_bytes.map_or("-".into(), size),
            p50: gap(record.gap_ns.p50),
            p99: gap(record.gap_ns.p99),
            max: gap(record.gap_ns.max),
        }
    }
}

fn mark(record: &Record) -> Mark {
    Mark::of(Group::of(record.outcome.kind))
}

/// The way in which a trial read, with traits that distinguish it within its
/// scenario.
fn named(record: &Record, run: &RunView<'_>, overview: &Overview<'_>) -> String {
    let mut text = overview.label(record).replace("aiohttp-", "");
    if run.info.worlds.len() > 1 {
        text.push_str(&format!(", {}", record.world));
    }
    if record.repetition > 1 {
        text.push_str(&format!(", repetition {}", record.repetition));
    }
    text
}

/// The common part of all pictures of a story; `drawn` are the trials that they
/// show over time.
fn frame<'t>(
    run: &RunView<'_>,
    story: &Story<'_>,
    drawn: impl Iterator<Item = &'t Timeline>,
) -> Frame {
    let records = || story.rows.iter().flat_map(|row| row.records.iter());
    let most = |figure: fn(&Record) -> u64| records().map(|r| figure(r)).max().unwrap_or_default();
    let last = drawn.filter_map(|timeline| Some(timeline.client.last()?.at_ns));
    let expected_bytes = most(|record| record.expected_bytes);
    Frame {
        span_ns: most(|record| record.elapsed_ns).max(last.max().unwrap_or_default()),
        most_bytes: expected_bytes
            .max(most(|record| record.delivered_bytes))
            .max(most(|record| record.server.sent_bytes)),
        expected_bytes,
        coded: run
            .scenario(story.name)
            .is_some_and(|scenario| scenario.body.is_coded()),
    }
}

/// The trial with the remedy that helps `plain` most, and its picture, if it is kept.
fn remedied(told: &Told<'_>, plain: &Record, id: &str, frame: Frame) -> Option<(String, Picture)> {
    let mut lines = told.cures.as_ref()?.lines.iter();
    let line = lines.find(|line| line.plain.key() == plain.key() && line.is_bad())?;
    let (_, with) = line.most_help()?.example;
    let timeline = told.run.timelines.get(&with.id)?;
    let frame = Frame {
        most_bytes: frame.most_bytes.max(with.server.sent_bytes),
        ..frame
    };
    let name = with.reader();
    let picture = charts::timeline(&format!("{id}-remedy"), &name, with, &timeline, frame);
    Some((name, picture))
}

/// A row as a sentence, behind the ways to read.
fn came(row: &Row<'_>, story: &Story<'_>) -> (Mark, String) {
    let ways = match (story.rows.len(), row.calls.as_slice()) {
        (1, calls) if calls.len() > 1 => format!("All {} ways to read", calls.len()),
        (_, calls) if calls.len() > 4 => {
            format!("`{}` and {} more", calls[..3].join("`, `"), calls.len() - 3)
        }
        (_, calls) => format!("`{}`", calls.join("`, `")),
    };
    let world = row
        .world
        .map_or(String::new(), |world| format!(" ({world})"));
    (
        Mark::of(row.group()),
        prose::code(&format!("{ways}{world}: {}", sentence(row))),
    )
}

fn disagreements(told: &Told<'_>, story: &Story<'_>) -> Vec<String> {
    let all = told.disagreements().iter();
    all.filter(|one| one.scenario == story.name)
        .map(|one| format!("{}: {}.", one.id, one.what))
        .collect()
}

/// The explanation with its paragraphs as markup.
fn explanation(scenario: &Scenario) -> Vec<explain::Section> {
    let mut sections = explain::sections(scenario);
    for paragraph in sections
        .iter_mut()
        .flat_map(|section| &mut section.paragraphs)
    {
        *paragraph = prose::code(paragraph);
    }
    sections
}

fn size(bytes: u64) -> String {
    ByteSize(bytes).human()
}
