//! One response being received, without I/O: a body source, the stream reader
//! that it fills, and the state of both.
//!
//! The owner of the connection reports its events; the reader of the body polls.
//! A read may resume the source, which then feeds the reader in the middle of
//! that read. Nothing here waits: after each call the owner checks if reading [is
//! paused](Incoming::is_paused) and the time at which `sock_read` [is
//! due](Incoming::sock_read_due).

use std::{io, task::Poll};

use bytes::Bytes;
use shortread_server::{clock::Instant, scenario::Deadline};

use super::{
    intake::{Facts, Intake},
    reader::{Chunk, ReadError, ReadSize, Rules, StreamReader, Upstream},
    source::BodySource,
};
use crate::{
    client::{Failure, FailureCause},
    engine::http1::Head,
};

/// A response on its way. See the module.
pub struct Incoming {
    source: Box<dyn BodySource>,
    reader: StreamReader<Failure>,
    rules: Rules,
    facts: Facts,
}

/// For the owner of the connection.
impl Incoming {
    /// The connection is there and the request is yet to be written. The
    /// reader's limit is the rules' `read_bufsize`.
    pub fn new(source: Box<dyn BodySource>, rules: &Rules, mut facts: Facts) -> Self {
        if !rules.sock_read_from_request {
            facts.arm_sock_read();
        }
        Self {
            source,
            reader: StreamReader::new(rules, rules.read_bufsize),
            rules: *rules,
            facts,
        }
    }

    /// The request is written.
    pub fn request_written(&mut self) {
        if self.rules.sock_read_from_request {
            self.facts.arm_sock_read();
        }
    }

    /// Bytes came off the transport: never none, never while paused.
    pub fn data(&mut self, bytes: Bytes) {
        self.facts.bytes_came();
        let (source, intake) = self.split();
        source.data(bytes, intake);
    }

    /// The connection is over: closed in order, or with an error.
    pub fn closed(&mut self, error: Option<io::Error>) {
        let (source, intake) = self.split();
        source.closed(error, intake);
        self.facts.spoiled = true;
        self.reader.connection_lost();
        self.facts.finish();
    }

    /// The client has closed the connection itself. A read that waits goes on
    /// waiting, until `total`.
    pub fn disconnected(&mut self) {
        let (source, intake) = self.split();
        source.disconnected(intake);
        self.reader.connection_lost();
        // A read that resumed the parser has armed it behind the refusal.
        self.facts.sock_read_due = None;
    }

    /// A deadline passed. All but `total` fail the response; `total` fails the
    /// reading side, in its next wait or (by the rules) its next take.
    pub fn expired(&mut self, deadline: Deadline) {
        if deadline == Deadline::Total {
            // A request that failed before has failed, not expired.
            self.facts.expired = self.facts.failed.is_none();
            self.reader.expire_total();
        } else {
            self.split().1.fail(Failure::deadline(deadline));
        }
    }

    /// True if the transport must not be read.
    pub fn is_paused(&self) -> bool {
        self.reader.is_paused()
    }

    /// The time at which `sock_read` is due; `None` while it is off, dropped or
    /// paused.
    pub fn sock_read_due(&self) -> Option<Instant> {
        self.facts.sock_read_due
    }

    /// True if nothing more must be read from the connection: after the body's
    /// end, or a failure.
    pub fn is_finished(&self) -> bool {
        self.facts.finished
    }

    /// True if the client closes the connection because its parser refused the
    /// input, and the reading side is not told.
    pub fn has_hung_up(&self) -> bool {
        self.facts.hung_up
    }

    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }

    fn split(&mut self) -> (&mut dyn BodySource, Intake<'_>) {
        let intake = Intake {
            reader: &mut self.reader,
            facts: &mut self.facts,
            rules: &self.rules,
        };
        (self.source.as_mut(), intake)
    }
}

/// For the reading side. Reads are those of [`StreamReader`]: one that is
/// pending is continued by the same call.
impl Incoming {
    /// The response head.
    pub fn poll_head(&self) -> Poll<Result<&Head, Failure>> {
        if self.facts.expired {
            return Poll::Ready(Err(Failure::deadline(Deadline::Total)));
        }
        if let Some(failure) = &self.facts.failed {
            return Poll::Ready(Err(failure.clone()));
        }
        match &self.facts.head {
            Some(head) => Poll::Ready(Ok(head)),
            None => Poll::Pending,
        }
    }

