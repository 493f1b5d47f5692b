//! What a connection waits for, the signs of life that it watches, and whether
//! there is still somebody to wait for.
//!
//! Every wait of a connection goes through [`Connection::wait`], so that a
//! client that vanishes ends each of them: FIN and RST are read as they come,
//! and where nothing is read, [`Watch`] asks.

use std::{future::poll_fn, pin::pin, task::Poll, time::Duration};

use super::{
    Closing,
    close::{End, Exit},
    connection::{Connection, READ_AHEAD},
};
use crate::{
    clock::Instant,
    journal::{CloseReason, Fact, TcpState},
    link::{Counters, Wire},
};

/// When the connection last showed signs of life.
pub(super) struct Life {
    pub(super) counters: Counters,
    pub(super) segment: Instant,
    pub(super) payload: Instant,
    pub(super) looked: Instant,
}

impl Life {
    /// Alive now.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            counters: Counters::default(),
            segment: now,
            payload: now,
            looked: now,
        }
    }
}

/// Asks whether a client that cannot be heard is still there: one that has sent
/// FIN may be half-closed or gone, one that sends more requests than are read
/// is not listened to, and from a black hole nothing comes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Watch {
    /// Since when it cannot be heard, and when it was asked last.
    deaf: Option<(Instant, Instant)>,
}

/// The first question comes so long after the client was heard last, and no
/// question sooner after another.
const SOONEST: Duration = Duration::from_millis(50);

/// The longer a client was there without a word, the rarer it is asked; it is
/// noticed this late at most.
const RAREST: Duration = Duration::from_secs(1);

impl Watch {
    /// When to ask next.
    fn due(&mut self, now: Instant) -> Instant {
        let (since, asked) = *self.deaf.get_or_insert((now, now));
        asked + (asked.since(since) / 8).clamp(SOONEST, RAREST)
    }

    fn asked(&mut self, now: Instant) {
        if let Some((_, asked)) = &mut self.deaf {
            *asked = now;
        }
    }
}

impl<W: Wire> Connection<W> {
    /// Whether nothing that the client does is told by an event.
    fn is_deaf(&self) -> bool {
        self.dark || self.peer_finished || self.inbox.len() >= READ_AHEAD
    }

    /// When to ask whether the client is still there; asks if it is time.
    ///
    /// # Errors
    /// The end of the connection, where the client is gone.
    fn watch_client(&mut self) -> Result<Instant, End> {
        if !self.is_deaf() {
            self.watch = Watch::default();
            return Ok(Instant::FAR);
        }
        let now = self.clock.now();
        if self.watch.due(now) <= now {
            self.watch.asked(now);
            if self.wire.peer_is_gone() {
                return Err(End::gone(self.why_gone()));
            }
        }
        Ok(self.watch.due(now))
    }

    fn why_gone(&self) -> CloseReason {
        let state = self.wire.tcp_facts().and_then(|facts| facts.state);
        if state == Some(TcpState::Closed) {
            CloseReason::PeerReset
        } else {
            CloseReason::PeerClosed
        }
    }

    /// Waits as [`Self::wait`] does, where no fault is left to be switched.
    pub(super) async fn wait_out(&mut self, wake: Instant, write: bool) -> Result<(), End> {
        self.switched.mark_seen();
        self.wait(wake, write).await
    }

    /// Waits until `wake`, or until something can be read, or (with `write`)
    /// written; reads what comes.
    pub(super) async fn wait(&mut self, wake: Instant, write: bool) -> Result<(), End> {
        let wake = wake.min(self.watch_client()?);
        let mut time = pin!(self.clock.sleep_until(wake));
        let mut closing = self.closing.clone();
        let urgent = if self.resting {
            Closing::Gracefully
        } else {
            Closing::Now
        };
        let mut closing = pin!(closing.wait_for(|closing| closing >= urgent));
        let mut switched = self.switched.clone();
        let mut switched = pin!(switched.changed());
        poll_fn(|cx| {
            if switched.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Ok(()));
            }
            if closing.as_mut().poll(cx).is_ready() {
                let reason = CloseReason::Shutdown;
                let exit = if self.resting {
                    Exit::Finish
                } else {
                    Exit::Abort
                };
                return Poll::Ready(Err(End { reason, exit }));
            }
            if !self.is_deaf() {
                match self.wire.poll_read(cx, &mut self.inbox, READ_AHEAD) {
                    Poll::Pending => {}
                    Poll::Ready(Ok(read)) => {
                        if read == 0 {
                            self.peer_finished = true;
                            self.write(Fact::FinReceived {});
                        }
                        self.skip_request_body();
                        return Poll::Ready(Ok(()));
                    }
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(End::from_io(&error))),
                }
            }
            if write {
                let now = self.clock.now();
                if let Poll::Ready(result) = self.poll_deliver(cx, now) {
                    return Poll::Ready(result.map(drop));
                }
            }
            time.as_mut().poll(cx).map(Ok)
        })
        .await
    }

    /// Reads the connection's counters, as often as the shortest idle timer
    /// needs.
    pub(super) fn look_for_life(&mut self, now: Instant) {
        if now < self.next_look() {
            return;
        }
        self.life.looked = now;
        if let Ok(counters) = self.wire.counters() {
            if counters.segments != self.life.counters.segments {
                self.life.segment = now;
            }
            if counters.payload != self.life.counters.payload {
                self.life.payload = now;
            }
            self.life.counters = counters;
        }
    }

    /// When the counters are to be read next.
    pub(super) fn next_look(&self) -> Instant {
        match self.look_interval() {
            Some(interval) => self.life.looked + interval,
            None => Instant::FAR,
        }
    }

    /// How closely the counters must be watched; also how late an idle timer
    /// may notice.
    pub(super) fn look_interval(&self) -> Option<Duration> {
        let idle = self.schedule.shortest_idle()?;
        Some((idle / 100).clamp(Duration::from_millis(1), Duration::from_millis(50)))
    }
}

#[cfg(test)]
#[path = "waiting_tests.rs"]
mod tests;
