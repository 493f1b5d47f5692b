//! The state of a connection in the two kernels and the network between them.

use std::{
    collections::VecDeque,
    io,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;

use super::{Reads, timers::WindowProbes};
use crate::clock::{Clock, Instant};

/// Payload of one segment, for counting segments: that of loopback.
const SEGMENT: u64 = 64 << 10;

pub(super) const EPIPE: i32 = 32;
pub(super) const ECONNRESET: i32 = 104;
pub(super) const ETIMEDOUT: i32 = 110;

/// A connection: both kernels, and what is between them.
#[derive(Debug)]
pub(super) struct Kernels {
    pub(super) clock: Clock,
    /// The server's send buffer.
    pub(super) sending: Queue,
    /// The client's receive buffer.
    pub(super) received: Queue,
    /// From the client to the server: requests are small, nothing limits them.
    pub(super) requests: Queue,
    pub(super) server: Endpoint,
    pub(super) client: Endpoint,
    pub(super) dark: bool,
    pub(super) segments_out: u64,
    pub(super) segments_in: u64,
    pub(super) acked: u64,
    pub(super) requested: u64,
    /// The largest that the client's kernel tells of, in bytes of its buffer.
    pub(super) window: u64,
    /// Bytes in the client's buffer when the server last heard of its window.
    pub(super) told: u64,
    /// Of the server's kernel while the client's window is closed.
    pub(super) probes: WindowProbes,
    /// The last time that the client's kernel heard of the server's.
    pub(super) heard: Instant,
    /// The client sent something that nobody acknowledges.
    pub(super) retransmitting: bool,
    /// The end of a client's read.
    pub(super) reads: Reads,
    /// The server's `notsent_lowat`.
    pub(super) lowat: u64,
    /// Bytes that wait for the next write.
    pub(super) corked: u64,
    /// As many of these as may wait are leaving; there is no room before.
    pub(super) leaving: bool,
    pub(super) server_reads: Option<Waker>,
    pub(super) server_writes: Option<Waker>,
    pub(super) client_reads: Option<Waker>,
    pub(super) server_hears: Option<Waker>,
}

/// The state of one end's kernel.
#[derive(Debug, Default)]
pub(super) struct Endpoint {
    /// The program has let go of it.
    pub(super) closed: bool,
    /// The program has said FIN; it is heard behind what was sent before it.
    pub(super) finished: bool,
    /// The other end's FIN has come: behind what is buffered, reads end.
    pub(super) heard_fin: bool,
    /// Reset or timed out.
    pub(super) dead: bool,
    /// The reason, told to the program once.
    error: Option<i32>,
}

impl Endpoint {
    /// RST came.
    fn reset(&mut self) {
        // Linux names it a broken pipe where the other end had said FIN
        // (tcp_reset: CLOSE-WAIT).
        let half_closed = self.heard_fin && !self.finished;
        self.fail(if half_closed { EPIPE } else { ECONNRESET });
    }

    fn fail(&mut self, errno: i32) {
        if !self.dead {
            self.dead = true;
            self.error = Some(errno);
        }
    }

    /// The result of a read that finds no bytes; `None` while it waits. FIN counts
    /// before an error: the stream had ended.
    pub(super) fn at_end(&mut self) -> Option<io::Result<()>> {
        if self.heard_fin {
            return Some(Ok(()));
        }
        match self.error.take() {
            Some(errno) => Some(Err(io::Error::from_raw_os_error(errno))),
            None => self.dead.then_some(Ok(())),
        }
    }

    /// # Errors
    /// This end sends no more.
    pub(super) fn may_write(&mut self) -> io::Result<()> {
        match self.error.take() {
            Some(errno) => Err(io::Error::from_raw_os_error(errno)),
            None if self.dead || self.finished => Err(io::Error::from_raw_os_error(EPIPE)),
            None => Ok(()),
        }
    }
}

impl Kernels {
    /// A segment from the client that the server's kernel answers; whether
    /// both get through.
    pub(super) fn exchange(&mut self) -> bool {
        if !self.dark {
            self.client_spoke(1);
            self.segments_out += 1;
            self.heard = self.clock.now();
        }
        !self.dark
    }

    /// Bytes that the server may write now: below `notsent_lowat`, as the driver
    /// does over TCP, and as far as there is room.
    pub(super) fn room_to_write(&self) -> u64 {
        if self.leaving || self.sending.bytes >= self.lowat {
            return 0;
        }
        let room = self.sending.capacity.saturating_sub(self.sending.bytes);
        room.min(self.lowat)
    }

    /// True if `bytes` that are written now wait for the next write, which follows
    /// if there is `more`. They have to leave once as many as may wait leave it no
    /// room.
    pub(super) fn stays(&mut self, bytes: u64, more: bool) -> bool {
        let corked = self.corked.saturating_add(bytes);
        let leaves = corked >= self.lowat;
        self.leaving = more && leaves && self.reads != Reads::BehindAMoment;
        let stays = more && !leaves;
        self.corked = if stays { corked } else { 0 };
        stays
    }

    /// Moves what fits from the send buffer into the receive buffer, and FIN
    /// behind it.
    pub(super) fn flow(&mut self) {
        if self.dark || self.client.dead {
            return;
        }
        if self.client.closed {
            // A socket that nobody owns answers data with RST.
            if self.sending.bytes > 0 {
                self.segments_out += 1;
                self.reset_by_client();
            }
            return;
        }
        let before = self.acked;
        while self.received.bytes < self.received.capacity {
            let room = self.received.capacity - self.received.bytes;
            let Some(piece) = self.sending.take(room) else {
                break;
            };
            self.acked += piece.bytes.len() as u64;
            self.received.put(piece);
        }
        let moved = self.acked - before;
        let now = self.clock.now();
        if moved > 0 {
            let segments = moved.div_ceil(SEGMENT);
            self.segments_out += segments;
            self.client_spoke(segments);
            self.heard = now;
            self.told = self.received.bytes;
            self.settle_probes();
            wake(&mut self.client_reads);
            wake(&mut self.server_writes);
        }
        if self.sending.bytes > 0 {
            self.probes.begin(now);
        } else if self.server.finished && !self.client.heard_fin {
            self.client.heard_fin = true;
            self.exchange();
            wake(&mut self.client_reads);
        }
    }

    /// The client has read: its kernel tells when the window that it told of
    /// was half of the largest or less, and is now twice as large
    /// (tcp_cleanup_rbuf of Linux).
    pub(super) fn tell_window(&mut self) {
        let largest = self.window;
        let (told, now) = (
            largest.saturating_sub(self.told),
            largest.saturating_sub(self.received.bytes),
        );
        let more = now > told && now / 2 >= told && told <= largest / 2;
        if more && !self.dark && !self.client.dead && !self.client.heard_fin {
            self.told = self.received.bytes;
            self.client_spoke(1);
        }
    }

    /// The window opens, or nothing is sent any more: the probes so far are
    /// segments like others.
    pub(super) fn settle_probes(&mut self) {
        let probes = self.probes.end(self.clock.now());
        self.segments_out += probes;
        self.client_spoke(probes);
    }

    /// So many segments came from the client.
    pub(super) fn client_spoke(&mut self, segments: u64) {
        self.segments_in += segments;
        if segments > 0 {
            wake(&mut self.server_hears);
        }
    }

    /// The client's program says FIN.
    pub(super) fn finish_client(&mut self) {
        self.client.finished = true;
        if self.exchange() {
            self.server.heard_fin = true;
            wake(&mut self.server_reads);
        }
    }

    /// RST from the client's kernel, whose program has let go.
    pub(super) fn reset_by_client(&mut self) {
        self.client.dead = true;
        if !self.dark {
            self.settle_probes();
            self.client_spoke(1);
            self.sending.clear();
            self.server.reset();
            wake(&mut self.server_reads);
            wake(&mut self.server_writes);
        }
    }

    /// RST from the server: what the client's kernel has stays readable, what
    /// the server's has is lost.
    pub(super) fn reset_by_server(&mut self) {
        self.settle_probes();
        self.server.dead = true;
        self.sending.clear();
        self.requests.clear();
        if !self.dark && !self.client.dead {
            self.segments_out += 1;
            self.client.reset();
            wake(&mut self.client_reads);
        }
    }

    /// The client's kernel has waited long enough for an answer.
    pub(super) fn time_out_client(&mut self) {
        self.client.fail(ETIMEDOUT);
        wake(&mut self.client_reads);
    }
}

/// Bytes that were written at once.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) bytes: Bytes,
    /// They come together with the next.
    pub(super) more: bool,
}

