//! One download by its parts: the first one alone, then several side by side, each over a
//! connection of its own that is kept from part to part.

use std::{cell::RefCell, rc::Rc};

use shortread_server::clock::Instant;
use tokio::task::JoinSet;

use super::{
    Network,
    course::{Account, Part, Parts},
    delivery::{Delivery, Meter},
    download::{Ended, Settings, download},
    engine::Engine,
    event_loop::on_loop,
    kept::Kept,
    report::{Download, Verdict},
    settle::settle,
    truth::Truth,
};
use crate::sink::Sink;

/// A download that is fetched by parts, as its workers share it.
struct Shared<N, E> {
    network: N,
    settings: Rc<Settings<E>>,
    meter: Rc<RefCell<Meter>>,
    truth: Rc<RefCell<Truth>>,
    /// The place of its first worker in the meter.
    place: usize,
    state: RefCell<State>,
}

struct State {
    parts: Box<dyn Parts>,
    sink: Sink,
    /// Parts under way, the most of them at a time, and all so far.
    busy: u32,
    at_a_time: u32,
    begun: u32,
    /// A part has failed, so that no further one begins.
    failed: bool,
    ended: Option<Ended>,
    writes: u64,
}

/// One of the connections: what it has fetched so far.
#[derive(Default)]
struct Worker {
    number: usize,
    delivered: u64,
    received: u64,
}

/// Fetches the `parts` of a download into `sink`. Returns its end, as that of one download,
/// and the chunks that were written.
pub(super) async fn in_parts<N, E>(
    network: &N,
    settings: &Rc<Settings<E>>,
    kept: &mut Option<Kept<N::Stream>>,
    parts: Box<dyn Parts>,
    (meter, truth, sink): (Rc<RefCell<Meter>>, Rc<RefCell<Truth>>, Sink),
    place: usize,
) -> (Ended, u64)
where
    N: Network + Clone + 'static,
    E: Engine + 'static,
{
    let at_a_time = parts.at_a_time();
    let shared = Rc::new(Shared {
        network: network.clone(),
        settings: Rc::clone(settings),
        meter,
        truth,
        place,
        state: RefCell::new(State {
            parts,
            sink,
            busy: 0,
            at_a_time: 0,
            begun: 0,
            failed: false,
            ended: None,
            writes: 0,
        }),
    });
    let mut first = Worker::default();
    shared.one(&mut first, kept).await;
    let mut others = JoinSet::new();
    for number in 1..at_a_time {
        let shared = Rc::clone(&shared);
        others.spawn_local(on_loop(settings.clock, async move {
            let mut worker = Worker {
                number,
                ..Worker::default()
            };
            let mut kept = None;
            while shared.one(&mut worker, &mut kept).await {}
        }));
    }
    while shared.one(&mut first, kept).await {}
    while let Some(ended) = others.join_next().await {
        if let Err(error) = ended {
            std::panic::resume_unwind(error.into_panic());
        }
    }
    shared.conclude().await
}

impl<N: Network, E: Engine> Shared<N, E> {
    /// Fetches the next part. Returns false if there is none.
    async fn one(&self, worker: &mut Worker, kept: &mut Option<Kept<N::Stream>>) -> bool {
        let Some((Part { start, course }, sink)) = self.state.borrow_mut().begin() else {
            return false;
        };
        let mut delivery = Delivery::new(
            self.place + worker.number,
            Rc::clone(&self.meter),
            Rc::clone(&self.truth),
            course,
            sink,
            self.settings.clock,
        )
        .of_part(start, worker.delivered, worker.received);
        let mut ended = download(&self.network, &self.settings, kept, &mut delivery).await;
        let one = &mut ended.download;
        one.delivered_bytes = delivery.bytes() - start;
        worker.delivered += one.delivered_bytes;
        worker.received += one.earlier_bytes + one.received_bytes;
        self.state.borrow_mut().end(ended, delivery.sink_writes());
        true
    }

    /// The end of the whole.
    async fn conclude(&self) -> (Ended, u64) {
        let (mut ended, file, writes) = {
            let mut state = self.state.borrow_mut();
            let mut ended = state.ended.take().expect("there is a first part");
            let mut account = Account {
                parts: state.begun,
                at_a_time: state.at_a_time,
                ..ended.download.account.unwrap_or_default()
            };
            let verdict = ended.download.verdict.clone();
            ended.download.verdict = state.parts.ended(verdict, &mut account);
            ended.download.account = Some(account);
            (ended, state.sink.take_target(), state.writes)
        };
        self.compare(&mut ended.download);
        // The sum of all of them, side by side.
        let took = ended.download.ended.since(ended.download.started);
        ended.closing.flowing = ended.closing.flowing.min(took);
        let one = &mut ended.download;
        if let Some(file) = file {
            settle(file, one).await;
        }
        one.name_failure(&self.settings.engine);
        (ended, writes)
    }
}

impl<N, E> Shared<N, E> {
    /// What is missing between two parts is not wrong.
    fn compare(&self, whole: &mut Download) {
        let truth = self.truth.borrow();
        whole.first_bad_offset = truth.first_bad_offset(u64::MAX);
        whole.arrived_offset = truth.arrived_offset(u64::MAX);
        whole.object_bytes = Some(truth.object_bytes(whole.delivered_bytes));
    }
}

impl State {
    /// The next part, if there is one, and the place where it is written.
    fn begin(&mut self) -> Option<(Part, Sink)> {
        if self.failed {
            return None;
        }
        let part = self.parts.next()?;
        self.busy += 1;
        self.begun += 1;
        self.at_a_time = self.at_a_time.max(self.busy);
        let sink = self.sink.part(part.start);
        Some((part, sink))
    }

    fn end(&mut self, ended: Ended, writes: u64) {
        self.busy -= 1;
        self.writes += writes;
        self.failed |= ended.download.verdict != Verdict::Success;
        self.ended = Some(match self.ended.take() {
            None => ended,
            Some(before) => before.beside(ended),
        });
    }
}

impl Ended {
    /// The end of two parts together, of which `self` ended first: what the first failure
    /// says, the sums of what came, and the moments of the whole.
    fn beside(mut self, other: Self) -> Self {
        let earliest = |a: Option<Instant>, b: Option<Instant>| a.into_iter().chain(b).min();
        let (one, two) = (&mut self.download, other.download);
        if one.verdict == Verdict::Success {
            one.verdict = two.verdict;
            one.status = two.status;
        }
        one.earlier_bytes += one.received_bytes + two.earlier_bytes;
        one.received_bytes = two.received_bytes;
        one.delivered_bytes += two.delivered_bytes;
        let accounts = one.account.zip(two.account);
        one.account = accounts.map(|(one, two)| one.join(two));
        // Of the whole; a part announces its own.
        one.declared_bytes = None;
        one.ended = one.ended.max(two.ended);
        one.first_byte = earliest(one.first_byte, two.first_byte);
        one.head = earliest(one.head, two.head);
        one.last_progress = one.last_progress.max(two.last_progress);
        self.closing.join(other.closing);
        self
    }
}
