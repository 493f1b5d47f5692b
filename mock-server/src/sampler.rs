//! A series over time in bounded memory. However many samples come, its extremes
//! and the ends of its gaps stay.
//!
//! Time is divided into buckets of equal width. Each bucket keeps its first and
//! last sample, and the lowest and highest one of each level. If there are too
//! many buckets, their width doubles. Drawn at the width of a bucket, the result
//! shows the whole series (M4: Jugel, Jerzak, Hackenbroich, Markl, "M4: A
//! Visualization-Oriented Time Series Data Aggregation", VLDB 2014).

use crate::clock::Instant;

/// A sample of `LEVELS` quantities at one moment.
pub trait Sample<const LEVELS: usize>: Copy {
    /// The time of the sample.
    fn at(&self) -> Instant;

    /// The quantities whose extremes stay.
    fn levels(&self) -> [u64; LEVELS];
}

/// Collects samples. Allocates all of its memory at the start.
#[derive(Debug, Clone)]
pub struct Sampler<S, const LEVELS: usize> {
    /// A bucket is `1 << shift` nanoseconds wide.
    shift: u32,
    /// The buckets with samples, in the order of time.
    buckets: Vec<Bucket<S, LEVELS>>,
    most: usize,
    pinned: Vec<Numbered<S>>,
    count: u64,
}

#[derive(Debug, Clone, Copy)]
struct Bucket<S, const LEVELS: usize> {
    first: Numbered<S>,
    last: Numbered<S>,
    low: [Numbered<S>; LEVELS],
    high: [Numbered<S>; LEVELS],
}

/// A sample and its place in the series, since several may have the same time.
#[derive(Debug, Clone, Copy)]
struct Numbered<S> {
    number: u64,
    sample: S,
}

/// Samples that can be pinned in one series.
const MOST_PINNED: usize = 64;

impl<S: Sample<LEVELS>, const LEVELS: usize> Sampler<S, LEVELS> {
    /// A series that keeps at most `buckets` times (2 + 2 x `LEVELS`) samples,
    /// and the pinned ones. A `buckets` of 0 counts as 1.
    pub fn new(buckets: usize) -> Self {
        let most = buckets.max(1);
        Self {
            shift: 0,
            buckets: Vec::with_capacity(most + 1),
            most,
            pinned: Vec::with_capacity(MOST_PINNED),
            count: 0,
        }
    }

    /// Takes in the next sample. A sample older than the last one joins the last
    /// bucket.
    pub fn add(&mut self, sample: S) {
        let (next, index) = (self.number(sample), sample.at().0 >> self.shift);
        match self.buckets.last_mut() {
            Some(last) if index <= last.index(self.shift) => last.take(next),
            _ => self.buckets.push(Bucket::of(next)),
        }
        while self.buckets.len() > self.most {
            self.widen();
        }
    }

    /// The same for a sample that always stays, up to the first 64 of a series.
    pub fn pin(&mut self, sample: S) {
        if self.pinned.len() < MOST_PINNED {
            let pinned = Numbered {
                number: self.count,
                sample,
            };
            self.pinned.push(pinned);
        }
        self.add(sample);
    }

    /// The kept samples, in the order in which they came.
    pub fn kept(&self) -> Vec<S> {
        let mut kept: Vec<Numbered<S>> = self
            .buckets
            .iter()
            .flat_map(Bucket::samples)
            .chain(self.pinned.iter().copied())
            .collect();
        kept.sort_by_key(|one| one.number);
        kept.dedup_by_key(|one| one.number);
        kept.into_iter().map(|one| one.sample).collect()
    }

    /// The width of a bucket: both ends of every gap of at least this length are
    /// kept.
    pub fn resolution_ns(&self) -> u64 {
        1 << self.shift
    }

    fn number(&mut self, sample: S) -> Numbered<S> {
        let number = self.count;
        self.count += 1;
        Numbered { number, sample }
    }

    /// Doubles the width of the buckets.
    fn widen(&mut self) {
        // At 2^63 ns, 292 years, everything fits into one or two buckets.
        self.shift = (self.shift + 1).min(63);
        let shift = self.shift;
        self.buckets.dedup_by(|later, earlier| {
            let together = later.index(shift) <= earlier.index(shift);
            if together {
                earlier.join(later);
            }
            together
        });
        if shift == 63 {
            let most = self.most;
            while self.buckets.len() > most
                && let Some(last) = self.buckets.pop()
                && let Some(before) = self.buckets.last_mut()
            {
                before.join(&last);
            }
        }
    }
}

impl<S: Sample<LEVELS>, const LEVELS: usize> Bucket<S, LEVELS> {
    fn of(one: Numbered<S>) -> Self {
        Self {
            first: one,
            last: one,
            low: [one; LEVELS],
            high: [one; LEVELS],
        }
    }

    fn index(&self, shift: u32) -> u64 {
        self.first.sample.at().0 >> shift
    }

    /// Adds a sample that came after this bucket.
    fn take(&mut self, one: Numbered<S>) {
        self.last = one;
        for level in 0..LEVELS {
            self.extend(level, one, one);
        }
    }

    /// Adds the samples of `later`, all of which came after this bucket.
    fn join(&mut self, later: &Self) {
        self.last = later.last;
        for level in 0..LEVELS {
            self.extend(level, later.low[level], later.high[level]);
        }
    }

