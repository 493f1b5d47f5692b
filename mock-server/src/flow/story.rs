//! The journal events of a connection.

use std::rc::Rc;

use super::Trial;
use crate::journal::{Fact, Progress};

/// The trial, number and key under which the events of a connection are written.
pub(super) struct Story {
    trial: Rc<Trial>,
    number: u32,
    /// The test that the last request named.
    key: Option<String>,
}

impl Story {
    /// The story of the next connection of `trial`.
    pub(super) fn new(trial: Rc<Trial>) -> Self {
        Self {
            number: trial.next_connection(),
            key: None,
            trial,
        }
    }

    pub(super) fn trial(&self) -> &Trial {
        &self.trial
    }

    pub(super) fn number(&self) -> u32 {
        self.number
    }

    pub(super) fn set_key(&mut self, key: Option<String>) {
        self.key = key;
    }

    /// True if the faults of this connection are switched on.
    pub(super) fn has_faults(&self) -> bool {
        self.trial.switch.enabled(self.number, self.key.as_deref())
    }

    pub(super) fn write(&self, fact: Fact) {
        self.trial.write(self.number, self.key.as_deref(), fact);
    }

    pub(super) fn look(&self, progress: Progress) {
        self.trial.look(self.number, progress);
    }
}
