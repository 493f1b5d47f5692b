//! Answers about all records, counted once: a report of 20,000 trials takes
//! 20,000 look-ups, not the square of that in comparisons.

use std::collections::{BTreeMap, BTreeSet};

use shortread_server::scenario::World;

use crate::results::{Record, TrialKey};

/// The counts and places of trials among some records.
#[derive(Debug, Default)]
pub(super) struct Overview<'a> {
    trials: BTreeMap<TrialKey<'a>, usize>,
    repetitions: BTreeSet<(TrialKey<'a>, u32)>,
    /// The releases that each scenario was tried as.
    profiles: BTreeMap<&'a str, BTreeSet<&'a str>>,
    worlds: BTreeSet<World>,
}

impl<'a> Overview<'a> {
    /// Of all of `records`.
    pub(super) fn of(records: impl IntoIterator<Item = &'a Record>) -> Self {
        let mut all = Self::default();
        for record in records {
            *all.trials.entry(record.key()).or_default() += 1;
            all.repetitions.insert((record.key(), record.repetition));
            let profiles = all.profiles.entry(&record.scenario).or_default();
            profiles.extend(record.profile.as_deref());
            all.worlds.insert(record.world);
        }
        all
    }

    /// The number of repetitions of `record`, including itself.
    pub(super) fn repetitions(&self, record: &Record) -> usize {
        self.trials.get(&record.key()).copied().unwrap_or_default()
    }

    /// True if the same repetition of its trial exists in the other world.
    pub(super) fn has_twin(&self, record: &Record) -> bool {
        let twin = (record.key().elsewhere(), record.repetition);
        record.client.is_none() && self.repetitions.contains(&twin)
    }

    /// The world of all, where they have only one.
    pub(super) fn world(&self) -> Option<World> {
        let first = self.worlds.first().copied();
        first.filter(|_| self.worlds.len() == 1)
    }

    /// The way in which a trial read: its call, and other traits that distinguish
    /// it within its scenario.
    pub(super) fn label(&self, record: &Record) -> String {
        let mut label = record.reader();
        let several = self.profiles.get(record.scenario.as_str());
        if let Some(profile) = &record.profile
            && several.is_some_and(|all| all.len() > 1)
        {
            label.push_str(&format!(", {profile}"));
        }
        label
    }
}
