//! What is under way in a run, and how long it will still take.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use mock_server::clock::Instant;

use super::Task;
use crate::{outcome::Group, world::RunEvent};

/// Over how long a rate is taken.
const SPAN: Duration = Duration::from_secs(1);

/// What a trial in memory costs beside its bytes, in bytes: about a millisecond,
/// in which some 7 MB are made, carried and compared.
const BESIDE_BYTES: u64 = 7_000_000;

/// A run, as far as it is.
#[derive(Debug)]
pub(super) struct State {
    pub(super) tasks: Vec<Task>,
    /// By their place in the plan.
    pub(super) running: BTreeMap<usize, Running>,
    pub(super) ended: usize,
    /// The ended ones, by what they came to.
    pub(super) groups: BTreeMap<Group, usize>,
    /// How many ended otherwise than expected.
    pub(super) unexpected: usize,
    jobs: u32,
    /// By their place in the plan: repetitions do not start in its order.
    waiting: BTreeSet<usize>,
    simulation: Simulation,
}

/// A trial under way.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) since: Instant,
    /// Handed to the application so far.
    pub(super) bytes: u64,
    /// When that last grew.
    pub(super) moved: Instant,
    /// Bytes per second, lately.
    pub(super) rate: u64,
    /// From when, and how many bytes then, the next rate is taken.
    mark: (Instant, u64),
}

/// How fast the trials in memory go: their own clocks do not tell.
#[derive(Debug, Default)]
struct Simulation {
    since: Option<Instant>,
    until: Instant,
    done: u64,
}

impl State {
    pub(super) fn new(tasks: Vec<Task>, jobs: usize) -> Self {
        Self {
            waiting: (0..tasks.len()).collect(),
            tasks,
            running: BTreeMap::new(),
            ended: 0,
            groups: BTreeMap::new(),
            unexpected: 0,
            jobs: u32::try_from(jobs).unwrap_or(u32::MAX).max(1),
            simulation: Simulation::default(),
        }
    }

    /// Takes in an event that happens now.
    pub(super) fn take(&mut self, event: &RunEvent, now: Instant) {
        match event {
            RunEvent::Started { index } => {
                self.waiting.remove(index);
                self.running.insert(*index, Running::new(now));
                if self.tasks[*index].simulated {
                    self.simulation.since.get_or_insert(now);
                }
            }
            RunEvent::Progress {
                index,
                delivered_bytes,
            } => {
                if let Some(running) = self.running.get_mut(index) {
                    running.took(*delivered_bytes, now);
                }
            }
            RunEvent::Ended { index, record, .. } => {
                self.running.remove(index);
                self.ended += 1;
                *self
                    .groups
                    .entry(Group::of(record.outcome.kind))
                    .or_default() += 1;
                self.unexpected += usize::from(record.passed() == Some(false));
                if self.tasks[*index].simulated {
                    self.simulation.done += cost(&self.tasks[*index]);
                    self.simulation.until = now;
                }
            }
        }
    }

    /// What the trials that have not ended will likely take, in whole seconds:
    /// more would pretend to know. `None` until the first in memory has ended.
    pub(super) fn left(&self, now: Instant) -> Option<Duration> {
        let mut whole = Duration::ZERO;
        let mut to_simulate = 0_u64;
        let started = self.running.iter().map(|(index, running)| {
            let task = &self.tasks[*index];
            (task, task.likely.saturating_sub(now.since(running.since)))
        });
        let waiting = self.waiting.iter().map(|index| {
            let task = &self.tasks[*index];
            (task, task.likely)
        });
        for (task, left) in started.chain(waiting) {
            match task {
                Task {
                    simulated: true, ..
                } => to_simulate += cost(task),
                Task { alone: true, .. } => whole = whole.saturating_add(left),
                _ => whole = whole.saturating_add(left / self.jobs),
            }
        }
        if to_simulate > 0 {
            whole = whole.saturating_add(self.simulation.time_for(to_simulate)?);
        }
        Some(Duration::from_secs(whole.as_secs()))
    }
}

impl Running {
    fn new(now: Instant) -> Self {
        Self {
            since: now,
            bytes: 0,
            moved: now,
            rate: 0,
            mark: (now, 0),
        }
    }

    fn took(&mut self, bytes: u64, now: Instant) {
        if bytes > self.bytes {
            self.moved = now;
        }
        self.bytes = bytes;
        let (at, before) = self.mark;
        let span = now.since(at);
        // In its first second, over what there is so far.
        if span >= SPAN || (at == self.since && !span.is_zero()) {
            let grown = bytes.saturating_sub(before) as f64;
            self.rate = (grown / span.as_secs_f64()) as u64;
        }
        if span >= SPAN {
            self.mark = (now, bytes);
        }
    }
}

impl Simulation {
    /// As long as what has ended took, by what it cost.
    fn time_for(&self, cost: u64) -> Option<Duration> {
        let since = self.since.filter(|_| self.done > 0)?;
        let share = cost as f64 / self.done as f64;
        Duration::try_from_secs_f64(self.until.since(since).as_secs_f64() * share).ok()
    }
}

fn cost(task: &Task) -> u64 {
    task.bytes.saturating_add(BESIDE_BYTES)
}

#[cfg(test)]
mod tests;
