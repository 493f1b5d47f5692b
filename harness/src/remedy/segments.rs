//! The object in parts that are fetched side by side.

use std::{cell::RefCell, rc::Rc};

use serde::{Deserialize, Serialize};

use super::{Careful, Recipe, course::Check, resume::Held};
use crate::client::{Account, Basis, Failure, Part, Parts, Verdict};

/// Most parts at a time: what a user's machine and most servers still bear.
pub const MOST_AT_A_TIME: u32 = 64;

/// Parts of the object, each asked for by its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segments {
    /// Most parts at a time, each over a connection of its own.
    pub at_a_time: u32,
    /// Bytes of a part; the last one is what is left.
    pub bytes: u64,
}

impl Default for Segments {
    fn default() -> Self {
        Self {
            at_a_time: 4,
            bytes: 8 << 20,
        }
    }
}

impl Segments {
    /// The same where sizes are scaled by this factor.
    pub(super) fn scaled(self, size: f64) -> Self {
        Self {
            bytes: ((self.bytes as f64 * size).round() as u64).max(1),
            ..self
        }
    }
}

/// The parts of one download.
#[derive(Debug)]
pub struct Segmented {
    recipe: Recipe,
    segments: Segments,
    seed: u64,
    /// What the first part has told of the object.
    learnt: Rc<RefCell<Held>>,
    next: u64,
    number: u64,
}

impl Segmented {
    /// The parts of a client with this recipe, as `segments` say. Waits are drawn from
    /// `seed`.
    pub fn new(recipe: Recipe, segments: Segments, seed: u64) -> Self {
        Self {
            recipe,
            segments,
            seed,
            learnt: Rc::default(),
            next: 0,
            number: 0,
        }
    }

    /// The verdict on a file whose parts are all there.
    fn judge(&self, account: &Account) -> Result<(), Check> {
        let wanted = self.recipe.progress.and_then(|progress| progress.bytes);
        let has = self.learnt.borrow().total.unwrap_or_default();
        if let Some(wanted) = wanted.filter(|wanted| *wanted != has) {
            return Err(Check::OtherLength { has, wanted });
        }
        let has = account.rests_on.unwrap_or(Basis::Nothing);
        match self.recipe.requires().filter(|needs| has < *needs) {
            Some(needs) => Err(Check::Basis { has, needs }),
            None => Ok(()),
        }
    }
}

impl Parts for Segmented {
    fn at_a_time(&self) -> usize {
        self.segments.at_a_time as usize
    }

    fn next(&mut self) -> Option<Part> {
        let start = self.next;
        let object = self.learnt.borrow().clone();
        let end = start.saturating_add(self.segments.bytes.max(1));
        let end = match (start, object.total) {
            (0, None) => end,
            // The first one has not told, so that it has failed.
            (_, None) => return None,
            (_, Some(total)) if start >= total => return None,
            (_, Some(total)) => end.min(total),
        };
        self.next = end;
        let seed = self
            .seed
            .wrapping_add(self.number.wrapping_mul(0x9e37_79b9));
        self.number += 1;
        let course = Careful::of_part(&self.recipe, seed, start..end, &object);
        let course = match start {
            0 => course.telling(Rc::clone(&self.learnt)),
            _ => course,
        };
        Some(Part {
            start,
            course: Box::new(course),
        })
    }

    fn ended(&mut self, verdict: Verdict, account: &mut Account) -> Verdict {
        let verdict = match verdict {
            Verdict::Success => match self.judge(account) {
                Ok(()) => Verdict::Success,
                Err(why) => Verdict::Failure(Failure::rejected(&why)),
            },
            failed => failed,
        };
        if verdict != Verdict::Success {
            account.rests_on = None;
            account.file = account.file.of_failure(self.recipe.atomic.is_some());
        }
        verdict
    }
}

#[cfg(test)]
#[path = "segments_tests.rs"]
mod tests;
