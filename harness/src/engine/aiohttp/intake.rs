//! The connection's view of one response, and the only way for a body source to
//! reach the stream reader.

use std::time::Duration;

use bytes::Bytes;
use shortread_server::clock::{Clock, Instant};

use super::reader::{FlowCommand, Rules, StreamReader};
use crate::{
    client::{Failure, FailureCause, Watched},
    engine::http1::Head,
    measure::heap::{Budget, OverBudget},
};

/// Counts and states of one exchange.
#[derive(Debug)]
pub struct Facts {
    /// The response head, once complete.
    pub(crate) head: Option<Head>,
    /// The failure before the head was complete.
    pub(crate) failed: Option<Failure>,
    /// The source has parsed the body's end.
    pub(crate) ended: bool,
    /// The time of that.
    pub(crate) ended_at: Option<Instant>,
    /// The head lets the connection carry another response.
    pub(crate) keeps: bool,
    /// Bytes came behind the end, which belong to nothing, or the connection ended.
    pub(crate) spoiled: bool,
    /// Nothing more is to be read from the connection: the end, or a failure.
    pub(crate) finished: bool,
    /// The total deadline has passed.
    pub(crate) expired: bool,
    /// The client closes the connection because its parser refused the input. If
    /// the body did not fail too, the reading side is not told, and waits.
    pub(crate) hung_up: bool,
    /// Body bytes off the transport, before content decoding.
    pub(crate) received_bytes: u64,
    pub(crate) first_byte: Option<Instant>,
    /// The stream has commanded a pause and no resume since.
    pub(crate) paused: bool,
    /// The time at which `sock_read` is due; `None` while it is off, dropped or
    /// paused.
    pub(crate) sock_read_due: Option<Instant>,
    sock_read: Option<Duration>,
    budget: Option<Budget>,
    watched: Option<Watched>,
    clock: Clock,
}

impl Facts {
    /// Of an exchange that begins. `sock_read` of zero is off, as `None` is.
    pub fn new(clock: Clock, sock_read: Option<Duration>, budget: Option<Budget>) -> Self {
        Self {
            head: None,
            failed: None,
            ended: false,
            ended_at: None,
            keeps: false,
            spoiled: false,
            finished: false,
            expired: false,
            hung_up: false,
            paused: false,
            received_bytes: 0,
            first_byte: None,
            sock_read_due: None,
            // aiohttp takes 0 for off.
            sock_read: sock_read.filter(|time| !time.is_zero()),
            budget,
            watched: None,
            clock,
        }
    }

    /// The same, telling `watched` how far it is.
    pub(crate) fn watched(self, watched: Watched) -> Self {
        Self {
            watched: Some(watched),
            ..self
        }
    }

    /// The receive queue holds `queued` bytes.
    pub(crate) fn look(&self, queued: Option<u64>) {
        if let Some(watched) = &self.watched {
            watched.transport(self.clock.now(), queued, self.received_bytes);
        }
    }

    /// Starts `sock_read` afresh.
    pub(crate) fn arm_sock_read(&mut self) {
        self.sock_read_due = self.sock_read.map(|time| self.clock.now() + time);
    }

    /// Bytes came off the transport.
    pub(crate) fn bytes_came(&mut self) {
        self.first_byte.get_or_insert_with(|| self.clock.now());
        self.arm_sock_read();
    }

    /// Nothing more is read from the connection: its silence means nothing.
    pub(crate) fn finish(&mut self) {
        self.finished = true;
        self.sock_read_due = None;
    }

    /// The time from which the connection waits for another request: `should_close` of
    /// `ResponseHandler` is false (client_proto.py).
    pub(crate) fn kept_from(&self) -> Option<Instant> {
        let kept = self.keeps && !self.spoiled && !self.hung_up && self.failed.is_none();
        self.ended_at.filter(|_| kept)
    }

    pub(crate) fn budget(&self) -> Option<&Budget> {
        self.budget.as_ref()
    }
}

