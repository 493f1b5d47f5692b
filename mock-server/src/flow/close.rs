//! The ways a connection ends, and its state until then.

use std::{
    future::poll_fn,
    io,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use super::{Flow, Urgency, inbox::READ_AHEAD};
use crate::{
    journal::{CloseReason, Fact},
    link::Wire,
};

/// Time to read the client's last bytes after FIN, as other servers do (nginx:
/// lingering_time). An earlier close would send RST.
const LINGER: Duration = Duration::from_secs(30);

/// The longest life of a connection in a black hole, or of a forgotten one, whose
/// client is still there or cannot be watched. Linux's keepalive needs 2 h 11 min
/// by default to find out.
const HOLD: Duration = Duration::from_secs(4 * 3600);

/// The shortest and longest pause between two looks for segments that raise no
/// event on a forgotten flow: bare acknowledgements and keepalive probes. The
/// pause is an eighth of the silence so far. Probes come at least a second apart,
/// and 2,000 such flows must cost next to nothing.
const LISTEN: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(200)];

/// Linux acknowledges data within 200 ms (TCP_DELACK_MAX). Bytes that are not
/// acknowledged by then wait for room.
const DELAYED_ACK: Duration = Duration::from_millis(250);

/// The reason and the manner in which a connection ends.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) reason: CloseReason,
    pub(crate) exit: Exit,
}

/// The manner in which a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// FIN, then wait for the client's.
    Finish,
    /// RST.
    Abort,
    /// Stay in the black hole until nobody can see it any more.
    Park,
    /// RST as soon as the client sends anything.
    Forget,
    /// Send nothing: the other side is gone.
    Drop,
}

impl End {
    pub(crate) fn finish(reason: CloseReason) -> Self {
        Self {
            reason,
            exit: Exit::Finish,
        }
    }

    pub(crate) fn gone(reason: CloseReason) -> Self {
        Self {
            reason,
            exit: Exit::Drop,
        }
    }

    /// The transport failed.
    pub(crate) fn from_io(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
                Self::gone(CloseReason::PeerReset)
            }
            _ => Self::gone(CloseReason::Error(error.to_string())),
        }
    }
}

impl<W: Wire> Flow<W> {
    /// Ends the connection and writes its last event.
    pub(crate) async fn close(mut self, end: End) {
        let mut reason = end.reason;
        if reason == CloseReason::PeerReset {
            self.write(Fact::RstReceived {});
        }
        match end.exit {
            Exit::Finish => {
                if self.wire.finish().is_ok() {
                    self.write(Fact::FinSent {});
                    self.linger().await;
                }
            }
            Exit::Park => {
                self.park().await;
                reason = CloseReason::Reaped;
            }
            Exit::Forget if !self.await_segment().await => reason = CloseReason::Reaped,
            Exit::Forget => {}
            Exit::Abort | Exit::Drop => {}
        }
        self.show(self.now());
        self.write_tcp_info();
        // close(2) sends RST if unread bytes are waiting.
        let unread = self
            .wire
            .tcp_facts()
            .is_some_and(|facts| facts.unread_bytes > 0);
        let was_reset = reason == CloseReason::PeerReset;
        let counters = self.wire.counters().ok();
        let fact = Fact::Closed {
            reason,
            sent_bytes: self.sent.body_in_all(),
            acked_bytes: counters.map(|counters| self.sent.body_of_acked(counters.acked)),
            max_unsent_bytes: self.sent.max_unsent,
        };
        let (wire, story) = (self.wire, self.story);
        let write = |fact| story.write(fact);
        match end.exit {
            Exit::Finish | Exit::Drop => {
                drop(wire);
                match end.exit {
                    // Nothing may follow a client's RST.
                    _ if was_reset => {}
                    _ if unread => write(Fact::RstSent {}),
                    Exit::Drop => write(Fact::FinSent {}),
                    _ => {}
                }
            }
            // A connection must not leave a black hole with FIN: a living client would
            // take it for an orderly end.
            Exit::Abort | Exit::Park | Exit::Forget => {
                wire.abort();
                write(Fact::RstSent {});
            }
        }
        write(fact);
    }

