//! Puts the progress of a run into words.

use std::time::Duration;

use shortread_server::{
    clock::Instant,
    text::printable,
    units::{ByteSize, Rate, human_duration},
};

use super::{
    Task,
    state::{Running, State},
};
use crate::{outcome::Group, results::Record};

/// Most trials with a line.
pub(super) const MOST: usize = 6;

/// Time before a trial in memory gets a line. Most end earlier, and short-lived
/// lines are unreadable.
const SETTLED: Duration = Duration::from_millis(500);

/// Silence after which it is shown instead of a rate.
const SILENT: Duration = Duration::from_secs(2);

/// A line of the live view.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ScreenLine {
    /// The progress of the bar.
    pub(super) done: u64,
    /// The full length of the bar.
    pub(super) of: u64,
    /// The text beside the bar, the important part first, since a narrow terminal
    /// cuts the end.
    pub(super) text: String,
}

/// The run: `12 of 174  ETA 42 s  3 CUT, 9 OK`
pub(super) fn run(state: &State, now: Instant) -> ScreenLine {
    let total = state.tasks.len();
    let mut text = format!("{} of {total}", state.ended);
    if let Some(left) = state.left(now) {
        text.push_str(&format!("  ETA {}", human_duration(left)));
    }
    let groups = Group::ALL.iter().filter_map(|group| {
        let count = state.groups.get(group)?;
        Some(format!("{count} {group}"))
    });
    let mut counts: Vec<String> = groups.collect();
    if state.unexpected > 0 {
        counts.push(format!("{} unexpected", state.unexpected));
    }
    if !counts.is_empty() {
        text.push_str(&format!("  {}", counts.join(", ")));
    }
    let settled = settled(state, now).count();
    if settled > MOST {
        text.push_str(&format!("  and {} more under way", settled - MOST));
    }
    ScreenLine {
        done: state.ended as u64,
        of: total as u64,
        text,
    }
}

/// The slow trials that are running, in the order of the plan.
pub(super) fn trials(state: &State, now: Instant) -> Vec<ScreenLine> {
    settled(state, now)
        .take(MOST)
        .map(|(task, running)| trial(task, running, now))
        .collect()
}

fn settled(state: &State, now: Instant) -> impl Iterator<Item = (&Task, &Running)> {
    let trials = state.running.iter();
    trials
        .map(|(index, running)| (&state.tasks[*index], running))
        .filter(move |(task, running)| !task.simulated || now.since(running.since) >= SETTLED)
}

/// ` 52.1 MB     98 MB/s  healthy readany()`. A trial that does not report its
/// progress shows its running time, and its bar the share of the likely time.
fn trial(task: &Task, running: &Running, now: Instant) -> ScreenLine {
    let ran = now.since(running.since);
    let quiet = now.since(running.moved);
    let bytes = match task.tells {
        true => ByteSize(running.bytes).human(),
        false => String::new(),
    };
    let pace = match Rate::per_second(running.rate) {
        // In memory this would be the rate of the simulation.
        _ if task.simulated || !task.tells => seconds(ran),
        _ if quiet >= SILENT => format!("silent {}", seconds(quiet)),
        Some(rate) => rate.human(),
        None => String::new(),
    };
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let (done, of) = match (task.tells, task.simulated) {
        (true, _) => (running.bytes, task.bytes),
        (false, false) => (millis(ran), millis(task.likely)),
        (false, true) => (0, 0),
    };
    ScreenLine {
        done,
        of,
        text: format!("{bytes:>8} {pace:>11}  {}", task.label),
    }
}

/// Whole seconds, to keep the width.
fn seconds(time: Duration) -> String {
    human_duration(Duration::from_secs(time.as_secs()))
}

/// `trial 12 of 174: healthy readany(): complete, 100 MB of 100 MB in 1.02 s`
pub(super) fn ended(state: &State, index: usize, record: &Record) -> String {
    format!(
        "trial {} of {}: {}: {}, {} of {} in {}",
        state.ended,
        state.tasks.len(),
        state.tasks[index].label,
        record.outcome.kind,
        ByteSize(record.delivered_bytes).human(),
        ByteSize(record.expected_bytes).human(),
        human_duration(Duration::from_nanos(record.elapsed_ns)),
    )
}

/// A line about an unexpected record, which stays; `None` if it is as expected.
pub(super) fn unexpected(record: &Record) -> Option<String> {
    (record.passed() == Some(false)).then(|| {
        let text = format!("unexpected: {}: {}", record.id, record.why());
        printable(&text).into_owned()
    })
}
