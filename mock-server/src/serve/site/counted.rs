//! Scenarios with separate counters: one for each test that names itself, as many
//! as fit.

use std::{collections::BTreeMap, rc::Rc};

use crate::http1::Played;

/// Most counters kept; beyond, the least recently used one starts again.
pub const MOST_KEPT: usize = 4096;

/// Most bytes that they hold, including queries and encoded bodies; beyond, as
/// above.
pub const MOST_KEPT_BYTES: u64 = 64 << 20;

/// Approximate bytes of one, without its names and body.
const OVERHEAD: u64 = 1 << 10;

/// The requested scenario, and the test that requested it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id {
    /// The path of the scenario, or the query that describes it.
    pub(super) what: String,
    pub(super) key: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct Counted {
    kept: BTreeMap<Rc<Id>, Kept>,
    /// Sorted by the last request for them.
    order: BTreeMap<u64, Rc<Id>>,
    bytes: u64,
    asked: u64,
    forgotten: u64,
}

#[derive(Debug)]
struct Kept {
    played: Rc<Played>,
    asked: u64,
    bytes: u64,
}

impl Counted {
    /// The scenario under `id`, if it is kept.
    pub(super) fn find(&mut self, id: &Id) -> Option<Rc<Played>> {
        let kept = self.kept.get_mut(id)?;
        self.asked += 1;
        if let Some(name) = self.order.remove(&kept.asked) {
            self.order.insert(self.asked, name);
        }
        kept.asked = self.asked;
        Some(Rc::clone(&kept.played))
    }

    /// Keeps `played` under `id`; the least recently used one makes room.
    pub(super) fn keep(&mut self, id: Id, played: Rc<Played>) {
        self.remove(&id);
        let text = id.what.len() + id.key.as_ref().map_or(0, String::len);
        let kept = Kept {
            bytes: OVERHEAD + text as u64 + played.own_bytes(),
            asked: self.asked + 1,
            played,
        };
        let id = Rc::new(id);
        self.asked += 1;
        self.bytes += kept.bytes;
        self.order.insert(kept.asked, Rc::clone(&id));
        self.kept.insert(id, kept);
        while self.kept.len() > MOST_KEPT || (self.bytes > MOST_KEPT_BYTES && self.kept.len() > 1) {
            self.forget_the_oldest();
        }
    }

    /// Drops every entry for which `gone` is true.
    pub(super) fn forget(&mut self, gone: impl Fn(&str) -> bool) {
        let all: Vec<_> = self
            .kept
            .keys()
            .filter(|id| gone(&id.what))
            .cloned()
            .collect();
        for id in all {
            self.remove(&id);
        }
    }

    /// Drops the least recently used entry. Returns false if there is none.
    pub(super) fn forget_the_oldest(&mut self) -> bool {
        let oldest = self.order.first_key_value().map(|(_, id)| Rc::clone(id));
        let Some(id) = oldest else { return false };
        self.remove(&id);
        self.forgotten += 1;
        true
    }

    /// The number of kept entries, and of those dropped to make room.
    pub(super) fn counts(&self) -> (usize, u64) {
        (self.kept.len(), self.forgotten)
    }

    fn remove(&mut self, id: &Id) {
        if let Some(kept) = self.kept.remove(id) {
            self.order.remove(&kept.asked);
            self.bytes -= kept.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        held::{HeldLimit, plain},
        scenario::Scenario,
    };

    fn id(key: usize) -> Id {
        Id {
            what: "/s/a".into(),
            key: Some(key.to_string()),
        }
    }

    fn page(bytes: usize) -> Rc<Played> {
        let mut scenario = Scenario::default();
        scenario.response.page = Some("x".repeat(bytes));
        let origin = crate::http1::origin::Origin::new(&scenario).unwrap();
        let share = HeldLimit::default().take(plain(&scenario) + origin.held_bytes());
        Played::within(scenario, origin, 1, share.unwrap(), Default::default())
    }

    impl Counted {
        fn get(&mut self, id: Id, make: impl FnOnce() -> Rc<Played>) -> Rc<Played> {
            self.find(&id).unwrap_or_else(|| {
                let made = make();
                self.keep(id, Rc::clone(&made));
                made
            })
        }

        fn check(&self) {
            assert!(self.kept.len() <= MOST_KEPT && self.kept.len() == self.order.len());
            let bytes: u64 = self.kept.values().map(|kept| kept.bytes).sum();
            assert_eq!(self.bytes, bytes);
        }
    }

    #[test]
    fn a_test_keeps_its_counters_until_too_many_others_came() {
        let mut counted = Counted::default();
        let base = page(0);
        let mut get = |key| counted.get(id(key), || base.anew()).next_request();
        for key in 0..MOST_KEPT {
            assert_eq!(get(key), 1);
        }
        assert_eq!(get(0), 2, "all of them fit");
        assert_eq!(get(MOST_KEPT), 1, "one more");
        assert_eq!(get(0), 3, "was asked for lately");
        assert_eq!(get(1), 1, "had to go");
        counted.check();
        assert_eq!(counted.counts(), (MOST_KEPT, 2));
        counted.forget(|what| what == "/s/a");
        counted.check();
        assert_eq!((counted.counts().0, counted.bytes), (0, 0));
    }

    #[test]
    fn large_bodies_push_each_other_out() {
        let mut counted = Counted::default();
        for key in 0..10 {
            counted.get(id(key), || page(10 << 20));
            assert!(counted.bytes <= MOST_KEPT_BYTES);
            counted.check();
        }
        assert_eq!(counted.kept.len(), 6);
        // An entry larger than the whole room is served and kept alone.
        counted.get(id(99), || page(70 << 20));
        assert_eq!(counted.kept.len(), 1);
    }
}
