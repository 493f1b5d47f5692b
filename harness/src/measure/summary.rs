//! Histograms in constant memory, and their figures for a record.

use hdrhistogram::Histogram;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The figures that a record keeps of a histogram, in its unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Values recorded.
    pub count: u64,
    /// Smallest.
    pub min: u64,
    /// Median.
    pub p50: u64,
    /// 90th percentile.
    pub p90: u64,
    /// 99th percentile.
    pub p99: u64,
    /// Largest, exact.
    pub max: u64,
}

/// Records values from 1 up to a bound with two digits (1 %): 36 KiB for 1 ns to
/// 1 h, for any number of values.
#[derive(Debug)]
pub struct Recorder {
    histogram: Histogram<u64>,
    // The histogram rounds to its two digits; extremes are evidence and stay exact.
    min: u64,
    max: u64,
}

impl Recorder {
    /// For times from 1 ns to 1 h. A longer one counts as 1 h in the percentiles,
    /// but exactly in `max`.
    pub fn nanoseconds() -> Self {
        Self::up_to(3_600_000_000_000)
    }

    /// For chunk sizes: 1 B to 1 TiB.
    pub fn bytes() -> Self {
        Self::up_to(1 << 40)
    }

    fn up_to(high: u64) -> Self {
        let histogram =
            Histogram::new_with_bounds(1, high, 2).expect("bounds are constants and valid");
        Self {
            histogram,
            min: u64::MAX,
            max: 0,
        }
    }

    /// Counts one value.
    pub fn record(&mut self, value: u64) {
        self.histogram.saturating_record(value);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// The histogram itself.
    pub fn histogram(&self) -> &Histogram<u64> {
        &self.histogram
    }

    /// The figures so far; all zero if nothing was recorded.
    pub fn summary(&self) -> Summary {
        if self.histogram.is_empty() {
            return Summary::default();
        }
        // A percentile is the upper end of its bucket, but must not exceed the
        // largest value.
        let at = |quantile| {
            self.histogram
                .value_at_quantile(quantile)
                .clamp(self.min, self.max)
        };
        Summary {
            count: self.histogram.len(),
            min: self.min,
            p50: at(0.50),
            p90: at(0.90),
            p99: at(0.99),
            max: self.max,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_are_exact_and_percentiles_within_one_percent() {
        let mut recorder = Recorder::nanoseconds();
        for value in 1..=10_000 {
            recorder.record(value * 1_003);
        }
        let summary = recorder.summary();
        assert_eq!(
            (summary.count, summary.min, summary.max),
            (10_000, 1_003, 10_030_000)
        );
        for (got, want) in [
            (summary.p50, 5_000 * 1_003),
            (summary.p90, 9_000 * 1_003),
            (summary.p99, 9_900 * 1_003),
        ] {
            assert!(
                got.abs_diff(want) * 100 <= want,
                "{got} is not within 1 % of {want}"
            );
        }
    }

    #[test]
    fn nothing_recorded_is_all_zero() {
        assert_eq!(Recorder::bytes().summary(), Summary::default());
    }

    #[test]
    fn beyond_the_bound_the_maximum_stays_exact() {
        let mut recorder = Recorder::nanoseconds();
        recorder.record(7_200_000_000_000);
        assert_eq!(recorder.summary().max, 7_200_000_000_000);
    }
}
