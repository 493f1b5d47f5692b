//! One download, from the start of connect to its verdict.

use std::{cell::Cell, rc::Rc};

use mock_server::{
    clock::{Clock, Elapsed, Instant},
    journal::SocketFacts,
    scenario::{Deadline, Framing, Scenario, StrategyName},
};

use super::{
    delivery::Delivery,
    event_loop::on_loop,
    intake::Facts,
    limits::Limits,
    metered::Wire,
    network::Network,
    protocol::Protocol,
    pump::{Closing, Deadlines, Transport, pump},
    report::{Download, Failure, FailureCause, Verdict},
    source::Exchange,
};
use crate::{
    measure::heap::Budget,
    reader::Rules,
    strategy::{Strategy, frames},
};

/// What every download of a trial has in common.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) scenario: Scenario,
    pub(crate) strategy: Strategy,
    pub(crate) time_scale: f64,
    pub(crate) rules: Rules,
    pub(crate) budget: Option<Budget>,
    pub(crate) clock: Clock,
    /// How many connections the trial's downloads have made.
    pub(crate) connections: Cell<u32>,
}

/// A download's end and what its connection knew.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) download: Download,
    pub(crate) closing: Closing,
    pub(crate) sockets: SocketFacts,
}

/// Downloads once over a connection of `network`.
pub(crate) async fn download<N: Network>(
    network: &N,
    settings: &Settings,
    delivery: &mut Delivery,
) -> Ended {
    let start = settings.clock.now();
    let scenario = &settings.scenario;
    let limits = Limits::new(scenario, settings.strategy.name, settings.time_scale, start);
    let mut download = nothing_yet(start);
    let mut attempt = Attempt {
        limits,
        head_due: None,
    };
    let (mut sockets, mut closing) =
        once(network, settings, &mut attempt, delivery, &mut download).await;
    if is_retried(settings, &download) {
        // Everything starts again but `total` and what the application counts.
        let first = (download.first_byte, closing);
        let now = settings.clock.now();
        let again = Limits::new(scenario, settings.strategy.name, settings.time_scale, now);
        attempt.limits.reconnect(again);
        (sockets, closing) = once(network, settings, &mut attempt, delivery, &mut download).await;
        download.first_byte = first.0.or(download.first_byte);
        closing.join(first.1);
    }
    if settings.strategy.name == StrategyName::Frames
        && let Verdict::Failure(failure) = &mut download.verdict
    {
        failure.name_for_hyper();
    } else if let Verdict::Failure(failure) = &mut download.verdict {
        failure.name_by(&settings.rules);
    }
    Ended {
        download,
        closing,
        sockets,
    }
}

/// One request: its bounds, as far as a second one shares them.
#[derive(Debug)]
struct Attempt {
    limits: Limits,
    /// The end of the time for the head, once a request was sent.
    head_due: Option<Instant>,
}

/// One connection and one request on it.
async fn once<N: Network>(
    network: &N,
    settings: &Settings,
    attempt: &mut Attempt,
    delivery: &mut Delivery,
    download: &mut Download,
) -> (SocketFacts, Closing) {
    let scenario = &settings.scenario;
    let clock = settings.clock;
    let limits = attempt.limits;
    let (until, deadline) = limits.connect;
    let connecting = network.connect(&scenario.client, &scenario.sockets, clock, until);
    match clock.timeout_at(limits.give_up, connecting).await {
        Ok(Ok((stream, sockets))) => {
            download.connection = Some(next_connection(settings));
            let due = limits.head.map(|time| clock.now() + time);
            attempt.head_due = attempt.head_due.or(due);
            let host = network.host();
            let closing = over(stream, &host, settings, attempt, delivery, download).await;
            (sockets, closing)
        }
        failed => {
            if let Ok(Err(failure)) = &failed
                && failure.cause == FailureCause::Reset
            {
                download.connection = Some(next_connection(settings));
            }
            download.verdict = match failed {
                Ok(Err(failure)) if failure == Failure::deadline(Deadline::Connect) => {
                    Verdict::Failure(Failure::deadline(deadline))
                }
                Ok(Err(failure)) => Verdict::Failure(failure),
                _ => Verdict::GaveUp,
            };
            download.ended = clock.now();
            (SocketFacts::default(), Closing::default())
        }
    }
}

/// The number of a connection that was made, from 1.
fn next_connection(settings: &Settings) -> u32 {
    settings.connections.set(settings.connections.get() + 1);
    settings.connections.get()
}

/// Whether the release sends the request once more: GET is idempotent, and a
/// connection was there that ended before the head. A fresh connection counts
/// as much as a pooled one; failing to connect does not.
fn is_retried(settings: &Settings, download: &Download) -> bool {
    let ended = match &download.verdict {
        Verdict::Failure(failure) => matches!(
            failure.cause,
            FailureCause::Reset
                | FailureCause::ClosedEarly
                | FailureCause::Io
                | FailureCause::Deadline(Deadline::Keepalive)
        ),
        Verdict::Success | Verdict::GaveUp => false,
    };
    settings.rules.retries_once
        && settings.strategy.name != StrategyName::Frames
        && download.status.is_none()
        && ended
}

