//! A journal that is kept to be asked: by test, while it goes on, within
//! bounded memory.

mod cost;
mod files;

use std::{cell::RefCell, sync::Arc};

use tokio::sync::{Notify, broadcast};

use self::files::Files;
use super::{Event, Journal};

/// So many events are kept of one test; of more, the last ones.
pub const MOST_OF_A_TEST: usize = 4096;

/// About so many bytes are kept in all: events, the names of tests, and what
/// is known of each connection. Beyond, the tests that something happened to
/// longest ago are forgotten.
pub const MOST_BYTES: usize = 32 << 20;

/// How far a stream may fall behind, in events, before it loses some.
const MOST_BEHIND: usize = 1024;

/// The name that a test gives itself; `None` for what was asked for without one.
pub type Key = Option<Arc<str>>;

/// Keeps the events of each test together.
///
/// A connection belongs to the test that its last request named: until its
/// first request nobody knows, so its first events are filed with that. What
/// waits for a test's end learns of each event when it is filed.
#[derive(Debug)]
pub struct Kept {
    files: RefCell<Files>,
    changed: Notify,
    filed: broadcast::Sender<Arc<Event>>,
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

impl Told {
    /// About the bytes that its events take.
    pub fn bytes(&self) -> u64 {
        self.events
            .iter()
            .map(|event| cost::event(event) as u64)
            .sum()
    }
}

/// How much a journal keeps, and what it had to forget.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events that are kept.
    pub kept: u64,
    /// Events that were dropped to make room.
    pub dropped: u64,
    /// Tests that were forgotten altogether to make room.
    pub forgotten: u64,
    /// About the bytes that are kept.
    pub bytes: usize,
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
            // Nobody may be listening.
            let _ = self.filed.send(event);
        }
        self.changed.notify_waiters();
    }
}

impl Kept {
    /// What is known of the test that calls itself `key`.
    pub fn of(&self, key: &str) -> Told {
        self.files.borrow().told(&Some(key.into()))
    }

    /// What is known of all tests together.
    pub fn all(&self) -> Told {
        self.files.borrow().all()
    }

    /// What is known of one test, or of all with `None`.
    pub fn told(&self, key: Option<&str>) -> Told {
        key.map_or_else(|| self.all(), |key| self.of(key))
    }

    /// Waits until [`Told::is_final`] of the test, or of all with `None`; what
    /// is known then.
    pub async fn end_of(&self, key: Option<&str>) -> Told {
        let name: Key = key.map(Arc::from);
        loop {
            let changed = self.changed.notified();
            // Each event asks this, so it must not cost what telling costs.
            let is_final = match key {
                None => self.files.borrow().all_final(),
                Some(_) => self.files.borrow().is_final(&name),
            };
            if is_final {
                return self.told(key);
            }
            changed.await;
        }
    }

    /// Each event from now on, as it is filed. One that falls more than 1024
    /// behind loses the oldest, and is told how many.
    pub fn follow(&self) -> broadcast::Receiver<Arc<Event>> {
        self.filed.subscribe()
    }

    /// How much is kept, and what was forgotten.
    pub fn counts(&self) -> Counts {
        self.files.borrow().counts()
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
