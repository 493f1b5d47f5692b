//! The live view on a terminal.

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use shortread_server::clock::Instant;

use super::{
    TICK,
    echo::Unechoed,
    screen::{self, ScreenLine},
    state::State,
};

/// The rate of the draw target, above ours, so that it lets every draw through.
const HZ: u8 = 50;

/// A terminal with fewer columns has no room for a bar per trial.
const NARROW: u16 = 60;

/// The bars on the terminal: that of the run, and below it those of trials.
pub(super) struct Live {
    all: MultiProgress,
    run: ProgressBar,
    trials: Vec<ProgressBar>,
    narrow: bool,
    unechoed: Option<Unechoed>,
    drawn: Option<Instant>,
}

impl Live {
    pub(super) fn on_stderr() -> Self {
        let size = rustix::termios::tcgetwinsize(std::io::stderr());
        // Some terminals do not know their size and say 0.
        let narrow = size.is_ok_and(|size| (1..NARROW).contains(&size.ws_col));
        Self {
            unechoed: Unechoed::on_stderr(),
            ..Self::on(ProgressDrawTarget::stderr_with_hz(HZ), narrow)
        }
    }

    fn on(target: ProgressDrawTarget, narrow: bool) -> Self {
        let all = MultiProgress::with_draw_target(target);
        let run = all.add(bar("[{bar:16}] {wide_msg}"));
        Self {
            all,
            run,
            trials: Vec::new(),
            narrow,
            unechoed: None,
            drawn: None,
        }
    }

    /// Draws the state, unless it was drawn just now.
    pub(super) fn draw(&mut self, state: &State, now: Instant) {
        if self.drawn.is_some_and(|last| now.since(last) < TICK) {
            return;
        }
        self.drawn = Some(now);
        let lines = screen::trials(state, now);
        while self.trials.len() > lines.len() {
            if let Some(bar) = self.trials.pop() {
                bar.finish_and_clear();
                self.all.remove(&bar);
            }
        }
        let template = match self.narrow {
            true => "{wide_msg}",
            false => "  [{bar:8}] {wide_msg}",
        };
        while self.trials.len() < lines.len() {
            self.trials.push(self.all.add(bar(template)));
        }
        fill(&self.run, screen::run(state, now));
        for (bar, line) in self.trials.iter().zip(lines) {
            fill(bar, line);
        }
    }

    /// Prints a line above the bars, which stays.
    pub(super) fn say(&self, line: &str) {
        // A terminal that is gone is no reason to stop.
        let _ = self.all.println(line);
    }

    /// Removes the bars, and keeps the printed lines.
    pub(super) fn clear(&mut self) {
        for bar in self.trials.drain(..) {
            bar.finish_and_clear();
        }
        self.run.finish_and_clear();
        let _ = self.all.clear();
        self.unechoed = None;
    }
}

fn bar(template: &str) -> ProgressBar {
    let bar = ProgressBar::new(0);
    // A wrong template would show in the tests.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}

fn fill(bar: &ProgressBar, line: ScreenLine) {
    bar.set_length(line.of.max(1));
    bar.set_position(line.done.min(line.of));
    bar.set_message(line.text);
}

#[cfg(test)]
mod tests;
