//! `[[fault]]`: what goes wrong, when, and whose doing it is.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    scenario::{Action, Counts, Landmark, Party, Selector},
    units::ByteSize,
};

/// `[[fault]]`: what goes wrong, when, and whose doing it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// The requests that it is for. Without any it fires once on each connection, with
    /// some once for each of them.
    #[serde(default)]
    pub on: Selector,
    /// The trigger.
    pub when: Trigger,
    /// The action.
    pub then: Action,
    /// The party.
    pub by: Party,
    /// Wait until what was sent is acknowledged, then act.
    pub drain: bool,
    /// The longest wait for that; then act anyway and journal the bytes in
    /// flight.
    pub drain_limit: Duration,
    /// From there to FIN or RST, so that the client can read what it has.
    pub settle: Duration,
}

/// The moment at which a fault fires.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Trigger {
    /// Exactly this many bytes of the response's body were sent (before
    /// transfer coding, after content coding).
    Body(ByteSize),
    /// Exactly this many bytes of the response were sent, from its head on.
    Wire(ByteSize),
    /// Exactly this many bytes of the object were sent, where the response carries
    /// them: one that begins at or behind them passes them over.
    Object(ByteSize),
    /// Everything before this place of the response was sent.
    Place(Landmark),
    /// This long after the request was read.
    Elapsed(Duration),
    /// The connection saw no sign of life for this long.
    Idle {
        /// The idle limit.
        after: Duration,
        /// The signs of life.
        counts: Counts,
    },
    /// The server could not write for this long, since the peer takes nothing.
    Blocked(Duration),
    /// At the n-th request, from 1, before its response.
    Request(u32),
    /// At the n-th connection, from 1, as it is accepted.
    Connection(u32),
    /// With this probability, drawn once a connection, at a body offset drawn
    /// uniformly from the whole body.
    Chance(f64),
}

impl Trigger {
    /// The idle limit, of a trigger that is one.
    pub const fn idle(self) -> Option<Duration> {
        match self {
            Self::Idle { after, .. } => Some(after),
            Self::Body(_)
            | Self::Wire(_)
            | Self::Object(_)
            | Self::Place(_)
            | Self::Elapsed(_)
            | Self::Blocked(_)
            | Self::Request(_)
            | Self::Connection(_)
            | Self::Chance(_) => None,
        }
    }
}

impl Fault {
    /// `settle` of a FIN or RST behind a drain.
    pub const SETTLE: Duration = Duration::from_millis(50);

    /// A fault with the grammar's defaults for what a file leaves out: an idle
    /// timer is the network's, all else the server's doing; at a body offset
    /// it drains first, FIN and RST at any offset, and then they let the
    /// client settle.
    pub fn new(when: Trigger, then: Action) -> Self {
        Self {
            on: Selector::default(),
            when,
            then,
            by: if when.idle().is_some() {
                Party::Network
            } else {
                Party::Server
            },
            drain: Self::drains(when, then),
            drain_limit: Duration::from_secs(1),
            settle: Self::settles(Self::drains(when, then), then),
        }
    }

    fn drains(when: Trigger, then: Action) -> bool {
        match when {
            Trigger::Body(_) | Trigger::Object(_) | Trigger::Place(_) => true,
            Trigger::Wire(_) | Trigger::Chance(_) => then.closes(),
            Trigger::Elapsed(_)
            | Trigger::Idle { .. }
            | Trigger::Blocked(_)
            | Trigger::Request(_)
            | Trigger::Connection(_) => false,
        }
    }

    /// The default of `settle` for a fault that does drain, or does not.
    pub fn settles(drain: bool, then: Action) -> Duration {
        if drain && then.closes() {
            Self::SETTLE
        } else {
            Duration::ZERO
        }
    }
}
