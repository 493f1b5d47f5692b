//! The journal events of a connection.

use std::rc::Rc;

use super::ListenerState;
use crate::journal::{Fact, Progress};

/// The listener, number and key under which the events of a connection are written.
pub(super) struct Story {
    listener: Rc<ListenerState>,
    number: u32,
    /// The test that the last request named.
    key: Option<String>,
}

impl Story {
    /// The story of the next connection of `listener`.
    pub(super) fn new(listener: Rc<ListenerState>) -> Self {
        Self {
            number: listener.next_connection(),
            key: None,
            listener,
        }
    }

    pub(super) fn listener(&self) -> &ListenerState {
        &self.listener
    }

    pub(super) fn number(&self) -> u32 {
        self.number
    }

    pub(super) fn set_key(&mut self, key: Option<String>) {
        self.key = key;
    }

    /// True if the faults of this connection are switched on.
    pub(super) fn has_faults(&self) -> bool {
        self.listener
            .switch
            .enabled(self.number, self.key.as_deref())
    }

    pub(super) fn write(&self, fact: Fact) {
        self.listener.write(self.number, self.key.as_deref(), fact);
    }

    pub(super) fn look(&self, progress: Progress) {
        self.listener.look(self.number, progress);
    }
}
