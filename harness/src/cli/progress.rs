//! What one sees of a run while it goes on: a bar on a terminal, a line per
//! trial elsewhere. On standard error: standard output is for results.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{IsTerminal as _, Write as _},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mock_server::{
    clock::{Clock, Instant},
    units::{ByteSize, Rate, human_duration},
};

use crate::{clients::ClientTrial, plan::Trial, results::Record, world::RunEvent};

/// A trial as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Task {
    /// `healthy readany()`
    label: String,
    /// How long it likely takes.
    likely: Duration,
    /// It runs alone.
    alone: bool,
}

impl From<&Trial> for Task {
    fn from(trial: &Trial) -> Self {
        Self {
            label: format!("{} {}", trial.scenario.name, trial.strategy.call()),
            likely: trial.likely_duration(),
            alone: trial.scenario.tcp.measure,
        }
    }
}

impl From<&ClientTrial> for Task {
    fn from(trial: &ClientTrial) -> Self {
        Self {
            label: format!("{} {}", trial.scenario.name, trial.client.name),
            likely: trial.likely_duration(),
            alone: trial.scenario.tcp.measure,
        }
    }
}

/// Shows a run's events.
pub(super) struct Progress {
    tasks: Vec<Task>,
    jobs: u32,
    clock: Clock,
    running: BTreeMap<usize, Running>,
    /// By their place in the plan: repetitions do not start in its order.
    waiting: BTreeSet<usize>,
    ended: usize,
    show: Show,
}

enum Show {
    Nothing,
    Lines,
    Bar(ProgressBar),
}

struct Running {
    since: Instant,
    bytes: u64,
}

impl Progress {
    /// Of the trials of a plan, in its order.
    pub(super) fn new(tasks: Vec<Task>, jobs: usize, quiet: bool) -> Self {
        let show = if quiet {
            Show::Nothing
        } else if std::io::stderr().is_terminal() {
            let bar = ProgressBar::new(tasks.len() as u64);
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
            if let Ok(style) = ProgressStyle::with_template("[{bar:24}] {wide_msg}") {
                bar.set_style(style.progress_chars("=> "));
            }
            Show::Bar(bar)
        } else {
            Show::Lines
        };
        Self {
            waiting: (0..tasks.len()).collect(),
            tasks,
            jobs: u32::try_from(jobs).unwrap_or(u32::MAX).max(1),
            clock: Clock::real(),
            running: BTreeMap::new(),
            ended: 0,
            show,
        }
    }

    /// Takes in one event.
    pub(super) fn event(&mut self, event: &RunEvent) {
        match event {
            RunEvent::Started { index } => {
                let running = Running {
                    since: self.clock.now(),
                    bytes: 0,
                };
                self.waiting.remove(index);
                self.running.insert(*index, running);
            }
            RunEvent::Progress {
                index,
                delivered_bytes,
            } => {
                if let Some(running) = self.running.get_mut(index) {
                    running.bytes = *delivered_bytes;
                }
            }
            RunEvent::Ended { index, record, .. } => {
                self.running.remove(index);
                self.ended += 1;
                if matches!(self.show, Show::Lines) {
                    self.line(*index, record);
                }
            }
        }
        if let Show::Bar(bar) = &self.show {
            bar.set_position(self.ended as u64);
            bar.set_message(self.message());
        }
    }

    /// Leaves a terminal as it was.
    pub(super) fn finish(&self) {
        if let Show::Bar(bar) = &self.show {
            bar.finish_and_clear();
        }
    }

    /// `12 of 174  healthy readany()  52.1 MB  98 MB/s  ETA 42 s`
    fn message(&self) -> String {
        let total = self.tasks.len();
        let mut text = format!("{} of {total}", self.ended);
        if let Some((index, running)) = self.running.first_key_value() {
            let elapsed = self.clock.now().since(running.since);
            let per_second = running.bytes as f64 / elapsed.as_secs_f64().max(0.001);
            text.push_str(&format!("  {}", self.tasks[*index].label));
            // A client of one's own does not tell how far it is.
            if running.bytes > 0 {
                text.push_str(&format!("  {}", ByteSize(running.bytes).human()));
            }
            if let Some(rate) = Rate::per_second(per_second as u64) {
                text.push_str(&format!("  {}", rate.human()));
            }
            if self.running.len() > 1 {
                text.push_str(&format!("  and {} more", self.running.len() - 1));
            }
        }
        text.push_str(&format!("  ETA {}", human_duration(self.left())));
        text
    }

    /// What the trials that have not ended will likely take.
    fn left(&self) -> Duration {
        let now = self.clock.now();
        let started = self.running.iter().map(|(index, running)| {
            let task = &self.tasks[*index];
            (task, task.likely.saturating_sub(now.since(running.since)))
        });
        let waiting = self.waiting.iter().map(|index| {
            let task = &self.tasks[*index];
            (task, task.likely)
        });
        let share = |(task, left): (&Task, Duration)| {
            if task.alone { left } else { left / self.jobs }
        };
        let whole: Duration = started.chain(waiting).map(share).sum();
        // Whole seconds: more would pretend to know.
        Duration::from_secs(whole.as_secs())
    }

    /// `trial 12 of 174: healthy readany(): complete, 100 MB of 100 MB in 1.02 s`
    fn line(&self, index: usize, record: &Record) {
        let line = format!(
            "trial {} of {}: {}: {}, {} of {} in {}",
            self.ended,
            self.tasks.len(),
            self.tasks[index].label,
            record.outcome.kind,
            ByteSize(record.delivered_bytes).human(),
            ByteSize(record.expected_bytes).human(),
            human_duration(Duration::from_nanos(record.elapsed_ns)),
        );
        // Nobody reads it: the run goes on all the same.
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }
}
