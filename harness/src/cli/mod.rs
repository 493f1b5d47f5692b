//! The command line: parses the arguments, returns the exit code.

mod args;
mod compare;
mod completions;
mod diagnose;
mod explain;
mod failure;
mod healthcheck;
mod interpreter;
mod keep;
mod list;
mod man;
mod progress;
mod recipes;
mod report;
mod resolve;
mod run;
mod save;
mod schema;
mod serve;
mod step_summary;
mod trial;
mod validate;
mod verify;
mod work;

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use shortread_server::cli::parse;

use args::{Cli, Command};
use failure::Failure;

use crate::{exit, report::Terminal};

/// Runs the program on the arguments of the process. Returns a code of [`exit`].
pub fn main() -> ExitCode {
    let cli: Cli = match parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout with exit code 0. If printing them fails,
            // nobody can be told.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(exit::USAGE));
        }
    };
    let out = &mut anstream::stdout().lock();
    let done = match cli.command {
        Command::Run(args) => run::run(&args),
        Command::Report(args) => report::run(&args, out),
        Command::List(args) => list::run(&args, out),
        Command::Explain(args) => explain::run(&args, out),
        Command::Validate(args) => validate::run(&args, out),
        Command::Serve(args) => serve::run(args),
        Command::Diagnose(args) => diagnose::run(&args, out),
        Command::Verify(args) => verify::run(&args, out),
        Command::Compare(args) => compare::run(&args, out),
        Command::Schema => schema::run(out),
        Command::Completions(args) => completions::run(&args, out),
        Command::Man(args) => man::run(&args, out),
        Command::Healthcheck(args) => healthcheck::run(&args),
        Command::Trial => trial::run(),
        Command::Keep => keep::run(),
    };
    let printed = out.flush().map_err(Failure::from);
    match done.and_then(|code| heard(printed, code)) {
        Ok(code) => code.into(),
        Err(failure) => {
            let _ = failure.render(&mut anstream::stderr().lock());
            failure.code().into()
        }
    }
}

/// The exit code of a command that returned `code`. A reader that stops early,
/// like `head`, does not change it.
fn heard(printed: Result<(), Failure>, code: u8) -> Done {
    match printed {
        Err(failure) if !failure.is_broken_pipe() => Err(failure),
        _ => Ok(code),
    }
}

/// The table for standard output, as wide as the terminal.
fn on_screen(wide: bool) -> Terminal {
    let table = Terminal::new(wide);
    match rustix::termios::tcgetwinsize(io::stdout()) {
        Ok(size) => table.on_screen(size.ws_col.into()),
        // Standard output is not a terminal.
        Err(_) => table,
    }
}

/// The result of a command.
type Done = Result<u8, Failure>;

/// The output of commands.
type Out<'a> = &'a mut dyn io::Write;
