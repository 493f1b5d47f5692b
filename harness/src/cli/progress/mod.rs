//! What one sees of a run while it goes on: on a terminal a bar for the run and
//! one for each trial that takes its time, elsewhere a line per trial. On
//! standard error: standard output is for results.
//!
//! [`state`] knows what is under way, [`screen`] puts it into words, [`live`]
//! draws them.

mod echo;
mod live;
mod screen;
mod state;

use std::{
    future::Future,
    io::{IsTerminal as _, Write as _},
    pin::pin,
    time::Duration,
};

use mock_server::{
    clock::Clock,
    scenario::{StrategyName, World},
    text::printable,
};

use crate::{
    clients::ClientTrial,
    plan::{Trial, call},
    world::RunEvent,
};
use live::Live;
use state::State;

/// How often a terminal is drawn anew, at most and at least.
const TICK: Duration = Duration::from_millis(100);

/// A trial as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Task {
    /// `healthy readany()`
    label: String,
    /// How long it likely takes, by its own clock.
    likely: Duration,
    /// It runs alone.
    alone: bool,
    /// Its clock is not ours.
    simulated: bool,
    /// How much it is to deliver.
    bytes: u64,
    /// It says how far it is; `response.read()` has nothing before its end.
    tells: bool,
}

impl From<&Trial> for Task {
    fn from(trial: &Trial) -> Self {
        let played = trial.played().ok();
        let scenario = played.as_ref().unwrap_or(&trial.scenario);
        let downloads = u64::from(scenario.downloads());
        let (strategy, size) = (trial.strategy.name, trial.strategy.chunk_size);
        let call = call(strategy, size.map(|size| size as u64));
        Self {
            label: printable(&format!("{} {call}", trial.scenario.name)).into_owned(),
            likely: trial.likely_duration(),
            alone: trial.scenario.tcp.measure,
            simulated: trial.world == World::Virtual,
            bytes: scenario.body.size.0.saturating_mul(downloads),
            tells: strategy != StrategyName::ReadAll,
        }
    }
}

impl From<&ClientTrial> for Task {
    fn from(trial: &ClientTrial) -> Self {
        Self {
            label: printable(&format!("{} {}", trial.scenario.name, trial.client.name))
                .into_owned(),
            likely: trial.likely_duration(),
            alone: trial.scenario.tcp.measure,
            simulated: false,
            bytes: trial.scenario.body.size.0,
            tells: false,
        }
    }
}

/// Shows a run's events.
pub(super) struct Progress {
    state: State,
    clock: Clock,
    show: Show,
}

enum Show {
    Nothing,
    Lines,
    Live(Live),
}

impl Progress {
    /// Of the trials of a plan, in its order.
    pub(super) fn new(tasks: Vec<Task>, jobs: usize, quiet: bool) -> Self {
        let show = if quiet {
            Show::Nothing
        } else if std::io::stderr().is_terminal() {
            Show::Live(Live::on_stderr())
        } else {
            Show::Lines
        };
        Self {
            state: State::new(tasks, jobs),
            clock: Clock::real(),
            show,
        }
    }

    /// Takes in one event.
    pub(super) fn event(&mut self, event: &RunEvent) {
        self.state.take(event, self.clock.now());
        if let RunEvent::Ended { index, record, .. } = event {
            match &self.show {
                Show::Nothing => {}
                Show::Lines => {
                    // Nobody reads it: the run goes on all the same.
                    let line = screen::ended(&self.state, *index, record);
                    let _ = writeln!(std::io::stderr().lock(), "{line}");
                }
                Show::Live(live) => {
                    if let Some(line) = screen::unexpected(record) {
                        live.say(&line);
                    }
                }
            }
        }
        self.tick();
    }

    /// Time has passed.
    fn tick(&mut self) {
        if let Show::Live(live) = &mut self.show {
            live.draw(&self.state, self.clock.now());
        }
    }

    /// Leaves a terminal as it was.
    pub(super) fn finish(&mut self) {
        if let Show::Live(live) = &mut self.show {
            live.clear();
        }
    }
}

/// Does `work`, and shows meanwhile that time passes, though nothing happens.
pub(super) async fn beside<T>(
    work: impl Future<Output = T>,
    progress: &std::cell::RefCell<Progress>,
) -> T {
    let mut work = pin!(work);
    let clock = Clock::real();
    loop {
        match clock.timeout_at(clock.now() + TICK, work.as_mut()).await {
            Ok(done) => return done,
            Err(_) => progress.borrow_mut().tick(),
        }
    }
}
