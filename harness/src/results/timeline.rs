//! One trial over time: the server's bytes, the client's bytes, and the events.
//! Pictures need it, verdicts do not.

mod build;
mod file;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shortread_server::scenario::Party;

pub use crate::measure::ClientSample;
pub use build::timeline;
pub use file::{Line, TimelineHeader};
pub(super) use file::{TimelineError, read, write};

/// A trial over time. Times are nanoseconds from the client's start of connect,
/// as in the trial's record; bytes are body bytes so far, of all downloads of
/// the trial together. Both sides were looked at by themselves, each at times
/// of its own; between two samples of a side, its bytes only grew.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Timeline {
    /// The server's samples, in the order of time.
    pub server: Vec<ServerSample>,
    /// The client's samples, in the order of time.
    pub client: Vec<ClientSample>,
    /// The events, in the order of time.
    pub marks: Vec<Mark>,
}

/// The server's side at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServerSample {
    /// The time.
    pub at_ns: u64,
    /// Bytes handed to the transport.
    pub sent_bytes: u64,
    /// Of those, bytes that wait unsent or unacknowledged on the server's side;
    /// null where that cannot be told.
    pub unacked_bytes: Option<u64>,
}

/// Something that happened at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mark {
    /// The time.
    pub at_ns: u64,
    /// The kind of event.
    pub kind: MarkKind,
    /// The party that did it, if it is known.
    pub by: Option<Party>,
    /// The same for people, in a few words: `reset`, `stall:30s`, `total`.
    pub text: String,
    /// The `Range` field of a request, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<String>,
}

/// Kinds of [`Mark`]s.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum MarkKind {
    /// The server accepted a connection.
    Accepted,
    /// The server read a request.
    Request,
    /// The client had the whole response head.
    Head,
    /// A fault was carried out.
    Fault,
    /// The server had handed over a response to its last byte.
    ResponseEnd,
    /// A deadline of the client passed.
    Deadline,
    /// The connection was over for the server.
    Closed,
    /// A download of the client ended, with the kind of its outcome.
    End,
}

impl MarkKind {
    /// Every kind, in the order in which they may happen.
    pub const ALL: [Self; 8] = [
        Self::Accepted,
        Self::Request,
        Self::Head,
        Self::Fault,
        Self::ResponseEnd,
        Self::Deadline,
        Self::Closed,
        Self::End,
    ];
}
