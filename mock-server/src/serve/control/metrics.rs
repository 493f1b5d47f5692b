//! `/metrics`: counts in Prometheus's text format, folded from the events of the
//! journal.

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use super::{super::tasks, Control, answer::Answer};
use crate::journal::{CloseReason, Event, Fact, Journal};

/// The format's media type: OpenMetrics 1.0.0, section 4.1.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Counts over the life of a server.
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
    orders: Family<SeriesOrder, Counter>,
    now: Now,
}

/// Values that are looked up for each request.
struct Now {
    tasks: Gauge,
    waiting: Gauge,
    most: Gauge,
    kept: Gauge,
    dropped: Gauge,
    forgotten: Gauge,
    journal_bytes: Gauge,
    unwritten: Gauge,
    held: Gauge,
    counters: Gauge,
    counters_forgotten: Gauge,
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
struct SeriesOrder {
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
            open: register!("connections_open", "Open connections"),
            closed: register!("connections_closed", "Connections that are over, by reason"),
            requests: register!("requests", "Requests read"),
            bad_requests: register!("bad_requests", "Malformed requests"),
            sent: register!(
                "body_sent_bytes",
                "Body bytes handed to the transport, counted at the end of the connection"
            ),
            acknowledged: register!(
                "body_acknowledged_bytes",
                "Body bytes that clients acknowledged, counted at the end of the connection, on Linux"
            ),
            faults: register!("faults", "Faults carried out, by action and party"),
            orders: register!("control_requests", "Requests to the control interface"),
            now: Now {
                tasks: register!(
                    "tasks",
                    "Tasks that serve a connection, including the one for this request"
                ),
                waiting: register!(
                    "connections_waiting",
                    "Connections that wait to be accepted"
                ),
                most: register!("connections_most", "The most connections served at a time"),
                kept: register!("journal_events", "Events that the journal keeps"),
                dropped: register!("journal_dropped_events", "Events that were dropped"),
                forgotten: register!(
                    "journal_forgotten_tests",
                    "Tests of which all events were dropped to make room"
                ),
                journal_bytes: register!(
                    "journal_bytes",
                    "Approximate bytes that the journal keeps"
                ),
                unwritten: register!(
                    "log_dropped_lines",
                    "Lines for standard error dropped because nobody read them"
                ),
                held: register!(
                    "scenarios_held_bytes",
                    "Approximate bytes of scenarios from URLs and PUT"
                ),
                counters: register!("counters", "Keys and queries with counters of their own"),
                counters_forgotten: register!(
                    "counters_forgotten",
                    "Counters dropped to make room; they start again from 0"
                ),
            },
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
                self.acknowledged.inc_by(acked_bytes.unwrap_or_default());
            }
            _ => {}
        }
    }
}

impl Metrics {
    /// Counts an answered request.
    pub(super) fn asked(&self, route: &'static str, status: u16) {
        self.orders
            .get_or_create(&SeriesOrder { route, status })
            .inc();
    }

    fn text(&self) -> Answer {
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => Answer::text(200, OPENMETRICS, text),
            // Writing to a String does not fail.
            Err(_) => Answer::text(500, OPENMETRICS, "# EOF\n"),
        }
    }
}

impl Control {
    pub(super) fn tell_metrics(&self) -> Answer {
        let (now, journal, site) = (
            &self.metrics.now,
            self.journal.counts(),
            self.site.figures(),
        );
        let unwritten = self.log.as_ref().map_or(0, |log| log.dropped());
        for (gauge, value) in [
            (&now.tasks, tasks::alive()),
            (&now.waiting, u64::from(self.waiting.count().unwrap_or(0))),
            (&now.most, self.allowed.downloads as u64),
            (&now.kept, journal.kept),
            (&now.dropped, journal.dropped),
            (&now.forgotten, journal.forgotten),
            (&now.journal_bytes, journal.bytes as u64),
            (&now.unwritten, unwritten),
            (&now.held, site.held_bytes),
            (&now.counters, site.counted as u64),
            (&now.counters_forgotten, site.forgotten),
        ] {
            gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        }
        self.metrics.text()
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
