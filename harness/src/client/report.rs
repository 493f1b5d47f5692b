//! The client's report at the end of a trial.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shortread_server::{
    clock::Instant,
    journal::SocketFacts,
    scenario::{Deadline, Framing},
};

use super::course::Account;
use crate::measure::{ClientSample, Histograms, Summary};

/// Everything that a trial process reports. With `parallel` downloads, counts are
/// sums and histograms cover all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientReport {
    /// The end of each download, in the order of their start.
    pub downloads: Vec<Download>,
    /// Start of the first connect: the record's zero.
    pub started: Instant,
    /// End of the last download.
    pub ended: Instant,
    /// Nanoseconds between two chunks handed to the application (the first
    /// counts from the end of the head).
    pub gap_ns: Summary,
    /// Nanoseconds inside each read call.
    pub read_call_ns: Summary,
    /// Bytes of each chunk.
    pub chunk_bytes: Summary,
    /// Nanoseconds in which bytes kept coming: the waits between two reads from
    /// the transport, except those above 1 s; with several downloads, the
    /// longest.
    pub flowing_ns: u64,
    /// Reads from the transport that returned data.
    pub transport_reads: u64,
    /// Chunks written to the sink.
    pub sink_writes: u64,
    /// CPU time of the trial, user and system.
    pub cpu_ns: Option<u64>,
    /// Most heap in use at once, above what was in use at the start.
    pub peak_heap_bytes: Option<u64>,
    /// Most resident memory of the process (VmHWM).
    pub vm_hwm_bytes: Option<u64>,
    /// Most bytes seen waiting in the client's receive queue (SIOCINQ).
    pub max_receive_queue_bytes: Option<u64>,
    /// The client's socket buffers.
    pub sockets: SocketFacts,
    /// Samples of the client over time, from `started` on: the extremes of
    /// waiting bytes, and the ends of long gaps.
    #[serde(default)]
    pub samples: Vec<ClientSample>,
    /// The values behind the three summaries.
    #[serde(default)]
    pub histograms: Histograms,
}

/// The end of one download, as its client saw it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Download {
    /// The answer of the client to its caller.
    pub verdict: Verdict,
    /// The status code, if a head was read.
    pub status: Option<u16>,
    /// The framing, if a head was read.
    pub framing: Option<Framing>,
    /// The length of the body that the head announced.
    pub declared_bytes: Option<u64>,
    /// Body bytes taken off the transport, before content decoding, by the last attempt.
    pub received_bytes: u64,
    /// The same by the attempts before it.
    #[serde(default)]
    pub earlier_bytes: u64,
    /// Bytes handed to the application, after content decoding.
    pub delivered_bytes: u64,
    /// Bytes left in the kernel's receive queue at the end.
    pub kernel_unread_bytes: Option<u64>,
    /// The first delivered byte that differs from the object.
    pub first_bad_offset: Option<u64>,
    /// The offset of the object that those bytes belong to, if they are bytes of
    /// the object.
    pub arrived_offset: Option<u64>,
    /// Bytes of the object that the file fits best; absent before any response.
    #[serde(default)]
    pub object_bytes: Option<u64>,
    /// The time at which its connect started.
    pub started: Instant,
    /// The time at which it ended.
    pub ended: Instant,
    /// The time at which the first byte of the response arrived.
    pub first_byte: Option<Instant>,
    /// The time at which the response head was complete for the reader.
    #[serde(default)]
    pub head: Option<Instant>,
    /// The time at which the last body byte was delivered.
    pub last_progress: Option<Instant>,
    /// The account of the client around the library, where there is one.
    #[serde(default)]
    pub account: Option<Account>,
    /// The number of its last connection in the trial, from 1.
    #[serde(default)]
    pub connection: Option<u32>,
    /// True if that connection had carried an earlier request.
    #[serde(default)]
    pub reused: bool,
}

/// The client's answer to its caller.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The client reported a whole download.
    Success,
    /// The client reported a failure.
    Failure(Failure),
    /// The client reported nothing until the harness gave up.
    GaveUp,
}

/// The failure that the client reports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// The cause, from the error's source chain, never from its text.
    pub cause: FailureCause,
    /// The error chain, outermost first.
    pub error: Vec<ErrorLink>,
    /// The exception that the real library raises here.
    pub exception: Option<String>,
}

/// One link of an error chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorLink {
    /// Its text.
    pub message: String,
    /// The operating system's error number, if there is one.
    pub errno: Option<i32>,
}

impl From<String> for ErrorLink {
    /// A message without an error of the operating system.
    fn from(message: String) -> Self {
        Self {
            message,
            errno: None,
        }
    }
}

/// The event behind a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureCause {
    /// No connection could be made (ECONNREFUSED and the like).
    Connect,
    /// A deadline passed. ETIMEDOUT from the kernel is [`Deadline::Keepalive`].
    Deadline(Deadline),
    /// RST: ECONNRESET, EPIPE or ECONNABORTED.
    Reset,
    /// The peer closed before the announced end; also before a response head
    /// was complete.
    ClosedEarly,
    /// The bytes are not an HTTP response, or not the announced coding.
    Malformed,
    /// The memory budget was exceeded.
    OutOfMemory,
    /// Writing to the sink's file failed.
    Sink,
    /// The sink's disk was full, as the scenario says.
    DiskFull,
    /// This machine had no descriptor, port or memory left for a connection.
    Resources,
    /// Another error of the transport.
    Io,
    /// The client around the library gave the attempt up: no byte, or too few, for too
    /// long.
    Stalled,
    /// A check of the client around the library failed.
    Rejected,
}
