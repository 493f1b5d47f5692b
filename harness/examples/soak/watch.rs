//! Watches the server all the time: its resident memory, and its service to
//! another client.

use std::{
    fs, io,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use shortread_server::clock::{Clock, Instant};

use crate::{
    faults, http,
    server::{Server, metric, resident},
};

/// The time between two looks.
const EVERY: Duration = Duration::from_millis(100);

/// After so long without an answer it gives up: the server hangs.
const HANGS: Duration = Duration::from_secs(10);

/// Until its stores are full, memory grows and may: the journal keeps 32 MiB,
/// and 4096 queries are known with their counters.
const WARM_UP: Duration = Duration::from_secs(15);

/// Orders for the whole journal that are under way at once: more than the one
/// thread that gives orders leaves behind.
const READERS: usize = 4;

/// The measurements of one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) at: Instant,
    pub(crate) resident_bytes: u64,
    /// The duration of a download of 64 KiB; `None` if it failed.
    pub(crate) latency: Option<Duration>,
}

/// Everything that was seen.
#[derive(Debug, Default)]
pub(crate) struct Watched(pub(crate) Vec<Seen>);

pub(crate) struct Watch {
    thread: thread::JoinHandle<Watched>,
    stop: Arc<AtomicBool>,
    hangs: Arc<AtomicBool>,
}

impl Watch {
    pub(crate) fn start(server: &Server) -> io::Result<Self> {
        let (addr, pid) = (server.site, server.pid());
        let (stop, hangs) = (Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
        let (stopped, gives_up) = (Arc::clone(&stop), Arc::clone(&hangs));
        let look = move || {
            let (clock, mut watched) = (Clock::real(), Watched::default());
            while !stopped.load(Relaxed) {
                let Ok(seen) = look(addr, pid, clock) else {
                    gives_up.store(true, Relaxed);
                    break;
                };
                gives_up.fetch_or(seen.latency.is_none(), Relaxed);
                watched.0.push(seen);
                clock.block(EVERY);
            }
            watched
        };
        Ok(Self {
            thread: thread::Builder::new().name("watch".into()).spawn(look)?,
            stop,
            hangs,
        })
    }

    /// True if the server has stopped answering.
    pub(crate) fn gave_up(&self) -> bool {
        self.hangs.load(Relaxed)
    }

    pub(crate) fn stop(self) -> Watched {
        self.stop.store(true, Relaxed);
        self.thread.join().unwrap_or_default()
    }
}

fn look(addr: SocketAddr, pid: u32, clock: Clock) -> io::Result<Seen> {
    let begun = clock.now();
    let answer = http::get(addr, "/download?size=64KiB&key=watch", HANGS);
    let whole = answer.is_ok_and(|answer| answer.status == 200 && answer.body.len() == 64 << 10);
    let now = clock.now();
    Ok(Seen {
        at: now,
        resident_bytes: resident(pid)?,
        latency: whole.then(|| now.since(begun)),
    })
}

/// Waits until the server drops its oldest entries, when its memory is as large as
/// it gets, and reads the whole journal a few times at once, which takes the most
/// memory beside it. Returns true if the stores were full.
pub(crate) fn warm_up(server: &Server, clock: Clock) -> bool {
    let full = until_full(server, clock);
    let readers: Vec<_> = (0..READERS)
        .map(|_| http::send(server.control, "GET", "/journal", b"", HANGS))
        .collect();
    for mut stream in readers.into_iter().flatten() {
        // The content of the answer does not matter here.
        let _ = io::copy(&mut stream, &mut io::sink());
    }
    full
}

fn until_full(server: &Server, clock: Clock) -> bool {
    const STORES: [&str; 2] = [
        "shortread_journal_dropped_events",
        "shortread_counters_forgotten",
    ];
    let late = clock.now() + WARM_UP;
    let mut numbers = 0..;
    while clock.now() < late {
        let fast: String = numbers
            .by_ref()
            .take(400)
            .map(|n| {
                format!(
                    "GET /download?{} HTTP/1.1\r\nHost: {}\r\n\r\n",
                    faults::none(n),
                    server.site
                )
            })
            .collect();
        // Nothing of the answers is of interest.
        let _ = fill(server.site, fast.as_bytes());
        let full = |store: &&str| metric(server.control, store).is_ok_and(|dropped| dropped > 0);
        if STORES.iter().all(full) {
            return true;
        }
    }
    false
}

fn fill(addr: SocketAddr, requests: &[u8]) -> io::Result<()> {
    use std::io::{Read as _, Write as _};
    let patience = Duration::from_secs(2);
    let mut stream = std::net::TcpStream::connect_timeout(&addr, patience)?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    stream.write_all(requests)?;
    stream.shutdown(std::net::Shutdown::Write)?;
    let mut part = [0; 64 << 10];
    while stream.read(&mut part)? > 0 {}
    Ok(())
}

impl Watched {
    /// A line for each look: milliseconds from the first, bytes, milliseconds
    /// of the download.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        let first = self.0.first().map_or(Instant::FAR, |seen| seen.at);
        let mut text = String::from("at_ms,resident_bytes,latency_ms\n");
        for seen in &self.0 {
            let latency = seen.latency.map(|time| time.as_millis().to_string());
            text.push_str(&format!(
                "{},{},{}\n",
                seen.at.since(first).as_millis(),
                seen.resident_bytes,
                latency.unwrap_or_default()
            ));
        }
        fs::write(path, text)
    }

    /// Resident memory over time by least squares, from `from` on: bytes at its
    /// start, bytes per second. `None` where there are too few points.
    pub(crate) fn line(&self, from: Instant) -> Option<(f64, f64)> {
        let points: Vec<(f64, f64)> = self
            .0
            .iter()
            .filter(|seen| seen.at >= from)
            .map(|seen| {
                (
                    seen.at.since(from).as_secs_f64(),
                    seen.resident_bytes as f64,
                )
            })
            .collect();
        let n = points.len() as f64;
        let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / n;
        let (x, y) = (mean(|point| point.0), mean(|point| point.1));
        let square: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
        let product: f64 = points
            .iter()
            .map(|point| (point.0 - x) * (point.1 - y))
            .sum();
        let slope = product / square;
        slope.is_finite().then_some((y - slope * x, slope))
    }
}
