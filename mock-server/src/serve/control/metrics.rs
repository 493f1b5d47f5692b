//! `/metrics`: counts in Prometheus's text format, folded from the journal's
//! events.

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use super::answer::Answer;
use crate::journal::{CloseReason, Event, Fact, Journal, Kept};

/// The format's media type: OpenMetrics 1.0.0, section 4.1.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What is counted over the life of a server.
pub(in crate::serve) struct Metrics {
    registry: Registry,
    accepted: Counter,
    open: Gauge,
    closed: Family<Closed, Counter>,
    requests: Counter,
    bad_requests: Counter,
    sent: Counter,
    acknowledged: Counter,
    faults: Family<Fault, Counter>,
    orders: Family<Order, Counter>,
    kept: Gauge,
    dropped: Gauge,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Closed {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Fault {
    action: &'static str,
    by: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Order {
    route: &'static str,
    status: u16,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("shortread");
        macro_rules! register {
            ($name:literal, $help:literal) => {{
                let metric = Default::default();
                registry.register($name, $help, Clone::clone(&metric));
                metric
            }};
        }
        Self {
            accepted: register!("connections_accepted", "Connections accepted"),
            open: register!("connections_open", "Connections that are not over"),
            closed: register!("connections_closed", "Connections that are over, by why"),
            requests: register!("requests", "Requests read"),
            bad_requests: register!("bad_requests", "What was no request"),
            sent: register!(
                "body_sent_bytes",
                "Body bytes handed to the transport, counted when their connection is over"
            ),
            acknowledged: register!(
                "body_acknowledged_bytes",
                "Body bytes that clients acknowledged, counted when their connection is over"
            ),
            faults: register!("faults", "Faults carried out, by action and whose doing"),
            orders: register!("control_requests", "Orders to the control interface"),
            kept: register!("journal_events", "Events that the journal keeps"),
            dropped: register!("journal_dropped_events", "Events that were dropped"),
            registry,
        }
    }
}

impl Journal for Metrics {
    fn write(&self, event: Event) {
        match event.fact {
            Fact::Accepted { .. } => {
                self.accepted.inc();
                self.open.inc();
            }
            Fact::Request { .. } => {
                self.requests.inc();
            }
            Fact::BadRequest { .. } => {
                self.bad_requests.inc();
            }
            Fact::Fault { action, by, .. } => {
                let labels = Fault {
                    action: action.word(),
                    by: by.word(),
                };
                self.faults.get_or_create(&labels).inc();
            }
            Fact::Closed {
                reason,
                sent_bytes,
                acked_bytes,
                ..
            } => {
                self.open.dec();
                let reason = why(&reason);
                self.closed.get_or_create(&Closed { reason }).inc();
                self.sent.inc_by(sent_bytes);
                self.acknowledged.inc_by(acked_bytes);
            }
            _ => {}
        }
    }
}

impl Metrics {
    /// An order was answered.
    pub(super) fn asked(&self, route: &'static str, status: u16) {
        self.orders.get_or_create(&Order { route, status }).inc();
    }

    pub(super) fn tell(&self, journal: &Kept) -> Answer {
        let (kept, dropped) = journal.counts();
        self.kept.set(i64::try_from(kept).unwrap_or(i64::MAX));
        self.dropped.set(i64::try_from(dropped).unwrap_or(i64::MAX));
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => Answer::text(200, OPENMETRICS, text),
            // Writing to a String does not fail.
            Err(_) => Answer::text(500, OPENMETRICS, "# EOF\n"),
        }
    }
}

fn why(reason: &CloseReason) -> &'static str {
    match reason {
        CloseReason::Done => "done",
        CloseReason::PeerClosed => "peer-closed",
        CloseReason::PeerReset => "peer-reset",
        CloseReason::Fault => "fault",
        CloseReason::Reaped => "reaped",
        CloseReason::Shutdown => "shutdown",
        CloseReason::BadRequest => "bad-request",
        CloseReason::Unable(_) => "unable",
        CloseReason::Error(_) => "error",
    }
}
