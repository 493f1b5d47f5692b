//! The simulated transport: a connection in memory that does what the kernels
//! at both ends of a TCP connection do, as far as the two programs can tell.
//!
//! The server's kernel has a send buffer, the client's a receive buffer; what
//! fits into the latter is acknowledged, and reading makes room. FIN stands
//! behind what was sent, RST destroys what the client's kernel does not have
//! yet, a black hole passes nothing in either direction. Keepalive probes of
//! the client and zero-window probes of the server (RFC 9293, section 3.8.6.1)
//! are segments that an idle timer sees. Rate, latency and jitter are not
//! here: the driver's [`super::Pacer`] and [`super::Path`] serve both worlds.

use std::{
    cell::RefCell,
    collections::VecDeque,
    io,
    net::SocketAddr,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{Counters, Wire};
use crate::{
    clock::{Clock, Instant},
    journal::SocketFacts,
    scenario::{Keepalive, Sockets},
};

/// What a send buffer takes where the scenario sets none: Linux lets one of
/// loopback grow to about this.
const SEND_BUFFER: u64 = 2 << 20;

/// The receive buffer where the scenario sets none: likewise.
const RECEIVE_BUFFER: u64 = 1 << 20;

/// Payload of one segment, for counting segments: that of loopback.
const SEGMENT: u64 = 64 << 10;

/// The first zero-window probe comes after Linux's least retransmission
/// timeout, each further one after twice the time before, up to two minutes.
const FIRST_PROBE: Duration = Duration::from_millis(200);
const LAST_PROBE: Duration = Duration::from_secs(120);

/// The server's end.
#[derive(Debug)]
pub struct MemoryWire(Rc<RefCell<Link>>);

/// The client's end.
#[derive(Debug)]
pub struct MemoryStream(Rc<RefCell<Link>>);

#[derive(Debug)]
struct Link {
    clock: Clock,
    sending: Queue,
    received: Queue,
    /// From the client to the server: requests are small, nothing limits them.
    requests: Queue,
    server: End,
    client: End,
    dark: bool,
    /// The client's next read fails with this errno.
    client_error: Option<i32>,
    /// The server's next read or write fails with this errno.
    server_error: Option<i32>,
    segments_out: u64,
    segments_in: u64,
    acked: u64,
    requested: u64,
    /// Since when the receive buffer is full while something waits for it.
    closed_since: Option<Instant>,
    /// When the client's kernel last heard of the server's.
    heard: Instant,
    server_reads: Option<Waker>,
    server_writes: Option<Waker>,
    client_reads: Option<Waker>,
}

#[derive(Debug, Default)]
struct Queue {
    pieces: VecDeque<Bytes>,
    bytes: u64,
    capacity: u64,
}

/// What one end has said about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Open,
    /// FIN was sent; it is heard behind what was sent before it.
    Finished,
    /// The program has closed it, or it was reset.
    Gone,
}

/// A connection between a server and a client with these buffers and this
/// keepalive of the client, established now. A buffer holds twice what was
/// asked for: Linux doubles it to have room for its bookkeeping (socket(7)),
/// which segments as large as those of loopback hardly need. Within a
/// [`tokio::task::LocalSet`]: keepalive is a task.
pub fn connect(
    clock: Clock,
    sockets: &Sockets,
    keepalive: Option<Keepalive>,
) -> (MemoryWire, MemoryStream) {
    let bounded = |asked: Option<crate::units::ByteSize>, default| Queue {
        capacity: asked.map_or(default, |size| size.0.max(1).saturating_mul(2)),
        ..Queue::default()
    };
    let link = Rc::new(RefCell::new(Link {
        clock,
        sending: bounded(sockets.server_send, SEND_BUFFER),
        received: bounded(sockets.client_receive, RECEIVE_BUFFER),
        requests: bounded(None, u64::MAX),
        server: End::Open,
        client: End::Open,
        dark: false,
        client_error: None,
        server_error: None,
        segments_out: 0,
        segments_in: 0,
        acked: 0,
        requested: 0,
        closed_since: None,
        heard: clock.now(),
        server_reads: None,
        server_writes: None,
        client_reads: None,
    }));
    if let Some(keepalive) = keepalive {
        tokio::task::spawn_local(probe(Rc::clone(&link), keepalive));
    }
    (MemoryWire(Rc::clone(&link)), MemoryStream(link))
}

