//! The seam between what reads the socket and what understands the protocol,
//! and the state that both share with the reading task.

use std::{
    cell::{Ref, RefCell},
    io,
    rc::Rc,
    task::Poll,
};

use bytes::Bytes;
use mock_server::scenario::Deadline;
use tokio::sync::Notify;

use super::{
    head::Head,
    intake::{Facts, Intake},
    report::{Failure, FailureCause},
};
use crate::reader::{Chunk, ReadError, ReadSize, Rules, StreamReader};

/// Turns what comes off a transport into a response: its head, the body's
/// bytes in the stream reader, its end. Without I/O; `pump` does that.
pub trait BodySource {
    /// Bytes arrived: never none, never while reading is paused.
    fn data(&mut self, bytes: Bytes, into: Intake<'_>);

    /// The stream wants more after a pause. What was kept back goes in now,
    /// before the transport is read again; it may pause anew.
    fn resumed(&mut self, into: Intake<'_>);

    /// The connection is over: closed in order, or with an error.
    fn closed(&mut self, error: Option<io::Error>, into: Intake<'_>);
}

/// One response on its way, shared by the task that owns the connection and
/// the task that reads the body, as a protocol object of asyncio is.
pub(crate) struct Exchange {
    inner: RefCell<Inner>,
    /// Something changed for the reading task.
    arrived: Notify,
    /// Something changed for the task that owns the connection.
    control: Notify,
}

struct Inner {
    source: Box<dyn BodySource>,
    reader: StreamReader<Failure>,
    rules: Rules,
    facts: Facts,
    stopped: bool,
}

impl Inner {
    fn split(&mut self) -> (&mut dyn BodySource, Intake<'_>) {
        let intake = Intake {
            reader: &mut self.reader,
            facts: &mut self.facts,
            rules: &self.rules,
        };
        (self.source.as_mut(), intake)
    }
}

/// For the task that owns the connection.
impl Exchange {
    pub(crate) fn new(source: Box<dyn BodySource>, rules: &Rules, facts: Facts) -> Rc<Self> {
        Rc::new(Self {
            inner: RefCell::new(Inner {
                source,
                reader: StreamReader::new(rules, rules.read_bufsize),
                rules: *rules,
                facts,
                stopped: false,
            }),
            arrived: Notify::new(),
            control: Notify::new(),
        })
    }

    /// Bytes came off the transport.
    pub(crate) fn data(&self, bytes: Bytes) {
        let mut inner = self.inner.borrow_mut();
        inner.facts.bytes_came();
        let (source, intake) = inner.split();
        source.data(bytes, intake);
        self.arrived.notify_one();
    }

    /// The connection is over.
    pub(crate) fn closed(&self, error: Option<io::Error>) {
        let mut inner = self.inner.borrow_mut();
        let (source, intake) = inner.split();
        source.closed(error, intake);
        inner.reader.connection_lost();
        inner.facts.finished = true;
        self.arrived.notify_one();
    }

    /// The client has closed the connection itself. A read that waits goes on
    /// waiting, until `total`.
    pub(crate) fn disconnected(&self) {
        self.inner.borrow_mut().reader.connection_lost();
    }

    /// The request is written.
    pub(crate) fn request_written(&self) {
        let mut inner = self.inner.borrow_mut();
        if inner.rules.sock_read_from_request {
            inner.facts.arm_sock_read();
        }
    }

    /// A deadline passed. All but `total` fail the response; `total` fails the
    /// reading task, in its next wait or (by the rules) its next take.
    pub(crate) fn expired(&self, deadline: Deadline) {
        let mut inner = self.inner.borrow_mut();
        if deadline == Deadline::Total {
            inner.facts.expired = true;
            inner.reader.expire_total();
        } else {
            inner.split().1.fail(Failure::deadline(deadline));
        }
        self.arrived.notify_one();
    }

    pub(crate) fn facts(&self) -> Ref<'_, Facts> {
        Ref::map(self.inner.borrow(), |inner| &inner.facts)
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.inner.borrow().reader.is_paused()
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.inner.borrow().stopped
    }

    /// Waits for a resume or for the stop.
    pub(crate) async fn control(&self) {
        self.control.notified().await;
    }
}

/// For the reading task.
impl Exchange {
    /// The task that owns the connection is to let go of it.
    pub(crate) fn stop(&self) {
        self.inner.borrow_mut().stopped = true;
        self.control.notify_one();
    }

    /// The response head.
    pub(crate) async fn head(&self) -> Result<Head, Failure> {
        loop {
            {
                let facts = self.facts();
                if facts.expired {
                    return Err(Failure::deadline(Deadline::Total));
                }
                if let Some(failure) = &facts.failed {
                    return Err(failure.clone());
                }
                if let Some(head) = &facts.head {
                    return Ok(head.clone());
                }
            }
            self.arrived.notified().await;
        }
    }

    /// `content.read(n)`.
    pub(crate) async fn read(&self, n: usize) -> Result<Bytes, Failure> {
        self.wait(|reader, mut upstream| reader.poll_read_with(ReadSize::UpTo(n), &mut upstream))
            .await
    }

    /// `content.readany()`.
    pub(crate) async fn readany(&self) -> Result<Bytes, Failure> {
        self.wait(|reader, mut upstream| reader.poll_readany_with(&mut upstream))
            .await
    }

    /// `content.readchunk()`.
    pub(crate) async fn readchunk(&self) -> Result<Chunk, Failure> {
        self.wait(|reader, mut upstream| reader.poll_readchunk_with(&mut upstream))
            .await
    }

    /// What `read(-1)` does before its first `readany()`.
    pub(crate) fn begin_read_all(&self) {
        self.inner.borrow_mut().reader.begin_read_all();
    }

    /// What `iter_chunked(n)` does as it is created.
    pub(crate) fn begin_iter_chunked(&self, n: usize) {
        self.inner.borrow_mut().reader.begin_iter_chunked(n);
    }

    /// Whether `bytes` more fit into the memory budget.
    pub(crate) fn afford(&self, bytes: usize) -> Result<(), Failure> {
        self.facts().budget().map_or(Ok(()), |budget| {
            budget
                .check(bytes as u64)
                .map_err(|over| Failure::memory(&over))
        })
    }

    async fn wait<T>(
        &self,
        mut read: impl FnMut(&mut Reader, Upward<'_>) -> Read<T>,
    ) -> Result<T, Failure> {
        loop {
            if let Poll::Ready(result) = self.poll(&mut read) {
                return result.map_err(|error| self.read_failure(error));
            }
            self.arrived.notified().await;
        }
    }

    fn poll<T>(&self, read: impl FnOnce(&mut Reader, Upward<'_>) -> Read<T>) -> Read<T> {
        let mut inner = self.inner.borrow_mut();
        let Inner {
            source,
            reader,
            rules,
            facts,
            ..
        } = &mut *inner;
        let mut upstream = |reader: &mut StreamReader<Failure>| {
            // From 3.14 on it is commanded again and again.
            let was_paused = std::mem::take(&mut facts.paused);
            if facts.hung_up || (facts.finished && !facts.ended) {
                return;
            }
            // What the parser has kept comes first. It may pause anew.
            if !facts.ended {
                source.resumed(Intake {
                    reader,
                    facts,
                    rules,
                });
            }
            if facts.finished && !facts.ended {
                return;
            }
            if was_paused || rules.resume_always_arms_sock_read {
                facts.arm_sock_read();
            }
            self.control.notify_one();
        };
        read(reader, &mut upstream)
    }

    fn read_failure(&self, error: ReadError<Failure>) -> Failure {
        match error {
            ReadError::Exception(failure) => failure,
            ReadError::TotalExpired => Failure::deadline(Deadline::Total),
            ReadError::ConnectionClosed => {
                let cause = match self.facts().hung_up {
                    true => FailureCause::Malformed,
                    false => FailureCause::ClosedEarly,
                };
                Failure::of(cause, "RuntimeError", "Connection closed.")
            }
            ReadError::AlreadyWaiting => Failure::of(
                FailureCause::Io,
                "RuntimeError",
                "another read waits for this body",
            ),
        }
    }
}

type Reader = StreamReader<Failure>;

/// What a read resumes.
type Upward<'a> = &'a mut dyn FnMut(&mut Reader);

/// What a read comes to when it is polled.
type Read<T> = Poll<Result<T, ReadError<Failure>>>;
