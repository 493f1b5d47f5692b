//! Ctrl-C without `^C` on the terminal: the two characters would begin a line
//! below the bars, and one line of them would be left behind when they go.

use std::io::Stderr;

use rustix::{
    process::getpgrp,
    termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr},
};

/// Until it is dropped, control characters are not shown. What a process that
/// is killed leaves behind, shells put right.
#[derive(Debug)]
pub(super) struct Unechoed {
    terminal: Stderr,
    before: Termios,
}

impl Unechoed {
    /// On the terminal of standard error; `None` where that cannot be.
    pub(super) fn on_stderr() -> Option<Self> {
        let terminal = std::io::stderr();
        let before = foreground(&terminal).then(|| tcgetattr(&terminal).ok())??;
        let mut modes = before.clone();
        modes.local_modes.remove(LocalModes::ECHOCTL);
        tcsetattr(&terminal, OptionalActions::Now, &modes).ok()?;
        Some(Self { terminal, before })
    }
}

impl Drop for Unechoed {
    fn drop(&mut self) {
        if foreground(&self.terminal) {
            // A terminal that is gone needs nothing.
            let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
        }
    }
}

/// A process in the background that sets the terminal is stopped (SIGTTOU).
fn foreground(terminal: &Stderr) -> bool {
    tcgetpgrp(terminal).is_ok_and(|group| group == getpgrp())
}