/// The keepalive of the client's kernel (tcp(7)).
async fn probe(link: Rc<RefCell<Link>>, keepalive: Keepalive) {
    let mut unanswered = 0;
    let clock = link.borrow().clock;
    loop {
        let due = if unanswered == 0 {
            link.borrow().heard + keepalive.idle
        } else {
            clock.now() + keepalive.interval
        };
        clock.sleep_until(due).await;
        let mut link = link.borrow_mut();
        if link.client == End::Gone || link.client_error.is_some() || link.server == End::Gone {
            return;
        }
        if link.heard + keepalive.idle > clock.now() {
            unanswered = 0;
            continue;
        }
        if unanswered >= keepalive.count {
            link.fail_client(ETIMEDOUT);
            return;
        }
        unanswered += 1;
        if link.client_speaks() {
            link.server_speaks();
            unanswered = 0;
        }
    }
}

const EPIPE: i32 = 32;
const ECONNRESET: i32 = 104;
const ETIMEDOUT: i32 = 110;

impl Link {
    /// A segment from the client; whether it gets through.
    fn client_speaks(&mut self) -> bool {
        if !self.dark {
            self.segments_in += 1;
        }
        !self.dark
    }

    /// A segment from the server gets through.
    fn server_speaks(&mut self) {
        self.segments_out += 1;
        self.heard = self.clock.now();
    }

    /// Moves what fits from the send buffer into the receive buffer.
    fn flow(&mut self) {
        if self.dark || self.client == End::Gone {
            return;
        }
        let before = self.acked;
        while self.received.bytes < self.received.capacity {
            let room = self.received.capacity - self.received.bytes;
            let Some(piece) = self.sending.take(room) else {
                break;
            };
            self.acked += piece.len() as u64;
            self.received.put(piece);
        }
        let moved = self.acked - before;
        if moved > 0 {
            let segments = moved.div_ceil(SEGMENT);
            self.segments_out += segments;
            self.segments_in += segments;
            self.heard = self.clock.now();
            wake(&mut self.client_reads);
            wake(&mut self.server_writes);
        }
        let closed = self.sending.bytes > 0;
        self.closed_since = closed.then(|| match self.closed_since {
            Some(since) if moved == 0 => since,
            _ => self.clock.now(),
        });
    }

    /// The zero-window probes that the server's kernel has sent by now.
    fn window_probes(&self) -> u64 {
        let Some(since) = self.closed_since.filter(|_| !self.dark) else {
            return 0;
        };
        let (mut waited, mut pause, mut probes) = (self.clock.now().since(since), FIRST_PROBE, 0);
        while waited >= pause {
            waited -= pause;
            probes += 1;
            if pause >= LAST_PROBE {
                return probes + (waited.as_nanos() / LAST_PROBE.as_nanos()) as u64;
            }
            pause = (pause * 2).min(LAST_PROBE);
        }
        probes
    }

    fn fail_client(&mut self, errno: i32) {
        self.client_error = Some(errno);
        wake(&mut self.client_reads);
    }

    /// RST from the server: what the client's kernel has stays readable.
    fn reset_client(&mut self) {
        self.server = End::Gone;
        self.sending.clear();
        if !self.dark && self.client != End::Gone {
            self.server_speaks();
            self.fail_client(ECONNRESET);
        }
    }
}

impl Queue {
    fn put(&mut self, piece: Bytes) {
        self.bytes += piece.len() as u64;
        self.pieces.push_back(piece);
    }

    /// A piece of at most `most` bytes off the front.
    fn take(&mut self, most: u64) -> Option<Bytes> {
        let front = self.pieces.front_mut()?;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let piece = if front.len() <= most {
            self.pieces.pop_front()?
        } else {
            front.split_to(most)
        };
        self.bytes -= piece.len() as u64;
        Some(piece)
    }

    fn clear(&mut self) {
        self.pieces.clear();
        self.bytes = 0;
    }
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}

