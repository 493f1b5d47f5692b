//! The events of [`Kept`](super::Kept): a file per test, and the order in which
//! files are dropped to make room.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use super::{Counts, Key, TestJournal, cost};
use crate::journal::{Event, Fact};

#[derive(Debug)]
pub(super) struct Files {
    most_bytes: usize,
    most_of_a_test: usize,
    tests: BTreeMap<Key, Test>,
    /// Every test that can be dropped, the next one first: see [`Test::place`].
    order: BTreeMap<EvictionRank, Key>,
    /// First events of connections without a request so far.
    arriving: BTreeMap<u32, Vec<Event>>,
    /// Connections with a request, each with its test, and with true if a response
    /// is under way.
    connections: BTreeMap<u32, (Key, bool)>,
    /// Connections on which a response is under way.
    busy: usize,
    /// The number of events filed so far.
    filed: u64,
    /// The number of events kept.
    kept: u64,
    dropped: u64,
    forgotten: u64,
    bytes: usize,
}

/// The place of a test in the order: tests with a response under way come last,
/// otherwise the last filed event decides. No two places are equal, since each
/// event has its own number.
type EvictionRank = (bool, u64);

#[derive(Debug, Default)]
struct Test {
    /// The events with their numbers, in the order in which they were filed.
    events: VecDeque<(u64, Arc<Event>)>,
    dropped: u64,
    /// Connections on which a response is under way.
    busy: usize,
    /// The number of the last filed event.
    touched: u64,
}

impl Test {
    /// `None` if dropping gains nothing: a response is under way, so the test
    /// stays, and it has no events.
    fn place(&self) -> Option<EvictionRank> {
        let gains = self.busy == 0 || !self.events.is_empty();
        gains.then_some((self.busy > 0, self.touched))
    }
}

impl Files {
    pub(super) fn new(most_bytes: usize, most_of_a_test: usize) -> Self {
        Self {
            most_bytes,
            most_of_a_test,
            tests: BTreeMap::new(),
            order: BTreeMap::new(),
            arriving: BTreeMap::new(),
            connections: BTreeMap::new(),
            busy: 0,
            filed: 0,
            kept: 0,
            dropped: 0,
            forgotten: 0,
            bytes: 0,
        }
    }

    /// Takes in an event. Returns the events filed by that.
    pub(super) fn take(&mut self, event: Event) -> Vec<Arc<Event>> {
        let number = event.connection;
        let mut filed = Vec::new();
        if matches!(event.fact, Fact::Accepted { .. }) {
            self.bytes += cost::connection(&None) + cost::event(&event);
            self.arriving.entry(number).or_default().push(event);
        } else {
            let key: Key = event.key.as_deref().map(Arc::from);
            for mut first in self.arriving.remove(&number).unwrap_or_default() {
                self.bytes -= cost::connection(&None) + cost::event(&first);
                first.key = event.key.clone();
                filed.push(self.file(&key, first));
            }
            let busy = !matches!(
                event.fact,
                Fact::Closed { .. } | Fact::ResponseEnd { closes: false, .. }
            );
            let closed = matches!(event.fact, Fact::Closed { .. });
            filed.push(self.file(&key, event));
            self.moved(number, key, busy, closed);
        }
        self.make_room();
        filed
    }

    fn file(&mut self, key: &Key, event: Event) -> Arc<Event> {
        self.filed += 1;
        self.kept += 1;
        self.bytes += cost::event(&event);
        let (number, most) = (self.filed, self.most_of_a_test);
        let event = Arc::new(event);
        let filed = Arc::clone(&event);
        let too_many = self.change(key, |test| {
            test.touched = number;
            test.events.push_back((number, event));
            test.events.len() > most
        });
        if too_many {
            self.drop_oldest(key);
        }
        filed
    }

    /// Moves the connection to the test `key`.
    fn moved(&mut self, number: u32, key: Key, busy: bool, closed: bool) {
        if let Some((before, was_busy)) = self.connections.remove(&number) {
            self.bytes -= cost::connection(&before);
            if was_busy {
                self.busy -= 1;
                self.change(&before, |test| test.busy -= 1);
            }
        }
        if closed {
            return;
        }
        if busy {
            self.busy += 1;
            self.change(&key, |test| test.busy += 1);
        }
        self.bytes += cost::connection(&key);
        self.connections.insert(number, (key, busy));
    }

    /// Changes a test, creating it if needed, and moves it to its new place in
    /// the order.
    fn change<T>(&mut self, key: &Key, change: impl FnOnce(&mut Test) -> T) -> T {
        if !self.tests.contains_key(key) {
            self.bytes += cost::test(key);
        }
        let test = self.tests.entry(key.clone()).or_default();
        if let Some(place) = test.place() {
            self.order.remove(&place);
        }
        let changed = change(test);
        if let Some(place) = test.place() {
            self.order.insert(place, key.clone());
        }
        changed
    }

