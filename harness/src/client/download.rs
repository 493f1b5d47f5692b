//! One download, from the start of connect to its verdict.

use std::cell::Cell;

use shortread_server::{
    clock::{Clock, Elapsed, Instant},
    journal::SocketFacts,
    scenario::{Deadline, Framing, Scenario},
};

use super::{
    course::{Ask, Attempted, Next},
    delivery::Delivery,
    engine::{Call, Engine},
    failure::Phase,
    kept::Kept,
    limits::Limits,
    network::Network,
    report::{Download, Failure, FailureCause, Verdict},
    settle::settle,
    transport::ConnectionEnd,
};
use crate::{measure::heap::Budget, sink::Disk};

/// Settings shared by all downloads of a trial.
#[derive(Debug)]
pub(crate) struct Settings<E> {
    pub(crate) engine: E,
    pub(crate) scenario: Scenario,
    pub(crate) time_scale: f64,
    pub(crate) budget: Option<Budget>,
    pub(crate) clock: Clock,
    pub(crate) disk: Disk,
    /// Connections made by the downloads of the trial.
    pub(crate) connections: Cell<u32>,
}

/// The end of a download, and the state of its connection.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) download: Download,
    pub(crate) closing: ConnectionEnd,
    pub(crate) sockets: SocketFacts,
}

/// Runs one download, attempt after attempt as its course goes: over the connection that
/// was `kept`, or another one of `network`. It keeps one if another request may follow.
pub(crate) async fn download<N: Network, E: Engine>(
    network: &N,
    settings: &Settings<E>,
    kept: &mut Option<Kept<N::Stream>>,
    delivery: &mut Delivery,
) -> Ended {
    let clock = settings.clock;
    let start = clock.now();
    let mut ask = delivery.course().begin(start);
    let mut earlier: Option<Ended> = None;
    loop {
        let mut ended = attempt(network, settings, &ask, kept, delivery).await;
        if let Some(earlier) = earlier.take() {
            ended.follow(earlier);
        }
        let (head, held) = (delivery.response(), delivery.bytes());
        let surplus = delivery.surplus();
        let next = delivery.course().ended(&Attempted {
            download: &ended.download,
            head: head.as_ref(),
            held,
            surplus,
            now: clock.now(),
        });
        match next {
            Next::Stop(verdict) => {
                ended.download.verdict = verdict;
                ended.download.account = delivery.course().account();
                if let Some(file) = delivery.take_target() {
                    settle(file, &mut ended.download).await;
                    ended.download.name_failure(&settings.engine);
                }
                return ended;
            }
            Next::Again { ask: next, after } => {
                ask = next;
                clock.sleep(after).await;
                let download = &ended.download;
                delivery.attempt(download.earlier_bytes + download.received_bytes);
                earlier = Some(ended);
            }
        }
    }
}

/// One request, and a second one where the library itself makes it.
async fn attempt<N: Network, E: Engine>(
    network: &N,
    settings: &Settings<E>,
    ask: &Ask,
    kept: &mut Option<Kept<N::Stream>>,
    delivery: &mut Delivery,
) -> Ended {
    let start = settings.clock.now();
    let mut download = nothing_yet(start);
    let mut attempt = Attempt {
        ask,
        kept,
        limits: settings.limits(start),
        head_due: None,
    };
    let (mut sockets, mut closing) =
        once(network, settings, &mut attempt, delivery, &mut download).await;
    if settings.engine.asks_again(&download) {
        // Everything starts again, except `total` and the application's counts.
        let first = (download.first_byte, closing);
        let again = settings.limits(settings.clock.now());
        attempt.limits.reconnect(again);
        (sockets, closing) = once(network, settings, &mut attempt, delivery, &mut download).await;
        download.first_byte = first.0.or(download.first_byte);
        closing.join(first.1);
    }
    download.name_failure(&settings.engine);
    Ended {
        download,
        closing,
        sockets,
    }
}

impl Ended {
    /// Adds what came before it: a download begins with its first attempt, and counts
    /// the bytes of all.
    fn follow(&mut self, earlier: Self) {
        let (first, last) = (earlier.download, &mut self.download);
        last.started = first.started;
        last.earlier_bytes = first.earlier_bytes + first.received_bytes;
        last.first_byte = first.first_byte.or(last.first_byte);
        last.head = first.head.or(last.head);
        last.last_progress = last.last_progress.or(first.last_progress);
        self.closing.join(earlier.closing);
    }
}

impl<E: Engine> Settings<E> {
    fn limits(&self, start: Instant) -> Limits {
        let whole_from = self.engine.whole_seconds_from();
        Limits::new(&self.scenario, whole_from, self.time_scale, start)
    }
}

/// One request: its limits, and the part that a second request shares.
struct Attempt<'a, S> {
    ask: &'a Ask,
    /// The connection of the request before, and of the next one.
    kept: &'a mut Option<Kept<S>>,
    limits: Limits,
    /// The deadline of the head, once a request was sent.
    head_due: Option<Instant>,
}

