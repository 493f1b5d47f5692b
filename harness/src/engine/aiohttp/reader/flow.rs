//! The inputs and outputs of the reader besides bytes.

use std::task::Poll;

use bytes::Bytes;
use thiserror::Error;

use super::StreamReader;

/// The command of a producer's call to the transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "the transport must be paused or resumed as commanded"]
pub enum FlowCommand {
    /// Nothing.
    Unchanged,
    /// Stop reading. From 3.14 on it may be commanded again while paused.
    Pause,
    /// Read on. From 3.14 on it may be commanded while not paused.
    Resume,
}

/// The reader of the transport, for the time of one read call.
///
/// Every closure over a reader is one. It is called once for each resume, in the
/// middle of the read, between two pieces.
pub trait Upstream<E> {
    /// Resumes reading. It may feed `reader` at once, as the library does from
    /// 3.14 on with input that its parser kept back; pauses that this commands
    /// are its own to obey.
    fn resume(&mut self, reader: &mut StreamReader<E>);
}

impl<E, F: FnMut(&mut StreamReader<E>)> Upstream<E> for F {
    fn resume(&mut self, reader: &mut StreamReader<E>) {
        self(reader)
    }
}

/// The result of a consumer's call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "it holds the bytes, and the transport must be resumed as commanded"]
pub struct Polled<T, E> {
    /// The call's result; pending while it waits for bytes or the end.
    pub poll: Poll<Result<T, ReadError<E>>>,
    /// The number of times that the call commanded [`FlowCommand::Resume`]. From 3.14 on
    /// a read of several pieces may do so for each. A read never pauses.
    pub resumes: usize,
}

/// The number of bytes that a read asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadSize {
    /// `read(-1)`: all up to the end; `read_nowait(-1)`: all that is buffered.
    All,
    /// At most so many bytes, fewer where the buffer runs dry.
    UpTo(usize),
}

/// The result of `readchunk`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Bytes of one HTTP chunk, or of no chunk at all where the body is not
    /// chunked.
    pub data: Bytes,
    /// An HTTP chunk ends after these bytes.
    pub end: bool,
}

impl Chunk {
    /// True if this marks the end of the body, which ends `iter_chunks`.
    pub fn is_last(&self) -> bool {
        self.data.is_empty() && !self.end
    }
}

/// The reason why a read failed. `E` is the exception that the connection's owner
/// gave to [`StreamReader::set_exception`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReadError<E> {
    /// The stream failed. What is buffered stays there, out of reach.
    #[error("{0}")]
    Exception(E),
    /// The total deadline passed: `asyncio.TimeoutError` without a text.
    #[error("total deadline passed")]
    TotalExpired,
    /// Nothing is buffered and the connection is gone:
    /// `RuntimeError("Connection closed.")`, from 3.10.6 on.
    #[error("connection closed before the end of the body: nothing more can arrive")]
    ConnectionClosed,
    /// Another read waits already: `RuntimeError`.
    #[error("another read waits for this body: finish or cancel it first")]
    AlreadyWaiting,
}

/// The reason why a mark of an HTTP chunk was refused; the library raises
/// `RuntimeError`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MarkError {
    /// The first chunk began after bytes had been fed.
    #[error("first chunk begins after body bytes: begin it before feeding")]
    LateBegin,
    /// A chunk ended and none ever began.
    #[error("chunk ends and none began: begin it first")]
    NoBegin,
}
