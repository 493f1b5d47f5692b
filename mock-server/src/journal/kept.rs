//! A journal that answers questions by test while the server runs, in bounded
//! memory.

mod cost;
mod files;

use std::{cell::RefCell, sync::Arc};

use tokio::sync::{Notify, broadcast};

use self::files::Files;
use super::{Event, Journal};

/// Most events kept of one test; the oldest are dropped.
pub const MOST_OF_A_TEST: usize = 4096;

/// Most bytes kept in all: events, the names of tests, and the state of each
/// connection. Beyond, the tests without events for the longest time are dropped.
pub const MOST_BYTES: usize = 32 << 20;

/// Events that a stream may fall behind before it loses some.
const MOST_BEHIND: usize = 1024;

/// The name that a test gives itself; `None` for requests without one.
pub type Key = Option<Arc<str>>;

/// Keeps the events of each test together.
///
/// A connection belongs to the test that its last request named. Until its first
/// request the test is unknown, so its first events are filed with that request.
/// Waiters for the end of a test hear of each event when it is filed.
#[derive(Debug)]
pub struct Kept {
    files: RefCell<Files>,
    changed: Notify,
    filed: broadcast::Sender<Arc<Event>>,
}

/// The state of a test at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TestJournal {
    /// Its events in order.
    pub events: Vec<Arc<Event>>,
    /// Events that were dropped to make room.
    pub dropped: u64,
    /// Connections on which a response is under way, or the end of one that ends
    /// with its connection.
    pub under_way: usize,
    /// True if there are events and nothing is under way: no event follows,
    /// unless the client sends a request or closes a connection that it keeps
    /// open.
    pub is_final: bool,
}

/// The size of a journal, and its losses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events kept.
    pub kept: u64,
    /// Events that were dropped to make room.
    pub dropped: u64,
    /// Tests dropped completely to make room.
    pub forgotten: u64,
    /// Approximate bytes kept.
    pub bytes: usize,
}

impl TestJournal {
    /// The approximate bytes of its events.
    pub(crate) fn bytes(&self) -> usize {
        self.events.iter().map(|event| cost::event(event)).sum()
    }
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            files: RefCell::new(Files::new(MOST_BYTES, MOST_OF_A_TEST)),
            changed: Notify::new(),
            filed: broadcast::Sender::new(MOST_BEHIND),
        }
    }
}

impl Journal for Kept {
    fn write(&self, event: Event) {
        let filed = self.files.borrow_mut().take(event);
        for event in filed {
            // There may be no listener.
            let _ = self.filed.send(event);
        }
        self.changed.notify_waiters();
    }
}

impl Kept {
    /// The state of the test `key`.
    pub fn of(&self, key: &str) -> TestJournal {
        self.files.borrow().told(&Some(key.into()))
    }

    /// The state of all tests together.
    pub fn all(&self) -> TestJournal {
        self.files.borrow().all()
    }

    /// The state of one test, or of all with `None`.
    pub fn told(&self, key: Option<&str>) -> TestJournal {
        key.map_or_else(|| self.all(), |key| self.of(key))
    }

    /// The number of events kept of one test, or of all with `None`.
    pub(crate) fn count(&self, key: Option<&str>) -> usize {
        let files = self.files.borrow();
        match key {
            Some(key) => files.count(&Some(key.into())),
            None => usize::try_from(files.counts().kept).unwrap_or(usize::MAX),
        }
    }

    /// Waits for [`TestJournal::is_final`] of one test, or of all with `None`. Returns
    /// the state then.
    pub async fn end_of(&self, key: Option<&str>) -> TestJournal {
        self.until_final(key).await;
        self.told(key)
    }

    /// Waits for [`TestJournal::is_final`] of one test, or of all with `None`.
    pub(crate) async fn until_final(&self, key: Option<&str>) {
        let name: Key = key.map(Arc::from);
        loop {
            let changed = self.changed.notified();
            // This runs for each event, so it must be cheaper than [`Self::told`].
            let is_final = match key {
                None => self.files.borrow().all_final(),
                Some(_) => self.files.borrow().is_final(&name),
            };
            if is_final {
                return;
            }
            changed.await;
        }
    }

    /// Receives each event from now on, when it is filed. A receiver that falls
    /// more than 1024 behind loses the oldest, and learns how many.
    pub fn follow(&self) -> broadcast::Receiver<Arc<Event>> {
        self.filed.subscribe()
    }

    /// The number of events kept and dropped.
    pub fn counts(&self) -> Counts {
        self.files.borrow().counts()
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
