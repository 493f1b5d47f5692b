//! A journal that is kept to be asked: by test, while it goes on, within
//! bounded memory.

use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use tokio::sync::{Notify, broadcast};

use super::{Event, Fact, Journal};

/// So many events are kept of one test; of more, the last ones.
pub const MOST_OF_A_TEST: usize = 4096;

/// About so many bytes of events are kept in all. Beyond, the tests that
/// something happened to longest ago are forgotten.
pub const MOST_BYTES: usize = 32 << 20;

/// How far a stream may fall behind, in events, before it loses some.
const MOST_BEHIND: usize = 1024;

/// About what an event takes beside its texts.
const EVENT_BYTES: usize = 256;

/// The name that a test gives itself; `None` for what was asked for without one.
pub type Key = Option<Arc<str>>;

/// Keeps the events of each test together.
///
/// A connection belongs to the test that its last request named: until its
/// first request nobody knows, so its first events are filed with that. What
/// waits for a test's end learns of each event when it is filed.
#[derive(Debug)]
pub struct Kept {
    inner: RefCell<Inner>,
    changed: Notify,
    filed: broadcast::Sender<Arc<Event>>,
}

#[derive(Debug, Default)]
struct Inner {
    tests: BTreeMap<Key, Test>,
    /// First events of connections that have not asked for anything yet.
    arriving: BTreeMap<u32, Vec<Event>>,
    /// Connections that have, with the test that they are of, and whether
    /// something is under way on them.
    connections: BTreeMap<u32, (Key, bool)>,
    filed: u64,
    bytes: usize,
    dropped: u64,
}

#[derive(Debug, Default)]
struct Test {
    /// In the order in which they were filed, with their number in it.
    events: VecDeque<(u64, Arc<Event>)>,
    dropped: u64,
    /// Connections on which something is under way.
    busy: usize,
    /// When something was filed last.
    touched: u64,
}

/// What is known of a test at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    /// Its events in the order in which they happened.
    pub events: Vec<Arc<Event>>,
    /// Events that were dropped to make room.
    pub dropped: u64,
    /// Connections on which something is under way: a response, or the end of
    /// one that ends with its connection.
    pub under_way: usize,
    /// Whether it has events and nothing is under way: none follows unless
    /// somebody asks for more, or closes a connection that is kept open.
    pub is_final: bool,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            inner: RefCell::default(),
            changed: Notify::new(),
            filed: broadcast::Sender::new(MOST_BEHIND),
        }
    }
}

impl Journal for Kept {
    fn write(&self, event: Event) {
        let filed = self.inner.borrow_mut().take(event);
        for event in filed {
            // Nobody may be listening.
            let _ = self.filed.send(event);
        }
        self.changed.notify_waiters();
    }
}

impl Kept {
    /// What is known of the test that calls itself `key`.
    pub fn of(&self, key: &str) -> Told {
        self.inner.borrow().told(&Some(key.into()))
    }

    /// What is known of all tests together.
    pub fn all(&self) -> Told {
        self.inner.borrow().all()
    }

    /// Waits until [`Told::is_final`] of the test, or of all with `None`; what
    /// is known then.
    pub async fn end_of(&self, key: Option<&str>) -> Told {
        loop {
            let changed = self.changed.notified();
            let told = key.map_or_else(|| self.all(), |key| self.of(key));
            if told.is_final {
                return told;
            }
            changed.await;
        }
    }

    /// Each event from now on, as it is filed. One that falls more than 1024
    /// behind loses the oldest, and is told how many.
    pub fn follow(&self) -> broadcast::Receiver<Arc<Event>> {
        self.filed.subscribe()
    }

    /// Events that are kept, and events that were dropped.
    pub fn counts(&self) -> (u64, u64) {
        let inner = self.inner.borrow();
        let kept: usize = inner.tests.values().map(|test| test.events.len()).sum();
        (kept as u64, inner.dropped)
    }
}

