//! What the connections of one trial, or of one server, share.

use std::{cell::Cell, rc::Rc};

use tokio::sync::watch;

use super::{Router, route::next};
use crate::{
    clock::Clock,
    journal::{Event, Fact, Journal, Progress},
};

/// How urgently connections are to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Closing {
    /// Not at all.
    #[default]
    No,
    /// After the response that is under way.
    Gracefully,
    /// At once.
    Now,
}

/// Shared by the connections of one listener.
pub struct Trial {
    pub(super) clock: Clock,
    pub(super) router: Box<dyn Router>,
    journal: Rc<dyn Journal>,
    closing: watch::Sender<Closing>,
    connections: Cell<u32>,
    requests: Cell<u32>,
}

impl Trial {
    /// A trial that has seen no connection.
    pub fn new(clock: Clock, router: Box<dyn Router>, journal: Rc<dyn Journal>) -> Rc<Self> {
        Rc::new(Self {
            clock,
            router,
            journal,
            closing: watch::Sender::default(),
            connections: Cell::new(0),
            requests: Cell::new(0),
        })
    }

    /// Tells every connection to end.
    pub fn close(&self, how: Closing) {
        self.closing.send_if_modified(|now| {
            let more = how > *now;
            *now = (*now).max(how);
            more
        });
    }

    pub(super) fn closing(&self) -> watch::Receiver<Closing> {
        self.closing.subscribe()
    }

    pub(super) fn next_connection(&self) -> u32 {
        next(&self.connections)
    }

    pub(super) fn next_request(&self) -> u32 {
        next(&self.requests)
    }

    pub(super) fn write(&self, connection: u32, key: Option<&str>, fact: Fact) {
        self.journal.write(Event {
            at_ns: self.clock.now(),
            connection,
            key: key.map(str::to_owned),
            fact,
        });
    }
    pub(super) fn look(&self, connection: u32, now: Progress) {
        self.journal.look(connection, now);
    }
}
