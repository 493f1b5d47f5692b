//! The path between the origin and the client: pacing, latency, and the
//! transports that carry the bytes.
//!
//! [`Pacer`] and [`Path`] are pure; a [`Wire`] is one end of a connection. The
//! driver in [`crate::serve`] is written against `Wire` alone, so that it
//! cannot tell a socket from a simulated link.

pub mod memory;
mod options;
mod pacer;
mod path;
mod peer;
mod platform;
mod shared;
pub mod sys;
mod tcp;

use std::{
    io,
    net::SocketAddr,
    task::{Context, Poll},
};

use bytes::Bytes;

pub use self::{
    options::{Refused, try_scenario},
    pacer::Pacer,
    path::{Path, PathSettings},
    platform::{Lacking, try_platform},
    shared::{Share, SharedLink},
    tcp::TcpWire,
};
use crate::{
    journal::{SocketFacts, TcpFacts},
    scenario::Sockets,
};

/// The counts of the transport about one connection, as seen from its server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Bytes written that the client has not acknowledged.
    pub unacked: u64,
    /// Of those, bytes never sent so far.
    pub unsent: u64,
    /// Bytes that the client has acknowledged since the start.
    pub acked: u64,
    /// Segments in both directions, keepalive probes and bare ACKs included.
    pub segments: u64,
    /// Segments that came from the client.
    pub segments_in: u64,
    /// Payload bytes in both directions: acknowledged out plus received in.
    pub payload: u64,
}

/// The server's end of one connection.
pub trait Wire {
    /// Appends what has arrived to `into`, at most `max` bytes; 0 is the end.
    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        into: &mut Vec<u8>,
        max: usize,
    ) -> Poll<io::Result<usize>>;

    /// Takes bytes off the front of `from`; pending while it takes none. With
    /// `more` they need not leave before the next write.
    fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut Bytes,
        more: bool,
    ) -> Poll<io::Result<usize>>;

    /// Sets the server's buffers and its congestion control.
    ///
    /// # Errors
    /// Those of setsockopt(2), naming the option.
    fn configure(&mut self, settings: &Sockets) -> io::Result<()>;

    /// The counters now.
    ///
    /// # Errors
    /// `Unsupported` on a platform that does not tell.
    fn counters(&self) -> io::Result<Counters>;

    /// The kernel's facts; `None` if there is no kernel, or it does not tell.
    fn tcp_facts(&self) -> Option<TcpFacts> {
        None
    }

    /// Sends FIN behind what was written.
    ///
    /// # Errors
    /// Those of shutdown(2).
    fn finish(&mut self) -> io::Result<()>;

    /// Sends RST and ends.
    fn abort(self);

    /// From now on the transport sends nothing by itself, such as keepalive probes.
    ///
    /// # Errors
    /// Those of setsockopt(2).
    fn keep_silent(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// From now on nothing that comes in is heard: a black hole. The transport
    /// sends nothing by itself either.
    ///
    /// # Errors
    /// `Unsupported` on a platform that cannot.
    fn darken(&mut self) -> io::Result<()>;

    /// Ready if more segments than `before` have come from the client; `None` if
    /// the transport has no such event and its counters must be watched.
    fn poll_heard(&mut self, _: &mut Context<'_>, _before: u64) -> Option<Poll<()>> {
        None
    }

    /// True if the client's process has certainly given up its end; false if
    /// nobody can tell.
    fn peer_is_gone(&self) -> bool;

    /// Buffers in force.
    fn facts(&self) -> SocketFacts;

    /// The two ends: the client's, and this one.
    fn addresses(&self) -> (Option<SocketAddr>, Option<SocketAddr>);
}
