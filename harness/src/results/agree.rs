//! Checks that both worlds agree: the kernel is the measure of the simulation.
//!
//! A trial on real sockets and its twin in memory play the same scenario with the
//! same numbers. They must end in the same way. Their bytes may differ by the
//! size of buffers, and their times by the delays of timers and a busy machine.

use std::{collections::BTreeMap, time::Duration};

use shortread_server::{
    scenario::{Kind, World},
    units::{ByteSize, human_duration},
};

use crate::{
    engine::aiohttp::reader::Profile,
    results::{Record, TrialKey},
};

/// Bytes that two worlds may differ by, beside buffered ones.
const SPARE_BYTES: u64 = 256 << 10;

/// Nanoseconds that they may differ by, beside a twentieth of the time.
const SPARE_NS: u64 = 250_000_000;

/// Bytes that hyper holds for a reader of `frames`: its largest read buffer, 8
/// KiB and 100 pages of 4 KiB (hyper 1.12, `h1::io`).
const HYPER_BUFFER: u64 = (8 << 10) + 100 * (4 << 10);

/// The comparison of a run's worlds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// Trials that have a record in both worlds, and knew what they did in at
    /// least one.
    pub trials: usize,
    /// The differences, in the order of the records. A trial may differ in bytes
    /// and in time.
    pub disagreements: Vec<Disagreement>,
}

/// One difference between the worlds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// The trial on real sockets.
    pub id: String,
    /// Its scenario.
    pub scenario: String,
    /// Both results and the tolerance, as a sentence without a full stop.
    pub what: String,
}

impl Agreement {
    /// Compares each trial of the TCP world with its twin of the virtual one;
    /// `None` where no trial has a record in both.
    pub fn of(records: &[Record]) -> Option<Self> {
        let mut agreement = Self {
            trials: 0,
            disagreements: Vec::new(),
        };
        let mut in_memory: BTreeMap<(TrialKey<'_>, u32), &Record> = BTreeMap::new();
        for record in records.iter().filter(|one| one.world == World::Virtual) {
            let key = (record.key(), record.repetition);
            in_memory.entry(key).or_insert(record);
        }
        let twin = |real: &Record, repetition| {
            let key = real.key().elsewhere();
            in_memory.get(&(key, repetition)).copied()
        };
        for real in records.iter().filter(|record| record.world == World::Tcp) {
            let exact = twin(real, real.repetition);
            // A trial without anything random ran in memory once, for all its
            // repetitions.
            let Some(simulated) = exact.or_else(|| twin(real, 1)) else {
                continue;
            };
            if [real, simulated].map(|record| record.outcome.kind) == [Kind::ToolError; 2] {
                continue;
            }
            agreement.trials += 1;
            let found = differences(simulated, real);
            agreement
                .disagreements
                .extend(found.into_iter().map(|what| Disagreement {
                    id: real.id.clone(),
                    scenario: real.scenario.clone(),
                    what,
                }));
        }
        (agreement.trials > 0).then_some(agreement)
    }

    /// The trials that came to something else, each once.
    pub fn ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = self.disagreements.iter().map(|d| d.id.clone()).collect();
        // Those of one trial stand together.
        ids.dedup();
        ids
    }

    /// The finding, without its stop.
    pub fn sentence(&self) -> String {
        format!(
            "The worlds agree on {} of {} trials",
            self.trials - self.ids().len(),
            self.trials
        )
    }
}

/// True if the bytes of twins differ by no more than buffers may hold.
pub(crate) fn bytes_agree(a: &Record, b: &Record) -> bool {
    let real = if a.world == World::Tcp { a } else { b };
    a.delivered_bytes.abs_diff(b.delivered_bytes) <= bytes_tolerance(real)
}

/// Everything in which twins differ. Bytes and time follow from the end: where
/// that is another, they say nothing more.
fn differences(simulated: &Record, real: &Record) -> Vec<String> {
    if end(simulated) != end(real) {
        return vec![format!(
            "{} in the virtual world, {} on TCP; both must end in the same way",
            end(simulated),
            end(real)
        )];
    }
    let mut found = Vec::new();
    if !bytes_agree(simulated, real) {
        found.push(format!(
            "{} delivered in the virtual world, {} on TCP; buffers explain {}",
            bytes(simulated.delivered_bytes),
            bytes(real.delivered_bytes),
            bytes(bytes_tolerance(real))
        ));
    }
    let tolerance = time_tolerance(simulated, real);
    if simulated.elapsed_ns.abs_diff(real.elapsed_ns) > tolerance {
        found.push(format!(
            "{} in the virtual world, {} on TCP; 5 %, 250 ms and the bytes that differ allow {}",
            time(simulated.elapsed_ns),
            time(real.elapsed_ns),
            time(tolerance)
        ));
    }
    found
}

/// The kind, who ended it, and the deadline: `timed-out by the client (total)`.
pub(crate) fn end(record: &Record) -> String {
    let outcome = &record.outcome;
    let by = outcome
        .ended_by
        .map_or(String::new(), |party| format!(" by the {party}"));
    let deadline = outcome
        .deadline
        .map_or(String::new(), |deadline| format!(" ({})", deadline.word()));
    format!("{}{by}{deadline}", outcome.kind)
}

/// The bytes that a trial on real sockets may hold on their way, and no
/// simulation can tell how many: both kernels' buffers and the reader's, for
/// each download. Buffers that the kernel did not tell count as nothing.
fn bytes_tolerance(real: &Record) -> u64 {
    let kernels = [
        real.buffers.server.send_buffer,
        real.buffers.client.receive_buffer,
    ];
    let kernels: u64 = kernels.into_iter().flatten().fold(0, u64::saturating_add);
    kernels
        .saturating_add(reader_buffer(real))
        .saturating_mul(real.downloads.max(1))
        .saturating_add(SPARE_BYTES)
}

/// The high-water mark of the stream reader, in bytes. `read()` raises it
/// without limit, but what waits there it takes at once.
fn reader_buffer(record: &Record) -> u64 {
    let profile = record
        .profile
        .as_deref()
        .and_then(|text| Profile::parse(text).ok());
    let Some((profile, _)) = profile else {
        return HYPER_BUFFER;
    };
    let limit = profile.rules.read_bufsize as u64;
    // Only a strategy that has sizes has one in its record.
    let raised = match record.chunk_size {
        Some(size) if profile.rules.reader_raises_watermarks => limit.max(size),
        Some(_) | None => limit,
    };
    raised.saturating_mul(2)
}

/// By the exact time of the virtual world. If buffers made more or fewer bytes
/// arrive, a slow sink takes longer or shorter for them: that time, at the trial's
/// own pace, is no difference of its own.
fn time_tolerance(simulated: &Record, real: &Record) -> u64 {
    let apart = simulated.delivered_bytes.abs_diff(real.delivered_bytes);
    let excused = apart.min(bytes_tolerance(real));
    let delivered = simulated.delivered_bytes.max(1);
    let theirs = u128::from(simulated.elapsed_ns) * u128::from(excused) / u128::from(delivered);
    (simulated.elapsed_ns / 20)
        .saturating_add(SPARE_NS)
        .saturating_add(u64::try_from(theirs).unwrap_or(u64::MAX))
}

fn bytes(bytes: u64) -> String {
    ByteSize(bytes).human()
}

fn time(ns: u64) -> String {
    human_duration(Duration::from_nanos(ns))
}

#[cfg(test)]
mod tests;
