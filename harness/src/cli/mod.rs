//! The command line: arguments in, exit code out. The library knows neither.

pub mod exit;
