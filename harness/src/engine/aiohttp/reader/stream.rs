//! The reader's state, its producer side and its observers. Reads are in
//! `consume`.

use std::collections::VecDeque;

use bytes::Bytes;

use super::{FlowCommand, MarkError, ReadError, ReadSize, Rules};

/// The most that one read of the transport brings, in bytes: asyncio reads
/// 256 KiB at a time, and its TLS joins the records of one wake-up up to there.
pub const TRANSPORT_READ: usize = 262_144;

/// Buffers a response body between the connection that feeds it and the one
/// read that empties it, with the watermarks that pause and resume reading.
///
/// One consumer: a call that returned pending is continued by the same call
/// with the same argument. Another one is refused while it waits
/// ([`ReadError::AlreadyWaiting`]).
///
/// Pieces go through as they were fed. A read of part of a piece shares its
/// memory; a read across pieces joins them in one allocation.
#[derive(Debug)]
pub struct StreamReader<E> {
    pub(super) rules: Rules,
    // None of them empty; the consumed part of the first is already split off.
    pub(super) pieces: VecDeque<Bytes>,
    pub(super) size: usize,
    pub(super) cursor: u64,
    pub(super) total: u64,
    pub(super) low: usize,
    pub(super) high: usize,
    // The ends of HTTP chunks, as offsets of the body. None until one begins.
    pub(super) splits: Option<VecDeque<u64>>,
    pub(super) splits_low: usize,
    pub(super) splits_high: usize,
    pub(super) eof: bool,
    pub(super) exception: Option<E>,
    pub(super) paused: bool,
    pub(super) connected: bool,
    pub(super) expired: bool,
    pub(super) wait: Wait<E>,
    // The blocks that a waiting `read(-1)` has collected so far.
    pub(super) blocks: Vec<Bytes>,
}

/// The one read that may wait.
#[derive(Debug)]
pub(super) enum Wait<E> {
    /// None does.
    Idle,
    /// It waits: nothing has happened for it yet.
    Pending(Call),
    /// Something happened; it looks again when it is polled.
    Woken(Call),
    /// It fails when it is polled, whatever has arrived since.
    Failed(Call, ReadError<E>),
}

/// The kind of read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    Read(ReadSize),
    ReadAny,
    ReadChunk,
}

impl<E: Clone> StreamReader<E> {
    /// An empty reader. `limit` is the `read_bufsize`, in bytes: the low
    /// watermark, and half of the high one. With 0 a paused body is not
    /// resumed before its end, as nothing is below 0.
    pub fn new(rules: &Rules, limit: usize) -> Self {
        let (splits_low, splits_high) = match &rules.chunk_splits {
            Some(splits) => splits.at(limit),
            None => (usize::MAX, usize::MAX),
        };
        Self {
            rules: *rules,
            pieces: VecDeque::new(),
            size: 0,
            cursor: 0,
            total: 0,
            low: limit,
            high: limit.saturating_mul(2),
            splits: None,
            splits_low,
            splits_high,
            eof: false,
            exception: None,
            paused: false,
            connected: true,
            expired: false,
            wait: Wait::Idle,
            blocks: Vec::new(),
        }
    }

    /// Appends body bytes, after content decoding. They are taken whole: the
    /// size may exceed the high watermark by one feed.
    ///
    /// Nothing may follow the end: after [`StreamReader::feed_eof`] the bytes
    /// are dropped, where the library fails an assertion.
    pub fn feed(&mut self, data: Bytes) -> FlowCommand {
        if data.is_empty() || self.eof {
            return FlowCommand::Unchanged;
        }
        self.size += data.len();
        self.total += data.len() as u64;
        self.pieces.push_back(data);
        self.wake();
        if self.size > self.high {
            self.pause()
        } else {
            FlowCommand::Unchanged
        }
    }

    /// Marks that an HTTP chunk begins.
    ///
    /// # Errors
    /// It is the first one, and bytes were fed before it.
    pub fn begin_chunk(&mut self) -> Result<(), MarkError> {
        if self.splits.is_none() {
            if self.total > 0 {
                return Err(MarkError::LateBegin);
            }
            self.splits = Some(VecDeque::new());
        }
        Ok(())
    }

    /// Marks that an HTTP chunk ends. A chunk without bytes, or without any that
    /// could be decoded yet, leaves no mark.
    ///
    /// # Errors
    /// No chunk ever began.
    pub fn end_chunk(&mut self) -> Result<FlowCommand, MarkError> {
        let splits = self.splits.as_mut().ok_or(MarkError::NoBegin)?;
        if self.total == splits.back().copied().unwrap_or(0) {
            return Ok(FlowCommand::Unchanged);
        }
        splits.push_back(self.total);
        let flow = if splits.len() > self.splits_high {
            self.pause()
        } else {
            FlowCommand::Unchanged
        };
        // A read may wake to nothing here: `readchunk` has to see the mark.
        self.wake();
        Ok(flow)
    }

