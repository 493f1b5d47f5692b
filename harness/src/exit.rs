//! The exit codes: a contract with scripts and CI.

/// Done. With `--check`: and every outcome was the expected one.
pub const DONE: u8 = 0;

/// The tool failed: no port, no disk space, a bug.
pub const TOOL_FAILED: u8 = 1;

/// Wrong usage, or a scenario that is not valid.
pub const USAGE: u8 = 2;

/// An outcome differed from its expectation, or the two worlds of `--world
/// both` came to different ends, and `--check` was given.
pub const UNEXPECTED: u8 = 10;

/// A comparison found a regression.
pub const REGRESSION: u8 = 12;

/// Interrupted by Ctrl-C; what had ended by then is recorded.
pub const INTERRUPTED: u8 = 130;
