//! The consumer side: the result of each read of the library, and its waits.
//!
//! Every poll has a twin that ends in `_with` and takes the [`Upstream`] to
//! resume; without one, resumes are counted for the caller.

use std::{
    mem,
    task::{Poll, ready},
};

use bytes::Bytes;

use super::{
    Chunk, FlowCommand, Polled, ReadError, ReadSize, StreamReader, Upstream,
    stream::{Call, Wait},
};

/// Python's `sys.maxsize`: what `read(-1)` raises the low watermark to.
const UNLIMITED: usize = isize::MAX as usize;

type Outcome<T, E> = Poll<Result<T, ReadError<E>>>;

/// Joins the blocks of a `read(-1)`, in one allocation where there are
/// several. They are borrowed because the library holds them all until the
/// whole exists: at that moment a body takes twice its size.
pub fn join(blocks: &[Bytes]) -> Bytes {
    match blocks {
        [] => Bytes::new(),
        [block] => block.clone(),
        _ => blocks.concat().into(),
    }
}

impl<E: Clone> StreamReader<E> {
    /// `read_nowait(n)`: what is buffered, up to `n`. Never pending; empty
    /// exactly when nothing is buffered (or asked for).
    pub fn read_nowait(&mut self, n: ReadSize) -> Polled<Bytes, E> {
        self.counted(|reader, upstream| Poll::Ready(reader.read_nowait_with(n, upstream)))
    }

    /// `read(n)`: waits for some bytes or the end, then takes what is
    /// buffered, up to `n`. It never waits for `n`. Empty at the end, and at
    /// once for 0.
    ///
    /// [`ReadSize::All`] collects until the end and joins; an error on the way
    /// discards what was collected.
    pub fn poll_read(&mut self, n: ReadSize) -> Polled<Bytes, E> {
        self.counted(|reader, upstream| reader.poll_read_with(n, upstream))
    }

    /// `readany()`: waits for some bytes or the end, then takes all that is
    /// buffered. Empty at the end. `iter_any` is this until it is empty.
    pub fn poll_readany(&mut self) -> Polled<Bytes, E> {
        self.counted(|reader, upstream| reader.poll_readany_with(upstream))
    }

    /// `readchunk()`: the rest of the current HTTP chunk where its end is
    /// known, else one piece as it was fed.
    pub fn poll_readchunk(&mut self) -> Polled<Chunk, E> {
        self.counted(|reader, upstream| reader.poll_readchunk_with(upstream))
    }

    /// The part of `read(-1)` before its first `readany()`: from 3.14 on it
    /// switches back-pressure off. The rest is to poll
    /// [`StreamReader::poll_readany`] until it is empty, and to [`join`].
    pub fn begin_read_all(&mut self) {
        if self.exception.is_none() {
            self.raise_watermarks(UNLIMITED);
        }
    }

    /// The part of `iter_chunked(n)` at its creation, before its reads of `n`:
    /// from 3.14 on it raises the watermarks.
    pub fn begin_iter_chunked(&mut self, n: usize) {
        self.raise_watermarks(n);
    }

    /// Forgets the read that waits, as when its task is cancelled. What a
    /// `read(-1)` has collected is lost.
    pub fn cancel_read(&mut self) {
        self.wait = Wait::Idle;
        self.blocks.clear();
    }

    /// [`StreamReader::read_nowait`], resuming `upstream`.
    ///
    /// # Errors
    /// The stream's exception, a read that waits, or the total deadline.
    pub fn read_nowait_with(
        &mut self,
        n: ReadSize,
        upstream: &mut impl Upstream<E>,
    ) -> Result<Bytes, ReadError<E>> {
        self.check()?;
        if matches!(self.wait, Wait::Pending(_)) {
            return Err(ReadError::AlreadyWaiting);
        }
        self.take(n, upstream)
    }

    /// [`StreamReader::poll_read`], resuming `upstream`.
    pub fn poll_read_with(
        &mut self,
        n: ReadSize,
        upstream: &mut impl Upstream<E>,
    ) -> Outcome<Bytes, E> {
        let call = Call::Read(n);
        if ready!(self.enter(call))? == Entry::Fresh {
            match n {
                ReadSize::UpTo(0) => return Poll::Ready(Ok(Bytes::new())),
                ReadSize::UpTo(n) => self.raise_watermarks(n),
                ReadSize::All => self.begin_read_all(),
            }
        }
        match n {
            ReadSize::UpTo(_) => self.poll_take(call, n, upstream),
            ReadSize::All => self.poll_read_all(call, upstream),
        }
    }

    /// [`StreamReader::poll_readany`], resuming `upstream`.
    pub fn poll_readany_with(&mut self, upstream: &mut impl Upstream<E>) -> Outcome<Bytes, E> {
        ready!(self.enter(Call::ReadAny))?;
        self.poll_take(Call::ReadAny, ReadSize::All, upstream)
    }

    /// [`StreamReader::poll_readchunk`], resuming `upstream`.
    pub fn poll_readchunk_with(&mut self, upstream: &mut impl Upstream<E>) -> Outcome<Chunk, E> {
        ready!(self.enter(Call::ReadChunk))?;
        // Unlike the other reads, this one looks again after each wake-up.
        self.check()?;
        while let Some(end) = self.splits.as_mut().and_then(|splits| splits.pop_front()) {
            // Ends before the cursor were dropped when it passed them.
            let Some(left) = end.checked_sub(self.cursor) else {
                continue;
            };
            let data = if left == 0 {
                Bytes::new()
            } else {
                let left = usize::try_from(left).unwrap_or(usize::MAX);
                self.take(ReadSize::UpTo(left), upstream)?
            };
            return Poll::Ready(Ok(Chunk { data, end: true }));
        }
        let data = match self.dequeue(usize::MAX, upstream) {
            Some(piece) => piece,
            None if self.eof => Bytes::new(),
            None => return self.park(Call::ReadChunk),
        };
        Poll::Ready(Ok(Chunk { data, end: false }))
    }

