//! The content of a run's report, in order, for every format. The terminal,
//! Markdown and HTML each lay it out; none of them works out anything that
//! another needs too.

mod choice;
mod circumstances;
mod command;
mod finding;
mod measured;
mod row;
mod story;
mod unexpected;

use super::{
    RunView, Scoreboard,
    cures::Cures,
    rows::{Sharing, Story, stories},
};
use crate::{
    outcome::Group,
    results::{
        agree::{Agreement, Disagreement},
        warning::Warning,
    },
};

pub(crate) use choice::recipe as recipe_option;
pub(super) use circumstances::Circumstances;
pub(super) use command::{explain, play_story, play_trial};
pub(super) use measured::{Advice, advice as measured};
pub(super) use row::sentence;
pub(super) use unexpected::{NOTHING_UNEXPECTED, Unexpected};

/// The whole of it, in the order in which it is told.
#[derive(Debug)]
pub(super) struct Told<'a> {
    /// The run itself: its records, scenarios and curves.
    pub(super) run: RunView<'a>,
    /// In one sentence: what clients made of it, where clients ran, else by the
    /// worst way to read each scenario.
    pub(super) finding: String,
    /// The number of scenarios per end, by their worst trial, the worst first;
    /// none of them is zero.
    pub(super) counts: Vec<(Group, usize)>,
    /// Under which circumstances it came about.
    pub(super) circumstances: Circumstances,
    /// The number of repetitions, if more than one was requested.
    pub(super) repetitions: Option<String>,
    /// The missing part of the plan.
    pub(super) missing: Option<String>,
    /// The exit code of the process, and its meaning.
    pub(super) exit: String,
    /// The unexpected outcomes.
    pub(super) unexpected: Unexpected,
    /// The agreement of the worlds, if there are two.
    pub(super) agreement: Option<&'a Agreement>,
    /// The warnings that its figures may mislead.
    pub(super) warnings: Vec<Warning>,
    /// The results of clients, if clients ran.
    pub(super) board: Option<Scoreboard<'a>>,
    /// What each remedy changes, if the run has some.
    pub(super) cures: Option<Cures<'a>>,
    /// Scenario by scenario, the worst first.
    pub(super) stories: Vec<Story<'a>>,
    /// Some `response.read()` returned nothing of what had arrived.
    pub(super) read_lost_all: bool,
    /// A download failed, so that its user has numbers to diagnose.
    pub(super) failed: bool,
}

/// Tells `run`, its trials in rows by `sharing`.
pub(super) fn tell<'a>(run: &RunView<'a>, sharing: Sharing) -> Told<'a> {
    let stories = stories(run, sharing);
    let of = |group: Group| stories.iter().filter(|story| story.group == group).count();
    let counts = Group::ALL.into_iter().map(|group| (group, of(group)));
    let mut rows = stories.iter().flat_map(|story| &story.rows);
    let board = Scoreboard::of(run);
    Told {
        run: *run,
        finding: match &board {
            Some(board) => finding::of_clients(board),
            None => finding::of_stories(&stories),
        },
        counts: counts.filter(|(_, count)| *count > 0).collect(),
        circumstances: Circumstances::of(run),
        repetitions: run.repetitions(),
        missing: run.missing(),
        exit: run.exit_meaning(),
        unexpected: Unexpected::of(run),
        agreement: run.agreement,
        warnings: run.warnings(),
        board,
        cures: Cures::of(run),
        read_lost_all: rows.any(|row| row.read_lost_all),
        failed: stories.iter().any(|story| story.group.is_failure()),
        stories,
    }
}

impl<'a> Told<'a> {
    /// In what the worlds differ, trial by trial.
    pub(super) fn disagreements(&self) -> &'a [Disagreement] {
        self.agreement
            .map_or(&[], |agreement| &agreement.disagreements)
    }

    /// The scenario that is to be explained first: an unexpected one before one
    /// that the worlds disagree on, that before the worst of `others`.
    pub(super) fn most_interesting(&self, worst: Option<&'a str>) -> Option<&'a str> {
        let unexpected = self.run.unexpected().next();
        unexpected
            .map(|record| record.scenario.as_str())
            .or_else(|| Some(self.disagreements().first()?.scenario.as_str()))
            .or(worst)
    }
}
