//! Endless bad luck for one server: random faults over real sockets, clients that
//! vanish in every way there is, abandoned requests, and a standard error that
//! nobody reads.
//!
//! ```sh
//! cargo build --release && cargo run --release -p shortread --example soak -- --seconds 600
//! ```
//!
//! At the end the server must hold the same as at the start: tasks, sockets,
//! descriptors, threads. Resident memory must be flat, and another client must be
//! served all the time. Otherwise it says what grew, and ends with 1.

mod clients;
mod control;
mod faults;
mod http;
mod server;
mod verdict;
mod watch;

use std::{
    error::Error,
    path::PathBuf,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use clap::Parser;
use shortread_server::clock::Clock;

use server::{Holding, Server};
use verdict::Verdict;
use watch::Watch;

/// Plays bad luck to a server and looks whether anything of it stays.
#[derive(Debug, Parser)]
struct Args {
    /// Time in which clients come, after the warm-up and before everything settles
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u64,
    /// Seed of every random draw
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Clients at a time
    #[arg(long, value_name = "N", default_value_t = 24)]
    clients: u64,
    /// The server; beside this program's folder unless said
    #[arg(long, value_name = "PATH")]
    server: Option<PathBuf>,
    /// File for the curve of resident memory
    #[arg(long, value_name = "FILE", default_value = "target/soak.csv")]
    csv: PathBuf,
    /// Be a client that is to be killed
    #[arg(long, hide = true, value_name = "URL", num_args = 2)]
    victim: Option<Vec<String>>,
}

/// Longest time until the server has finished its work: its FIN waits 30 s for the
/// client's last words, a black hole ends within 50 ms of its client's end.
const SETTLES: Duration = Duration::from_secs(40);

/// Counts of all clients together.
#[derive(Debug, Default)]
struct Done {
    stop: AtomicBool,
    clients: AtomicU64,
    orders: AtomicU64,
    killed: AtomicU64,
}

fn main() -> ExitCode {
    let args = Args::parse();
    if let Some([addr, target]) = args.victim.as_deref() {
        clients::be_killed(addr, target);
        return ExitCode::SUCCESS;
    }
    match soak(&args) {
        Ok(verdict) => {
            print!("{verdict}");
            match verdict.is_good() {
                true => ExitCode::SUCCESS,
                false => ExitCode::FAILURE,
            }
        }
        Err(error) => {
            eprintln!("the soak cannot be done: {error}");
            ExitCode::from(2)
        }
    }
}

fn soak(args: &Args) -> Result<Verdict, Box<dyn Error>> {
    let clock = Clock::real();
    let mut server = Server::start(args.server.as_deref())?;
    // Its first answers: values that are made once are made now.
    http::get(server.site, "/download?size=64KiB", clients::PATIENCE)?;
    let before = server.holding(clock)?;
    let watch = Watch::start(&server)?;
    let done = Arc::new(Done::default());
    let load = clients::start(&server, args, &done)?;
    let orders = control::start(&server, args.seed, &done)?;
    let warm = watch::warm_up(&server, clock);
    let begun = clock.now();
    let end = begun + Duration::from_secs(args.seconds);
    while clock.now() < end && !watch.gave_up() {
        clock.block(Duration::from_millis(100));
    }
    done.stop.store(true, Relaxed);
    load.into_iter().chain([orders]).for_each(join);
    // One that no longer answers does not say either what it holds.
    let after = match watch.gave_up() {
        true => None,
        false => settled(&server, before, clock),
    };
    let watched = watch.stop();
    watched.write(&args.csv)?;
    Ok(Verdict {
        before,
        after,
        warm,
        // Random clients need a while to reach the peak of memory.
        judged: begun + Duration::from_secs(args.seconds) / 3,
        settled: args.seconds >= verdict::SETTLES.as_secs() * 3,
        watched,
        csv: args.csv.clone(),
        clients: done.clients.load(Relaxed),
        killed: done.killed.load(Relaxed),
        orders: done.orders.load(Relaxed),
        ended: server.end(clock),
    })
}

fn join(thread: thread::JoinHandle<()>) {
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

/// The resources of the server once they are those of before, or once its time is
/// over.
fn settled(server: &Server, before: Holding, clock: Clock) -> Option<Holding> {
    let late = clock.now() + SETTLES;
    loop {
        let now = server.holding(clock).ok();
        if now.is_some_and(|now| !now.is_more_than(&before)) || clock.now() >= late {
            return now;
        }
        clock.block(Duration::from_millis(200));
    }
}
