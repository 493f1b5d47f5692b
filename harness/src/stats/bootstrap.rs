//! Intervals by resampling: Efron's bootstrap.

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use serde::Serialize;

use super::quantile::of_sorted;

/// The range of a difference, in the unit of the values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Interval {
    /// True if a difference of zero lies outside of it.
    pub fn excludes_zero(self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}

/// The percentile interval for `median(new) - median(old)` at `level` (0.99):
/// each side is resampled `resamples` times, with replacement, by a generator
/// that only depends on `seed` (Efron and Tibshirani, "An Introduction to the
/// Bootstrap", 1993, chapter 13). `None` if a side is empty.
///
/// This is not BCa, whose acceleration comes from the jackknife, which does not
/// work for medians (the same, section 11.6).
pub fn difference_of_medians(
    old: &[f64],
    new: &[f64],
    level: f64,
    resamples: usize,
    seed: u64,
) -> Option<Interval> {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut differences = Vec::with_capacity(resamples);
    let (mut old, mut new) = (Side::of(old)?, Side::of(new)?);
    for _ in 0..resamples {
        let drawn = old.median(&mut rng)?;
        differences.push(new.median(&mut rng)? - drawn);
    }
    differences.sort_unstable_by(f64::total_cmp);
    let tail = (1.0 - level) / 2.0;
    Some(Interval {
        low: of_sorted(&differences, tail)?,
        high: of_sorted(&differences, 1.0 - tail)?,
    })
}

/// Most values that are drawn one by one.
const MOST_DRAWN: usize = 200;

/// One side's values, and room for as many drawn ones.
struct Side<'a> {
    values: &'a [f64],
    /// The same values sorted, if there are too many to draw.
    sorted: Vec<f64>,
    drawn: Vec<f64>,
}

impl<'a> Side<'a> {
    /// `None` without values.
    fn of(values: &'a [f64]) -> Option<Self> {
        let mut sorted = Vec::new();
        if values.len() > MOST_DRAWN {
            sorted = values.to_vec();
            sorted.sort_unstable_by(f64::total_cmp);
        }
        (!values.is_empty()).then_some(Self {
            values,
            sorted,
            drawn: Vec::new(),
        })
    }

