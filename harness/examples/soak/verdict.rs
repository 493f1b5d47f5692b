//! The result of the soak, in words.

use std::{fmt, path::PathBuf, time::Duration};

use shortread_server::clock::Instant;

use crate::{server::Holding, watch::Watched};

/// No download of 64 KiB may take longer. The server's work between two looks
/// at a socket is bounded by some milliseconds; a machine that runs everything
/// else at the same time makes tens of it. Two seconds are neither.
const LATE: Duration = Duration::from_secs(2);

/// Half of the downloads take no longer: a loop that spins on a core shows here.
const USUALLY: Duration = Duration::from_millis(200);

/// Resident memory may grow so much in the last two thirds, by the line through
/// all points. The allocator's own waves are some MB; 1 kB that is kept
/// of each connection comes to more within half a minute.
const FLAT_BYTES: f64 = 8.0 * 1024.0 * 1024.0;

/// So long an allocator's heap takes to reach its size under random requests: of
/// ten minutes (2026-11-28, 2 cores) it grew in the first 200 s, from 67 to 111
/// MB, and by 2 MB in the 400 s behind them.
pub(crate) const SETTLES: Duration = Duration::from_secs(200);

/// The most memory of a run that is too short for that: 32 MiB of journal and 64
/// MiB of counters (docs/LIMITS.md), and as much again for the gaps that an
/// allocator keeps between them.
const CEILING_BYTES: u64 = 192 << 20;

pub(crate) struct Verdict {
    pub(crate) before: Holding,
    pub(crate) after: Option<Holding>,
    /// The server's stores were full before the measured time began.
    pub(crate) warm: bool,
    /// From here on memory has to be flat, where it has `settled` by then.
    pub(crate) judged: Instant,
    pub(crate) settled: bool,
    pub(crate) watched: Watched,
    pub(crate) csv: PathBuf,
    pub(crate) clients: u64,
    pub(crate) killed: u64,
    pub(crate) orders: u64,
    pub(crate) ended: Result<(), String>,
}

impl Verdict {
    pub(crate) fn is_good(&self) -> bool {
        self.faults().is_empty()
    }

    /// The faults found, one sentence each.
    fn faults(&self) -> Vec<String> {
        let mut faults = self.kept();
        let (latencies, lost) = self.latencies();
        if lost > 0 {
            faults.push(format!(
                "the server stopped answering: {lost} downloads got nothing whole"
            ));
        }
        if let Some(late) = latencies.last().filter(|last| **last > LATE) {
            faults.push(format!(
                "a download of 64 KiB took {late:?}, and may take {LATE:?}"
            ));
        }
        if let Some(usual) = latencies
            .get(latencies.len() / 2)
            .filter(|usual| **usual > USUALLY)
        {
            faults.push(format!(
                "half of the downloads took {usual:?} and more, and may take {USUALLY:?}"
            ));
        }
        match self.growth() {
            None => faults.push("resident memory was looked at too seldom".into()),
            Some((_, _, grown)) if self.settled && grown > FLAT_BYTES => faults.push(format!(
                "resident memory grew by {}, and may grow by {}",
                mb(grown),
                mb(FLAT_BYTES)
            )),
            Some(_) => {}
        }
        let peak = self.watched.0.iter().map(|seen| seen.resident_bytes).max();
        if let Some(peak) = peak.filter(|peak| *peak > CEILING_BYTES) {
            faults.push(format!(
                "resident memory came to {}, and may come to {}",
                mb(peak as f64),
                mb(CEILING_BYTES as f64)
            ));
        }
        faults.extend(self.ended.clone().err());
        faults
    }

    /// The resources that were added since the start.
    fn kept(&self) -> Vec<String> {
        let Some(after) = self.after else {
            return vec!["the server does not say what it holds at the end".into()];
        };
        let pairs = [
            ("tasks", self.before.tasks, after.tasks),
            ("sockets", self.before.sockets, after.sockets),
            ("descriptors", self.before.descriptors, after.descriptors),
            ("threads", self.before.threads, after.threads),
        ];
        let grew = pairs.iter().filter(|(_, before, after)| after > before);
        grew.map(|(what, before, after)| format!("{what} grew from {before} to {after}"))
            .collect()
    }

    /// Bytes at the start, bytes per second, bytes grown.
    fn growth(&self) -> Option<(f64, f64, f64)> {
        let (start, slope) = self.watched.line(self.judged)?;
        let last = self.watched.0.last()?.at.since(self.judged).as_secs_f64();
        Some((start, slope, slope * last))
    }

    /// In ascending order, and how many downloads failed.
    fn latencies(&self) -> (Vec<Duration>, usize) {
        let all = &self.watched.0;
        let mut latencies: Vec<_> = all.iter().filter_map(|seen| seen.latency).collect();
        latencies.sort_unstable();
        let lost = all.len() - latencies.len();
        (latencies, lost)
    }
}

fn mb(bytes: f64) -> String {
    format!("{:.1} MB", bytes / 1e6)
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} clients, {} of them killed, and {} orders",
            self.clients, self.killed, self.orders
        )?;
        writeln!(f, "at the start: {}", self.before)?;
        if let Some(after) = self.after {
            writeln!(f, "at the end:   {after}")?;
        }
        if let Some((start, slope, grown)) = self.growth() {
            let full = match self.warm {
                true => "with full stores",
                false => "while the stores were filling",
            };
            writeln!(
                f,
                "resident memory: {} {full}, {:+.1} kB/s from there, {:+.1} MB in all{}; the curve is {}",
                mb(start),
                slope / 1e3,
                grown / 1e6,
                match self.settled {
                    true => "",
                    false => ", in too short a time to judge by",
                },
                self.csv.display()
            )?;
        }
        let (latencies, lost) = self.latencies();
        if let (Some(median), Some(longest)) =
            (latencies.get(latencies.len() / 2), latencies.last())
        {
            writeln!(
                f,
                "another client: {} downloads, {lost} lost, median {median:.1?}, longest {longest:.1?}",
                latencies.len()
            )?;
        }
        for fault in self.faults() {
            writeln!(f, "WRONG: {fault}")?;
        }
        Ok(())
    }
}
