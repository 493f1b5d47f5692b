//! Settings without effect, which `validate` warns of: the file is valid, and does less
//! than it says.
//!
//! What no response can change is an error of the file. Here are those that need the
//! response itself: its length as it is coded, its head, its segments, its time.

mod disk;
mod segments;
mod sizes;
mod times;

use shortread_server::scenario::Scenario;

use super::place::{Plain, never_fire};

/// A setting without effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its key path, with indices from 0: `fault[0].when`.
    pub key: String,
    /// What it does not do, and why: a lower-case fragment that names it.
    pub told: String,
}

impl Note {
    fn new(key: impl Into<String>, told: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            told: told.into(),
        }
    }
}

/// Every setting of `scenario` that is known to have no effect. Of what takes long to
/// code nothing is known.
pub fn without_effect(scenario: &Scenario) -> Vec<Note> {
    let plain = Plain::whoever_asks(scenario);
    let faults = never_fire(scenario).into_iter().map(|(index, never)| {
        Note::new(
            format!("fault[{index}].when"),
            format!("fault {}: {never}", index + 1),
        )
    });
    let mut notes: Vec<Note> = faults.collect();
    notes.extend(times::latency(scenario));
    if let Some(plain) = plain {
        notes.extend(times::notes(scenario, &plain));
        notes.extend(sizes::notes(scenario, &plain));
        notes.extend(segments::note(scenario, &plain));
        notes.extend(disk::note(scenario, &plain));
    }
    notes
}

#[cfg(test)]
mod tests;
