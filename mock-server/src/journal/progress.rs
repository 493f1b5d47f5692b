//! The progress of a server over time, for pictures, not for verdicts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    clock::Instant,
    sampler::{Sample, Sampler},
};

/// Buckets of a series: at most 256 samples, and 64 for faults.
const BUCKETS: usize = 64;

/// The progress of a connection, or of all connections of a trial together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The time, on the machine's monotonic clock.
    pub at_ns: Instant,
    /// Body bytes handed to the transport, all responses together.
    pub sent_bytes: u64,
    /// Unsent or unacknowledged bytes, including head and framing; absent if the
    /// platform does not tell.
    pub unacked_bytes: Option<u64>,
}

impl Sample<1> for Progress {
    fn at(&self) -> Instant {
        self.at_ns
    }

    fn levels(&self) -> [u64; 1] {
        [self.unacked_bytes.unwrap_or_default()]
    }
}

/// The series of a trial.
#[derive(Debug)]
pub(super) struct Series {
    sampler: Sampler<Progress, 1>,
    /// By connection.
    each: BTreeMap<u32, Progress>,
    all: Progress,
}

impl Default for Series {
    fn default() -> Self {
        Self {
            sampler: Sampler::new(BUCKETS),
            each: BTreeMap::new(),
            all: Progress::default(),
        }
    }
}

impl Series {
    /// Takes in the progress of `connection`.
    pub(super) fn look(&mut self, connection: u32, now: Progress) {
        self.all.at_ns = now.at_ns;
        self.replace(connection, now);
        self.sampler.add(self.all);
    }

    /// A fault was carried out at `at`.
    pub(super) fn fault(&mut self, at: Instant) {
        self.all.at_ns = at;
        self.sampler.pin(self.all);
    }

    /// A connection is over: it has no waiting bytes any more.
    pub(super) fn closed(&mut self, connection: u32) {
        if let Some(last) = self.each.get(&connection).copied() {
            let unacked_bytes = last.unacked_bytes.map(|_| 0);
            let after = Progress {
                unacked_bytes,
                ..last
            };
            self.replace(connection, after);
        }
    }

    pub(super) fn kept(&self) -> Vec<Progress> {
        self.sampler.kept()
    }

    /// Updates the sums without adding everything again.
    fn replace(&mut self, connection: u32, now: Progress) {
        let before = self.each.insert(connection, now).unwrap_or_default();
        let waiting = |progress: Progress| progress.unacked_bytes.unwrap_or_default();
        let all = &mut self.all;
        all.sent_bytes = (all.sent_bytes + now.sent_bytes).saturating_sub(before.sent_bytes);
        let sum = (waiting(*all) + waiting(now)).saturating_sub(waiting(before));
        all.unacked_bytes = now.unacked_bytes.map(|_| sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64, sent_bytes: u64, unacked_bytes: u64) -> Progress {
        Progress {
            at_ns: Instant(ms * 1_000_000),
            sent_bytes,
            unacked_bytes: Some(unacked_bytes),
        }
    }

    #[test]
    fn connections_are_added_up_and_one_that_closed_waits_for_nothing() {
        let mut series = Series::default();
        series.look(1, at(1, 100, 100));
        series.look(2, at(2, 50, 20));
        series.closed(1);
        series.look(2, at(3, 60, 0));
        let want = [at(1, 100, 100), at(2, 150, 120), at(3, 160, 0)];
        assert_eq!(series.kept(), want);
    }

    #[test]
    fn a_fault_among_a_million_samples_is_there_at_its_moment() {
        let mut series = Series::default();
        for ms in 0..1_000_000 {
            series.look(1, at(ms, 10 * ms, 0));
            if ms == 777_777 {
                series.fault(Instant(777_777_500_000));
            }
        }
        let kept = series.kept();
        assert!(kept.len() <= 4 * BUCKETS + 1, "{}", kept.len());
        let fault = Progress {
            at_ns: Instant(777_777_500_000),
            ..at(0, 7_777_770, 0)
        };
        assert!(kept.contains(&fault));
    }
}
