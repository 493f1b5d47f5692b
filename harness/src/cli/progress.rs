//! What one sees of a run while it goes on: a bar on a terminal, a line per
//! trial elsewhere. On standard error: standard output is for results.

use std::{
    collections::BTreeMap,
    io::{IsTerminal as _, Write as _},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mock_server::{
    clock::{Clock, Instant},
    units::{ByteSize, Rate, human_duration},
};

use crate::{
    plan::{Plan, Trial},
    results::Record,
    world::RunEvent,
};

/// Shows a run's events.
pub(super) struct Progress<'a> {
    plan: &'a Plan,
    jobs: u32,
    clock: Clock,
    likely: Vec<Duration>,
    running: BTreeMap<usize, Running>,
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

impl<'a> Progress<'a> {
    pub(super) fn new(plan: &'a Plan, jobs: usize, quiet: bool) -> Self {
        let likely = plan.trials.iter().map(Trial::likely_duration);
        let show = if quiet {
            Show::Nothing
        } else if std::io::stderr().is_terminal() {
            let bar = ProgressBar::new(plan.trials.len() as u64);
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
            if let Ok(style) = ProgressStyle::with_template("[{bar:24}] {wide_msg}") {
                bar.set_style(style.progress_chars("=> "));
            }
            Show::Bar(bar)
        } else {
            Show::Lines
        };
        Self {
            plan,
            jobs: u32::try_from(jobs).unwrap_or(u32::MAX).max(1),
            clock: Clock::real(),
            likely: likely.collect(),
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
        let total = self.plan.trials.len();
        let mut text = format!("{} of {total}", self.ended);
        if let Some((index, running)) = self.running.first_key_value() {
            let trial = &self.plan.trials[*index];
            let elapsed = self.clock.now().since(running.since);
            let per_second = running.bytes as f64 / elapsed.as_secs_f64().max(0.001);
            text.push_str(&format!(
                "  {} {}",
                trial.scenario.name,
                trial.strategy.call()
            ));
            text.push_str(&format!("  {}", ByteSize(running.bytes).human()));
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
        let next = self
            .running
            .keys()
            .next_back()
            .map_or(self.ended, |last| last + 1);
        let started = self.running.iter().map(|(index, running)| {
            let left = self.likely[*index].saturating_sub(now.since(running.since));
            (&self.plan.trials[*index], left)
        });
        let waiting = self
            .plan
            .trials
            .iter()
            .zip(self.likely.iter().copied())
            .skip(next);
        let share = |(trial, left): (&Trial, Duration)| {
            if trial.scenario.tcp.measure {
                left
            } else {
                left / self.jobs
            }
        };
        let whole: Duration = started.chain(waiting).map(share).sum();
        // Whole seconds: more would pretend to know.
        Duration::from_secs(whole.as_secs())
    }

    /// `trial 12 of 174: healthy readany(): complete, 100 MB of 100 MB in 1.02 s`
    fn line(&self, index: usize, record: &Record) {
        let trial = &self.plan.trials[index];
        let line = format!(
            "trial {} of {}: {} {}: {}, {} of {} in {}",
            self.ended,
            self.plan.trials.len(),
            trial.scenario.name,
            trial.strategy.call(),
            record.outcome.kind,
            ByteSize(record.delivered_bytes).human(),
            ByteSize(record.expected_bytes).human(),
            human_duration(Duration::from_nanos(record.elapsed_ns)),
        );
        // Nobody reads it: the run goes on all the same.
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }
}
