//! One download, from the start of connect to its verdict.

use std::rc::Rc;

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
    plain::Plain,
    pump::{Closing, Deadlines, Transport, pump},
    report::{Download, Failure, Verdict},
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
    let (until, deadline) = limits.connect;
    let connecting = network.connect(&scenario.client, &scenario.sockets, settings.clock, until);
    let connected = settings.clock.timeout_at(limits.give_up, connecting).await;
    let mut download = nothing_yet(start);
    let (sockets, closing) = match connected {
        Ok(Ok((stream, sockets))) => {
            let host = network.host();
            let closing = over(stream, &host, settings, &limits, delivery, &mut download).await;
            (sockets, closing)
        }
        failed => {
            download.verdict = match failed {
                Ok(Err(failure)) if failure == Failure::deadline(Deadline::Connect) => {
                    Verdict::Failure(Failure::deadline(deadline))
                }
                Ok(Err(failure)) => Verdict::Failure(failure),
                _ => Verdict::GaveUp,
            };
            download.ended = settings.clock.now();
            (SocketFacts::default(), Closing::default())
        }
    };
    if settings.strategy.name == StrategyName::Frames
        && let Verdict::Failure(failure) = &mut download.verdict
    {
        failure.name_for_hyper();
    }
    Ended {
        download,
        closing,
        sockets,
    }
}

/// Downloads over a connection that is there, and fills in `download`.
pub(crate) async fn over<T: Transport + 'static>(
    transport: T,
    host: &str,
    settings: &Settings,
    limits: &Limits,
    delivery: &mut Delivery,
    download: &mut Download,
) -> Closing {
    let clock = settings.clock;
    let closing = if settings.strategy.name == StrategyName::Frames {
        let wire = Wire::new(clock);
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
            by_stream(transport, host, settings, limits, delivery, download).await;
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
    closing
}

async fn by_stream<T: Transport + 'static>(
    transport: T,
    host: &str,
    settings: &Settings,
    limits: &Limits,
    delivery: &mut Delivery,
    download: &mut Download,
) -> (Closing, Rc<Exchange>) {
    let clock = settings.clock;
    let facts = Facts::new(clock, limits.sock_read, settings.budget);
    let exchange = Exchange::new(Box::<Plain>::default(), &settings.rules, facts);
    let deadlines = Deadlines {
        head: limits.head.map(|time| clock.now() + time),
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

/// As aiohttp asks, but for br and zstd, which nobody here sends.
fn request(host: &str) -> String {
    format!(
        "GET / HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\nAccept-Encoding: gzip\r\n\
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
        last_progress: None,
    }
}
