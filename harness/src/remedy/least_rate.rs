//! A total deadline that follows from the size of what is sent and the least rate that is
//! borne: a large file may take long, and a small one may not.
//!
//! It counts the network's time alone, as [`super::Stall`] does: a slow disk says nothing
//! of the rate.

use std::{cell::Cell, rc::Rc, time::Duration};

use serde::{Deserialize, Serialize};
use shortread_server::{
    clock::Instant,
    scenario::Deadline,
    units::{ByteSize, human_duration as human},
};

use super::content_range::ContentRange;
use crate::client::{Failure, FailureCause, Guard, Head, Traffic};

/// The least rate, over a whole attempt. curl's `--speed-limit` and cargo's
/// `http.low-speed-limit` look at a window instead ([`super::Slow`]): there a pause ends
/// an attempt, here only the sum of all does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeastRate {
    /// Bytes per second.
    pub rate: u64,
    /// The time on top: for connecting, for the head, for a start that is slow.
    pub base: Duration,
}

impl LeastRate {
    /// The base that there is unless told otherwise.
    pub const BASE: Duration = Duration::from_secs(30);

    /// The most time for `bytes`. It saturates.
    pub fn total(self, bytes: u64) -> Duration {
        let seconds = bytes as f64 / self.rate.max(1) as f64;
        let time = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        self.base.saturating_add(time)
    }

    /// The same for a scenario whose durations and sizes are scaled by these factors.
    pub fn scaled(self, time: f64, size: f64) -> Self {
        let rate = self.rate as f64 * size / time;
        Self {
            rate: (rate.round() as u64).max(1),
            base: self.base.mul_f64(time),
        }
    }

    /// A guard for one attempt, whose response has `size` bytes once that is known.
    pub(super) fn guard(self, size: Rc<Cell<Option<u64>>>) -> LeastRateGuard {
        size.set(None);
        LeastRateGuard { least: self, size }
    }
}

/// The bytes that a response announces of its body, as they are sent: `Content-Length`
/// (RFC 9110, section 8.6), else the span of `Content-Range`. `None` where nothing tells
/// them.
pub(super) fn announced(head: &Head) -> Option<u64> {
    head.declared.or_else(|| {
        let range = head.fields.get("content-range")?;
        match ContentRange::parse(range)? {
            ContentRange::Part { first, last, .. } => Some(last - first + 1),
            ContentRange::Unsatisfied { .. } => None,
        }
    })
}

/// Guards one attempt.
#[derive(Debug)]
pub(super) struct LeastRateGuard {
    least: LeastRate,
    size: Rc<Cell<Option<u64>>>,
}

/// The reason for which an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{} of {} came in {}: the least rate is {}/s, and {} are on top",
    ByteSize(*received).human(), ByteSize(*size).human(), human(*total),
    ByteSize(least.rate).human(), human(least.base)
)]
pub(super) struct TooSlow {
    received: u64,
    size: u64,
    total: Duration,
    least: LeastRate,
}

/// Before the head the size is not known, and is asked for so many times in the base.
const LOOKS: u32 = 10;

impl LeastRateGuard {
    /// The rule behind [`look`](Guard::look): the time until the next look.
    ///
    /// # Errors
    /// The attempt has taken too long for its size.
    fn next(&self, traffic: &Traffic, now: Instant) -> Result<Duration, TooSlow> {
        let spent = traffic.network_time(now);
        // No total is shorter than the base, so that nothing has to be known before.
        let base_left = self.least.base.saturating_sub(spent);
        if !base_left.is_zero() {
            return Ok(base_left);
        }
        let Some(size) = self.size.get() else {
            return Ok((self.least.base / LOOKS).max(Duration::from_millis(1)));
        };
        let total = self.least.total(size);
        match total.checked_sub(spent) {
            Some(left) if !left.is_zero() => Ok(left),
            // All is there, and only its end was not looked at yet.
            _ if traffic.received() >= size => Ok(Duration::MAX),
            _ => Err(TooSlow {
                received: traffic.received(),
                size,
                total,
                least: self.least,
            }),
        }
    }
}

impl Guard for LeastRateGuard {
    fn look(&mut self, traffic: &Traffic, now: Instant) -> Result<Instant, Failure> {
        match self.next(traffic, now) {
            Ok(next) => Ok(now + next),
            Err(slow) => Err(Failure::new(FailureCause::Deadline(Deadline::Total), &slow)),
        }
    }
}

/// Two guards over one attempt.
#[derive(Debug)]
pub(super) struct Both(pub(super) Box<dyn Guard>, pub(super) Box<dyn Guard>);

impl Guard for Both {
    fn look(&mut self, traffic: &Traffic, now: Instant) -> Result<Instant, Failure> {
        let first = self.0.look(traffic, now)?;
        Ok(first.min(self.1.look(traffic, now)?))
    }
}

#[cfg(test)]
mod tests {
    use shortread_server::scenario::{Framing, Kind, StrategyName, catalogue, load};

    use super::*;
    use crate::{
        remedy::{
            Recipe,
            trials_for_tests::{HEAD, play},
        },
        results::Record,
    };

    const SECOND: Duration = Duration::from_secs(1);

    fn at(seconds: u64) -> Instant {
        Instant(0) + Duration::from_secs(seconds)
    }

    fn head(declared: Option<u64>, range: Option<&str>) -> Head {
        Head {
            status: 206,
            framing: Framing::ContentLength,
            declared,
            fields: range
                .map(|range| ("content-range", range))
                .into_iter()
                .collect(),
        }
    }

    #[test]
    fn the_size_is_that_of_what_the_response_brings() {
        assert_eq!(announced(&head(Some(7), Some("bytes 3-9/99"))), Some(7));
        assert_eq!(announced(&head(None, Some("bytes 3-9/99"))), Some(7));
        assert_eq!(announced(&head(None, Some("bytes */99"))), None);
        assert_eq!(announced(&head(None, None)), None);
    }

