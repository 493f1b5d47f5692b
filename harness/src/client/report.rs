//! What the client side of one trial knows when it ends.

use mock_server::{
    clock::Instant,
    journal::SocketFacts,
    scenario::{Deadline, Framing},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::measure::{ClientSample, Histograms, Summary};

/// Everything that one trial process reports. Where `parallel` downloads ran,
/// counts are sums and histograms cover all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientReport {
    /// Each download's end, in the order of their start.
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
    /// Nanoseconds in which bytes kept coming: the waits between two reads
    /// from the transport, those above 1 s left out; of several downloads, the
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
    /// What the client had over time, from `started` on: the extremes of what
    /// waited, and the ends of long gaps.
    #[serde(default)]
    pub samples: Vec<ClientSample>,
    /// Of the values behind the three summaries.
    #[serde(default)]
    pub histograms: Histograms,
}

/// How one download ended, as its client saw it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Download {
    /// What the client reported.
    pub verdict: Verdict,
    /// Status code, where a head was read.
    pub status: Option<u16>,
    /// Framing, where a head was read.
    pub framing: Option<Framing>,
    /// What the head announced as the body's length.
    pub declared_bytes: Option<u64>,
    /// Body bytes taken off the transport, before content decoding.
    pub received_bytes: u64,
    /// Bytes handed to the application, after content decoding.
    pub delivered_bytes: u64,
    /// Bytes left in the kernel's receive queue at the end.
    pub kernel_unread_bytes: Option<u64>,
    /// The first delivered byte that differs from the object.
    pub first_bad_offset: Option<u64>,
    /// The offset of the object whose bytes stand there instead, where they
    /// are the object's at all.
    pub arrived_offset: Option<u64>,
    /// When its connect started.
    pub started: Instant,
    /// When it ended.
    pub ended: Instant,
    /// When the first byte of the response arrived.
    pub first_byte: Option<Instant>,
    /// When the response head was complete for the reading side.
    #[serde(default)]
    pub head: Option<Instant>,
    /// When the last body byte was delivered.
    pub last_progress: Option<Instant>,
    /// The number of its last connection among those of the trial, from 1.
    #[serde(default)]
    pub connection: Option<u32>,
}

/// What the client told its caller.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The download is whole, it says.
    Success,
    /// It failed.
    Failure(Failure),
    /// It said nothing until the harness gave up.
    GaveUp,
}

/// Why the client says that it failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// What happened, by the error's source chain, never by its text.
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
    /// The operating system's error number, where it is one.
    pub errno: Option<i32>,
}

/// The event at the bottom of a failure.
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
    /// Another error of the transport.
    Io,
}