/// The stream reader and the facts, for the time of one call.
#[derive(Debug)]
pub struct Intake<'a> {
    pub(crate) reader: &'a mut StreamReader<Failure>,
    pub(crate) facts: &'a mut Facts,
    pub(crate) rules: &'a Rules,
}

impl Intake<'_> {
    /// The rules of the release that is followed.
    pub fn rules(&self) -> &Rules {
        self.rules
    }

    /// The head is complete.
    pub fn head(&mut self, head: Head) {
        self.facts.head = Some(head);
    }

    /// Body bytes came off the transport, before content decoding.
    pub fn count(&mut self, bytes: usize) {
        self.facts.received_bytes += bytes as u64;
    }

    /// Hands decoded bytes to the stream, if the memory budget allows it. Returns
    /// true if the stream commanded a pause.
    pub fn feed(&mut self, bytes: Bytes) -> bool {
        // The bytes exist already, and count.
        if let Some(Err(over)) = self.facts.budget.map(|budget| budget.check(0)) {
            self.fail(Failure::memory(&over));
            return false;
        }
        let flow = self.reader.feed(bytes);
        self.obey(flow)
    }

    /// Checks that `bytes` more fit into the memory budget.
    ///
    /// # Errors
    /// [`OverBudget`]
    pub fn afford(&self, bytes: usize) -> Result<(), OverBudget> {
        let budget = self.facts.budget.as_ref();
        budget.map_or(Ok(()), |budget| budget.check(bytes as u64))
    }

    /// The most that one step of decoding may bring: the larger of the
    /// reader's limit and its low watermark; no bound under a `read(-1)`.
    pub fn decode_step(&self) -> usize {
        match self.reader.low() {
            low if low >= isize::MAX as usize => usize::MAX,
            low => low.max(self.rules.read_bufsize),
        }
    }

    /// An HTTP chunk begins.
    pub fn begin_chunk(&mut self) {
        // It is refused where the first chunk is late, which a source's order
        // of calls rules out.
        let _ = self.reader.begin_chunk();
    }

    /// An HTTP chunk ended. Whether that commanded a pause.
    pub fn end_chunk(&mut self) -> bool {
        self.reader.end_chunk().is_ok_and(|flow| self.obey(flow))
    }

    /// The body is whole: deadlines end here, whatever of it is yet unread.
    pub fn end(&mut self) {
        if self.reader.feed_eof() == FlowCommand::Resume {
            self.facts.paused = false;
        }
        self.facts.ended = true;
        self.facts.ended_at = Some(self.facts.clock.now());
        self.facts.finish();
    }

    /// The response failed. What is buffered is lost to the reading side. Where
    /// memory is used up the whole program is, so that no read outlives it.
    pub fn fail(&mut self, failure: Failure) {
        if self.facts.head.is_none() {
            self.facts.failed = Some(failure);
        } else if failure.cause == FailureCause::OutOfMemory {
            self.reader.abort(failure);
        } else {
            self.reader.set_exception(failure);
        }
        self.facts.finish();
    }

    /// The body failed and the connection did not: it is read on.
    pub fn fail_body(&mut self, failure: Failure) {
        self.reader.set_exception(failure);
    }

    /// The client closes the connection. That alone tells the reading side
    /// nothing.
    pub fn hang_up(&mut self) {
        self.facts.hung_up = true;
        self.facts.sock_read_due = None;
    }

    /// True if a read waits for bytes or the end.
    pub fn is_awaited(&self) -> bool {
        self.reader.is_waiting()
    }

    /// True if the stream wants no more for now.
    pub fn is_paused(&self) -> bool {
        self.reader.is_paused()
    }

    /// True if the response has ended, well or badly.
    pub fn is_finished(&self) -> bool {
        self.facts.finished
    }

    fn obey(&mut self, flow: FlowCommand) -> bool {
        // Feeding never resumes; the end does, when nothing is left to read.
        let paused = flow == FlowCommand::Pause;
        if paused {
            self.facts.paused = true;
            // Nobody looks at the socket now, so its silence means nothing.
            self.facts.sock_read_due = None;
        }
        paused
    }
}
