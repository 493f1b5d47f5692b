//! The interface between the reader of the socket and the parser of the protocol,
//! and the response that both tasks share.

use std::{
    cell::{Cell, Ref, RefCell},
    io,
    rc::Rc,
    task::Poll,
};

use bytes::Bytes;
use shortread_server::scenario::Deadline;
use tokio::sync::Notify;

use super::{
    incoming::Incoming,
    intake::{Facts, Intake},
    reader::{Chunk, ReadSize, Rules},
};
use crate::{client::Failure, engine::http1::Head};

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

    /// The client has closed the connection itself, for what it was told here.
    fn disconnected(&mut self, into: Intake<'_>) {
        let _ = into;
    }
}

/// One response on its way, shared by the task that owns the connection and
/// the task that reads the body, as a protocol object of asyncio is.
pub(crate) struct Exchange {
    incoming: RefCell<Incoming>,
    stopped: Cell<bool>,
    /// Something changed for the reading task.
    arrived: Notify,
    /// Something changed for the task that owns the connection.
    control: Notify,
}

/// For the task that owns the connection.
impl Exchange {
    pub(crate) fn new(source: Box<dyn BodySource>, rules: &Rules, facts: Facts) -> Rc<Self> {
        Rc::new(Self {
            incoming: RefCell::new(Incoming::new(source, rules, facts)),
            stopped: Cell::new(false),
            arrived: Notify::new(),
            control: Notify::new(),
        })
    }

    /// Bytes came off the transport.
    pub(crate) fn data(&self, bytes: Bytes) {
        self.incoming.borrow_mut().data(bytes);
        self.arrived.notify_one();
    }

    /// The connection is over.
    pub(crate) fn closed(&self, error: Option<io::Error>) {
        self.incoming.borrow_mut().closed(error);
        self.arrived.notify_one();
    }

    /// The client has closed the connection itself.
    pub(crate) fn disconnected(&self) {
        self.incoming.borrow_mut().disconnected();
    }

    /// The request is written.
    pub(crate) fn request_written(&self) {
        self.incoming.borrow_mut().request_written();
    }

    /// A deadline passed.
    pub(crate) fn expired(&self, deadline: Deadline) {
        self.incoming.borrow_mut().expired(deadline);
        self.arrived.notify_one();
    }

    pub(crate) fn facts(&self) -> Ref<'_, Facts> {
        Ref::map(self.incoming.borrow(), Incoming::facts)
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.incoming.borrow().is_paused()
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.incoming.borrow().is_finished()
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.get()
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
        self.stopped.set(true);
        self.control.notify_one();
    }

    /// The response head.
    pub(crate) async fn head(&self) -> Result<Head, Failure> {
        self.wait(|incoming| incoming.poll_head().map_ok(Head::clone))
            .await
    }

    /// `content.read(n)`.
    pub(crate) async fn read(&self, n: usize) -> Result<Bytes, Failure> {
        self.wait(|incoming| incoming.poll_read(ReadSize::UpTo(n)))
            .await
    }

    /// `content.readany()`.
    pub(crate) async fn readany(&self) -> Result<Bytes, Failure> {
        self.wait(Incoming::poll_readany).await
    }

    /// `content.readchunk()`.
    pub(crate) async fn readchunk(&self) -> Result<Chunk, Failure> {
        self.wait(Incoming::poll_readchunk).await
    }

    /// The part of `read(-1)` before its first `readany()`.
    pub(crate) fn begin_read_all(&self) {
        self.incoming.borrow_mut().begin_read_all();
    }

    /// The part of `iter_chunked(n)` at its creation.
    pub(crate) fn begin_iter_chunked(&self, n: usize) {
        self.incoming.borrow_mut().begin_iter_chunked(n);
    }

    /// Checks that `bytes` more fit into the memory budget.
    pub(crate) fn afford(&self, bytes: usize) -> Result<(), Failure> {
        self.facts().budget().map_or(Ok(()), |budget| {
            budget
                .check(bytes as u64)
                .map_err(|over| Failure::memory(&over))
        })
    }

    async fn wait<T>(
        &self,
        mut poll: impl FnMut(&mut Incoming) -> Poll<Result<T, Failure>>,
    ) -> Result<T, Failure> {
        loop {
            if let Poll::Ready(result) = self.poll(&mut poll) {
                return result;
            }
            self.arrived.notified().await;
        }
    }

    fn poll<T>(&self, poll: impl FnOnce(&mut Incoming) -> T) -> T {
        let mut incoming = self.incoming.borrow_mut();
        let seen = |incoming: &Incoming| {
            let due = incoming.sock_read_due();
            (incoming.is_paused(), due, incoming.has_hung_up())
        };
        let before = seen(&incoming);
        let result = poll(&mut incoming);
        if seen(&incoming) != before {
            // It was resumed.
            self.control.notify_one();
        }
        result
    }
}
