//! Random draws that only depend on a seed.

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

/// One stream of draws.
pub(crate) struct Dice(Pcg64Mcg);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Pcg64Mcg::seed_from_u64(seed))
    }

    /// True in so many of a hundred draws.
    pub(crate) fn percent(&mut self, share: u32) -> bool {
        self.0.random_range(0..100) < share
    }

    /// Uniform, both ends included.
    pub(crate) fn between(&mut self, least: u64, most: u64) -> u64 {
        self.0.random_range(least..=most.max(least))
    }

    /// Each order of magnitude as often as any other, both ends included; from
    /// 1 on.
    pub(crate) fn magnitude(&mut self, least: u64, most: u64) -> u64 {
        let (least, most) = (least.max(1), most.max(least).max(1));
        let exponent = self
            .0
            .random_range((least as f64).ln()..=(most as f64).ln());
        (exponent.exp().round() as u64).clamp(least, most)
    }

    /// From zero to one.
    pub(crate) fn share(&mut self) -> f64 {
        self.0.random()
    }

    /// One of these.
    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.0.random_range(0..of.len())]
    }
}