/// Downloads over a connection that is there, and fills in `download`.
async fn over<T: Transport + 'static>(
    transport: T,
    host: &str,
    settings: &Settings,
    attempt: &Attempt,
    delivery: &mut Delivery,
    download: &mut Download,
) -> Closing {
    let clock = settings.clock;
    let limits = &attempt.limits;
    let closing = if settings.strategy.name == StrategyName::Frames {
        let wire = Wire::new(clock, delivery.watched());
        let closing = by_frames(transport, host, &wire, settings, limits, delivery, download).await;
        download.first_byte = wire.first_byte();
        download.received_bytes = wire.body_bytes();
        if let Some(head) = wire.head() {
            download.status = Some(head.status);
            download.framing = Some(head.framing);
            download.declared_bytes = head.declared;
        }
        closing
    } else {
        let (closing, exchange) =
            by_stream(transport, host, settings, attempt, delivery, download).await;
        let facts = exchange.facts();
        download.first_byte = facts.first_byte;
        download.received_bytes = facts.received_bytes;
        if let Some(head) = &facts.head {
            download.status = Some(head.status);
            download.framing = Some(head.framing);
            download.declared_bytes = head.declared;
        }
        closing
    };
    download.delivered_bytes = delivery.bytes();
    download.last_progress = delivery.last_progress();
    download.first_bad_offset = delivery.first_bad_offset();
    download.arrived_offset = delivery.arrived_offset();
    download.kernel_unread_bytes = closing.unread_bytes;
    download.head = delivery.head();
    let (unread, received) = (closing.unread_bytes, download.received_bytes);
    delivery.watched().transport(clock.now(), unread, received);
    closing
}

async fn by_stream<T: Transport + 'static>(
    transport: T,
    host: &str,
    settings: &Settings,
    attempt: &Attempt,
    delivery: &mut Delivery,
    download: &mut Download,
) -> (Closing, Rc<Exchange>) {
    let (clock, limits) = (settings.clock, &attempt.limits);
    let parser = settings.scenario.client.parser;
    let facts = Facts::new(clock, limits.sock_read, settings.budget).watched(delivery.watched());
    let exchange = Exchange::new(Box::new(Protocol::new(parser)), &settings.rules, facts);
    let deadlines = Deadlines {
        head: attempt.head_due,
        total: Some(limits.total),
        order: settings.scenario.client.timers,
    };
    let request = request(host);
    let owner = tokio::task::spawn_local(on_loop(clock, {
        let exchange = Rc::clone(&exchange);
        async move { pump(transport, request.as_bytes(), &exchange, deadlines, clock).await }
    }));
    let reading = async {
        exchange.head().await?;
        delivery.head_done();
        settings.strategy.read_body(&exchange, delivery).await
    };
    conclude(
        download,
        clock.timeout_at(limits.give_up, reading).await,
        clock,
    );
    exchange.stop();
    let closing = match owner.await {
        Ok(closing) => closing,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    };
    (closing, exchange)
}

async fn by_frames<T: Transport + 'static>(
    transport: T,
    host: &str,
    wire: &Wire,
    settings: &Settings,
    limits: &Limits,
    delivery: &mut Delivery,
    download: &mut Download,
) -> Closing {
    let clock = settings.clock;
    let bounds = frames::Limits {
        head: limits.head.map_or(Instant::FAR, |time| clock.now() + time),
        total: limits.total,
        sock_read: limits.sock_read,
        order: settings.scenario.client.timers,
        budget: settings.budget,
        clock,
    };
    let mut connection = match frames::Connection::start(transport, wire.clone(), clock).await {
        Ok(connection) => connection,
        Err(failure) => {
            conclude(download, Ok(Err(failure)), clock);
            return Closing::default();
        }
    };
    let reading = connection.download(host, &bounds, delivery);
    conclude(
        download,
        clock.timeout_at(limits.give_up, reading).await,
        clock,
    );
    connection.stop().await
}

/// Notes the end before the connection is let go, which takes its time.
fn conclude(download: &mut Download, ended: Result<Result<(), Failure>, Elapsed>, clock: Clock) {
    download.ended = clock.now();
    download.verdict = match ended {
        Ok(Ok(())) => Verdict::Success,
        Ok(Err(failure)) => Verdict::Failure(failure),
        Err(Elapsed) => Verdict::GaveUp,
    };
}

/// As a plain installation of aiohttp asks: br and zstd are added where further
/// packages are installed.
fn request(host: &str) -> String {
    format!(
        "GET / HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate\r\n\
         User-Agent: shortread/{}\r\n\r\n",
        env!("CARGO_PKG_VERSION")
    )
}

pub(crate) fn nothing_yet(start: Instant) -> Download {
    Download {
        verdict: Verdict::GaveUp,
        status: None,
        framing: None::<Framing>,
        declared_bytes: None,
        received_bytes: 0,
        delivered_bytes: 0,
        kernel_unread_bytes: None,
        first_bad_offset: None,
        arrived_offset: None,
        started: start,
        ended: start,
        first_byte: None,
        head: None,
        last_progress: None,
        connection: None,
    }
}
