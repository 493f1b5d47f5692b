//! Pairs the trials of two runs.

use std::collections::BTreeMap;

use super::Name;
use crate::plan::KnownRecipe;
use crate::results::{Record, TrialKey};

/// The repetitions of one trial in both runs; one of them may have none.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// Its first record, of whichever run.
    pub(super) first: &'a Record,
    pub(super) old: Vec<&'a Record>,
    pub(super) new: Vec<&'a Record>,
}

/// All trials of both runs, in the order of the old one, then those of the new one
/// alone. A trial is identified by its scenario, strategy, chunk size, profile, recipe
/// and world. A recipe is the same in whatever order its remedies were written.
pub(super) fn groups<'a>(old: &'a [Record], new: &'a [Record]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut places: BTreeMap<(TrialKey<'a>, Option<String>), usize> = BTreeMap::new();
    let key = |record: &'a Record| {
        let mut key = record.key();
        let recipe = key
            .recipe
            .take()
            .map(|name| match KnownRecipe::called(name) {
                Some(known) => known.recipe.name,
                None => name.to_owned(),
            });
        (key, recipe)
    };
    let mut place = |groups: &mut Vec<Group<'a>>, record: &'a Record| {
        *places.entry(key(record)).or_insert_with(|| {
            groups.push(Group {
                first: record,
                old: Vec::new(),
                new: Vec::new(),
            });
            groups.len() - 1
        })
    };
    for record in old {
        let place = place(&mut groups, record);
        groups[place].old.push(record);
    }
    for record in new {
        let place = place(&mut groups, record);
        groups[place].new.push(record);
    }
    groups
}

/// Records of one trial in the virtual world, brought together.
pub(super) struct Paired<'a> {
    /// The old record and the new one.
    pub(super) pairs: Vec<(&'a Record, &'a Record)>,
    /// Those of the old run without a counterpart, and those of the new one.
    pub(super) alone: [Vec<&'a Record>; 2],
}

impl<'a> Group<'a> {
    pub(super) fn name(&self) -> Name {
        Name::of(self.first)
    }

    /// Pairs the repetitions of the virtual world: by seed where something is
    /// `random`, else the first of each run, for all of a run are the same.
    pub(super) fn paired(&self, random: bool) -> Paired<'a> {
        if !random {
            let pairs = self.old.iter().copied().zip(self.new.iter().copied());
            return Paired {
                pairs: pairs.take(1).collect(),
                alone: [Vec::new(), Vec::new()],
            };
        }
        let [old, new] = [&self.old, &self.new].map(|side| by_seed(side));
        let without = |side: &[&'a Record], other: &BTreeMap<u64, &'a Record>| {
            let mut side: Vec<&Record> = side.to_vec();
            side.retain(|record| !other.contains_key(&record.seed));
            side
        };
        let pairs = self.old.iter().copied();
        Paired {
            pairs: pairs
                .filter_map(|old| Some((old, *new.get(&old.seed)?)))
                .collect(),
            alone: [without(&self.old, &new), without(&self.new, &old)],
        }
    }
}

/// The first record of each seed.
fn by_seed<'a>(side: &[&'a Record]) -> BTreeMap<u64, &'a Record> {
    let mut all = BTreeMap::new();
    for record in side {
        all.entry(record.seed).or_insert(*record);
    }
    all
}