    /// Drops the tests without events for the longest time, until the rest fits.
    /// A test with a response under way goes last, and only its events go.
    ///
    /// Each round drops a test or an event, so it ends: at the latest with only
    /// current responses left, which the limit of connections bounds.
    fn make_room(&mut self) {
        while self.bytes > self.most_bytes {
            let Some((&(busy, _), key)) = self.order.first_key_value() else {
                return;
            };
            let key = key.clone();
            match busy {
                true => self.drop_oldest(&key),
                false => self.forget(&key),
            }
        }
    }

    fn drop_oldest(&mut self, key: &Key) {
        let oldest = self.change(key, |test| {
            let oldest = test.events.pop_front();
            test.dropped += u64::from(oldest.is_some());
            oldest
        });
        if let Some((_, event)) = oldest {
            self.bytes -= cost::event(&event);
            self.kept -= 1;
            self.dropped += 1;
        }
    }

    fn forget(&mut self, key: &Key) {
        let Some(test) = self.tests.remove(key) else {
            return;
        };
        if let Some(place) = test.place() {
            self.order.remove(&place);
        }
        let events: usize = test
            .events
            .iter()
            .map(|(_, event)| cost::event(event))
            .sum();
        self.bytes -= cost::test(key) + events;
        let gone = test.events.len() as u64;
        self.kept -= gone;
        self.dropped += gone;
        self.forgotten += 1;
    }

    pub(super) fn is_final(&self, key: &Key) -> bool {
        self.tests.get(key).is_some_and(|test| test.busy == 0)
    }

    /// The number of events kept of a test.
    pub(super) fn count(&self, key: &Key) -> usize {
        self.tests.get(key).map_or(0, |test| test.events.len())
    }

    pub(super) fn all_final(&self) -> bool {
        self.busy == 0 && self.kept > 0
    }

    pub(super) fn told(&self, key: &Key) -> TestJournal {
        let Some(test) = self.tests.get(key) else {
            return TestJournal::default();
        };
        TestJournal {
            events: test
                .events
                .iter()
                .map(|(_, event)| Arc::clone(event))
                .collect(),
            dropped: test.dropped,
            under_way: test.busy,
            is_final: test.busy == 0,
        }
    }

    pub(super) fn all(&self) -> TestJournal {
        let mut events: Vec<_> = self.tests.values().flat_map(|test| &test.events).collect();
        events.sort_by_key(|(filed, _)| *filed);
        TestJournal {
            is_final: self.all_final(),
            events: events
                .into_iter()
                .map(|(_, event)| Arc::clone(event))
                .collect(),
            dropped: self.dropped,
            under_way: self.busy,
        }
    }

    pub(super) fn counts(&self) -> Counts {
        Counts {
            kept: self.kept,
            dropped: self.dropped,
            forgotten: self.forgotten,
            bytes: self.bytes,
        }
    }
}

#[cfg(test)]
impl Files {
    /// Checks each count against its content. Returns the bytes that cannot be
    /// dropped.
    pub(super) fn check(&self) -> usize {
        let events = |test: &Test| -> usize {
            test.events
                .iter()
                .map(|(_, event)| cost::event(event))
                .sum()
        };
        let arriving = self.arriving.values().flatten();
        let fixed = arriving
            .map(|event| cost::connection(&None) + cost::event(event))
            .chain(
                self.connections
                    .values()
                    .map(|(key, _)| cost::connection(key)),
            )
            .sum::<usize>();
        let tests = |busy: bool| {
            let all = self
                .tests
                .iter()
                .filter(move |(_, test)| (test.busy > 0) == busy);
            all.map(|(key, test)| (cost::test(key), events(test)))
                .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
        };
        let ((busy, of_busy), (idle, of_idle)) = (tests(true), tests(false));
        assert_eq!(self.bytes, fixed + busy + of_busy + idle + of_idle);
        let kept: usize = self.tests.values().map(|test| test.events.len()).sum();
        assert_eq!(self.kept, kept as u64);
        assert_eq!(self.kept + self.dropped, self.filed);
        let under_way: usize = self.tests.values().map(|test| test.busy).sum();
        assert_eq!(under_way, self.busy);
        assert_eq!(
            under_way,
            self.connections.values().filter(|(_, busy)| *busy).count()
        );
        let places = self
            .tests
            .iter()
            .filter_map(|(key, test)| Some((test.place()?, key.clone())));
        assert_eq!(self.order, places.collect());
        fixed + busy
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.len()
    }
}
