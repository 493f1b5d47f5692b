//! The simulated transport: a connection in memory that behaves like the kernels
//! at both ends of a TCP connection, as far as the two programs can tell.
//!
//! The server's kernel has a send buffer, the client's a receive buffer. Bytes
//! that fit into the receive buffer are acknowledged, and reading makes room. FIN
//! follows the sent bytes, RST destroys those that the client's kernel does not
//! have yet, and a black hole passes nothing in either direction. An idle timer
//! sees the client's keepalive probes and the server's zero-window probes as
//! segments. Rate, latency and jitter are not here: the driver's [`super::Pacer`]
//! and [`super::Path`] serve both worlds.
//!
//! It is simpler than a kernel: a buffer holds bytes, not segments, and does not
//! grow. So each read opens the window by as much, and a window update comes at
//! its byte, not with its segment.

mod state;
mod timers;

use std::{
    cell::RefCell,
    io,
    net::SocketAddr,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use self::{
    state::{Endpoint, Kernels, Piece, Queue, pending, wake},
    timers::{WindowProbes, keepalive, leave, retransmit},
};
use super::{Counters, Wire};
use crate::{
    clock::Clock,
    journal::SocketFacts,
    scenario::{Keepalive, Sockets},
    units::ByteSize,
};

/// The send buffer if the scenario sets none: Linux lets one of loopback grow to
/// about this.
const SEND_BUFFER: u64 = 2 << 20;

/// The receive buffer if the scenario sets none: likewise.
const RECEIVE_BUFFER: u64 = 1 << 20;

/// The window that the client's kernel announces before its program has read much:
/// the receive buffer that a connection begins with (tcp_rmem of Linux).
const WINDOW: u64 = 128 << 10;

/// The least that Linux makes of a send and of a receive buffer, however
/// little is asked for (SOCK_MIN_SNDBUF, SOCK_MIN_RCVBUF).
const LEAST_SEND_BUFFER: u64 = 4608;
const LEAST_RECEIVE_BUFFER: u64 = 2304;

/// The server's end.
#[derive(Debug)]
pub struct MemoryWire(Rc<RefCell<Kernels>>);

/// The client's end.
#[derive(Debug)]
pub struct MemoryStream(Rc<RefCell<Kernels>>);

/// The end of a client's read. TCP does not define it (RFC 9293, section 3.9.1.2):
/// the scheduler decides which of two programs is faster, and no time passes
/// between the reads that take the same bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reads {
    /// Behind all that has come: the client is the slower one.
    #[default]
    BehindAll,
    /// Behind all that comes at one moment, though the server has to wait for the
    /// room of its `notsent_lowat`: the client is slower than that.
    BehindAMoment,
    /// Behind each write of the server: the client is the faster one.
    BehindEachWrite,
    /// Behind so many bytes at most, as loopback cuts what it carries.
    Within(u64),
}

/// A connection between a server and a client with these buffers and this
/// keepalive of the client, established now. A buffer holds twice what was
/// asked for: Linux doubles it to have room for its bookkeeping (socket(7)),
/// which segments as large as those of loopback hardly need; it has a least
/// size. Within a
/// [`tokio::task::LocalSet`]: keepalive is a task.
pub fn connect(
    clock: Clock,
    sockets: &Sockets,
    settings: Option<Keepalive>,
) -> (MemoryWire, MemoryStream) {
    let held = |asked: Option<ByteSize>, least: u64, default| {
        asked.map_or(default, |size| size.0.saturating_mul(2).max(least))
    };
    let sending = held(sockets.server_send, LEAST_SEND_BUFFER, SEND_BUFFER);
    let received = held(sockets.client_receive, LEAST_RECEIVE_BUFFER, RECEIVE_BUFFER);
    let (wire, stream) = establish(clock, sending, received, settings);
    {
        let mut link = wire.0.borrow_mut();
        link.lowat = sockets.notsent_lowat.map_or(u64::MAX, |size| size.0.max(1));
        if sockets.client_receive.is_some() {
            link.window = received;
        }
    }
    (wire, stream)
}

/// The same with buffers that hold exactly so many bytes.
fn establish(
    clock: Clock,
    sending: u64,
    received: u64,
    settings: Option<Keepalive>,
) -> (MemoryWire, MemoryStream) {
    let link = Rc::new(RefCell::new(Kernels {
        clock,
        sending: Queue::bounded(sending),
        received: Queue::bounded(received),
        requests: Queue::bounded(u64::MAX),
        server: Endpoint::default(),
        client: Endpoint::default(),
        dark: false,
        segments_out: 0,
        segments_in: 0,
        acked: 0,
        window: WINDOW,
        told: 0,
        requested: 0,
        probes: WindowProbes::default(),
        heard: clock.now(),
        retransmitting: false,
        reads: Reads::BehindAll,
        lowat: u64::MAX,
        corked: 0,
        leaving: false,
        server_reads: None,
        server_writes: None,
        client_reads: None,
        server_hears: None,
    }));
    if let Some(settings) = settings {
        tokio::task::spawn_local(keepalive(Rc::clone(&link), settings));
    }
    (MemoryWire(Rc::clone(&link)), MemoryStream(link))
}