/// Makes one request on the kept connection, or on a new one.
async fn once<N: Network, E: Engine>(
    network: &N,
    settings: &Settings<E>,
    attempt: &mut Attempt<'_, N::Stream>,
    delivery: &mut Delivery,
    download: &mut Download,
) -> (SocketFacts, ConnectionEnd) {
    let scenario = &settings.scenario;
    let clock = settings.clock;
    let limits = attempt.limits;
    let (until, deadline) = limits.connect;
    let limit = settings.engine.keeps_for().mul_f64(settings.time_scale);
    let usable = attempt
        .kept
        .take()
        .and_then(|kept| kept.usable(clock.now(), limit));
    let reused = usable.as_ref().map(|kept| kept.number);
    download.reused = reused.is_some();
    let connecting = async {
        match usable {
            Some(kept) => Ok((kept.stream, kept.sockets)),
            None => {
                let (client, sockets) = (&scenario.client, &scenario.sockets);
                network.connect(client, sockets, clock, until).await
            }
        }
    };
    match clock.timeout_at(limits.give_up, connecting).await {
        Ok(Ok((stream, sockets))) => {
            let number = reused.unwrap_or_else(|| settings.next_connection());
            download.connection = Some(number);
            let due = limits.head.map(|time| clock.now() + time);
            attempt.head_due = attempt.head_due.or(due);
            let call = Call {
                host: &network.host(),
                ask: attempt.ask,
                scenario,
                limits: &limits,
                head_due: attempt.head_due,
                budget: settings.budget,
                clock,
            };
            let exchange = settings.engine.exchange(stream, call, delivery, download);
            let (closing, left) = exchange.await;
            *attempt.kept = left.map(|(stream, since)| Kept {
                stream,
                sockets: sockets.clone(),
                number,
                since,
            });
            account(download, delivery, &closing, clock);
            (sockets, closing)
        }
        failed => {
            if let Ok(Err(failure)) = &failed
                && failure.cause == FailureCause::Reset
            {
                download.connection = Some(settings.next_connection());
            }
            download.verdict = match failed {
                Ok(Err(failure)) if failure.cause == FailureCause::Deadline(Deadline::Connect) => {
                    Verdict::Failure(Failure::deadline(deadline))
                }
                Ok(Err(failure)) => Verdict::Failure(failure),
                _ => Verdict::GaveUp,
            };
            download.ended = clock.now();
            (SocketFacts::default(), ConnectionEnd::default())
        }
    }
}

impl<E> Settings<E> {
    /// The number of the next connection, from 1.
    fn next_connection(&self) -> u32 {
        self.connections.set(self.connections.get() + 1);
        self.connections.get()
    }
}

/// Takes over the final counts of the application and the connection.
fn account(
    download: &mut Download,
    delivery: &mut Delivery,
    closing: &ConnectionEnd,
    clock: Clock,
) {
    download.delivered_bytes = delivery.bytes();
    download.last_progress = delivery.last_progress();
    download.first_bad_offset = delivery.first_bad_offset();
    download.arrived_offset = delivery.arrived_offset();
    download.object_bytes = Some(delivery.object_bytes());
    download.kernel_unread_bytes = closing.unread_bytes;
    download.head = delivery.head();
    let (unread, received) = (closing.unread_bytes, download.received_bytes);
    delivery.watched().transport(clock.now(), unread, received);
}

impl Download {
    /// Notes the end before the connection is released, which takes time.
    pub(crate) fn conclude(&mut self, ended: Result<Result<(), Failure>, Elapsed>, clock: Clock) {
        self.ended = clock.now();
        self.verdict = match ended {
            Ok(Ok(())) => Verdict::Success,
            Ok(Err(failure)) => Verdict::Failure(failure),
            Err(Elapsed) => Verdict::GaveUp,
        };
    }

    /// Names its failure, if it has one, as users of `engine` see it.
    pub(crate) fn name_failure(&mut self, engine: &impl Engine) {
        let phase = match self.status {
            None => Phase::Head,
            Some(_) => Phase::Body,
        };
        if let Verdict::Failure(failure) = &mut self.verdict {
            engine.name(failure, phase);
        }
    }
}

pub(crate) fn nothing_yet(start: Instant) -> Download {
    Download {
        verdict: Verdict::GaveUp,
        status: None,
        framing: None::<Framing>,
        declared_bytes: None,
        received_bytes: 0,
        earlier_bytes: 0,
        delivered_bytes: 0,
        kernel_unread_bytes: None,
        first_bad_offset: None,
        arrived_offset: None,
        object_bytes: None,
        account: None,
        started: start,
        ended: start,
        first_byte: None,
        head: None,
        last_progress: None,
        connection: None,
        reused: false,
    }
}