    /// `content.read(n)`.
    pub fn poll_read(&mut self, n: ReadSize) -> Poll<Result<Bytes, Failure>> {
        self.with_upstream(|reader, upstream| reader.poll_read_with(n, upstream))
            .map_err(|error| self.read_failure(error))
    }

    /// `content.readany()`.
    pub fn poll_readany(&mut self) -> Poll<Result<Bytes, Failure>> {
        self.with_upstream(|reader, upstream| reader.poll_readany_with(upstream))
            .map_err(|error| self.read_failure(error))
    }

    /// `content.readchunk()`.
    pub fn poll_readchunk(&mut self) -> Poll<Result<Chunk, Failure>> {
        self.with_upstream(|reader, upstream| reader.poll_readchunk_with(upstream))
            .map_err(|error| self.read_failure(error))
    }

    /// `content.read_nowait(n)`.
    ///
    /// # Errors
    /// The failure of the response, or a read that waits.
    pub fn read_nowait(&mut self, n: ReadSize) -> Result<Bytes, Failure> {
        self.with_upstream(|reader, upstream| reader.read_nowait_with(n, upstream))
            .map_err(|error| self.read_failure(error))
    }

    /// The part of `read(-1)` before its first `readany()`.
    pub fn begin_read_all(&mut self) {
        self.reader.begin_read_all();
    }

    /// The part of `iter_chunked(n)` at its creation.
    pub fn begin_iter_chunked(&mut self, n: usize) {
        self.reader.begin_iter_chunked(n);
    }

    /// The stream reader as it stands.
    pub fn reader(&self) -> &StreamReader<Failure> {
        &self.reader
    }

    fn read_failure(&self, error: ReadError<Failure>) -> Failure {
        match error {
            ReadError::Exception(failure) => failure,
            ReadError::TotalExpired => Failure::deadline(Deadline::Total),
            ReadError::ConnectionClosed => {
                let cause = match self.facts.hung_up {
                    true => FailureCause::Malformed,
                    false => FailureCause::ClosedEarly,
                };
                Failure::of(cause, "Connection closed.").named("RuntimeError")
            }
            ReadError::AlreadyWaiting => {
                Failure::of(FailureCause::Io, "another read waits for this body")
                    .named("RuntimeError")
            }
        }
    }

    /// Runs `read` with this response's source behind the reader.
    fn with_upstream<T>(
        &mut self,
        read: impl FnOnce(&mut StreamReader<Failure>, &mut Behind<'_>) -> T,
    ) -> T {
        let mut behind = Behind {
            source: self.source.as_mut(),
            rules: &self.rules,
            facts: &mut self.facts,
        };
        read(&mut self.reader, &mut behind)
    }
}

/// The target that a read resumes.
struct Behind<'a> {
    source: &'a mut dyn BodySource,
    rules: &'a Rules,
    facts: &'a mut Facts,
}

impl Upstream<Failure> for Behind<'_> {
    fn resume(&mut self, reader: &mut StreamReader<Failure>) {
        // From 3.14 on it is commanded again and again.
        let was_paused = std::mem::take(&mut self.facts.paused);
        if self.facts.hung_up || (self.facts.finished && !self.facts.ended) {
            return;
        }
        // The parser's kept input comes first. It may pause again.
        if !self.facts.ended {
            self.source.resumed(Intake {
                reader,
                facts: self.facts,
                rules: self.rules,
            });
        }
        if self.facts.finished && !self.facts.ended {
            return;
        }
        if was_paused || self.rules.resume_always_arms_sock_read {
            self.facts.arm_sock_read();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use shortread_server::{clock::Clock, scenario::Parser};

    use super::*;
    use crate::engine::aiohttp::{Protocol, reader::Profile};

    #[test]
    fn sock_read_counts_the_writing_of_the_request_before_3_9() {
        for (profile, before) in [("aiohttp-3.8.6", true), ("aiohttp-3.9.0", false)] {
            let facts = Facts::new(Clock::real(), Some(Duration::from_secs(5)), None);
            let rules = Profile::parse(profile).unwrap().0.rules;
            let protocol = Box::new(Protocol::new(Parser::C));
            let mut incoming = Incoming::new(protocol, &rules, facts);
            assert_eq!(incoming.sock_read_due().is_some(), before, "{profile}");
            incoming.request_written();
            assert!(incoming.sock_read_due().is_some(), "{profile}");
        }
    }
}
