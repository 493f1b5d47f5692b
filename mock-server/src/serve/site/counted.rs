//! Scenarios with counters of their own: one for each test that names itself,
//! as many as fit.

use std::{
    collections::BTreeMap,
    rc::{Rc, Weak},
};

use crate::serve::Played;

/// So many are kept; beyond, the one that was asked for longest ago begins
/// anew.
pub const MOST_KEPT: usize = 4096;

/// The bytes that they may take, queries and encoded bodies included; beyond,
/// as above.
pub const MOST_KEPT_BYTES: u64 = 64 << 20;

/// The bytes of encoded bodies, those that are still being sent included; no
/// further one is encoded beyond.
pub(super) const MOST_ENCODED: u64 = 256 << 20;

/// About what one takes without its query and its body.
const OVERHEAD: u64 = 4 << 10;

/// What is asked for, and by which test.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id {
    /// The scenario's path, or the query that makes it.
    pub(super) what: String,
    pub(super) key: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct Counted {
    kept: BTreeMap<Id, Kept>,
    bytes: u64,
    asked: u64,
    /// Those with a body in memory, kept or still being sent.
    encoded: Vec<Weak<Played>>,
}

#[derive(Debug)]
struct Kept {
    played: Rc<Played>,
    asked: u64,
    bytes: u64,
}

impl Counted {
    /// What is kept under `id`, or what `make` makes.
    pub(super) fn get<E>(
        &mut self,
        id: Id,
        make: impl FnOnce() -> Result<Rc<Played>, E>,
    ) -> Result<Rc<Played>, E> {
        self.asked += 1;
        if let Some(kept) = self.kept.get_mut(&id) {
            kept.asked = self.asked;
            return Ok(Rc::clone(&kept.played));
        }
        let played = make()?;
        let text = id.what.len() + id.key.as_ref().map_or(0, String::len);
        let kept = Kept {
            bytes: OVERHEAD + 4 * text as u64 + played.origin.held_bytes(),
            asked: self.asked,
            played: Rc::clone(&played),
        };
        self.bytes += kept.bytes;
        if played.origin.held_bytes() > 0 {
            self.encoded.push(Rc::downgrade(&played));
        }
        self.kept.insert(id, kept);
        while self.kept.len() > MOST_KEPT || (self.bytes > MOST_KEPT_BYTES && self.kept.len() > 1) {
            self.forget_the_oldest();
        }
        Ok(played)
    }

    /// Whether it need not be made.
    pub(super) fn has(&self, id: &Id) -> bool {
        self.kept.contains_key(id)
    }

    /// Bytes of all bodies in memory, those included that were forgotten and
    /// are still being sent.
    pub(super) fn encoded_bytes(&mut self) -> u64 {
        self.encoded.retain(|played| played.strong_count() > 0);
        let alive = self.encoded.iter().filter_map(Weak::upgrade);
        alive.map(|played| played.origin.held_bytes()).sum()
    }

    /// Forgets everything that `gone` says of what was asked for.
    pub(super) fn forget(&mut self, gone: impl Fn(&str) -> bool) {
        let bytes = &mut self.bytes;
        self.kept.retain(|id, kept| {
            let stays = !gone(&id.what);
            if !stays {
                *bytes -= kept.bytes;
            }
            stays
        });
    }

    fn forget_the_oldest(&mut self) {
        let oldest = self.kept.iter().min_by_key(|(_, kept)| kept.asked);
        if let Some(id) = oldest.map(|(id, _)| id.clone())
            && let Some(kept) = self.kept.remove(&id)
        {
            self.bytes -= kept.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{origin::OriginError, scenario::Scenario, units::ByteSize};

    fn id(key: usize) -> Id {
        Id {
            what: "/s/a".into(),
            key: Some(key.to_string()),
        }
    }

    fn page(bytes: usize) -> Result<Rc<Played>, OriginError> {
        let mut scenario = Scenario::default();
        scenario.body.size = ByteSize(1);
        scenario.response.page = Some("x".repeat(bytes));
        Played::new(scenario, 1)
    }

    #[test]
    fn a_test_keeps_its_counters_until_too_many_others_came() {
        let mut counted = Counted::default();
        let base = page(0).unwrap();
        let mut get = |key| {
            let made = counted.get(id(key), || Ok::<_, OriginError>(base.anew()));
            let number = made.unwrap().next_request();
            assert!(counted.kept.len() <= MOST_KEPT);
            number
        };
        for key in 0..MOST_KEPT {
            assert_eq!(get(key), 1);
        }
        assert_eq!(get(0), 2, "all of them fit");
        assert_eq!(get(MOST_KEPT), 1, "one more");
        assert_eq!(get(0), 3, "was asked for lately");
        assert_eq!(get(1), 1, "had to go");
    }

    #[test]
    fn large_bodies_push_each_other_out() {
        let mut counted = Counted::default();
        for key in 0..10 {
            counted.get(id(key), || page(10 << 20)).unwrap();
            assert!(counted.bytes <= MOST_KEPT_BYTES);
        }
        assert_eq!(counted.kept.len(), 6);
        // One that is larger than all the room is served and kept alone.
        counted.get(id(99), || page(70 << 20)).unwrap();
        assert_eq!(counted.kept.len(), 1);
    }

    #[test]
    fn a_body_that_is_still_sent_counts_though_it_was_forgotten() {
        let mut counted = Counted::default();
        let mut sent = Vec::new();
        for key in 0..10 {
            sent.push(counted.get(id(key), || page(10 << 20)).unwrap());
        }
        assert_eq!(counted.encoded_bytes(), 100 << 20);
        sent.clear();
        assert_eq!(counted.encoded_bytes(), 60 << 20);
    }
}