    /// Reads until the client closes its side.
    async fn linger(&mut self) {
        let end = self.now() + LINGER;
        // Everything was sent, so a shutdown need not wait for this.
        self.resting = true;
        while !self.inbox.is_finished() && self.now() < end {
            self.inbox.bytes.clear();
            if self.wait_out(end, false).await.is_err() {
                break;
            }
        }
    }

    /// Waits until the client is gone, the listener is closed, or [`HOLD`] is over.
    async fn park(&mut self) {
        let end = self.now() + HOLD;
        // A graceful shutdown need not wait for this.
        self.resting = true;
        while self.now() < end && self.wait_out(end, false).await.is_ok() {}
    }

    /// Waits until the client sends anything or the listener is closed. Returns
    /// false if the client is gone or [`HOLD`] is over.
    async fn await_segment(&mut self) -> bool {
        if self.has_unread() {
            return true;
        }
        if let Some(heard) = self.await_acknowledgements().await {
            return heard;
        }
        let before = self.wire.counters().unwrap_or_default().segments_in;
        let mut closing = self.closing.clone();
        let mut closing = pin!(closing.wait_for(|closing| closing != Urgency::No));
        let told = poll_fn(|cx| match self.wire.poll_heard(cx, before) {
            None => Poll::Ready(false),
            Some(Poll::Ready(())) => Poll::Ready(true),
            Some(Poll::Pending) => closing.as_mut().poll(cx).map(|()| true),
        });
        told.await || self.listen(before).await
    }

    /// Waits for the acknowledgements of bytes sent before the flow was
    /// forgotten. They do not answer the silence after it: kernels delay them
    /// (Linux by 40 ms and more), so their arrival depends on the time of the
    /// last byte. Returns `Some` as [`Self::await_segment`] if something else
    /// came first.
    async fn await_acknowledgements(&mut self) -> Option<bool> {
        let end = self.now() + DELAYED_ACK;
        let (read_ahead, finished) = (self.inbox.bytes.len(), self.inbox.is_finished());
        self.resting = true;
        loop {
            let counters = self.wire.counters().unwrap_or_default();
            let now = self.now();
            if counters.unacked <= counters.unsent || now >= end {
                return None;
            }
            match self.wait_out(end.min(now + LISTEN[0]), false).await {
                Err(end) => return Some(end.reason != CloseReason::PeerClosed),
                Ok(())
                    if self.inbox.bytes.len() > read_ahead
                        || self.inbox.is_finished() != finished =>
                {
                    return Some(true);
                }
                Ok(()) => {}
            }
        }
    }

    /// True if unread bytes have come. A request that is there when its
    /// connection is accepted counts as sent after the fault; otherwise the
    /// faster of two programs would decide.
    fn has_unread(&mut self) -> bool {
        let mut cx = Context::from_waker(Waker::noop());
        let mut unread = Vec::new();
        !self.inbox.is_finished()
            && matches!(
                self.wire.poll_read(&mut cx, &mut unread, READ_AHEAD),
                Poll::Ready(Ok(1..))
            )
    }

    /// As [`Self::await_segment`], for transports without an event per segment:
    /// data, FIN and RST are read, and the counters show the rest.
    async fn listen(&mut self, before: u64) -> bool {
        let start = self.now();
        let read_ahead = self.inbox.bytes.len();
        self.resting = true;
        loop {
            let now = self.now();
            let heard = |wire: &W| wire.counters().is_ok_and(|now| now.segments_in != before);
            if heard(&self.wire) {
                return true;
            }
            if now >= start + HOLD {
                return false;
            }
            let [shortest, longest] = LISTEN;
            let tick = (now.since(start) / 8).clamp(shortest, longest);
            match self.wait_out(now + tick, false).await {
                Err(end) if end.exit == Exit::Drop => return heard(&self.wire),
                Err(_) => return true,
                // The segment may have come before the counters were read.
                Ok(()) if self.inbox.bytes.len() > read_ahead => return true,
                Ok(()) => {}
            }
        }
    }
}

#[cfg(test)]
#[path = "close_tests.rs"]
mod tests;
