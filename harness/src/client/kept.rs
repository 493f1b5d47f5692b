//! A connection between two requests: the pool of a session, as far as one download
//! after the other needs it.

use std::{
    pin::Pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use shortread_server::{clock::Instant, journal::SocketFacts};
use tokio::io::ReadBuf;

use super::transport::Transport;

/// A connection that the library keeps for the next request.
#[derive(Debug)]
pub(crate) struct Kept<S> {
    pub(crate) stream: S,
    pub(crate) sockets: SocketFacts,
    /// Its number in the trial, from 1.
    pub(crate) number: u32,
    /// The time from which nothing was asked on it.
    pub(crate) since: Instant,
}

impl<S: Transport> Kept<S> {
    /// The same, if a request at `now` may use it: it was idle for at most `limit`,
    /// and nothing has come on it. The event loop reads a connection that is idle, so
    /// an end that came meanwhile is known. One that comes in the same moment is not:
    /// the next request meets it.
    pub(crate) fn usable(mut self, now: Instant, limit: Duration) -> Option<Self> {
        let idle = now.since(self.since);
        let fresh = idle <= limit && (idle.is_zero() || !self.has_input());
        fresh.then_some(self)
    }

    /// True if bytes or an end have come. Bytes that nobody asked for spoil a
    /// connection, so none is missed.
    fn has_input(&mut self) -> bool {
        let mut byte = [0];
        let mut into = ReadBuf::new(&mut byte);
        let mut cx = Context::from_waker(Waker::noop());
        let read = Pin::new(&mut self.stream).poll_read(&mut cx, &mut into);
        !matches!(read, Poll::Pending)
    }
}

#[cfg(test)]
mod tests {
    use shortread_server::{
        clock::Clock,
        link::{
            Wire as _,
            memory::{self, MemoryStream, MemoryWire},
        },
        scenario::Sockets,
    };

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn kept() -> (MemoryWire, Kept<MemoryStream>) {
        let (wire, stream) = memory::connect(Clock::real(), &Sockets::default(), None);
        let kept = Kept {
            stream,
            sockets: SocketFacts::default(),
            number: 1,
            since: Instant(0),
        };
        (wire, kept)
    }

    #[test]
    fn a_connection_is_used_up_to_its_limit_and_not_behind_it() {
        let (_wire, kept) = kept();
        let kept = kept.usable(Instant(0) + 15 * SECOND, 15 * SECOND).unwrap();
        assert!(kept.usable(Instant(0) + 16 * SECOND, 15 * SECOND).is_none());
    }

    #[test]
    fn an_end_in_the_same_moment_is_met_by_the_next_request() {
        let (mut wire, kept) = kept();
        wire.finish().unwrap();
        assert!(kept.usable(Instant(0), SECOND).is_some());
    }

    #[test]
    fn an_end_that_came_while_it_was_idle_is_known() {
        let (mut wire, kept) = kept();
        wire.finish().unwrap();
        assert!(kept.usable(Instant(1), SECOND).is_none());
    }
}
