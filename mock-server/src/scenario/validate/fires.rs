//! Faults that no request can make fire.

use super::Check;
use crate::scenario::{Action, Fault, Landmark, Limit, Ordinals, Protocol, Trigger};

impl Check<'_> {
    pub(super) fn fires(&mut self, index: usize, fault: &Fault) {
        self.behind_an_end(index, fault);
        self.without_a_body(index, fault);
        self.without_a_connection(index, fault);
    }

    /// A connection that ends as it begins carries no request.
    fn without_a_connection(&mut self, index: usize, fault: &Fault) {
        let of_connection = fault.on.connection;
        let faults = self.scenario.faults.iter().enumerate();
        let end = faults.into_iter().find_map(|(other, end)| {
            let Trigger::Connection(number) = end.when else {
                return None;
            };
            let is_that = of_connection == Some(Ordinals::only(number));
            (other != index && is_that && is_final(end)).then_some((other, number))
        });
        if let Some((other, number)) = end {
            self.problem(
                format!("fault[{index}].on.connection"),
                format!(
                    "this never fires: fault {} ends connection {number} as it begins",
                    other + 1
                ),
                "leave one of them out, or write another connection",
            );
        }
    }

    /// No response gets beyond the offset of a fault that ends or silences each that
    /// reaches it.
    fn behind_an_end(&mut self, index: usize, fault: &Fault) {
        let Trigger::Body(at) = fault.when else {
            return;
        };
        let faults = self.scenario.faults.iter().enumerate();
        let before = faults.filter(|(other, _)| *other != index);
        let end = before.into_iter().find_map(|(other, end)| {
            let Trigger::Body(end_at) = end.when else {
                return None;
            };
            let is_first = (end_at, other) < (at, index);
            (is_first && is_final(end) && end.on.covers(&fault.on)).then_some((other, end_at))
        });
        if let Some((other, end_at)) = end {
            self.problem(
                format!("fault[{index}].when.body"),
                format!(
                    "this never fires: no response gets beyond {end_at}, where fault {} ends it",
                    other + 1
                ),
                "leave one of them out; to end a download and each of its resumptions write \
                 offsets of the object, { object = [\"3MiB\", \"6MiB\"] }",
            );
        }
    }

    /// HEAD brings no body (RFC 9110, section 9.3.2), and HTTP/1.0 no chunks.
    fn without_a_body(&mut self, index: usize, fault: &Fault) {
        let is_of_head = fault.on.method.as_deref() == Some("HEAD");
        let is_in_body = match fault.when {
            Trigger::Body(at) | Trigger::Object(at) => at.0 > 0,
            Trigger::Place(place) => place != Landmark::Head,
            _ => false,
        };
        let is_in_chunks = matches!(fault.when, Trigger::Place(place) if place.is_of_chunks());
        let why = if is_of_head && is_in_body {
            "a response to HEAD has no body"
        } else if fault.on.protocol == Some(Protocol::Http10) && is_in_chunks {
            "HTTP/1.0 has no chunks"
        } else {
            return;
        };
        self.problem(
            format!("fault[{index}].when"),
            format!("{why}, so this never fires"),
            "write other requests in `on`, or another trigger",
        );
    }
}

/// True if the response has no more bytes once it has fired, whichever response of the
/// connection that is.
fn is_final(fault: &Fault) -> bool {
    match fault.then {
        Action::Fin | Action::Reset | Action::Blackhole | Action::Forget => true,
        Action::Stall(limit) => limit == Limit::Never,
        // Without `on` it is for one response of a connection, which may have others.
        Action::End => !fault.on.is_all(),
        Action::Throttle(_) => false,
    }
}
