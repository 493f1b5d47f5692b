//! The speed of a connection, and the number of bytes that it sends at a time.

use std::{rc::Rc, time::Duration};

use super::crowd;
use crate::{
    clock::Instant,
    link::{Pacer, Share, SharedLink},
    scenario::{Link, Scenario},
    units::Rate,
};

/// Most bytes sent at once on a path without latency.
const PIECE: u64 = 1 << 20;

/// A connection's rate, its part of a link that it shares, and its segments.
pub(super) struct Pace {
    pacer: Pacer,
    /// Its part of the link, if it shares one.
    share: Option<Share>,
    /// Bytes sent at a time, at the current rate.
    segment: u64,
    /// They may grow: the scenario does not state them.
    grows: bool,
    /// The shortest time limit of the scenario.
    limit: Option<Duration>,
    /// There was nothing to send, or it was held back.
    held: bool,
    /// The window was full, so the link was idle whatever its rate.
    full: bool,
}

impl Pace {
    /// The pace on a link of its own.
    pub(super) fn new(link: &Link, now: Instant) -> Self {
        Self {
            pacer: Pacer::new(link.rate, now),
            share: None,
            segment: link.segment_at(link.rate),
            grows: link.segment.is_none(),
            limit: None,
            held: true,
            full: false,
        }
    }

    /// The pace of a connection that plays `scenario`, over the `shared` link if
    /// there is one.
    pub(super) fn of(scenario: &Scenario, shared: Option<Rc<SharedLink>>, now: Instant) -> Self {
        Self {
            share: shared.map(Share::new),
            segment: scenario.segment_at(scenario.link.rate),
            limit: scenario.shortest_limit(),
            ..Self::new(&scenario.link, now)
        }
    }

    pub(super) fn rate(&self) -> Rate {
        self.pacer.rate()
    }

    /// Bytes sent at a time where `connections` are open on this thread.
    pub(super) fn segment_among(&self, connections: usize) -> u64 {
        match self.grows {
            true => crowd::segment(self.segment, self.rate(), connections, self.limit),
            false => self.segment,
        }
    }

    /// Bytes sent at a time.
    pub(super) fn segment(&self) -> u64 {
        self.segment
    }

    pub(super) fn set_rate(&mut self, rate: Rate, segment: u64, now: Instant) {
        self.pacer.set_rate(rate, now);
        self.segment = segment;
    }

    /// A response begins: the link has been idle until its first byte.
    pub(super) fn begin(&mut self) {
        (self.held, self.full) = (true, false);
    }

    /// There is nothing to send, or it is held back.
    pub(super) fn hold(&mut self) {
        self.held = true;
    }

    /// There are bytes to send but no room: on a path that is not `instant`, the
    /// window is full.
    pub(super) fn stop(&mut self, instant: bool) {
        self.full = !instant;
        self.share.iter_mut().for_each(Share::rest);
    }

    /// There is something to send again.
    pub(super) fn resume(&mut self, now: Instant) {
        if std::mem::take(&mut self.held) {
            self.rest(now);
        }
    }

    /// Forgets the capacity that was not used until now.
    pub(super) fn rest(&mut self, now: Instant) {
        self.pacer.rest(now);
        self.share.iter_mut().for_each(Share::rest);
    }

    /// The time at which the link has carried `want` more bytes of this
    /// connection.
    pub(super) fn ready_at(&mut self, now: Instant, want: u64) -> Instant {
        if std::mem::take(&mut self.full) {
            self.pacer.held_up(now, want);
        }
        let own = self.pacer.ready_at(want);
        match &mut self.share {
            Some(share) => share.ready_at(now, want).max(own),
            None => own,
        }
    }

    /// The number of bytes that are due, of `want`. An `instant` path catches up
    /// on all missed bytes, with `whole` in whole segments, so that the next one is due on
    /// the grid of all; a shared link gives at most the booked ones.
    pub(super) fn due(&mut self, now: Instant, want: u64, instant: bool, whole: bool) -> u64 {
        let due = if instant && self.share.is_none() {
            self.pacer.allowance(now).min(PIECE)
        } else {
            want
        };
        self.share.iter_mut().for_each(Share::took);
        let due = due.max(want);
        match whole {
            true => due - due % want.max(1),
            false => due,
        }
    }

    pub(super) fn took(&mut self, bytes: u64) {
        self.pacer.took(bytes);
    }
}