    /// Marks the end of the body. The resume that it commands (by the rules)
    /// is for the transport alone: the parser has nothing left.
    pub fn feed_eof(&mut self) -> FlowCommand {
        self.eof = true;
        self.wake();
        if self.rules.eof_resumes {
            self.resume()
        } else {
            FlowCommand::Unchanged
        }
    }

    /// Fails the stream: the read that waits and every later one. What is
    /// buffered stays in memory and cannot be read any more. A read that was
    /// woken before and has not been polled since still gets its bytes; where an
    /// HTTP chunk's end woke it there are none, and all but `readchunk` wait
    /// again, for the total deadline.
    pub fn set_exception(&mut self, exception: E) {
        if let Wait::Pending(call) = self.wait {
            self.wait = Wait::Failed(call, ReadError::Exception(exception.clone()));
        }
        self.exception = Some(exception);
    }

    /// Fails the stream for good: the read that waits, one that was woken and
    /// has not been polled since, and every later one. For what ends the program
    /// and not the response.
    pub fn abort(&mut self, exception: E) {
        if let Wait::Pending(call) | Wait::Woken(call) = self.wait {
            self.wait = Wait::Failed(call, ReadError::Exception(exception.clone()));
        }
        self.exception = Some(exception);
    }

    /// The transport is gone. The rules say whether a later read that has to
    /// wait is refused; one that waits already goes on waiting.
    pub fn connection_lost(&mut self) {
        self.connected = false;
    }

    /// The total deadline has passed. The read that waits fails, and so does
    /// each that has to wait; the rules say whether buffered bytes can still
    /// be taken.
    pub fn expire_total(&mut self) {
        self.expired = true;
        if let Wait::Pending(call) | Wait::Woken(call) = self.wait {
            self.wait = Wait::Failed(call, ReadError::TotalExpired);
        }
    }

    /// Raises the watermarks to a consumer's size, by the rules.
    pub(super) fn raise_watermarks(&mut self, n: usize) {
        if self.rules.reader_raises_watermarks && n > self.low {
            self.low = n;
            self.high = n.saturating_mul(2);
        }
    }

    pub(super) fn resume(&mut self) -> FlowCommand {
        if self.paused || self.rules.flow_unconditional {
            self.paused = false;
            FlowCommand::Resume
        } else {
            FlowCommand::Unchanged
        }
    }

    fn pause(&mut self) -> FlowCommand {
        if !self.paused || self.rules.flow_unconditional {
            self.paused = true;
            FlowCommand::Pause
        } else {
            FlowCommand::Unchanged
        }
    }

    fn wake(&mut self) {
        if let Wait::Pending(call) = self.wait {
            self.wait = Wait::Woken(call);
        }
    }
}

/// Observers.
impl<E> StreamReader<E> {
    /// Bytes buffered.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Bytes read so far: the body offset of the next read.
    pub fn cursor(&self) -> u64 {
        self.cursor
    }

    /// Bytes ever fed.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Low watermark, in bytes: reading resumes below it.
    pub fn low(&self) -> usize {
        self.low
    }

    /// High watermark, in bytes: reading pauses above it.
    pub fn high(&self) -> usize {
        self.high
    }

    /// The most bytes that can be buffered, when one read of the transport
    /// brings at most `transport_read` bytes of an identity-coded body.
    pub fn size_max(&self, transport_read: usize) -> usize {
        self.high.saturating_add(transport_read)
    }

    /// Body offsets of the HTTP chunk ends not yet passed; None before the
    /// first chunk begins.
    pub fn splits(&self) -> Option<&VecDeque<u64>> {
        self.splits.as_ref()
    }

    /// True if the body's end was fed.
    pub fn is_eof(&self) -> bool {
        self.eof
    }

    /// True if the body's end was fed and everything before it was read.
    pub fn at_eof(&self) -> bool {
        self.eof && self.pieces.is_empty()
    }

    /// The failure of the stream.
    pub fn exception(&self) -> Option<&E> {
        self.exception.as_ref()
    }

    /// True if reading is paused by the last command.
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// True if a read waits and there is nothing to look at yet.
    pub fn is_waiting(&self) -> bool {
        matches!(self.wait, Wait::Pending(_))
    }
}

#[cfg(test)]
mod tests;