impl Inner {
    /// Takes an event in; what is filed by that.
    fn take(&mut self, event: Event) -> Vec<Arc<Event>> {
        let number = event.connection;
        if matches!(event.fact, Fact::Accepted { .. }) {
            self.arriving.entry(number).or_default().push(event);
            return Vec::new();
        }
        let key: Key = event.key.as_deref().map(Arc::from);
        let mut filed = Vec::new();
        for mut first in self.arriving.remove(&number).unwrap_or_default() {
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
        self.make_room();
        filed
    }

    fn file(&mut self, key: &Key, event: Event) -> Arc<Event> {
        self.filed += 1;
        self.bytes += size(&event);
        let event = Arc::new(event);
        let test = self.tests.entry(key.clone()).or_default();
        test.touched = self.filed;
        test.events.push_back((self.filed, Arc::clone(&event)));
        if test.events.len() > MOST_OF_A_TEST
            && let Some((_, oldest)) = test.events.pop_front()
        {
            test.dropped += 1;
            self.dropped += 1;
            self.bytes -= size(&oldest);
        }
        event
    }

    /// The connection is of the test `key` now.
    fn moved(&mut self, number: u32, key: Key, busy: bool, closed: bool) {
        if let Some((before, true)) = self.connections.remove(&number)
            && let Some(test) = self.tests.get_mut(&before)
        {
            test.busy -= 1;
        }
        if closed {
            return;
        }
        if busy && let Some(test) = self.tests.get_mut(&key) {
            test.busy += 1;
        }
        self.connections.insert(number, (key, busy));
    }

    /// Forgets what nothing happened to for longest, until the rest fits.
    fn make_room(&mut self) {
        while self.bytes > MOST_BYTES {
            // A test that something is under way of goes last.
            let oldest = self
                .tests
                .iter()
                .min_by_key(|(_, test)| (test.busy > 0, test.touched))
                .map(|(key, test)| (key.clone(), test.busy > 0));
            let Some((key, busy)) = oldest else { return };
            let Some(test) = self.tests.get_mut(&key) else {
                return;
            };
            let gone = std::mem::take(&mut test.events);
            test.dropped += gone.len() as u64;
            self.dropped += gone.len() as u64;
            self.bytes -= gone.iter().map(|(_, event)| size(event)).sum::<usize>();
            if !busy {
                self.tests.remove(&key);
            }
        }
    }

    fn told(&self, key: &Key) -> Told {
        let Some(test) = self.tests.get(key) else {
            return Told::default();
        };
        Told {
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

    fn all(&self) -> Told {
        let mut events: Vec<_> = self.tests.values().flat_map(|test| &test.events).collect();
        events.sort_by_key(|(filed, _)| *filed);
        let under_way = self.tests.values().map(|test| test.busy).sum();
        Told {
            is_final: under_way == 0 && !events.is_empty(),
            events: events
                .into_iter()
                .map(|(_, event)| Arc::clone(event))
                .collect(),
            dropped: self.dropped,
            under_way,
        }
    }
}

/// About the bytes that an event takes; only a request's are anybody's choice.
fn size(event: &Event) -> usize {
    let texts = match &event.fact {
        Fact::Request { method, target, .. } => method.len() + target.len(),
        Fact::BadRequest { reason } => reason.len(),
        _ => 0,
    };
    EVENT_BYTES + texts + event.key.as_ref().map_or(0, String::len)
}

#[cfg(test)]
mod tests {
    use tokio_test::{assert_pending, assert_ready, task};

    use super::*;
    use crate::{
        clock::Instant,
        journal::{CloseReason, SocketFacts},
    };

    fn event(connection: u32, key: Option<&str>, fact: Fact) -> Event {
        Event {
            at_ns: Instant(0),
            utc: None,
            connection,
            key: key.map(str::to_owned),
            fact,
        }
    }

    fn accepted(connection: u32) -> Event {
        let fact = Fact::Accepted {
            peer: None,
            local: None,
            sockets: SocketFacts::default(),
        };
        event(connection, None, fact)
    }

    fn request(connection: u32, key: Option<&str>, target: &str) -> Event {
        let fact = Fact::Request {
            number: 1,
            method: "GET".into(),
            target: target.into(),
        };
        event(connection, key, fact)
    }

    fn response_end(connection: u32, key: Option<&str>, closes: bool) -> Event {
        let fact = Fact::ResponseEnd {
            body_bytes: 1,
            wire_bytes: 2,
            closes,
        };
        event(connection, key, fact)
    }

    fn closed(connection: u32, key: Option<&str>) -> Event {
        let fact = Fact::Closed {
            reason: CloseReason::Done,
            sent_bytes: 1,
            acked_bytes: 1,
            max_unsent_bytes: 0,
        };
        event(connection, key, fact)
    }

    fn write(kept: &Kept, events: impl IntoIterator<Item = Event>) {
        events.into_iter().for_each(|event| kept.write(event));
    }

    fn connections(told: &Told) -> Vec<u32> {
        told.events.iter().map(|event| event.connection).collect()
    }

    #[test]
    fn a_connection_is_of_the_test_that_its_first_request_names_from_its_start_on() {
        let kept = Kept::default();
        write(&kept, [accepted(1), accepted(2)]);
        assert_eq!(kept.all(), Told::default());
        write(
            &kept,
            [request(2, Some("b"), "/"), request(1, Some("a"), "/")],
        );
        assert_eq!(connections(&kept.of("a")), [1, 1]);
        assert_eq!(connections(&kept.of("b")), [2, 2]);
        assert_eq!(kept.of("a").events[0].key.as_deref(), Some("a"));
        assert_eq!(connections(&kept.all()), [2, 2, 1, 1]);
    }

    #[test]
    fn a_connection_that_asks_for_nothing_is_in_the_whole_journal() {
        let kept = Kept::default();
        write(&kept, [accepted(1), closed(1, None)]);
        assert_eq!(connections(&kept.all()), [1, 1]);
        assert!(kept.all().is_final);
    }

    #[test]
    fn a_test_is_final_when_nothing_of_it_is_under_way() {
        let kept = Kept::default();
        let a = Some("a");
        assert!(!kept.of("a").is_final, "nothing was asked for yet");
        write(&kept, [accepted(1), request(1, a, "/")]);
        assert_eq!((kept.of("a").under_way, kept.of("a").is_final), (1, false));
        // The connection is kept open, as clients with pools do.
        write(&kept, [response_end(1, a, false)]);
        assert!(kept.of("a").is_final);
        write(&kept, [request(1, a, "/"), response_end(1, a, true)]);
        assert!(
            !kept.of("a").is_final,
            "the connection's end is still to come"
        );
        write(&kept, [closed(1, a)]);
        assert!(kept.of("a").is_final);
    }

    #[test]
    fn a_connection_that_goes_over_to_another_test_leaves_the_first_one_final() {
        let kept = Kept::default();
        write(&kept, [accepted(1), request(1, Some("a"), "/")]);
        write(&kept, [request(1, Some("b"), "/")]);
        assert!(kept.of("a").is_final && !kept.of("b").is_final);
        write(&kept, [closed(1, Some("b"))]);
        assert!(kept.of("b").is_final);
    }

    #[test]
    fn who_waits_for_the_end_of_a_test_is_not_told_of_others() {
        let kept = Kept::default();
        let mut end = task::spawn(kept.end_of(Some("a")));
        assert_pending!(end.poll());
        write(
            &kept,
            [
                accepted(1),
                request(1, Some("b"), "/"),
                closed(1, Some("b")),
            ],
        );
        assert_pending!(end.poll());
        write(&kept, [accepted(2), request(2, Some("a"), "/")]);
        assert_pending!(end.poll());
        write(&kept, [closed(2, Some("a"))]);
        assert_eq!(connections(&assert_ready!(end.poll())), [2, 2, 2]);
    }

    #[test]
    fn a_long_test_keeps_its_last_events() {
        let kept = Kept::default();
        write(&kept, [accepted(1)]);
        for _ in 0..MOST_OF_A_TEST + 9 {
            write(&kept, [request(1, Some("a"), "/")]);
        }
        let told = kept.of("a");
        assert_eq!((told.events.len(), told.dropped), (MOST_OF_A_TEST, 10));
    }

    #[test]
    fn memory_is_bounded_however_many_tests_come_and_those_at_work_stay() {
        let kept = Kept::default();
        let target = "x".repeat(8_000);
        write(&kept, [accepted(1), request(1, Some("at work"), "/")]);
        for number in 2..9_000 {
            let key = number.to_string();
            write(
                &kept,
                [accepted(number), request(number, Some(&key), &target)],
            );
            write(&kept, [closed(number, Some(&key))]);
            assert!(kept.inner.borrow().bytes <= MOST_BYTES);
        }
        assert_eq!(kept.of("at work").events.len(), 2);
        assert_eq!(kept.of("8999").events.len(), 3);
        assert_eq!(kept.of("2").events.len(), 0);
        let (held, dropped) = kept.counts();
        assert_eq!(held + dropped, 2 + 3 * 8_998);
        assert!(kept.inner.borrow().connections.len() == 1);
    }

    #[test]
    fn a_stream_gets_events_in_the_order_of_filing_and_is_told_what_it_missed() {
        let kept = Kept::default();
        let mut stream = kept.follow();
        write(&kept, [accepted(1), request(1, Some("a"), "/")]);
        let first = stream.try_recv().unwrap();
        assert!(matches!(first.fact, Fact::Accepted { .. }));
        for _ in 0..MOST_BEHIND + 4 {
            write(&kept, [request(1, Some("a"), "/")]);
        }
        let missed = stream.try_recv().unwrap_err();
        assert_eq!(missed, broadcast::error::TryRecvError::Lagged(5));
    }
}
