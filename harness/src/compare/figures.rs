//! Compares figures of trials over TCP. A bootstrap interval gives the size of a
//! difference, a test the chance that it is random, and all tests together keep
//! to one share of false findings.

use shortread_server::scenario::World;

use super::{ChangeVerdict, Comparison, FigureFinding, Name, pairs::Group};
use crate::{
    results::{Quantity, Record},
    stats::{self, Interval},
};

/// The least repetitions of each run from which figures are compared. The
/// interval of fewer excludes zero by chance far more often than it promises:
/// `stats::bootstrap` has the simulation.
pub const LEAST_FOR_FIGURES: usize = 5;

/// The level of the intervals.
pub const LEVEL: f64 = 0.99;

/// Resamples of each interval: 50 of them lie beyond each of its ends.
pub const RESAMPLES: usize = 10_000;

/// Of the figures that are called a regression or an improvement, the expected
/// share that is neither.
pub const FALSE_SHARE: f64 = 0.05;

/// Every test of a comparison, until all are known.
#[derive(Debug, Default)]
pub(super) struct Tests(Vec<Test>);

#[derive(Debug)]
struct Test {
    trial: Name,
    quantity: &'static Quantity,
    old: f64,
    new: f64,
    interval: Interval,
    p: f64,
}

impl Tests {
    /// Takes in the figures of a trial whose repetitions all ended alike.
    pub(super) fn add(&mut self, group: &Group<'_>) {
        for quantity in Quantity::in_world(World::Tcp) {
            let values = |side: &[&Record]| -> Option<Vec<f64>> {
                side.iter().map(|record| quantity.of(record)).collect()
            };
            let (Some(old), Some(new)) = (values(&group.old), values(&group.new)) else {
                continue;
            };
            // A figure that never varies cannot differ by chance.
            if old.iter().chain(&new).all(|value| *value == old[0]) {
                continue;
            }
            let seed = self.0.len() as u64;
            let interval = stats::difference_of_medians(&old, &new, LEVEL, RESAMPLES, seed);
            let medians = (stats::median(&old), stats::median(&new));
            let (Some(interval), (Some(a), Some(b))) = (interval, medians) else {
                continue;
            };
            self.0.push(Test {
                trial: group.name(),
                quantity,
                old: a,
                new: b,
                interval,
                p: stats::rank_sum(&old, &new),
            });
        }
    }

    /// Says which of the differences count. An interval that excludes zero and
    /// an effect that matters make a candidate; among so many tests some are
    /// candidates by chance, so it counts only if its p-value is among the
    /// discoveries. One that is not is undecided.
    pub(super) fn decide(self, found: &mut Comparison) {
        found.intervals = self.0.len();
        let p_values: Vec<f64> = self.0.iter().map(|test| test.p).collect();
        let discoveries = stats::discoveries(&p_values, FALSE_SHARE);
        for (test, discovery) in self.0.into_iter().zip(discoveries) {
            let matters = test.quantity.matters(test.old, test.new);
            if !(test.interval.excludes_zero() && matters) {
                continue;
            }
            if !discovery {
                found.leave_open(&test.trial);
            }
            found.figures.push(FigureFinding {
                verdict: match discovery {
                    true => ChangeVerdict::of(test.quantity, test.old, test.new),
                    false => ChangeVerdict::Undecided,
                },
                trial: test.trial,
                quantity: test.quantity.name,
                old: test.old,
                new: test.new,
                interval: Some(test.interval),
                p: Some(test.p),
                repetition: None,
            });
        }
    }
}

/// The least repetitions with which a single difference among `intervals` can
/// be a discovery: its p-value has to come to [`FALSE_SHARE`] / `intervals`.
pub(super) fn repetitions_for(intervals: usize) -> u32 {
    let bar = FALSE_SHARE / intervals.max(1) as f64;
    let least = LEAST_FOR_FIGURES as u32;
    // 2 / C(2n, n) falls to a fourth with each repetition.
    (least..64)
        .find(|n| stats::least_p(*n) <= bar)
        .unwrap_or(64)
}
