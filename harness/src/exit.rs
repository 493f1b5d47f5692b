//! The exit codes: a contract with scripts and CI.

/// Done. With `--check`, every outcome was also expected.
pub const DONE: u8 = 0;

/// The tool failed: no port, no disk space, a bug.
pub const TOOL_FAILED: u8 = 1;

/// Wrong usage, or an invalid scenario.
pub const USAGE: u8 = 2;

/// With `--check`: an outcome was unexpected, or the two worlds of `--world both`
/// ended differently.
pub const UNEXPECTED: u8 = 10;

/// A comparison found a regression.
pub const REGRESSION: u8 = 12;

/// Interrupted by Ctrl-C; the trials that had ended are recorded.
pub const INTERRUPTED: u8 = 130;