    /// The median of a resample of the same size, drawn with replacement.
    ///
    /// With many values only its rank is drawn: the median of n uniform values
    /// has a mean of 1/2 and a variance of 1 / (4 (n + 2)) (a beta distribution),
    /// and is normal for large n. That takes the same time for any number of
    /// values.
    fn median(&mut self, rng: &mut Pcg64Mcg) -> Option<f64> {
        let count = self.values.len();
        if count > MOST_DRAWN {
            // A sum of twelve uniform values is close enough to normal here.
            let normal = (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
            let place = 0.5 + normal / (4.0 * (count as f64 + 2.0)).sqrt();
            let rank = (place.clamp(0.0, 1.0) * count as f64) as usize;
            return self.sorted.get(rank.min(count - 1)).copied();
        }
        self.drawn.clear();
        let values = self.values;
        self.drawn
            .extend((0..count).map(|_| values[rng.random_range(0..count)]));
        self.drawn.sort_unstable_by(f64::total_cmp);
        of_sorted(&self.drawn, 0.5)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LEVEL: f64 = 0.99;

    #[test]
    fn values_without_spread_have_an_interval_without_width() {
        let found = difference_of_medians(&[2.0; 5], &[5.0; 7], LEVEL, 200, 1);
        assert_eq!(
            found,
            Some(Interval {
                low: 3.0,
                high: 3.0
            })
        );
        assert_eq!(difference_of_medians(&[], &[1.0], LEVEL, 200, 1), None);
    }

    #[test]
    fn an_interval_is_as_wide_where_only_ranks_are_drawn() {
        let values = |count: usize, shift: f64| -> Vec<f64> {
            (0..count)
                .map(|i| ((i * 7919) % count) as f64 / count as f64 + shift)
                .collect()
        };
        let width = |count| {
            let (old, new) = (values(count, 0.0), values(count, 1.0));
            let found = difference_of_medians(&old, &new, LEVEL, 4_000, 1).unwrap();
            assert!(found.low < 1.0 && found.high > 1.0, "{found:?}");
            (found.high - found.low) * (count as f64).sqrt()
        };
        let (drawn, ranks) = (width(MOST_DRAWN), width(MOST_DRAWN + 1));
        assert!((drawn / ranks - 1.0).abs() < 0.15, "{drawn} {ranks}");
        // It narrows with the root of the number.
        assert!((width(20_000) / ranks - 1.0).abs() < 0.15);
    }

    #[test]
    fn the_same_seed_gives_the_same_interval() {
        let (old, new) = ([1.0, 2.0, 4.0, 3.0, 9.0], [2.0, 5.0, 4.0, 7.0, 3.0]);
        let interval = |seed| difference_of_medians(&old, &new, LEVEL, 2_000, seed).unwrap();
        assert_eq!(interval(1), interval(1));
        let found = interval(1);
        assert!(found.low < 0.0 && found.high > 0.0, "{found:?}");
    }

    /// `count` draws that are normal by the sum of twelve uniform ones, and with
    /// `skew` their exponentials.
    fn sample(count: usize, skew: bool, rng: &mut Pcg64Mcg) -> Vec<f64> {
        let mut normal = || (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
        (0..count)
            .map(|_| if skew { normal().exp() } else { normal() })
            .collect()
    }

    /// The number of false alarms: pairs among 1000, drawn from one distribution,
    /// for which the interval excludes zero.
    fn false_alarms(count: usize, skew: bool) -> usize {
        let mut rng = Pcg64Mcg::seed_from_u64(7);
        (0..1000)
            .filter(|seed| {
                let old = sample(count, skew, &mut rng);
                let new = sample(count, skew, &mut rng);
                difference_of_medians(&old, &new, LEVEL, 500, *seed)
                    .is_some_and(Interval::excludes_zero)
            })
            .count()
    }

    #[test]
    fn false_alarms_are_about_as_rare_as_the_level_says() {
        // The interval promises 10 of 1000. With five values a side it cannot be
        // wider than the values, which lie wholly apart in 8 of 1000 cases: 2 /
        // C(10, 5). This allows three times the promise; fewer values cannot keep
        // it, so there are at least five.
        for (count, skew) in [(5, false), (5, true), (10, false), (10, true)] {
            let alarms = false_alarms(count, skew);
            assert!(alarms <= 30, "{count}, {skew}: {alarms}");
        }
        assert!(false_alarms(3, false) > 30);
    }

    #[test]
    fn a_true_difference_is_covered_and_found() {
        let mut rng = Pcg64Mcg::seed_from_u64(3);
        let mut covered = 0;
        let mut found = 0;
        for seed in 0..500 {
            let old = sample(8, false, &mut rng);
            // Three standard deviations more.
            let new: Vec<f64> = sample(8, false, &mut rng).iter().map(|v| v + 3.0).collect();
            let interval = difference_of_medians(&old, &new, LEVEL, 500, seed).unwrap();
            covered += usize::from(interval.low <= 3.0 && interval.high >= 3.0);
            found += usize::from(interval.excludes_zero());
        }
        // 99 % of 500 are 495; 4 standard deviations of that count are 9.
        assert!(covered >= 486, "{covered}");
        assert!(found >= 490, "{found}");
    }

    proptest! {
        #[test]
        fn the_interval_lies_within_what_the_values_allow(
            old in prop::collection::vec(-1e6f64..1e6, 1..8),
            new in prop::collection::vec(-1e6f64..1e6, 1..8),
        ) {
            let most = |values: &[f64]| values.iter().copied().fold(f64::MIN, f64::max);
            let least = |values: &[f64]| values.iter().copied().fold(f64::MAX, f64::min);
            let found = difference_of_medians(&old, &new, LEVEL, 50, 1).unwrap();
            prop_assert!(found.low <= found.high);
            prop_assert!(found.low >= least(&new) - most(&old) - 1e-6);
            prop_assert!(found.high <= most(&new) - least(&old) + 1e-6);
        }
    }
}
