//! The progress of a run on standard error. On a terminal: a bar for the run, and
//! one for each slow trial. Elsewhere: a line per trial.
//!
//! [`state`] knows the running trials, [`screen`] puts them into words, [`live`]
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

use shortread_server::{clock::Clock, scenario::World, text::printable};

use crate::{
    command::ClientTrial,
    plan::{Trial, call},
    world::RunEvent,
};
use live::Live;
use state::State;

/// Shortest and longest pause between two draws.
const TICK: Duration = Duration::from_millis(100);

/// A trial as shown.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Task {
    /// `healthy readany()`
    label: String,
    /// The likely time of the trial, by its own clock.
    likely: Duration,
    /// True if it runs alone.
    alone: bool,
    /// True if its clock is simulated.
    simulated: bool,
    /// Bytes that it will deliver.
    bytes: u64,
    /// True if it reports its progress; `response.read()` has none before its
    /// end.
    tells: bool,
}

impl From<&Trial> for Task {
    fn from(trial: &Trial) -> Self {
        let played = trial.played().ok();
        let scenario = played.as_ref().unwrap_or(&trial.scenario);
        let downloads = u64::from(scenario.all_requests());
        let (strategy, size) = (trial.strategy.name, trial.strategy.chunk_size);
        let call = call(strategy, size.map(|size| size as u64));
        Self {
            label: printable(&format!("{} {call}", trial.scenario.name)).into_owned(),
            likely: trial.likely_duration(),
            alone: trial.scenario.tcp.measure,
            simulated: trial.world == World::Virtual,
            bytes: scenario.body.size.0.saturating_mul(downloads),
            tells: !strategy.hands_over_at_end(),
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

/// Shows the events of a run.
pub(super) struct RunProgress {
    state: State,
    clock: Clock,
    show: Show,
}

enum Show {
    Nothing,
    Lines,
    Live(Live),
}

impl RunProgress {
    /// Progress of the trials of a plan, in its order.
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
                    // If nobody reads it, the run goes on.
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

    /// Draws again as time passes.
    fn tick(&mut self) {
        if let Show::Live(live) = &mut self.show {
            live.draw(&self.state, self.clock.now());
        }
    }

    /// Leaves the terminal as it was.
    pub(super) fn finish(&mut self) {
        if let Show::Live(live) = &mut self.show {
            live.clear();
        }
    }
}

/// Does `work`, and updates the view meanwhile even if nothing happens.
pub(super) async fn beside<T>(
    work: impl Future<Output = T>,
    progress: &std::cell::RefCell<RunProgress>,
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
