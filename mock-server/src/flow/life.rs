//! The signs of life that a connection watches, and whether there is still
//! somebody to wait for.

use std::time::Duration;

use super::{End, Flow};
use crate::{
    clock::Instant,
    fault::idle_error_bound,
    journal::{CloseReason, TcpState},
    link::{Counters, Wire},
};

/// When the connection last showed signs of life.
pub(super) struct Life {
    counters: Counters,
    pub(super) segment: Instant,
    pub(super) payload: Instant,
    looked: Instant,
    /// Whether a client that cannot be heard is still there.
    watch: Watch,
    /// In a black hole: nothing is heard of the client.
    pub(super) dark: bool,
}

impl Life {
    /// Alive now.
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

/// Asks whether a client that cannot be heard is still there: one that has sent
/// FIN may be half-closed or gone, one that sends more requests than are read
/// is not listened to, and from a black hole nothing comes.
#[derive(Debug, Clone, Copy, Default)]
struct Watch {
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

impl<W: Wire> Flow<W> {
    /// Whether nothing that the client does is told by an event.
    pub(super) fn is_deaf(&self) -> bool {
        self.life.dark || self.inbox.is_finished() || self.inbox.is_full()
    }

    /// When to ask whether the client is still there; asks if it is time.
    ///
    /// # Errors
    /// The end of the connection, where the client is gone.
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
    pub(crate) fn next_look(&self) -> Instant {
        match self.look_interval() {
            Some(interval) => self.life.looked + interval,
            None => Instant::FAR,
        }
    }

    /// How closely the counters must be watched; also how late an idle timer
    /// may notice.
    fn look_interval(&self) -> Option<Duration> {
        let idle = self.schedule.shortest_idle()?;
        Some(idle_error_bound(idle))
    }
}
