//! The state shared by the connections of one listener.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    rc::Rc,
};

use super::{
    Reach, Switch, TooManyOrders,
    signal::{Signal, Watcher},
};
use crate::{
    clock::Clock,
    journal::{Event, Fact, Journal, Progress},
};

/// The urgency with which connections must end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Urgency {
    /// Not at all.
    #[default]
    No,
    /// After the current response.
    Gracefully,
    /// At once.
    Now,
}

/// Shared by the connections of one listener.
pub struct ListenerState {
    pub(crate) clock: Clock,
    journal: Rc<dyn Journal>,
    /// The journal takes the progress of connections.
    followed: bool,
    closing: Signal<Urgency>,
    connections: Cell<u32>,
    /// The open connections.
    living: RefCell<BTreeSet<u32>>,
    requests: Cell<u32>,
    told_of_body_offset: Cell<bool>,
    pub(super) switch: Switch,
}

impl ListenerState {
    /// A listener that has seen no connection.
    pub fn new(clock: Clock, journal: Rc<dyn Journal>) -> Rc<Self> {
        Rc::new(Self {
            clock,
            followed: journal.follows(),
            journal,
            closing: Signal::new(Urgency::No),
            connections: Cell::new(0),
            living: RefCell::default(),
            requests: Cell::new(0),
            told_of_body_offset: Cell::new(false),
            switch: Switch::default(),
        })
    }

    /// Tells every connection to end.
    pub fn close(&self, how: Urgency) {
        if how > self.closing.get() {
            self.closing.set(how);
        }
    }

    /// Switches faults on or off, for the test `key` or for all. Other responses
    /// go on unchanged.
    ///
    /// # Errors
    /// Too many orders are in force already. None is dropped for this one.
    pub fn switch_faults(
        &self,
        enabled: bool,
        reach: Reach,
        key: Option<String>,
    ) -> Result<(), TooManyOrders> {
        let next = self.connections.get().saturating_add(1);
        let oldest = self.living.borrow().first().copied().unwrap_or(next);
        self.switch.set(enabled, reach, key, oldest, next)
    }

    /// True if faults are on for future connections, unless an order for their
    /// test says otherwise.
    pub fn faults_enabled(&self) -> bool {
        let next = self.connections.get().saturating_add(1);
        self.switch.enabled_from(next)
    }

    pub(crate) fn closing(&self) -> Watcher<Urgency> {
        self.closing.watch()
    }

    pub(super) fn next_connection(&self) -> u32 {
        let number = next(&self.connections);
        self.living.borrow_mut().insert(number);
        number
    }

    pub(crate) fn next_request(&self) -> u32 {
        next(&self.requests)
    }

    pub(super) fn write(&self, connection: u32, key: Option<&str>, fact: Fact) {
        if matches!(fact, Fact::Closed { .. }) {
            self.living.borrow_mut().remove(&connection);
        }
        let (at_ns, utc) = self.clock.now_and_utc();
        self.journal.write(Event {
            at_ns,
            utc,
            connection,
            key: key.map(str::to_owned),
            fact,
        });
    }

    /// Tells people about the server itself.
    pub(crate) fn note(&self, text: &str) {
        self.journal.note(text);
    }

    /// True if the journal takes the progress of connections: a trial is measured.
    pub(super) fn is_followed(&self) -> bool {
        self.followed
    }

    /// The number of open connections.
    pub(super) fn open(&self) -> usize {
        self.living.borrow().len()
    }

    /// Notes that a `body` offset counts from `start` of the object, the first time.
    pub(super) fn note_of_body_offset(&self, start: u64) {
        if !self.told_of_body_offset.replace(true) {
            self.journal.advise(&format!(
                "a Range request met a fault at a `body` offset, which counts the bytes of this \
                 response, and so from byte {start} of the object on; `object` counts the object's"
            ));
        }
    }

    pub(super) fn look(&self, connection: u32, now: Progress) {
        self.journal.look(connection, now);
    }
}

/// Counts one more, and returns its number.
pub(crate) fn next(counter: &Cell<u32>) -> u32 {
    counter.set(counter.get().saturating_add(1));
    counter.get()
}
