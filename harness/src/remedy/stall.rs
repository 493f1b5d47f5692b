//! Stalls: no byte for a time, or fewer than a least rate over a time. Both count the
//! network's time alone, so that a slow disk is no stall.

use std::{collections::VecDeque, time::Duration};

use serde::{Deserialize, Serialize};
use shortread_server::clock::Instant;

use crate::client::{Failure, FailureCause, Guard, Traffic};

/// The limits below which an attempt counts as stalled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stall {
    /// No byte for so long.
    pub silence: Option<Duration>,
    /// Too few of them.
    pub slow: Option<Slow>,
}

/// A least rate, as curl's `--speed-limit` and `--speed-time`, git's
/// `http.lowSpeedLimit` and `http.lowSpeedTime`, and cargo's `http.low-speed-limit` and
/// `http.timeout` have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slow {
    /// Bytes per second.
    pub rate: u64,
    /// The time over which they are counted.
    pub over: Duration,
}

impl Default for Stall {
    /// Those of cargo: 30 s of silence, or less than 10 B/s over 30 s
    /// (`src/util/network/http.rs`).
    fn default() -> Self {
        let over = Duration::from_secs(30);
        Self {
            silence: Some(over),
            slow: Some(Slow { rate: 10, over }),
        }
    }
}

impl Stall {
    /// A guard for one attempt.
    pub fn guard(self) -> StallGuard {
        StallGuard {
            stall: self,
            counts: VecDeque::with_capacity(2 + SLICES as usize),
        }
    }

    /// The limits for a scenario whose durations and sizes are scaled by these factors.
    pub fn scaled(self, time: f64, size: f64) -> Self {
        Self {
            silence: self.silence.map(|silence| silence.mul_f64(time)),
            slow: self.slow.map(|slow| Slow {
                rate: (slow.rate as f64 * size / time).round() as u64,
                over: slow.over.mul_f64(time),
            }),
        }
    }
}

/// The rate is looked at so many times in its time.
const SLICES: u32 = 10;

/// Guards one attempt.
#[derive(Debug)]
pub struct StallGuard {
    stall: Stall,
    /// The network time and the bytes at each look within the last `over`, and at one
    /// before it.
    counts: VecDeque<(Duration, u64)>,
}

/// The reason for which an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Stalled {
    /// No byte.
    #[error("no byte for {0:?}")]
    Silent(Duration),
    /// Too few.
    #[error("{bytes} bytes in {over:?}, which is less than {rate} B/s")]
    Slow {
        /// Bytes that came.
        bytes: u64,
        /// The network time in which they came.
        over: Duration,
        /// The least bytes per second.
        rate: u64,
    },
}

impl StallGuard {
    /// The rule behind [`look`](Guard::look): the time until the next look.
    ///
    /// # Errors
    /// The attempt has stalled.
    fn next(&mut self, traffic: &Traffic, now: Instant) -> Result<Duration, Stalled> {
        let mut next = Duration::MAX;
        if let Some(limit) = self.stall.silence {
            let silence = traffic.silence(now);
            if silence >= limit {
                return Err(Stalled::Silent(silence));
            }
            next = limit - silence;
        }
        if let Some(slow) = self.stall.slow {
            self.count(slow, traffic, now)?;
            next = next.min(slow.over / SLICES);
        }
        Ok(next.max(Duration::from_nanos(1)))
    }

    fn count(&mut self, slow: Slow, traffic: &Traffic, now: Instant) -> Result<(), Stalled> {
        let (time, bytes) = (traffic.network_time(now), traffic.received());
        let slice = slow.over / SLICES;
        let last = self.counts.back();
        if last.is_none_or(|(last, _)| *last + slice <= time) {
            self.counts.push_back((time, bytes));
        }
        // The newest that is old enough is compared with.
        let old_enough = |count: &(Duration, u64)| count.0 + slow.over <= time;
        while self.counts.get(1).is_some_and(old_enough) {
            self.counts.pop_front();
        }
        let Some((from, before)) = self
            .counts
            .front()
            .copied()
            .filter(|count| old_enough(count))
        else {
            return Ok(());
        };
        let (over, bytes) = (time - from, bytes - before);
        let least = slow.rate as f64 * over.as_secs_f64();
        match (bytes as f64) < least {
            true => Err(Stalled::Slow {
                bytes,
                over,
                rate: slow.rate,
            }),
            false => Ok(()),
        }
    }
}