impl Wire for MemoryWire {
    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        into: &mut Vec<u8>,
        max: usize,
    ) -> Poll<io::Result<usize>> {
        let link = &mut *self.0.borrow_mut();
        if let Some(piece) = link.requests.take(max as u64) {
            into.extend_from_slice(&piece.bytes);
            return Poll::Ready(Ok(piece.bytes.len()));
        }
        match link.server.at_end() {
            Some(end) => Poll::Ready(end.map(|()| 0)),
            None => pending(&mut link.server_reads, cx),
        }
    }

    fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut Bytes,
        more: bool,
    ) -> Poll<io::Result<usize>> {
        let link = &mut *self.0.borrow_mut();
        link.server.may_write()?;
        let room = link.room_to_write();
        let n = usize::try_from(room).unwrap_or(usize::MAX).min(from.len());
        if n == 0 && !from.is_empty() {
            return pending(&mut link.server_writes, cx);
        }
        let more = link.stays(n as u64, more);
        link.sending.put(Piece {
            bytes: from.split_to(n),
            more,
        });
        link.flow();
        if link.leaving {
            tokio::task::spawn_local(leave(Rc::clone(&self.0)));
        }
        Poll::Ready(Ok(n))
    }

    fn configure(&mut self, _: &Sockets) -> io::Result<()> {
        // Both buffers were set as the connection was made.
        Ok(())
    }

    fn counters(&self) -> io::Result<Counters> {
        let link = self.0.borrow();
        let probes = link.probes.by(link.clock.now());
        Ok(Counters {
            unacked: link.sending.bytes,
            unsent: link.sending.bytes,
            acked: link.acked,
            segments: link.segments_in + link.segments_out + 2 * probes,
            segments_in: link.segments_in + probes,
            payload: link.acked + link.requested,
        })
    }

    fn finish(&mut self) -> io::Result<()> {
        let link = &mut *self.0.borrow_mut();
        link.server.finished = true;
        link.flow();
        Ok(())
    }

    fn abort(self) {
        self.0.borrow_mut().reset_by_server();
    }

    fn darken(&mut self) -> io::Result<()> {
        let link = &mut *self.0.borrow_mut();
        link.settle_probes();
        link.dark = true;
        Ok(())
    }

    fn poll_heard(&mut self, cx: &mut Context<'_>, before: u64) -> Option<Poll<()>> {
        let link = &mut *self.0.borrow_mut();
        Some(if link.segments_in > before {
            Poll::Ready(())
        } else {
            pending(&mut link.server_hears, cx)
        })
    }

    fn peer_is_gone(&self) -> bool {
        self.0.borrow().client.closed
    }

    fn facts(&self) -> SocketFacts {
        SocketFacts {
            send_buffer: Some(self.0.borrow().sending.capacity),
            ..SocketFacts::default()
        }
    }

    fn addresses(&self) -> (Option<SocketAddr>, Option<SocketAddr>) {
        (None, None)
    }
}

impl Drop for MemoryWire {
    /// close(2): FIN, or RST where something of the client's was not read.
    fn drop(&mut self) {
        let link = &mut *self.0.borrow_mut();
        link.server.closed = true;
        if !link.server.dead && link.requests.bytes > 0 {
            link.reset_by_server();
        } else if !link.server.dead {
            link.server.finished = true;
            link.flow();
        }
    }
}

impl MemoryStream {
    /// From now on its reads end there.
    pub fn set_reads(&mut self, reads: Reads) {
        self.0.borrow_mut().reads = reads;
    }

    /// Bytes in the receive buffer.
    pub fn receive_queue(&self) -> u64 {
        self.0.borrow().received.bytes
    }

    /// The client's buffer.
    pub fn facts(&self) -> SocketFacts {
        SocketFacts {
            receive_buffer: Some(self.0.borrow().received.capacity),
            ..SocketFacts::default()
        }
    }
}

impl AsyncRead for MemoryStream {
    /// Like recv(2) on TCP: what has arrived, up to the buffer's length, or as
    /// far as [`Reads`] says.
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let link = &mut *self.0.borrow_mut();
        let before = into.filled().len();
        let most = match link.reads {
            Reads::Within(most) => most.max(1),
            _ => u64::MAX,
        };
        let mut left = most.min(into.remaining() as u64);
        while let Some(piece) = link.received.take(left) {
            left -= piece.bytes.len() as u64;
            into.put_slice(&piece.bytes);
            if link.reads == Reads::BehindEachWrite && !piece.more {
                break;
            }
        }
        if into.filled().len() > before {
            link.flow();
            link.tell_window();
            return Poll::Ready(Ok(()));
        }
        match link.client.at_end() {
            Some(end) => Poll::Ready(end),
            None => pending(&mut link.client_reads, cx),
        }
    }
}

impl AsyncWrite for MemoryStream {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut link = self.0.borrow_mut();
        link.client.may_write()?;
        if link.dark {
            drop(link);
            retransmit(&self.0);
        } else if link.server.closed {
            // Nobody will read it: RST.
            link.client_spoke(1);
            link.reset_by_server();
        } else if !bytes.is_empty() {
            link.exchange();
            link.requested += bytes.len() as u64;
            link.requests.put(Bytes::copy_from_slice(bytes).into());
            wake(&mut link.server_reads);
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut link = self.0.borrow_mut();
        if !link.client.finished && !link.client.dead {
            link.finish_client();
            if link.dark {
                drop(link);
                retransmit(&self.0);
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl Drop for MemoryStream {
    /// close(2): FIN, or RST where something was not read.
    fn drop(&mut self) {
        let link = &mut *self.0.borrow_mut();
        link.client.closed = true;
        let unread = link.received.bytes > 0;
        link.received.clear();
        if !link.client.dead && unread {
            link.reset_by_client();
        } else if !link.client.dead && !link.client.finished {
            link.finish_client();
        }
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod room_tests;
#[cfg(test)]
mod tests;
