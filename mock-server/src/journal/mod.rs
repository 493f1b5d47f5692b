//! Ground truth: the actions of the server as typed events with times.

mod kept;
mod progress;
mod tcp;

use std::{
    cell::{Cell, RefCell},
    net::SocketAddr,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::{
    clock::Instant,
    scenario::{Action, Party},
};

pub use kept::{Counts, Kept, Key, MOST_BYTES, MOST_OF_A_TEST, TestJournal};
pub use progress::Progress;
use progress::Series;
pub use tcp::{TcpFacts, TcpState};

/// A destination for events.
pub trait Journal {
    /// Writes one event.
    fn write(&self, event: Event);

    /// True if it takes the progress of connections ([`Journal::look`]), which
    /// costs system calls.
    fn follows(&self) -> bool {
        false
    }

    /// Takes the progress of `connection`, many times a second, if it
    /// [follows](Journal::follows) them. A journal that cannot keep that small does
    /// not.
    fn look(&self, _connection: u32, _now: Progress) {}

    /// Notes that the server itself could not do all it should: printed where the
    /// journal is for people, and the end of a trial's record.
    fn note(&self, _text: &str) {}

    /// Prints advice about a request that was served as asked, if the journal is for
    /// people.
    fn advise(&self, _text: &str) {}
}

/// A journal in memory, for one trial.
#[derive(Debug, Default)]
pub struct Memory {
    events: RefCell<Vec<Event>>,
    most: Option<usize>,
    lost: Cell<u64>,
    noted: RefCell<Option<String>>,
    progress: RefCell<Series>,
    written: Notify,
}

impl Memory {
    /// Keeps the first `most` events and counts the others.
    pub fn bounded(most: usize) -> Self {
        Self {
            most: Some(most),
            ..Self::default()
        }
    }

    /// Events that were not kept.
    pub fn lost(&self) -> u64 {
        self.lost.get()
    }

    /// The first note about the server itself: it could not serve as it should.
    pub fn noted(&self) -> Option<String> {
        self.noted.borrow().clone()
    }

    /// Takes the events written so far.
    pub fn take(&self) -> Vec<Event> {
        self.events.take()
    }

    /// The progress of the server over time, all connections together: the
    /// extremes of the unacknowledged bytes, the ends of long gaps, and each
    /// fault.
    pub fn progress(&self) -> Vec<Progress> {
        self.progress.borrow().kept()
    }

    /// Waits until the events so far satisfy `enough`. Returns a copy of them.
    pub async fn wait_for(&self, enough: impl Fn(&[Event]) -> bool) -> Vec<Event> {
        loop {
            let written = self.written.notified();
            if enough(&self.events.borrow()) {
                return self.events.borrow().clone();
            }
            written.await;
        }
    }
}

impl Journal for Memory {
    fn write(&self, event: Event) {
        match event.fact {
            Fact::Fault { .. } => self.progress.borrow_mut().fault(event.at_ns),
            Fact::Closed { .. } => self.progress.borrow_mut().closed(event.connection),
            _ => {}
        }
        let mut events = self.events.borrow_mut();
        match self.most.is_some_and(|most| events.len() >= most) {
            true => self.lost.set(self.lost.get() + 1),
            false => events.push(event),
        }
        drop(events);
        self.written.notify_waiters();
    }

    fn follows(&self) -> bool {
        true
    }

    fn look(&self, connection: u32, now: Progress) {
        self.progress.borrow_mut().look(connection, now);
    }

    fn note(&self, text: &str) {
        self.noted.borrow_mut().get_or_insert_with(|| text.into());
    }
}

/// One fact about one connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The time, on the machine's monotonic clock.
    pub at_ns: Instant,
    /// The same in UTC, `2026-11-22T16:03:00.123456Z`, from the machine's wall
    /// clock; absent in simulated time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utc: Option<String>,
    /// The number of the connection in its trial, from 1.
    pub connection: u32,
    /// The test that the connection's last request named with `?key=`; absent
    /// before the first request, and without a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The fact.
    #[serde(flatten)]
    pub fact: Fact,
}

