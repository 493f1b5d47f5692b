//! Decides which fault fires next, and how far the connection may send until
//! then.

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

use super::OffsetMap;
use crate::{
    clock::Instant,
    scenario::{Action, Counts, Fault, Limit, RequestFacts, Selector, Trigger, landmark::part},
};

/// The state of a connection, which the schedule needs at each step.
#[derive(Debug, Clone, Copy)]
pub struct FlowState {
    /// Now.
    pub now: Instant,
    /// The connection's number among those that play the scenario, from 1.
    pub connection: u32,
    /// The last request's number among those that play the scenario, from 1; 0
    /// before any.
    pub request: u32,
    /// The time at which that request was read.
    pub requested: Option<Instant>,
    /// Bytes of the current response handed to the transport.
    pub sent: u64,
    /// The last sign of life, counting every segment.
    pub last_segment: Instant,
    /// The last sign of life, counting payload only.
    pub last_payload: Instant,
    /// The time since which the transport has taken nothing although there are
    /// bytes to send.
    pub blocked_since: Option<Instant>,
}

/// The next step of a connection.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Send no byte of the response at or beyond this offset.
    pub send_up_to: u64,
    /// Ask again at this time at the latest.
    pub until: Instant,
    /// Do this first. Each fault is returned once.
    pub act: Option<Fired>,
}

/// A fault whose moment has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fired {
    /// Its index in the scenario.
    pub index: usize,
    /// The action to carry out.
    pub action: Action,
}

/// The faults of one connection. Each fires at most once, one that is for some
/// requests only at most once for each of them; if several could fire, the first in
/// the file does.
#[derive(Debug, Clone)]
pub struct Schedule {
    faults: Vec<Pending>,
    stalled_until: Option<Instant>,
    disarmed: bool,
}

#[derive(Debug, Clone)]
struct Pending {
    /// The requests that it is for.
    on: Selector,
    /// The last request is one of those.
    selected: bool,
    when: Trigger,
    then: Action,
    fired: bool,
    /// The wire offset of the current response at which an offset trigger fires;
    /// `None` if the response does not reach it.
    offset: Option<u64>,
    /// For `chance`: the drawn place, as a share of the body.
    share: Option<f64>,
}

impl Schedule {
    /// The schedule of connection number `connection`. Random draws depend only
    /// on `seed` and that number.
    pub fn new(faults: &[Fault], seed: u64, connection: u32) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(
            seed ^ u64::from(connection).wrapping_mul(0x9e37_79b9_7f4a_7c15),
        );
        let faults = faults
            .iter()
            .map(|fault| Pending {
                on: fault.on.clone(),
                selected: fault.on.is_all(),
                when: fault.when,
                then: fault.then,
                fired: false,
                offset: None,
                share: match fault.when {
                    Trigger::Chance(p) => {
                        // Always draw twice, so that the draws of a later fault do not depend on
                        // an earlier one.
                        let (hit, share): (f64, f64) = (rng.random(), rng.random());
                        (hit < p).then_some(share)
                    }
                    _ => None,
                },
            })
            .collect();
        Self {
            faults,
            stalled_until: None,
            disarmed: false,
        }
    }

    /// Stops all faults and ends a stall, until [`Self::arm`].
    pub fn disarm(&mut self) {
        self.disarmed = true;
        self.stalled_until = None;
    }

    /// Lets the remaining faults fire again, except those at an offset that the
    /// current response has passed with its `sent` bytes.
    pub fn arm(&mut self, sent: u64) {
        if std::mem::take(&mut self.disarmed) {
            for fault in &mut self.faults {
                fault.offset = fault.offset.filter(|offset| *offset >= sent);
            }
        }
    }

    /// A request came: faults that are for it may fire until the next one.
    pub fn asked(&mut self, facts: &RequestFacts<'_>) {
        for fault in self.faults.iter_mut().filter(|fault| !fault.on.is_all()) {
            fault.selected = fault.on.selects(facts);
            fault.fired &= !fault.selected;
        }
    }

    /// A response begins: offset triggers now mean offsets in it.
    pub fn begin_response(&mut self, map: &impl OffsetMap) {
        for fault in &mut self.faults {
            let drawn = fault
                .share
                .and_then(|share| map.wire_of_body(part(share, map.body_len())));
            fault.offset = drawn.or_else(|| wire_offset(fault.when, map));
        }
    }

    /// The response ended: offset triggers wait for the next one.
    pub fn end_response(&mut self) {
        for fault in &mut self.faults {
            fault.offset = None;
        }
    }

    /// The next step in this state. Marks the fault in it as fired.
    pub fn next(&mut self, flow: &FlowState) -> Step {
        if self.disarmed {
            return Step {
                send_up_to: u64::MAX,
                until: Instant::FAR,
                act: None,
            };
        }
        if self.stalled_until.is_some_and(|end| flow.now >= end) {
            self.stalled_until = None;
        }
        let due = self
            .faults
            .iter()
            .position(|fault| fault.waits() && fault.holds(flow));
        let act = due.map(|index| {
            let fault = &mut self.faults[index];
            fault.fired = true;
            if let Some(limit) = fault.then.stall() {
                let end = match limit {
                    Limit::Never => Instant::FAR,
                    Limit::After(time) => flow.now + time,
                };
                self.stalled_until = Some(self.stalled_until.map_or(end, |old| old.max(end)));
            }
            Fired {
                index,
                action: fault.then,
            }
        });

        let waiting = self.faults.iter().filter(|fault| fault.waits());
        let offsets = waiting.clone().filter_map(|fault| fault.offset);
        let deadlines = waiting.filter_map(|fault| fault.deadline(flow));
        Step {
            send_up_to: match self.stalled_until {
                Some(_) => flow.sent,
                None => offsets.min().unwrap_or(u64::MAX),
            },
            until: deadlines
                .chain(self.stalled_until)
                .min()
                .unwrap_or(Instant::FAR),
            act,
        }
    }

    /// True if a fault that can still fire counts the bytes of a response's body.
    pub fn counts_body(&self) -> bool {
        let counts = |fault: &Pending| matches!(fault.when, Trigger::Body(_)) && fault.waits();
        !self.disarmed && self.faults.iter().any(counts)
    }

    /// The shortest pending idle limit: the driver must watch the connection's
    /// counters this closely.
    pub fn shortest_idle(&self) -> Option<std::time::Duration> {
        self.faults
            .iter()
            .filter(|fault| fault.waits() && !self.disarmed)
            .filter_map(|fault| fault.when.idle())
            .min()
    }
}

