//! Hides the `^C` of Ctrl-C on the terminal. Otherwise the two characters would
//! start a line below the bars, and a bar would be left behind at the end.

use std::io::Stderr;

use rustix::{
    process::getpgrp,
    termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr},
};

/// Hides control characters until it is dropped. Shells restore the terminal
/// after a killed process.
#[derive(Debug)]
pub(super) struct Unechoed {
    terminal: Stderr,
    before: Termios,
}

impl Unechoed {
    /// Hides them on the terminal of standard error; `None` if that is not
    /// possible.
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
            // The terminal may be gone, which does no harm.
            let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
        }
    }
}

/// True if the process is in the foreground. A background process that sets the
/// terminal is stopped (SIGTTOU).
fn foreground(terminal: &Stderr) -> bool {
    tcgetpgrp(terminal).is_ok_and(|group| group == getpgrp())
}
