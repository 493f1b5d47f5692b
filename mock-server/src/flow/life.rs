//! The signs of life on a connection, and the check that the client is still
//! there.

use std::time::Duration;

use super::{End, Flow};
use crate::{
    clock::Instant,
    fault::idle_error_bound,
    journal::{CloseReason, TcpState},
    link::{Counters, Wire},
};

/// The times at which the connection last showed signs of life.
pub(super) struct Life {
    counters: Counters,
    pub(super) segment: Instant,
    pub(super) payload: Instant,
    looked: Instant,
    /// The check for a client that cannot be heard.
    watch: Watch,
    /// The connection is in a black hole, so nothing is heard of the client.
    pub(super) dark: bool,
}

impl Life {
    /// The state of a connection that is alive now.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            counters: Counters::default(),
            segment: now,
            payload: now,
            looked: now,
            watch: Watch::default(),
            dark: false,
        }
    }
}

/// Checks if a client that cannot be heard is still connected. After FIN it may
/// be half-closed or gone; while it sends more than is read nobody
/// reads its FIN; and from a black hole nothing comes.
#[derive(Debug, Clone, Copy, Default)]
struct Watch {
    /// The time since the client is silent, and the time of the last check.
    deaf: Option<(Instant, Instant)>,
}

/// The least time between the last sign of the client and the first check, and
/// between two checks.
const SOONEST: Duration = Duration::from_millis(50);

/// The longest time between two checks, and so the longest delay in noticing that
/// a silent client has left.
const RAREST: Duration = Duration::from_secs(1);

impl Watch {
    /// The time of the next check.
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

impl<W: Wire> Flow<W> {
    /// True if no event tells of the client.
    pub(super) fn is_deaf(&self) -> bool {
        self.life.dark || self.inbox.is_finished() || self.inbox.is_full()
    }

    /// Checks if the client is still connected, if it is time to. Returns the
    /// time of the next check.
    ///
    /// # Errors
    /// The end of the connection, if the client is gone.
    pub(super) fn watch_client(&mut self) -> Result<Instant, End> {
        if !self.is_deaf() {
            self.life.watch = Watch::default();
            return Ok(Instant::FAR);
        }
        let now = self.now();
        if self.life.watch.due(now) <= now {
            self.life.watch.asked(now);
            if self.wire.peer_is_gone() {
                return Err(End::gone(self.why_gone()));
            }
        }
        Ok(self.life.watch.due(now))
    }

    fn why_gone(&self) -> CloseReason {
        let state = self.wire.tcp_facts().and_then(|facts| facts.state);
        if state == Some(TcpState::Closed) {
            CloseReason::PeerReset
        } else {
            CloseReason::PeerClosed
        }
    }

    /// Reads the counters of the connection, as often as the shortest idle timer
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

    /// The time of the next look at the counters.
    pub(crate) fn next_look(&self) -> Instant {
        match self.look_interval() {
            Some(interval) => self.life.looked + interval,
            None => Instant::FAR,
        }
    }

    /// The pause between two looks at the counters, which is also the largest
    /// delay of an idle timer.
    fn look_interval(&self) -> Option<Duration> {
        let idle = self.schedule.shortest_idle()?;
        Some(idle_error_bound(idle))
    }
}
