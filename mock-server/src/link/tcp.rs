//! The TCP transport: a socket that can end with FIN, RST or silence.

use std::{
    cell::RefCell,
    io,
    net::SocketAddr,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf as _, Bytes};
use socket2::SockRef;
use tokio::{io::Interest, net::TcpStream};

use super::{
    Counters, Wire,
    options::{ask_after_silence, set_sockets},
    peer, sys,
};
use crate::{
    journal::{SocketFacts, TcpFacts, TcpState},
    scenario::Sockets,
};

/// An accepted TCP connection.
#[derive(Debug)]
pub struct TcpWire {
    stream: TcpStream,
    local: Option<SocketAddr>,
    peer: Option<SocketAddr>,
    /// TCP_NOTSENT_LOWAT: writes wait for POLLOUT, and are no longer than this.
    lowat: Option<usize>,
    /// The last write said that more follows, so the kernel may keep its end
    /// back, for up to 200 ms (tcp(7), TCP_CORK).
    corked: bool,
    /// Acknowledged at accept: what the handshake counted.
    acked_at_start: u64,
}

impl TcpWire {
    /// Takes over an accepted connection.
    ///
    /// # Errors
    /// The socket refuses TCP_NODELAY or SO_KEEPALIVE.
    pub fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        let peer = stream.peer_addr().ok();
        ask_after_silence(&SockRef::from(&stream), peer)?;
        let acked_at_start = sys::tcp_info(&stream).map_or(0, |info| info.bytes_acked);
        Ok(Self {
            local: stream.local_addr().ok(),
            peer,
            stream,
            lowat: None,
            corked: false,
            acked_at_start,
        })
    }

    /// The next bytes cannot be written now, so the bytes kept back for them must
    /// leave without them, or the awaited room may never come. Setting
    /// TCP_NODELAY again sends them (tcp(7)).
    fn uncork(&mut self) -> io::Result<()> {
        match std::mem::take(&mut self.corked) {
            true => self.stream.set_nodelay(true),
            false => Ok(()),
        }
    }

    fn notsent_lowat(&self) -> Option<u64> {
        self.lowat.and_then(|_| sys::notsent_lowat(&self.stream))
    }
}

/// Bytes read at a time: more than most requests have.
const READ: usize = 4 << 10;

thread_local! {
    /// The buffer that every connection of the thread reads into: one of its own
    /// would cost thousands of waiting connections more than all the rest of them.
    static READ_INTO: RefCell<[u8; READ]> = const { RefCell::new([0; READ]) };
}

impl Wire for TcpWire {
    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        into: &mut Vec<u8>,
        max: usize,
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.stream.poll_read_ready(cx))?;
            let read: io::Result<usize> = READ_INTO.with_borrow_mut(|buffer| {
                let end = max.min(buffer.len());
                let read = self.stream.try_read(&mut buffer[..end])?;
                into.extend_from_slice(&buffer[..read]);
                Ok(read)
            });
            match read {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return Poll::Ready(read),
            }
        }
    }

    fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut Bytes,
        more: bool,
    ) -> Poll<io::Result<usize>> {
        // A chunk's header and data share a segment, as a kernel would send
        // them from one writev(2).
        let flags = if more { sys::MORE } else { 0 };
        loop {
            let result = self.stream.try_io(Interest::WRITABLE, || {
                if self.lowat.is_some() && !sys::is_writable(&self.stream)? {
                    return Err(io::ErrorKind::WouldBlock.into());
                }
                let end = self.lowat.map_or(from.len(), |lowat| lowat.min(from.len()));
                SockRef::from(&self.stream).send_with_flags(&from[..end], flags)
            });
            match result {
                // The runtime is asked only then: after some hundred operations
                // in a row it lets a task wait for its turn, and a connection
                // that has room would count as blocked.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.uncork()?;
                    ready!(self.stream.poll_write_ready(cx))?;
                }
                Ok(sent) => {
                    self.corked = more;
                    from.advance(sent);
                    return Poll::Ready(Ok(sent));
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    fn configure(&mut self, settings: &Sockets) -> io::Result<()> {
        set_sockets(&SockRef::from(&self.stream), settings).map_err(io::Error::other)?;
        self.lowat = settings
            .notsent_lowat
            .map(|size| usize::try_from(size.0).unwrap_or(usize::MAX).max(1));
        Ok(())
    }

    fn counters(&self) -> io::Result<Counters> {
        let info = sys::tcp_info(&self.stream)?;
        Ok(Counters {
            unacked: sys::send_queue(&self.stream)?,
            unsent: u64::from(info.notsent_bytes),
            acked: info.bytes_acked.saturating_sub(self.acked_at_start),
            segments: u64::from(info.segs_in) + u64::from(info.segs_out),
            segments_in: u64::from(info.segs_in),
            payload: info.bytes_acked + info.bytes_received,
        })
    }

    fn tcp_facts(&self) -> Option<TcpFacts> {
        let info = sys::tcp_info(&self.stream).ok()?;
        let millis = |time: u32| u64::from(time) * 1_000_000;
        Some(TcpFacts {
            state: TcpState::of_linux(info.state),
            bytes_acked: info.bytes_acked.saturating_sub(self.acked_at_start),
            bytes_received: info.bytes_received,
            unacked_bytes: sys::send_queue(&self.stream).ok()?,
            unsent_bytes: u64::from(info.notsent_bytes),
            unread_bytes: sys::receive_queue(&self.stream).ok()?,
            segments_out: u64::from(info.segs_out),
            segments_in: u64::from(info.segs_in),
            retransmits: u64::from(info.total_retrans),
            rtt_ns: u64::from(info.rtt) * 1_000,
            since_sent_ns: millis(info.last_data_sent),
            since_received_ns: millis(info.last_data_recv),
            since_ack_ns: millis(info.last_ack_recv),
        })
    }

    fn finish(&mut self) -> io::Result<()> {
        SockRef::from(&self.stream).shutdown(std::net::Shutdown::Write)
    }

    fn abort(self) {
        // A linger time of zero makes close(2) send RST and drop what is
        // queued. If it fails, the socket is closed all the same.
        let _ = SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
    }

    fn keep_silent(&mut self) -> io::Result<()> {
        SockRef::from(&self.stream).set_keepalive(false)
    }

    fn darken(&mut self) -> io::Result<()> {
        self.keep_silent()?;
        let ipv6 = self.local.is_some_and(|address| address.is_ipv6());
        sys::set_minimum_ttl(&self.stream, ipv6, 255)
    }

    fn peer_is_gone(&self) -> bool {
        // By its RST: nobody here has closed it.
        let state = sys::tcp_info(&self.stream).map(|info| TcpState::of_linux(info.state));
        if matches!(state, Ok(Some(TcpState::Closed))) {
            return true;
        }
        match (self.local, self.peer) {
            (Some(local), Some(peer)) => peer::has_owner(local, peer) == Some(false),
            _ => false,
        }
    }

    fn facts(&self) -> SocketFacts {
        let socket = SockRef::from(&self.stream);
        SocketFacts {
            send_buffer: socket.send_buffer_size().ok().map(|n| n as u64),
            receive_buffer: socket.recv_buffer_size().ok().map(|n| n as u64),
            notsent_lowat: self.notsent_lowat(),
            congestion: sys::congestion(&self.stream),
        }
    }

    fn addresses(&self) -> (Option<SocketAddr>, Option<SocketAddr>) {
        (self.peer, self.local)
    }
}
