//! The trials that an expectation selects, as sets. Each pair is checked: an
//! earlier expectation must not leave a later one without trials.

use std::collections::BTreeSet;

use crate::{
    scenario::{ExpectTrial, StrategyName, World, releases::Releases},
    units::ByteSize,
};

/// The trials of one `[[expect.trial]]`.
#[derive(Debug)]
pub(super) struct Selected<'a> {
    strategies: Vec<StrategyName>,
    worlds: Vec<World>,
    /// Empty for all.
    chunk_sizes: BTreeSet<ByteSize>,
    /// `None` for all.
    releases: Option<Releases<'a>>,
}

impl<'a> Selected<'a> {
    pub(super) fn of(trial: &'a ExpectTrial) -> Self {
        let profiles = trial.profile.iter().map(String::as_str);
        Self {
            // The strategies and worlds are few, so an empty selector is all of
            // them.
            strategies: all(&trial.strategy, StrategyName::ALL),
            worlds: all(&trial.world, World::ALL),
            chunk_sizes: trial.chunk_size.iter().copied().collect(),
            releases: (!trial.profile.is_empty()).then(|| profiles.collect()),
        }
    }

    /// True if these include every trial of `later`.
    pub(super) fn covers(&self, later: &Self) -> bool {
        let in_sizes = |size| self.chunk_sizes.contains(size);
        later
            .strategies
            .iter()
            .all(|one| self.strategies.contains(one))
            && later.worlds.iter().all(|one| self.worlds.contains(one))
            && (self.chunk_sizes.is_empty()
                || (!later.chunk_sizes.is_empty() && later.chunk_sizes.iter().all(in_sizes)))
            && match (&self.releases, &later.releases) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(releases), Some(later)) => releases.cover(later),
            }
    }
}

fn all<T: Copy + PartialEq>(given: &[T], every: &[T]) -> Vec<T> {
    let is_given = |one: &&T| given.is_empty() || given.contains(one);
    every.iter().filter(is_given).copied().collect()
}
