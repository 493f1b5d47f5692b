//! The wait before an attempt: a pure function of its number, the wait before, and a
//! random number.
//!
//! Full, equal and decorrelated jitter are those of Marc Brooker, "Exponential Backoff
//! And Jitter", AWS Architecture Blog, 2015.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How waits grow, and what chance does to them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Backoff {
    /// The first wait, before chance.
    pub first: Duration,
    /// The law by which they grow.
    pub growth: Growth,
    /// No wait is longer, chance included.
    pub most: Duration,
    /// The part of chance.
    pub jitter: Jitter,
}

/// The law by which waits grow.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Growth {
    /// Each is so many times the one before; 1 keeps them equal.
    Times(f64),
    /// Each is longer by the first: 1, 2, 3 s.
    Linear,
}

/// The part of chance in a wait.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Jitter {
    /// None.
    None,
    /// Uniform from zero to the wait.
    Full,
    /// Half of the wait, and uniform from zero to the other half.
    Equal,
    /// Uniform from the first wait to so many times the last one, whatever the growth.
    Decorrelated(f64),
    /// The wait, and uniform from zero to this on top.
    Added(Duration),
}

impl Backoff {
    /// The wait before the `retry`-th attempt after the first, from 1. `last` is the wait
    /// before that, zero if there was none; `random` is uniform in `[0, 1)`.
    pub fn wait(&self, retry: u32, last: Duration, random: f64) -> Duration {
        let first = self.first.as_secs_f64();
        let most = self.most.as_secs_f64();
        let steps = retry.max(1) - 1;
        let grown = match self.growth {
            Growth::Times(factor) => first * factor.powf(f64::from(steps)),
            Growth::Linear => first * f64::from(retry.max(1)),
        };
        let bounded = grown.min(most);
        let seconds = match self.jitter {
            Jitter::None => bounded,
            Jitter::Full => bounded * random,
            Jitter::Equal => bounded / 2.0 + bounded / 2.0 * random,
            Jitter::Decorrelated(factor) => {
                let upper = (last.as_secs_f64().max(first) * factor).max(first);
                first + (upper - first) * random
            }
            Jitter::Added(extra) => bounded + extra.as_secs_f64() * random,
        };
        Duration::try_from_secs_f64(seconds.min(most)).unwrap_or(self.most)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng as _;
    use rand_pcg::Pcg32;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn backoff(growth: Growth, jitter: Jitter) -> Backoff {
        Backoff {
            first: SECOND,
            growth,
            most: 20 * SECOND,
            jitter,
        }
    }

    fn waits(backoff: Backoff, random: f64) -> Vec<f64> {
        let mut last = Duration::ZERO;
        let wait = |retry| {
            last = backoff.wait(retry, last, random);
            last.as_secs_f64()
        };
        (1..=7).map(wait).collect()
    }

    #[test]
    fn without_chance_waits_grow_by_their_law_up_to_the_most() {
        let exponential = backoff(Growth::Times(2.0), Jitter::None);
        assert_eq!(
            waits(exponential, 0.3),
            [1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0]
        );
        let linear = backoff(Growth::Linear, Jitter::None);
        assert_eq!(waits(linear, 0.3), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        let same = backoff(Growth::Times(1.0), Jitter::None);
        assert_eq!(waits(same, 0.3), [1.0; 7]);
    }

    #[test]
    fn chance_takes_the_part_that_its_name_says() {
        let times = Growth::Times(2.0);
        assert_eq!(
            waits(backoff(times, Jitter::Full), 0.5)[..3],
            [0.5, 1.0, 2.0]
        );
        assert_eq!(waits(backoff(times, Jitter::Full), 0.0), [0.0; 7]);
        assert_eq!(
            waits(backoff(times, Jitter::Equal), 0.0)[..3],
            [0.5, 1.0, 2.0]
        );
        assert_eq!(
            waits(backoff(times, Jitter::Equal), 0.5)[..3],
            [0.75, 1.5, 3.0]
        );
        let added = backoff(times, Jitter::Added(SECOND));
        assert_eq!(waits(added, 0.5)[..3], [1.5, 2.5, 4.5]);
        // 1 + (3 - 1) / 2 = 2, then 1 + (6 - 1) / 2 = 3.5, then 1 + (10.5 - 1) / 2.
        let decorrelated = backoff(times, Jitter::Decorrelated(3.0));
        assert_eq!(waits(decorrelated, 0.5)[..3], [2.0, 3.5, 5.75]);
    }

    /// The mean of many waits against its closed form.
    #[test]
    fn the_means_are_those_of_the_closed_forms() {
        let mut rng = Pcg32::seed_from_u64(7);
        let mut mean = |jitter, retry: u32| {
            let backoff = backoff(Growth::Times(2.0), jitter);
            let draws = 20_000;
            let sum: f64 = (0..draws)
                .map(|_| {
                    backoff
                        .wait(retry, Duration::ZERO, rng.random())
                        .as_secs_f64()
                })
                .sum();
            sum / f64::from(draws)
        };
        // A uniform mean of 20,000 draws over a width w has a deviation of
        // w / sqrt(12 * 20,000) = 0.002 w; the bounds are ten of those.
        assert!((mean(Jitter::Full, 3) - 2.0).abs() < 0.08);
        assert!((mean(Jitter::Equal, 3) - 3.0).abs() < 0.04);
        assert!((mean(Jitter::Decorrelated(3.0), 1) - 2.0).abs() < 0.04);
        assert!((mean(Jitter::Added(SECOND), 3) - 4.5).abs() < 0.02);
    }

    proptest! {
        #[test]
        fn no_wait_is_longer_than_the_most(
            first in 0u64..100_000, factor in 0.0f64..1e9, retry in any::<u32>(),
            last in 0u64..100_000, random in 0.0f64..1.0, kind in 0usize..5,
        ) {
            let jitter = [
                Jitter::None, Jitter::Full, Jitter::Equal,
                Jitter::Decorrelated(factor), Jitter::Added(SECOND),
            ][kind];
            let backoff = Backoff {
                first: Duration::from_millis(first),
                growth: Growth::Times(factor),
                most: 30 * SECOND,
                jitter,
            };
            let wait = backoff.wait(retry, Duration::from_millis(last), random);
            prop_assert!(wait <= backoff.most);
        }
    }
}