impl Guard for StallGuard {
    fn look(&mut self, traffic: &Traffic, now: Instant) -> Result<Instant, Failure> {
        match self.next(traffic, now) {
            Ok(Duration::MAX) => Ok(Instant::FAR),
            Ok(next) => Ok(now + next),
            Err(stalled) => Err(Failure::new(FailureCause::Stalled, &stalled)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(seconds: f64) -> Instant {
        Instant(0) + Duration::from_secs_f64(seconds)
    }

    /// The end of an attempt that receives `rate` bytes per second and is looked at as it
    /// asks to be, at most until 1000 s.
    fn end(stall: Stall, received: impl Fn(f64) -> u64, busy: bool) -> Option<(f64, Stalled)> {
        let mut guard = stall.guard();
        let mut traffic = Traffic::begin(at(0.0));
        traffic.head();
        traffic.busy(at(0.0), busy);
        let mut now = 0.0;
        while now < 1000.0 {
            traffic.receive(at(now), received(now));
            match guard.next(&traffic, at(now)) {
                Ok(next) => now += next.as_secs_f64(),
                Err(stalled) => return Some((now, stalled)),
            }
        }
        None
    }

    fn silence(seconds: u32) -> Stall {
        Stall {
            silence: Some(seconds * SECOND),
            slow: None,
        }
    }

    fn slow(rate: u64, seconds: u32) -> Stall {
        Stall {
            silence: None,
            slow: Some(Slow {
                rate,
                over: seconds * SECOND,
            }),
        }
    }

    #[test]
    fn an_attempt_without_a_byte_ends_at_the_limit() {
        let (time, why) = end(silence(7), |_| 0, false).unwrap();
        assert_eq!((time, why), (7.0, Stalled::Silent(7 * SECOND)));
        // A byte at 5 s moves it.
        let once = |now: f64| u64::from(now >= 5.0);
        let mut traffic = Traffic::begin(at(0.0));
        traffic.receive(at(5.0), once(5.0));
        assert_eq!(silence(7).guard().next(&traffic, at(6.0)), Ok(6 * SECOND));
    }

    #[test]
    fn a_rate_below_the_least_ends_it_after_its_time_and_one_above_never() {
        let trickle = |rate: f64| move |now: f64| (rate * now) as u64;
        let (time, why) = end(slow(100, 20), trickle(99.0), false).unwrap();
        assert!((20.0..=22.0).contains(&time), "{time} {why}");
        assert!(matches!(why, Stalled::Slow { rate: 100, .. }), "{why}");
        assert_eq!(end(slow(100, 20), trickle(101.0), false), None);
        // Fast, then slow: the time counts from there on.
        let later = |now: f64| (1e6 * now.min(50.0)) as u64 + (10.0 * now) as u64;
        let (time, _) = end(slow(100, 20), later, false).unwrap();
        assert!((70.0..=72.0).contains(&time), "{time}");
    }

    #[test]
    fn a_busy_application_is_no_stall() {
        assert_eq!(end(silence(7), |_| 0, true), None);
        assert_eq!(end(slow(100, 20), |_| 0, true), None);
    }

    #[test]
    fn limits_scale_with_the_scenario() {
        let scaled = slow(1000, 30).scaled(0.1, 0.01);
        assert_eq!(scaled, slow(100, 3));
        assert_eq!(silence(30).scaled(0.5, 1.0), silence(15));
    }
}
