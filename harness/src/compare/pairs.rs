//! Which trial of one run is which of the other.

use super::Name;
use crate::results::Record;

/// The repetitions of one trial in both runs; one of them may have none.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// Its first record, of whichever run.
    pub(super) first: &'a Record,
    pub(super) old: Vec<&'a Record>,
    pub(super) new: Vec<&'a Record>,
}

/// All trials of both runs, in the order of the old one, then what the new one
/// has alone. What identifies a trial is its scenario, strategy, chunk size,
/// profile and world.
pub(super) fn groups<'a>(old: &'a [Record], new: &'a [Record]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for record in old {
        home(&mut groups, record).old.push(record);
    }
    for record in new {
        home(&mut groups, record).new.push(record);
    }
    groups
}

/// The group that `record` belongs to; a new one where there is none.
fn home<'g, 'a>(groups: &'g mut Vec<Group<'a>>, record: &'a Record) -> &'g mut Group<'a> {
    let found = groups.iter().position(|group| group.first.repeats(record));
    let index = found.unwrap_or_else(|| {
        groups.push(Group {
            first: record,
            old: Vec::new(),
            new: Vec::new(),
        });
        groups.len() - 1
    });
    &mut groups[index]
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
        let of = |side: &[&'a Record], seed: u64| {
            side.iter().copied().find(|record| record.seed == seed)
        };
        let without = |side: &[&'a Record], other: &[&'a Record]| {
            let mut side: Vec<&Record> = side.to_vec();
            side.retain(|record| of(other, record.seed).is_none());
            side
        };
        let pairs = self.old.iter().copied();
        Paired {
            pairs: pairs
                .filter_map(|old| Some((old, of(&self.new, old.seed)?)))
                .collect(),
            alone: [without(&self.old, &self.new), without(&self.new, &self.old)],
        }
    }
}