fn pending<T>(slot: &mut Option<Waker>, cx: &Context<'_>) -> Poll<T> {
    match slot {
        Some(waker) if waker.will_wake(cx.waker()) => {}
        _ => *slot = Some(cx.waker().clone()),
    }
    Poll::Pending
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
            into.extend_from_slice(&piece);
            return Poll::Ready(Ok(piece.len()));
        }
        if let Some(errno) = link.server_error.take() {
            return Poll::Ready(Err(io::Error::from_raw_os_error(errno)));
        }
        if link.client != End::Open && !link.dark {
            return Poll::Ready(Ok(0));
        }
        pending(&mut link.server_reads, cx)
    }

    fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut Bytes,
        _more: bool,
    ) -> Poll<io::Result<usize>> {
        let link = &mut *self.0.borrow_mut();
        if let Some(errno) = link.server_error.take() {
            return Poll::Ready(Err(io::Error::from_raw_os_error(errno)));
        }
        if link.client == End::Gone && !link.dark {
            return Poll::Ready(Err(io::Error::from_raw_os_error(EPIPE)));
        }
        let room = link.sending.capacity.saturating_sub(link.sending.bytes);
        let n = usize::try_from(room).unwrap_or(usize::MAX).min(from.len());
        if n == 0 && !from.is_empty() {
            return pending(&mut link.server_writes, cx);
        }
        link.sending.put(from.split_to(n));
        link.flow();
        Poll::Ready(Ok(n))
    }

    fn configure(&mut self, _: &Sockets) -> io::Result<()> {
        // Both buffers were set as the connection was made.
        Ok(())
    }

    fn counters(&self) -> io::Result<Counters> {
        let link = self.0.borrow();
        let probes = link.window_probes();
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
        if link.server == End::Open {
            link.server = End::Finished;
            wake(&mut link.client_reads);
        }
        Ok(())
    }

    fn abort(self) {
        self.0.borrow_mut().reset_client();
    }

    fn darken(&mut self) -> io::Result<()> {
        self.0.borrow_mut().dark = true;
        Ok(())
    }

    fn peer_is_gone(&self) -> bool {
        self.0.borrow().client == End::Gone
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
        match link.server {
            End::Gone => {}
            _ if link.requests.bytes > 0 => link.reset_client(),
            _ => {
                link.server = End::Finished;
                wake(&mut link.client_reads);
            }
        }
    }
}

impl MemoryStream {
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
    /// Like recv(2) on TCP: all that has arrived, up to the buffer's length.
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let link = &mut *self.0.borrow_mut();
        let before = into.filled().len();
        while into.remaining() > 0 {
            let Some(mut piece) = link.received.take(into.remaining() as u64) else {
                break;
            };
            while piece.has_remaining() {
                let n = piece.chunk().len();
                into.put_slice(&piece[..n]);
                piece.advance(n);
            }
        }
        if into.filled().len() > before {
            link.flow();
            return Poll::Ready(Ok(()));
        }
        if let Some(errno) = link.client_error.take() {
            // Reported once; what follows is the end.
            link.server = End::Gone;
            return Poll::Ready(Err(io::Error::from_raw_os_error(errno)));
        }
        if link.server != End::Open && link.sending.bytes == 0 && !link.dark {
            return Poll::Ready(Ok(()));
        }
        pending(&mut link.client_reads, cx)
    }
}

impl AsyncWrite for MemoryStream {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let link = &mut *self.0.borrow_mut();
        if let Some(errno) = link.client_error.take() {
            return Poll::Ready(Err(io::Error::from_raw_os_error(errno)));
        }
        if link.client_speaks() {
            if link.server == End::Gone {
                return Poll::Ready(Err(io::Error::from_raw_os_error(EPIPE)));
            }
            link.server_speaks();
            link.requested += bytes.len() as u64;
            link.requests.put(Bytes::copy_from_slice(bytes));
            wake(&mut link.server_reads);
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let link = &mut *self.0.borrow_mut();
        if link.client == End::Open {
            link.client = End::Finished;
            wake(&mut link.server_reads);
        }
        Poll::Ready(Ok(()))
    }
}

impl Drop for MemoryStream {
    /// close(2): FIN, or RST where something was not read or still comes.
    fn drop(&mut self) {
        let link = &mut *self.0.borrow_mut();
        let unread = link.received.bytes + link.sending.bytes > 0;
        link.client = End::Gone;
        if link.client_speaks() {
            if unread {
                link.server_error = Some(ECONNRESET);
            }
            wake(&mut link.server_reads);
            wake(&mut link.server_writes);
        }
    }
}