/// Something that happened on a connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Fact {
    /// A connection was accepted.
    Accepted {
        /// The client's address.
        peer: Option<SocketAddr>,
        /// The server's address.
        local: Option<SocketAddr>,
        /// The buffers as the kernel set them.
        sockets: SocketFacts,
    },
    /// A request head was read.
    Request {
        /// Its number in the trial, from 1.
        number: u32,
        /// The method.
        method: String,
        /// The request target.
        target: String,
        /// Its `Range` field; `None` if it asks for the whole object.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        range: Option<String>,
        /// Its `If-Range` field.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        if_range: Option<String>,
    },
    /// Something else than for most is for the last request: an answer, a version of the
    /// object.
    Chosen {
        /// The index of the answer in the scenario.
        answer: Option<usize>,
        /// The version of the object, from 1.
        version: u32,
        /// The status of the response.
        status: u16,
    },
    /// The client sent something that is not a request.
    BadRequest {
        /// The mistake in it.
        reason: String,
    },
    /// A fault was carried out.
    Fault {
        /// Its index in the scenario.
        index: usize,
        /// The action.
        action: Action,
        /// The party that the fault stands for.
        by: Party,
        /// Body bytes of the current response handed to the transport.
        at_bytes: u64,
        /// The same in bytes of the response, head and framing included.
        at_wire_bytes: u64,
        /// Bytes not acknowledged at that moment.
        in_flight_bytes: u64,
        /// The largest delay in noticing its moment (idle timers are polled).
        error_bound_ns: u64,
    },
    /// The kernel's facts about the connection: at each fault, taken when it was
    /// carried out, and at the end.
    TcpInfo(TcpFacts),
    /// The server sent FIN: it has nothing more to send.
    FinSent {},
    /// The server sent RST: the connection is over, and what was queued is lost.
    RstSent {},
    /// The client's FIN was read: it has nothing more to send.
    FinReceived {},
    /// The client's RST was met, by a read or a write.
    RstReceived {},
    /// A response was handed to the transport to its last byte.
    ResponseEnd {
        /// Body bytes of it.
        body_bytes: u64,
        /// Wire bytes of it.
        wire_bytes: u64,
        /// True if the connection ends with the response.
        #[serde(default)]
        closes: bool,
    },
    /// The connection is over for the server.
    Closed {
        /// The reason.
        reason: CloseReason,
        /// Body bytes handed to the transport, all responses together.
        sent_bytes: u64,
        /// Body bytes among them that the client's kernel acknowledged; `None`
        /// where the server's platform does not count them.
        acked_bytes: Option<u64>,
        /// Most bytes that waited unsent in the server's kernel.
        max_unsent_bytes: u64,
    },
}

/// Body bytes that the client's kernel acknowledged, on all connections of `events`
/// that are over. `None` if they were not counted on each of these.
pub fn acked_bytes(events: &[Event]) -> Option<u64> {
    let of_one = |event: &Event| match &event.fact {
        Fact::Closed { acked_bytes, .. } => Some(*acked_bytes),
        _ => None,
    };
    events.iter().filter_map(of_one).sum()
}

/// The reason why a connection ended, as known to the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CloseReason {
    /// The response ends with the connection, or the client asked for it.
    Done,
    /// The client closed the connection without another request.
    PeerClosed,
    /// The client reset the connection, or left during a response.
    PeerReset,
    /// A fault ended it.
    Fault,
    /// The connection waited in a black hole and was reaped.
    Reaped,
    /// The server is shutting down, or the trial was closed.
    Shutdown,
    /// The input was not an HTTP request.
    BadRequest,
    /// This platform cannot do something that the scenario needs; the text names
    /// it.
    Unable(String),
    /// The transport failed in another way.
    Error(String),
}

/// Kernel buffers in force, in bytes as the kernel counts them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SocketFacts {
    /// SO_SNDBUF.
    pub send_buffer: Option<u64>,
    /// SO_RCVBUF.
    pub receive_buffer: Option<u64>,
    /// TCP_NOTSENT_LOWAT, if set.
    pub notsent_lowat: Option<u64>,
    /// TCP_CONGESTION.
    pub congestion: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_written_in_the_words_of_scenario_files() {
        let event = Event {
            at_ns: Instant(7),
            utc: None,
            connection: 1,
            key: None,
            fact: Fact::Fault {
                index: 0,
                action: Action::Fin,
                by: Party::Server,
                at_bytes: 12,
                at_wire_bytes: 34,
                in_flight_bytes: 0,
                error_bound_ns: 0,
            },
        };
        let line = serde_json::to_string(&event).unwrap();
        assert!(line.contains(r#""action":"fin","by":"server""#), "{line}");
        assert_eq!(serde_json::from_str::<Event>(&line).unwrap(), event);
    }
}
