//! Plays random valid scenarios, and checks each of them.
//!
//! `cargo run --release -p shortread --example random -- --seed 1 --count 1000`
//! plays each of them twice in the virtual world, in another order and on other
//! threads. No trial may end as `tool-error` or hang, both runs must give the
//! same bytes, and no record may contradict itself. With `--world both` each is
//! played once in memory and once on real sockets, and the two must agree. A
//! failed case is written as a scenario file for `shortread run`.

mod both;
mod case;
mod check;
mod dice;
mod draft;
mod draw;
mod oracle;
mod place;
mod played;
mod shrink;
mod tie;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::{Parser, ValueEnum};
use shortread::measure::heap::Counting;
use shortread_server::clock::Clock;

use case::Case;
use check::Check;
use draw::Scope;

/// Counts what a trial asks for, as in `shortread`.
#[global_allocator]
static HEAP: Counting = Counting;

/// Play random valid scenarios and check what holds of every one.
#[derive(Debug, Parser)]
struct Args {
    /// The first seed; each further scenario has the next one.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Number of scenarios.
    #[arg(long, default_value_t = 1000)]
    count: u64,
    /// Stop after so many seconds, whatever was asked for.
    #[arg(long)]
    seconds: Option<u64>,
    /// The worlds that play them.
    #[arg(long, value_enum, default_value_t = World::Virtual)]
    world: World,
    /// Trials at a time on real sockets, where they mostly wait.
    #[arg(long, default_value_t = 32)]
    jobs: usize,
    /// Threads of the virtual world; the second run has one more.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Folder for the files of failures.
    #[arg(long, default_value_os_t = std::env::temp_dir().join("shortread-random"))]
    keep: PathBuf,
    /// Only print the scenario of the seed.
    #[arg(long)]
    print: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum World {
    /// In memory, each twice.
    Virtual,
    /// In memory and on real sockets, each once.
    Both,
}

/// So many scenarios are drawn, played and forgotten together.
const BATCH: u64 = 200;

fn main() -> ExitCode {
    // The server and the trials of the TCP world are processes of this program.
    if std::env::args()
        .nth(1)
        .is_some_and(|role| role == "serve" || role == "trial")
    {
        return shortread::cli::main();
    }
    let args = Args::parse();
    match run(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(3)
        }
    }
}

/// Returns true if nothing failed.
fn run(args: &Args) -> std::io::Result<bool> {
    let (scope, world) = match args.world {
        World::Virtual => (Scope::VIRTUAL, "virtual"),
        World::Both => (Scope::BOTH, "both"),
    };
    if args.print {
        let case = Case::drawn(args.seed, scope).ok_or_else(|| unread(args.seed))?;
        print!("{}", case.text(world));
        return Ok(true);
    }
    let clock = Clock::real();
    let end = args
        .seconds
        .map(|seconds| clock.now() + Duration::from_secs(seconds));
    let mut check = Check::new(args.keep.clone(), args.threads, args.jobs)?;
    let mut seed = args.seed;
    let last = args.seed.saturating_add(args.count);
    while seed < last && end.is_none_or(|end| clock.now() < end) {
        let behind = last.min(seed.saturating_add(BATCH));
        let cases: Option<Vec<Case>> = (seed..behind)
            .map(|seed| Case::drawn(seed, scope))
            .collect();
        let cases = cases.ok_or_else(|| unread(seed))?;
        match args.world {
            World::Virtual => check.twice(&cases)?,
            World::Both => check.both(&cases)?,
        }
        seed = behind;
    }
    println!("{}", check.sentence());
    Ok(check.failed == 0)
}

fn unread(seed: u64) -> std::io::Error {
    std::io::Error::other(format!("from seed {seed} on no draft is a valid scenario"))
}

#[cfg(test)]
mod tests;