    fn poll_read_all(&mut self, call: Call, upstream: &mut impl Upstream<E>) -> Outcome<Bytes, E> {
        loop {
            match ready!(self.poll_take(call, ReadSize::All, upstream)) {
                Ok(block) if block.is_empty() => {
                    return Poll::Ready(Ok(join(&mem::take(&mut self.blocks))));
                }
                Ok(block) => self.blocks.push(block),
                Err(error) => {
                    self.blocks.clear();
                    return Poll::Ready(Err(error));
                }
            }
            // The next block is a new `readany`, which looks at this first.
            if let Err(error) = self.check() {
                self.blocks.clear();
                return Poll::Ready(Err(error));
            }
        }
    }

    fn poll_take(
        &mut self,
        call: Call,
        n: ReadSize,
        upstream: &mut impl Upstream<E>,
    ) -> Outcome<Bytes, E> {
        if self.pieces.is_empty() && !self.eof {
            return self.park(call);
        }
        Poll::Ready(self.take(n, upstream))
    }

    /// Tells if `call` starts here, or goes on after it waited.
    fn enter(&mut self, call: Call) -> Outcome<Entry, E> {
        match mem::replace(&mut self.wait, Wait::Idle) {
            Wait::Pending(waiting) => {
                self.wait = Wait::Pending(waiting);
                if waiting == call {
                    return Poll::Pending;
                }
            }
            Wait::Woken(waiting) if waiting == call => return Poll::Ready(Ok(Entry::Again)),
            Wait::Failed(waiting, error) if waiting == call => {
                self.blocks.clear();
                return Poll::Ready(Err(error));
            }
            // Its caller has left it for another call.
            Wait::Idle | Wait::Woken(_) | Wait::Failed(..) => self.blocks.clear(),
        }
        self.check()?;
        Poll::Ready(Ok(Entry::Fresh))
    }

    /// Starts to wait, where that is possible.
    fn park<T>(&mut self, call: Call) -> Outcome<T, E> {
        let error = if !self.connected && self.rules.wait_refuses_when_closed {
            ReadError::ConnectionClosed
        } else if matches!(self.wait, Wait::Pending(_)) {
            ReadError::AlreadyWaiting
        } else if self.expired {
            ReadError::TotalExpired
        } else {
            self.wait = Wait::Pending(call);
            return Poll::Pending;
        };
        Poll::Ready(Err(error))
    }

    fn check(&self) -> Result<(), ReadError<E>> {
        match &self.exception {
            Some(exception) => Err(ReadError::Exception(exception.clone())),
            None => Ok(()),
        }
    }

    /// Takes up to `n` buffered bytes, across pieces.
    fn take(
        &mut self,
        n: ReadSize,
        upstream: &mut impl Upstream<E>,
    ) -> Result<Bytes, ReadError<E>> {
        if self.expired && self.rules.total_checked_on_take {
            return Err(ReadError::TotalExpired);
        }
        let (mut bytes_left, mut pieces_left) = match n {
            ReadSize::UpTo(n) => (n, usize::MAX),
            ReadSize::All if self.rules.readany_bounded => (usize::MAX, self.pieces.len()),
            ReadSize::All => (usize::MAX, usize::MAX),
        };
        let expected = self.size.min(bytes_left);
        let Some(first) = self.dequeue(bytes_left, upstream) else {
            return Ok(Bytes::new());
        };
        bytes_left -= first.len();
        pieces_left -= 1;
        if bytes_left == 0 || pieces_left == 0 || self.pieces.is_empty() {
            return Ok(first);
        }
        let mut joined = Vec::with_capacity(expected);
        joined.extend_from_slice(&first);
        drop(first);
        while bytes_left > 0
            && pieces_left > 0
            && let Some(piece) = self.dequeue(bytes_left, upstream)
        {
            bytes_left -= piece.len();
            pieces_left -= 1;
            joined.extend_from_slice(&piece);
        }
        Ok(joined.into())
    }

    /// Takes up to `n` bytes of the first piece, then looks at the watermarks.
    fn dequeue(&mut self, n: usize, upstream: &mut impl Upstream<E>) -> Option<Bytes> {
        let piece = match self.pieces.front_mut()? {
            front if front.len() > n => front.split_to(n),
            _ => self.pieces.pop_front()?,
        };
        self.size -= piece.len();
        self.cursor += piece.len() as u64;
        let mut few_splits = true;
        if let Some(splits) = &mut self.splits {
            while splits.front().is_some_and(|end| *end < self.cursor) {
                splits.pop_front();
            }
            few_splits = splits.len() < self.splits_low;
        }
        if self.size < self.low && few_splits && self.resume() == FlowCommand::Resume {
            upstream.resume(self);
        }
        Some(piece)
    }

    fn counted<T>(
        &mut self,
        read: impl FnOnce(&mut Self, &mut Resumes) -> Outcome<T, E>,
    ) -> Polled<T, E> {
        let mut resumes = Resumes(0);
        let poll = read(self, &mut resumes);
        Polled {
            poll,
            resumes: resumes.0,
        }
    }
}

/// An upstream that only counts.
struct Resumes(usize);

impl<E> Upstream<E> for Resumes {
    fn resume(&mut self, _reader: &mut StreamReader<E>) {
        self.0 += 1;
    }
}

/// The state of a read when it is polled.
#[derive(PartialEq, Eq)]
enum Entry {
    /// At its start.
    Fresh,
    /// Woken after it waited.
    Again,
}