    #[test]
    fn the_time_is_the_base_and_that_of_the_size_at_the_rate() {
        let least = LeastRate {
            rate: 100,
            base: 30 * SECOND,
        };
        assert_eq!(least.total(0), 30 * SECOND);
        assert_eq!(least.total(1000), 40 * SECOND);
        let slowest = LeastRate { rate: 0, ..least };
        assert!(slowest.total(u64::MAX) > slowest.total(1));
        // A thousandth of the bytes in a tenth of the time.
        let scaled = least.scaled(0.1, 0.001);
        assert_eq!((scaled.rate, scaled.base), (1, 3 * SECOND));
        assert_eq!(scaled.total(1), least.total(1000) / 10);
    }

    #[test]
    fn an_attempt_ends_at_its_time_and_not_while_the_application_is_busy() {
        let least = LeastRate {
            rate: 100,
            base: 30 * SECOND,
        };
        let size = Rc::default();
        let guard = least.guard(Rc::clone(&size));
        let mut traffic = Traffic::begin(at(0));
        assert_eq!(guard.next(&traffic, at(10)), Ok(20 * SECOND));
        // Without a head nothing is known, and it looks again.
        assert_eq!(guard.next(&traffic, at(30)), Ok(3 * SECOND));
        assert_eq!(guard.next(&traffic, at(1000)), Ok(3 * SECOND));
        size.set(Some(1000));
        traffic.head();
        traffic.receive(at(35), 999);
        assert_eq!(guard.next(&traffic, at(35)), Ok(5 * SECOND));
        traffic.busy(at(35), true);
        assert_eq!(guard.next(&traffic, at(100)), Ok(5 * SECOND));
        traffic.busy(at(100), false);
        let slow = guard.next(&traffic, at(105)).unwrap_err();
        assert_eq!(
            slow.to_string(),
            "999 B of 1 kB came in 40 s: the least rate is 100 B/s, and 30 s are on top"
        );
        traffic.receive(at(105), 1000);
        assert_eq!(guard.next(&traffic, at(105)), Ok(Duration::MAX));
    }

    fn recipe(text: &str) -> Recipe {
        Recipe::parse("mine", "mine.toml", text).unwrap_or_else(|errors| panic!("{errors}"))
    }

    /// The end of 1 GB at 2 MB/s, which takes 500 s, with these deadlines.
    fn gigabyte(deadlines: &str) -> Record {
        let name = "total-timeout-2mbps";
        assert!(catalogue().iter().any(|(known, _)| *known == name));
        let scenario = load(name).unwrap().into();
        let recipe = recipe(&format!("[deadlines]\n{deadlines}"));
        play(&scenario, recipe, StrategyName::Readany, 1)
    }

    #[test]
    fn a_large_file_takes_its_time_and_one_below_the_rate_ends_with_size_and_rate() {
        let cured = gigabyte("least_rate = \"1.9MB/s\"\nbase = \"10s\"");
        assert_eq!(cured.outcome.kind, Kind::Complete, "{cured:#?}");
        // 10 s + 1 GB / 2.5 MB/s = 410 s.
        let slow = gigabyte("least_rate = \"2.5MB/s\"\nbase = \"10s\"");
        assert_eq!(slow.outcome.kind, Kind::TimedOut, "{slow:#?}");
        assert_eq!(slow.outcome.deadline, Some(Deadline::Total));
        assert_eq!(slow.outcome.exception.as_deref(), Some("TimeoutError"));
        let said = &slow.outcome.error[0].message;
        assert!(
            said.contains("of 1 GB came in 410 s: the least rate is 2.5 MB/s"),
            "{said}"
        );
        assert_eq!(slow.elapsed_ns / 1_000_000_000, 410);
        assert!((815_000_000..=820_000_000).contains(&slow.delivered_bytes));
    }

    #[test]
    fn without_a_size_there_is_no_total() {
        let text = format!(
            "{HEAD}[body]\nsize = \"1MB\"\nframing = \"chunked\"\n\
             [link]\nrate = \"1kB/s\"\n[client]\ntotal = \"off\"\n"
        );
        let scenario = shortread_server::scenario::parse("x", "x.toml", &text);
        let scenario = scenario.unwrap_or_else(|error| panic!("{error}")).into();
        let recipe = recipe("[deadlines]\nleast_rate = \"1MB/s\"\nbase = \"1s\"");
        let record = play(&scenario, recipe, StrategyName::Readany, 1);
        assert_eq!(record.outcome.kind, Kind::Complete, "{record:#?}");
    }

    #[test]
    fn each_attempt_has_the_time_of_what_it_is_sent_alone() {
        // 30 MB at 1 MB/s, cut each 10 MB: all attempts take 30 s and two waits of a second
        // at least, more than the 1 s + 30 s of the first.
        let text = format!(
            "{HEAD}[body]\nsize = \"30MB\"\n[link]\nrate = \"1MB/s\"\n\
             [[fault]]\nwhen = {{ body = \"10MB\" }}\nthen = \"fin\"\n"
        );
        let scenario = shortread_server::scenario::parse("x", "x.toml", &text);
        let scenario = scenario.unwrap_or_else(|error| panic!("{error}")).into();
        let text = "[deadlines]\nleast_rate = \"1MB/s\"\nbase = \"1s\"\n\
                    [stall]\n[retry]\njitter = \"none\"\n[resume]\n";
        let record = play(&scenario, recipe(text), StrategyName::Readany, 1);
        assert_eq!(record.outcome.kind, Kind::Complete, "{record:#?}");
        assert_eq!(record.remedy.unwrap().attempts, 3);
    }
}
