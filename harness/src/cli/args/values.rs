//! The words that options take.

use clap::ValueEnum;

use crate::command::ClockChoice;

/// The shells that completions are tested with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ShellArg {
    /// For bash with bash-completion
    Bash,
    /// For zsh
    Zsh,
    /// For fish
    Fish,
}

/// `--format`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum FormatArg {
    /// For a terminal
    Text,
    /// For issues and pull requests
    Markdown,
    /// One page that opens offline
    Html,
    /// For programs
    Json,
}

/// `--clock`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ClockArg {
    /// Scaled where that works; each cell says where it does not
    Auto,
    /// Scaled, or exit with 2 before anything runs
    Scaled,
    /// The machine's clock
    Real,
}

impl From<ClockArg> for ClockChoice {
    fn from(arg: ClockArg) -> Self {
        match arg {
            ClockArg::Auto => Self::Auto,
            ClockArg::Scaled => Self::Scaled,
            ClockArg::Real => Self::Real,
        }
    }
}

/// `--world`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum WorldArg {
    /// In memory, on a simulated clock
    Virtual,
    /// On real sockets
    Tcp,
    /// In both, with the smaller numbers of the TCP world, and compare them
    Both,
}

impl WorldArg {
    /// The word as typed.
    pub(in crate::cli) fn word(self) -> &'static str {
        match self {
            Self::Virtual => "virtual",
            Self::Tcp => "tcp",
            Self::Both => "both",
        }
    }
}
