//! The binary `shortread-server`: `shortread serve` without the rest.

use std::{io::Write as _, process::ExitCode};

use clap::Parser;
use shortread_server::{
    cli::{ServeArgs, parse, serve},
    text::printable_lines,
};

/// Serves downloads that break, to any HTTP client
#[derive(Debug, Parser)]
#[command(name = "shortread-server", version)]
struct Cli {
    #[command(flatten)]
    args: ServeArgs,
}

fn main() -> ExitCode {
    let cli: Cli = match parse(std::env::args_os()) {
        Ok(cli) => cli,
        // The exit code is 0 for help and 2 for wrong usage.
        Err(error) => error.exit(),
    };
    match serve(cli.args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If nobody reads stderr, the exit code still tells.
            let _ = writeln!(
                std::io::stderr(),
                "error: {}",
                printable_lines(&error.to_string())
            );
            ExitCode::from(if error.is_usage() { 2 } else { 1 })
        }
    }
}