impl From<Bytes> for Piece {
    fn from(bytes: Bytes) -> Self {
        Self { bytes, more: false }
    }
}

/// Bytes in a buffer.
#[derive(Debug, Default)]
pub(super) struct Queue {
    pieces: VecDeque<Piece>,
    pub(super) bytes: u64,
    pub(super) capacity: u64,
}

impl Queue {
    pub(super) fn bounded(capacity: u64) -> Self {
        Self {
            capacity,
            ..Self::default()
        }
    }

    pub(super) fn put(&mut self, piece: Piece) {
        if !piece.bytes.is_empty() {
            self.bytes += piece.bytes.len() as u64;
            self.pieces.push_back(piece);
        }
    }

    /// A piece of at most `most` bytes off the front; never an empty one.
    pub(super) fn take(&mut self, most: u64) -> Option<Piece> {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let front = self.pieces.front_mut().filter(|_| most > 0)?;
        let piece = if front.bytes.len() <= most {
            self.pieces.pop_front()?
        } else {
            front.bytes.split_to(most).into()
        };
        self.bytes -= piece.bytes.len() as u64;
        Some(piece)
    }

    pub(super) fn clear(&mut self) {
        self.pieces.clear();
        self.bytes = 0;
    }
}

pub(super) fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}

/// Pending; `slot` is woken when it is worth another try.
pub(super) fn pending<T>(slot: &mut Option<Waker>, cx: &Context<'_>) -> Poll<T> {
    match slot {
        Some(waker) if waker.will_wake(cx.waker()) => {}
        _ => *slot = Some(cx.waker().clone()),
    }
    Poll::Pending
}