    /// The first of equal samples stays.
    fn extend(&mut self, level: usize, low: Numbered<S>, high: Numbered<S>) {
        let of = |one: Numbered<S>| one.sample.levels()[level];
        if of(low) < of(self.low[level]) {
            self.low[level] = low;
        }
        if of(high) > of(self.high[level]) {
            self.high[level] = high;
        }
    }

    fn samples(&self) -> impl Iterator<Item = Numbered<S>> {
        let extremes = self.low.into_iter().chain(self.high);
        [self.first, self.last].into_iter().chain(extremes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Point = (u64, [u64; 2]);

    impl Sample<2> for Point {
        fn at(&self) -> Instant {
            Instant(self.0)
        }

        fn levels(&self) -> [u64; 2] {
            self.1
        }
    }

    const BUCKETS: usize = 8;
    const MOST: usize = BUCKETS * 6;

    fn sampled(series: &[Point]) -> Sampler<Point, 2> {
        let mut sampler = Sampler::new(BUCKETS);
        series.iter().for_each(|point| sampler.add(*point));
        sampler
    }

    /// Waits of all lengths, from none to hours, and arbitrary levels.
    fn series() -> impl Strategy<Value = Vec<Point>> {
        let wait = prop_oneof![Just(0u64), 1u64..1_000, 1u64..1_000_000_000_000];
        let steps = proptest::collection::vec((wait, 0u64..50, any::<u64>()), 1..600);
        steps.prop_map(|steps| {
            let mut at = 0;
            let point = |(wait, few, many)| {
                at += wait;
                (at, [few, many])
            };
            steps.into_iter().map(point).collect()
        })
    }

    proptest! {
        #[test]
        fn what_is_kept_is_bounded_and_part_of_the_series_in_its_order(series in series()) {
            let kept = sampled(&series).kept();
            prop_assert!(kept.len() <= MOST);
            let mut rest = series.iter();
            for point in &kept {
                prop_assert!(rest.any(|one| one == point), "{point:?}");
            }
        }

        #[test]
        fn both_ends_and_every_extreme_stay(series in series()) {
            let kept = sampled(&series).kept();
            prop_assert_eq!(kept.first(), series.first());
            prop_assert_eq!(kept.last(), series.last());
            for level in 0..2 {
                let of = |points: &[Point]| {
                    let levels = points.iter().map(|point| point.1[level]);
                    (levels.clone().min(), levels.max())
                };
                prop_assert_eq!(of(&kept), of(&series));
            }
        }

        /// This holds for every stretch as wide as two buckets, which contains at
        /// least one whole bucket.
        #[test]
        fn the_extremes_of_every_bucket_stay(series in series()) {
            let sampler = sampled(&series);
            let (kept, width) = (sampler.kept(), sampler.resolution_ns());
            for bucket in series.iter().map(|point| point.0 / width) {
                let within = |points: &[Point]| {
                    let within = points.iter().filter(|point| point.0 / width == bucket);
                    let levels = within.map(|point| point.1[0]);
                    (levels.clone().min(), levels.max())
                };
                prop_assert_eq!(within(&kept), within(&series));
            }
        }

        #[test]
        fn long_gaps_keep_both_of_their_ends(series in series()) {
            let sampler = sampled(&series);
            let (kept, width) = (sampler.kept(), sampler.resolution_ns());
            for pair in series.windows(2) {
                if pair[1].0 - pair[0].0 >= width {
                    prop_assert!(pair.iter().all(|end| kept.contains(end)), "{pair:?}");
                }
            }
        }

        /// A width w means that more than eight buckets of w/2 had samples, and
        /// those span at least seven buckets of that width.
        #[test]
        fn long_means_less_than_a_third_of_the_whole(series in series()) {
            let width = sampled(&series).resolution_ns();
            let span = series[series.len() - 1].0 - series[0].0;
            prop_assert!(width == 1 || width * 7 / 2 <= span, "{width} of {span}");
        }

        #[test]
        fn a_pinned_sample_stays(series in series(), pick in any::<prop::sample::Index>()) {
            let pinned = pick.index(series.len());
            let mut sampler = Sampler::new(1);
            for (index, point) in series.iter().enumerate() {
                match index == pinned {
                    true => sampler.pin(*point),
                    false => sampler.add(*point),
                }
            }
            prop_assert!(sampler.kept().contains(&series[pinned]));
        }
    }

    #[test]
    fn a_sample_out_of_time_and_the_end_of_time_do_no_harm() {
        let series = [
            (u64::MAX, [1, 1]),
            (0, [9, 0]),
            (u64::MAX, [2, 2]),
            (3, [0, 5]),
        ];
        let mut sampler = Sampler::new(1);
        series.iter().for_each(|point| sampler.add(*point));
        // The third is neither an end nor an extreme.
        assert_eq!(sampler.kept(), [series[0], series[1], series[3]]);
        let mut sampler = Sampler::new(1);
        sampler.add((0, [1, 1]));
        sampler.add((u64::MAX, [2, 2]));
        assert_eq!(sampler.kept(), [(0, [1, 1]), (u64::MAX, [2, 2])]);
    }
}
