//! What a connection waits for, and the signs of life that it watches.

use std::{future::poll_fn, pin::pin, task::Poll, time::Duration};

use super::{
    Closing,
    close::{End, Exit},
    connection::{Connection, READ_AHEAD},
};
use crate::{
    clock::Instant,
    journal::{CloseReason, Fact},
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

impl<W: Wire> Connection<W> {
    /// Waits until `wake`, or until something can be read, or (with `write`)
    /// written; reads what comes.
    pub(super) async fn wait(&mut self, wake: Instant, write: bool) -> Result<(), End> {
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
            if !self.peer_finished && self.inbox.len() < READ_AHEAD {
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
