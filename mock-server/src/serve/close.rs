//! How a connection ends, and what is left of it until then.

use std::{future::poll_fn, io, pin::pin, task::Poll, time::Duration};

use super::{Closing, connection::Connection};
use crate::{
    journal::{CloseReason, Fact},
    link::{Counters, Wire},
};

/// After FIN the client's last words are read for this long, as other servers
/// do (nginx: lingering_time): closing earlier would send RST.
const LINGER: Duration = Duration::from_secs(30);

/// How long a connection waits in a black hole whose client cannot be watched:
/// longer than Linux's keepalive needs by default to find out, 2 h 11 min.
const HOLD: Duration = Duration::from_secs(4 * 3600);

/// How often it is asked whether a client in a black hole is still there.
const WATCH: Duration = Duration::from_millis(50);

/// How often a forgotten flow looks for a segment from its client.
const LISTEN: Duration = Duration::from_millis(1);

/// Why and how a connection ends.
#[derive(Debug)]
pub(super) struct End {
    pub(super) reason: CloseReason,
    pub(super) exit: Exit,
}

/// The way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// FIN, then wait for the client's.
    Finish,
    /// RST.
    Abort,
    /// Stay in the black hole until nobody can see it any more.
    Park,
    /// RST as soon as the client sends anything.
    Forget,
    /// Nothing to say: the other end is gone.
    Drop,
}

impl End {
    pub(super) fn finish(reason: CloseReason) -> Self {
        Self {
            reason,
            exit: Exit::Finish,
        }
    }

    pub(super) fn gone(reason: CloseReason) -> Self {
        Self {
            reason,
            exit: Exit::Drop,
        }
    }

    /// The transport failed.
    pub(super) fn from_io(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
                Self::gone(CloseReason::PeerReset)
            }
            _ => Self::gone(CloseReason::Error(error.to_string())),
        }
    }
}

impl<W: Wire> Connection<W> {
    /// Ends the connection and writes its last event.
    pub(super) async fn close(mut self, end: End) {
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
                self.hold(WATCH, |wire| wire.peer_is_gone()).await;
                reason = CloseReason::Reaped;
            }
            Exit::Forget => self.await_segment().await,
            Exit::Abort | Exit::Drop => {}
        }
        self.show(self.clock.now());
        self.write_tcp_info();
        // close(2) sends RST where something waits to be read.
        let unread = self
            .wire
            .tcp_facts()
            .is_some_and(|facts| facts.unread_bytes > 0);
        let was_reset = reason == CloseReason::PeerReset;
        let fact = Fact::Closed {
            reason,
            sent_bytes: self.sent.earlier_body + self.sent.body,
            acked_bytes: self.acked_body(self.wire.counters().unwrap_or_default()),
            max_unsent_bytes: self.max_unsent,
        };
        let (wire, trial) = (self.wire, self.trial);
        let write = |fact| trial.write(self.number, self.key.as_deref(), fact);
        match end.exit {
            Exit::Finish | Exit::Drop => {
                drop(wire);
                match end.exit {
                    // Nothing is sent behind a client's RST.
                    _ if was_reset => {}
                    _ if unread => write(Fact::RstSent {}),
                    Exit::Drop => write(Fact::FinSent {}),
                    _ => {}
                }
            }
            // A connection that leaves a black hole must not say FIN: its
            // client, if it lived, would take that for an orderly end.
            Exit::Abort | Exit::Park | Exit::Forget => {
                wire.abort();
                write(Fact::RstSent {});
            }
        }
        write(fact);
    }

    /// Body bytes that the client's kernel has acknowledged. The counters know
    /// wire bytes only; what is missing of the current response is taken for
    /// body, which it is but for framing.
    fn acked_body(&self, counters: Counters) -> u64 {
        let sent_wire = self.sent.earlier_wire + self.sent.wire;
        let missing = sent_wire.saturating_sub(counters.acked);
        (self.sent.earlier_body + self.sent.body).saturating_sub(missing)
    }

    /// Reads until the client closes too.
    async fn linger(&mut self) {
        let end = self.clock.now() + LINGER;
        // All was said: a shutdown, graceful or not, need not wait for this.
        self.resting = true;
        while !self.peer_finished && self.clock.now() < end {
            self.inbox.clear();
            if self.wait(end, false).await.is_err() {
                break;
            }
        }
    }

    /// Waits until the client sends anything, or the trial is closed.
    async fn await_segment(&mut self) {
        let before = self.wire.counters().unwrap_or_default().segments_in;
        let mut closing = self.closing.clone();
        let mut closing = pin!(closing.wait_for(|closing| closing != Closing::No));
        let told = poll_fn(|cx| match self.wire.poll_heard(cx, before) {
            None => Poll::Ready(false),
            Some(Poll::Ready(())) => Poll::Ready(true),
            Some(Poll::Pending) => closing.as_mut().poll(cx).map(|()| true),
        });
        if !told.await {
            let heard = |wire: &W| wire.counters().is_ok_and(|now| now.segments_in != before);
            self.hold(LISTEN, heard).await;
        }
    }

    /// Waits until `over` says so, the trial is closed, or the hold limit.
    async fn hold(&self, tick: Duration, over: impl Fn(&W) -> bool) {
        let end = self.clock.now() + HOLD;
        let mut closing = self.closing.clone();
        while !over(&self.wire) && self.clock.now() < end {
            // A graceful shutdown has nothing to wait for here.
            let closed = closing.wait_for(|closing| closing != Closing::No);
            if self
                .clock
                .timeout_at(self.clock.now() + tick, closed)
                .await
                .is_ok()
            {
                break;
            }
        }
    }
}