/// The wire offset at which `when` holds in the response of `map`; `None` if it does
/// not reach it, and for a trigger that names no offset.
pub fn wire_offset(when: Trigger, map: &impl OffsetMap) -> Option<u64> {
    match when {
        Trigger::Body(at) => map.wire_of_body(at.0),
        Trigger::Wire(at) => (at.0 <= map.wire_len()).then_some(at.0),
        Trigger::Object(at) => map.wire_of_object(at.0),
        Trigger::Place(place) => map.wire_of_place(place),
        Trigger::Chance(_)
        | Trigger::Elapsed(_)
        | Trigger::Idle { .. }
        | Trigger::Blocked(_)
        | Trigger::Request(_)
        | Trigger::Connection(_) => None,
    }
}

impl Pending {
    /// True if it may still fire.
    const fn waits(&self) -> bool {
        self.selected && !self.fired
    }

    fn holds(&self, flow: &FlowState) -> bool {
        match self.when {
            Trigger::Body(_)
            | Trigger::Wire(_)
            | Trigger::Object(_)
            | Trigger::Place(_)
            | Trigger::Chance(_) => self.offset.is_some_and(|offset| flow.sent >= offset),
            Trigger::Request(n) => flow.request == n,
            Trigger::Connection(n) => flow.connection == n,
            Trigger::Elapsed(_) | Trigger::Idle { .. } | Trigger::Blocked(_) => self
                .deadline(flow)
                .is_some_and(|deadline| flow.now >= deadline),
        }
    }

    /// The time at which a timed trigger will hold if nothing changes.
    fn deadline(&self, flow: &FlowState) -> Option<Instant> {
        match self.when {
            Trigger::Elapsed(after) => flow.requested.map(|start| start + after),
            Trigger::Idle {
                after,
                counts: Counts::Segments,
            } => Some(flow.last_segment + after),
            Trigger::Idle {
                after,
                counts: Counts::Payload,
            } => Some(flow.last_payload + after),
            Trigger::Blocked(after) => flow.blocked_since.map(|start| start + after),
            Trigger::Body(_)
            | Trigger::Wire(_)
            | Trigger::Object(_)
            | Trigger::Place(_)
            | Trigger::Request(_)
            | Trigger::Connection(_)
            | Trigger::Chance(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
