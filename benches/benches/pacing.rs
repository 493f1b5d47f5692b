//! Measures how exactly the server keeps its rate, from 10 KB/s to 1 GB/s, over
//! loopback TCP.
//!
//! The server serves an endless body on one thread. The client, on another, only
//! reads (1 MiB at a time, blocking) and notes the time and bytes of each read.
//!
//! Output per rate:
//! - `mean error`: the bytes of the response (its head included: the link
//!   carries that too) up to the last read, over rate x time, less one. Time
//!   runs from just before the request is written to that last read, which is
//!   the first one at or after 10 s. So a burst at the start counts as too
//!   much, and a late start as too little. See [`Tally::mean_error`] for why it
//!   ends at an arrival. The target is 0.1 %.
//! - `ahead`: the most bytes that were ever there before the rate allows them.
//!   More than 0 is a failure, at any load of the machine.
//! - `behind`: the longest that a byte was overdue when it came.
//! - `CV`: coefficient of variation of the bytes per 100 ms.
//! - `server`, `client`: CPU time of the two threads, in percent of one core.
//!
//! `--test` watches each rate for 0.2 s. An argument selects the rates whose
//! name contains it.

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    process::ExitCode,
    time::Duration,
};

use benches::{MIB, Server, Tally, ThreadCpu, healthy};
use shortread_server::{clock::Clock, units::Rate};

const RATES: [&str; 6] = ["10KB/s", "100KB/s", "1MB/s", "10MB/s", "100MB/s", "1GB/s"];

/// A quarter of a millisecond until the request has been read is much of a
/// short watch: only a full one is held against the target.
const FULL: Duration = Duration::from_secs(10);

/// In percent.
const TARGET: f64 = 0.1;

/// The largest object of the grammar.
const ENDLESS: u64 = 1 << 62;

fn main() -> ExitCode {
    let args = Args::read();
    let chosen = RATES.iter().filter(|rate| args.chooses(rate));
    if args.list {
        chosen.for_each(|rate| println!("pacing/{rate}: benchmark"));
        return ExitCode::SUCCESS;
    }
    println!(
        "{:>15} {:>12} {:>11} {:>10} {:>8} {:>8} {:>8}",
        "rate", "mean error", "ahead", "behind", "CV", "server", "client"
    );
    let mut sound = true;
    for name in chosen {
        match measure(name, args.length) {
            Ok(measured) => {
                println!("{measured}");
                sound &= measured.tally.most_ahead() <= 0;
            }
            Err(error) => {
                println!("{name:>15} {error}");
                sound = false;
            }
        }
    }
    if sound {
        ExitCode::SUCCESS
    } else {
        println!("pacing: bytes came ahead of the rate, or not at all");
        ExitCode::FAILURE
    }
}

/// The arguments of `cargo bench` and of criterion's users.
struct Args {
    length: Duration,
    list: bool,
    filter: Option<String>,
}

impl Args {
    fn read() -> Self {
        let mut read = Self {
            length: FULL,
            list: false,
            filter: None,
        };
        for arg in std::env::args().skip(1) {
            match arg.as_str() {
                "--test" => read.length = Duration::from_millis(200),
                "--list" => read.list = true,
                // Other flags are criterion's.
                flag if flag.starts_with('-') => {}
                _ => read.filter = Some(arg),
            }
        }
        read
    }

    fn chooses(&self, rate: &str) -> bool {
        let name = format!("pacing/{rate}");
        self.filter
            .as_ref()
            .is_none_or(|filter| name.contains(filter))
    }
}

struct Measured {
    name: &'static str,
    tally: Tally,
    server: Option<f64>,
    client: Option<f64>,
}

fn measure(name: &'static str, length: Duration) -> io::Result<Measured> {
    let rate: Rate = name.parse().map_err(io::Error::other)?;
    let server = Server::start(healthy(ENDLESS, rate))?;
    let own = ThreadCpu::of_this_thread();
    let before = (server.cpu().time(), own.time());
    let tally = watch(server.addr(), rate, length)?;
    let share = |cpu: &ThreadCpu, before: Option<Duration>| {
        let used = cpu.time()?.saturating_sub(before?);
        Some(100.0 * used.as_secs_f64() / tally.last().as_secs_f64())
    };
    Ok(Measured {
        name,
        server: share(server.cpu(), before.0),
        client: share(&own, before.1),
        tally,
    })
}

/// Asks for the body and reads it for `length`.
fn watch(addr: SocketAddr, rate: Rate, length: Duration) -> io::Result<Tally> {
    let mut stream = TcpStream::connect(addr)?;
    let mut buffer = vec![0; MIB];
    let mut tally = Tally::new(rate, length);
    let clock = Clock::real();
    let start = clock.now();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: pacing\r\n\r\n")?;
    loop {
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if !tally.read(clock.now().since(start), read) {
            return Ok(tally);
        }
    }
}

impl std::fmt::Display for Measured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let percent =
            |share: Option<f64>| share.map_or("-".into(), |share| format!("{share:.1} %"));
        let error = 100.0 * self.tally.mean_error();
        write!(
            f,
            "{:>15} {:>12} {:>11} {:>10} {:>8} {:>8} {:>8}{}",
            format!("pacing/{}", self.name),
            format!("{error:+.4} %"),
            format!("{} B", self.tally.most_ahead()),
            format!("{:.2} ms", self.tally.most_behind().as_secs_f64() * 1e3),
            percent(self.tally.variation().map(|cv| 100.0 * cv)),
            percent(self.server),
            percent(self.client),
            if error.abs() > TARGET && self.tally.last() >= FULL {
                "  beyond 0.1 %"
            } else {
                ""
            },
        )
    }
}
