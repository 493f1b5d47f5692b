//! The binary `mock-server`: `shortread serve` without the rest.

use std::{io::Write as _, process::ExitCode};

use clap::Parser;
use mock_server::{
    cli::{ServeArgs, parse, serve},
    text::printable_lines,
};

/// Serves downloads that break, to any client
#[derive(Debug, Parser)]
#[command(name = "mock-server", version)]
struct Cli {
    #[command(flatten)]
    args: ServeArgs,
}

fn main() -> ExitCode {
    let cli: Cli = match parse(std::env::args_os()) {
        Ok(cli) => cli,
        // With the code of its kind: 0 for help, 2 for wrong usage.
        Err(error) => error.exit(),
    };
    match serve(cli.args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody reads it: the exit code says it too.
            let _ = writeln!(
                std::io::stderr(),
                "error: {}",
                printable_lines(&error.to_string())
            );
            ExitCode::from(if error.is_usage() { 2 } else { 1 })
        }
    }
}
