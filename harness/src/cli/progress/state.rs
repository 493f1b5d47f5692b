//! The state of a run, and the time that is left.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use shortread_server::clock::Instant;

use super::Task;
use crate::{outcome::Group, world::RunEvent};

/// The time over which a rate is measured.
const SPAN: Duration = Duration::from_secs(1);

/// The cost of a trial in memory beside its bytes, in bytes: about a millisecond,
/// in which some 7 MB are made, carried and compared.
const BESIDE_BYTES: u64 = 7_000_000;

/// The state of a run.
#[derive(Debug)]
pub(super) struct State {
    pub(super) tasks: Vec<Task>,
    /// The running trials by their place in the plan.
    pub(super) running: BTreeMap<usize, Running>,
    pub(super) ended: usize,
    /// The ended trials by outcome.
    pub(super) groups: BTreeMap<Group, usize>,
    /// The number of unexpected outcomes.
    pub(super) unexpected: usize,
    jobs: u32,
    /// The waiting trials by their place in the plan, since repetitions do not
    /// start in its order.
    waiting: BTreeSet<usize>,
    simulation: Simulation,
}

/// A running trial.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) since: Instant,
    /// Bytes handed to the application so far.
    pub(super) bytes: u64,
    /// The time at which that last grew.
    pub(super) moved: Instant,
    /// Bytes per second, recently.
    pub(super) rate: u64,
    /// The time and bytes from which the next rate is measured.
    mark: (Instant, u64),
}

/// The speed of the trials in memory, which their own clocks do not tell.
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

    /// Takes in an event at time `now`.
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

    /// The likely time of the remaining trials, in whole seconds, since more
    /// precision would be false. `None` until the first trial in memory has
    /// ended.
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
        // The first second is measured over the time so far.
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
    /// The time for `cost`, at the speed of the ended trials.
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
