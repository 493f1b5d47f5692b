//! A reader never waits without anything alive to wake it: for every order of the
//! events of a response, every cut into reads of the transport, and every way to
//! read.
//!
//! One body source stands for all parsers: its input is a list of its actions on
//! the stream reader. The transport brings that list in pieces, then ends or is
//! silent forever; unread input after the response's end stays in its receive
//! queue. Time is paused, so a reader that nothing wakes is still there an hour
//! later.

use std::{cell::Cell, collections::VecDeque, rc::Rc, time::Duration};

use proptest::prelude::*;
use shortread_server::{clock::simulated_runtime, scenario::Framing};
use tokio::{
    io::{AsyncRead, Join, ReadBuf, Sink},
    task::LocalSet,
};

use super::*;
use crate::{
    client::{Failure, FailureCause},
    engine::aiohttp::{
        BodySource, Facts, Intake,
        reader::{Profile, Rules},
    },
    engine::http1::Head,
};

const SOCK_READ: Duration = Duration::from_secs(5);
const TOTAL: Duration = Duration::from_secs(60);
/// Nothing here takes so long: 40 reads that hand over a byte each and pause
/// for 7 s, then a deadline.
const HOUR: Duration = Duration::from_secs(3_600);
/// Most looks of the pump at the receive queue: some per piece and per deadline.
/// A pump that wakes itself for nothing looks endlessly.
const MOST_LOOKS: u32 = 10_000;

/// The parser's actions on the response, each at a byte of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Act {
    Feed,
    ChunkEnd,
    End,
    Fail,
    FailBody,
    HangUp,
    OutOfMemory,
}

impl Act {
    const ALL: [Self; 7] = [
        Self::Feed,
        Self::ChunkEnd,
        Self::End,
        Self::Fail,
        Self::FailBody,
        Self::HangUp,
        Self::OutOfMemory,
    ];
}

/// The effect of the connection's end on a response that goes on.
#[derive(Debug, Clone, Copy)]
enum Closing {
    Ends,
    Fails,
    /// A paused parser keeps the end back.
    Nothing,
}

#[derive(Debug, Clone)]
enum Step {
    Bytes(Vec<Act>),
    /// So many tenths of a second in which nothing comes.
    Wait(u64),
    Fin,
    Reset,
}

#[derive(Debug, Clone, Copy)]
enum Reading {
    Any,
    UpTo(usize),
    Chunk,
}

#[derive(Debug, Clone)]
struct Case {
    release: &'static str,
    steps: Vec<Step>,
    closing: Closing,
    reading: Reading,
    /// Tenths of a second that the application takes for each read, in turn.
    pauses: Vec<u64>,
    sock_read: bool,
    total: bool,
    order: TimerOrder,
}

/// The result of a case.
#[derive(Debug)]
struct Came {
    /// `None`: a read waits that nothing wakes.
    end: Option<Result<(), Failure>>,
    finished: bool,
    hung_up: bool,
    paused: bool,
    out_of_memory: bool,
}

/// One of each set of rules that differ here.
const RELEASES: [&str; 8] = [
    "aiohttp-3.8.6",
    "aiohttp-3.9.5",
    "aiohttp-3.10.11",
    "aiohttp-3.13.5",
    "aiohttp-3.14.0",
    "aiohttp-3.14.1",
    "aiohttp-3.14.3",
    "aiohttp-3.14.5",
];

fn case() -> impl Strategy<Value = Case> {
    let act = prop_oneof![
        8 => Just(Act::Feed),
        6 => Just(Act::ChunkEnd),
        2 => proptest::sample::select(Act::ALL[2..].to_vec()),
    ];
    let step = prop_oneof![
        6 => prop::collection::vec(act, 1..6).prop_map(Step::Bytes),
        3 => (1..80_u64).prop_map(Step::Wait),
        1 => prop_oneof![Just(Step::Fin), Just(Step::Reset)],
    ];
    let closing = prop_oneof![
        Just(Closing::Ends),
        Just(Closing::Fails),
        Just(Closing::Nothing)
    ];
    let reading = prop_oneof![
        2 => Just(Reading::Any),
        2 => (1..4_usize).prop_map(Reading::UpTo),
        1 => Just(Reading::Chunk),
    ];
    let pause = prop_oneof![2 => Just(0), 1 => 1..70_u64];
    (
        proptest::sample::select(RELEASES.to_vec()),
        prop::collection::vec(step, 1..8),
        closing,
        reading,
        prop::collection::vec(pause, 1..4),
        (any::<bool>(), any::<bool>(), any::<bool>()),
    )
        .prop_map(|(release, steps, closing, reading, pauses, flags)| Case {
            release,
            steps,
            closing,
            reading,
            pauses,
            sock_read: flags.0,
            total: flags.1,
            order: match flags.2 {
                true => TimerOrder::AfterIo,
                false => TimerOrder::BeforeIo,
            },
        })
}

fn failure(cause: FailureCause) -> Failure {
    Failure::of(cause, "as the script says").named("Error")
}

/// Obeys its input, an act a byte, and keeps it while a release's parser does.
struct Scripted {
    kept: VecDeque<u8>,
    closing: Closing,
    over: bool,
    head: bool,
    out_of_memory: Rc<Cell<bool>>,
}

impl Scripted {
    fn play(&mut self, into: &mut Intake<'_>) {
        while let Some(act) = self.kept.pop_front() {
            let mut pause = false;
            match Act::ALL[usize::from(act)] {
                Act::Feed => pause = into.feed(Bytes::from_static(b"x")),
                Act::ChunkEnd => pause = into.end_chunk(),
                Act::End => into.end(),
                Act::Fail => into.fail(failure(FailureCause::Malformed)),
                Act::FailBody => into.fail_body(failure(FailureCause::Malformed)),
                Act::HangUp => into.hang_up(),
                Act::OutOfMemory => {
                    self.out_of_memory.set(true);
                    into.fail(failure(FailureCause::OutOfMemory));
                }
            }
            if act >= Act::End as u8 {
                self.over = true;
                self.kept.clear();
            } else if pause && into.rules().parser_pauses {
                return;
            }
        }
    }
}

impl BodySource for Scripted {
    fn data(&mut self, bytes: Bytes, mut into: Intake<'_>) {
        if !std::mem::replace(&mut self.head, true) {
            into.head(Head {
                status: 200,
                framing: Framing::Chunked,
                declared: None,
                fields: Default::default(),
            });
            into.begin_chunk();
        }
        if !self.over {
            self.kept.extend(bytes);
            self.play(&mut into);
        }
    }

    fn resumed(&mut self, mut into: Intake<'_>) {
        if into.rules().parser_pauses && !self.over {
            self.play(&mut into);
        }
    }

    fn closed(&mut self, _: Option<io::Error>, mut into: Intake<'_>) {
        if std::mem::replace(&mut self.over, true) {
            return;
        }
        match self.closing {
            // Every parser fails a request that got no head.
            _ if !self.head => into.fail(failure(FailureCause::ClosedEarly)),
            Closing::Ends => into.end(),
            Closing::Fails => into.fail(failure(FailureCause::ClosedEarly)),
            Closing::Nothing => {}
        }
    }
}

/// The reading half of a transport: it plays steps, and is silent behind them.
struct Played {
    steps: VecDeque<Step>,
    sleep: Option<Sleep>,
    looks: Cell<u32>,
}

impl Transport for Join<Played, Sink> {
    fn receive_queue(&self) -> Option<u64> {
        let played = self.reader();
        played.looks.set(played.looks.get() + 1);
        assert!(played.looks.get() < MOST_LOOKS, "the pump wakes itself");
        Some(match played.steps.front() {
            Some(Step::Bytes(acts)) if played.sleep.is_none() => acts.len() as u64,
            _ => 0,
        })
    }
}

impl AsyncRead for Played {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            if let Some(sleep) = &mut self.sleep {
                if sleep.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                self.sleep = None;
            }
            return match self.steps.pop_front() {
                Some(Step::Wait(tenths)) => {
                    let wait = Duration::from_millis(100 * tenths);
                    self.sleep = Some(Box::pin(async move { Clock::real().sleep(wait).await }));
                    continue;
                }
                Some(Step::Bytes(acts)) => {
                    let bytes: Vec<u8> = acts.iter().map(|act| *act as u8).collect();
                    into.put_slice(&bytes);
                    Poll::Ready(Ok(()))
                }
                Some(Step::Fin) => Poll::Ready(Ok(())),
                Some(Step::Reset) => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
                None => Poll::Pending,
            };
        }
    }
}

fn play(case: &Case) -> Came {
    let runtime = simulated_runtime().unwrap();
    LocalSet::new().block_on(&runtime, over_paused_time(case.clone()))
}

async fn over_paused_time(case: Case) -> Came {
    let clock = Clock::real();
    let out_of_memory = Rc::new(Cell::new(false));
    // Pauses come at the third byte, not at the half megabyte.
    let rules = Rules {
        read_bufsize: 1,
        ..Profile::parse(case.release).unwrap().0.rules
    };
    let source = Scripted {
        kept: VecDeque::new(),
        closing: case.closing,
        over: false,
        head: false,
        out_of_memory: Rc::clone(&out_of_memory),
    };
    let facts = Facts::new(clock, case.sock_read.then_some(SOCK_READ), None);
    let exchange = Exchange::new(Box::new(source), &rules, facts);
    let total = case.total.then(|| clock.now() + TOTAL);
    let deadlines = Deadlines {
        head: None,
        total,
        order: case.order,
    };
    let played = Played {
        steps: case.steps.into(),
        sleep: None,
        looks: Cell::new(0),
    };
    let transport = tokio::io::join(played, tokio::io::sink());
    let owner = tokio::task::spawn_local({
        let exchange = Rc::clone(&exchange);
        async move { pump(transport, b"", &exchange, deadlines, clock).await.0 }
    });
    let end = {
        let reading = read(&exchange, case.reading, &case.pauses, clock);
        clock.timeout_at(clock.now() + HOUR, reading).await.ok()
    };
    exchange.stop();
    owner.await.unwrap();
    let facts = exchange.facts();
    Came {
        end,
        finished: facts.finished,
        hung_up: facts.hung_up,
        paused: exchange.is_paused(),
        out_of_memory: out_of_memory.get(),
    }
}

async fn read(
    exchange: &Exchange,
    reading: Reading,
    pauses: &[u64],
    clock: Clock,
) -> Result<(), Failure> {
    exchange.head().await?;
    for tenths in pauses.iter().cycle() {
        let last = match reading {
            Reading::Any => exchange.readany().await?.is_empty(),
            Reading::UpTo(n) => exchange.read(n).await?.is_empty(),
            Reading::Chunk => exchange.readchunk().await?.is_last(),
        };
        if last {
            break;
        }
        if *tenths > 0 {
            clock.sleep(Duration::from_millis(100 * tenths)).await;
        }
    }
    Ok(())
}

/// The mistake in the result, if there is one.
fn wrong(case: &Case, came: &Came) -> Option<&'static str> {
    let out_of_memory = |failure: &Failure| failure.cause == FailureCause::OutOfMemory;
    match &came.end {
        None if case.total => Some("a read waits that `total` does not end"),
        None if came.out_of_memory => Some("a read outlives its program"),
        None if came.paused => Some("a read waits for a transport that is not read"),
        None if case.sock_read && !came.finished && !came.hung_up => {
            Some("a read waits for a live connection that `sock_read` does not end")
        }
        Some(Ok(())) if came.out_of_memory => Some("success without memory"),
        Some(Err(failure)) if came.out_of_memory && !out_of_memory(failure) => {
            Some("something else ended what memory ended")
        }
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_reader_is_parked_while_nothing_live_can_wake_it(case in case()) {
        let came = play(&case);
        prop_assert_eq!(wrong(&case, &came), None, "{:?}", came);
    }
}

/// Bytes, a rest in which they are read, then these acts in one read.
fn behind_a_read(acts: &[Act]) -> Case {
    Case {
        release: "aiohttp-3.14.5",
        steps: vec![
            Step::Bytes(vec![Act::Feed]),
            Step::Wait(1),
            Step::Bytes(acts.to_vec()),
        ],
        closing: Closing::Fails,
        reading: Reading::Any,
        pauses: vec![0],
        sock_read: true,
        total: true,
        order: TimerOrder::AfterIo,
    }
}

#[test]
fn a_failure_in_the_read_of_a_chunks_end_is_lost_and_the_total_ends_the_wait() {
    for end in [Act::Fail, Act::HangUp] {
        let mut case = behind_a_read(&[Act::ChunkEnd, end]);
        let total = Some(Err(Failure::deadline(Deadline::Total)));
        assert_eq!(play(&case).end, total, "{end:?}");
        // `readchunk` looks again at what failed.
        case.reading = Reading::Chunk;
        let came = play(&case);
        let cause = came.end.unwrap().unwrap_err().cause;
        let lost = end == Act::HangUp;
        assert_eq!(cause == FailureCause::Deadline(Deadline::Total), lost);
        // Without a total the release hangs.
        case.reading = Reading::Any;
        case.total = false;
        assert!(play(&case).end.is_none(), "{end:?}");
    }
}

#[test]
fn memory_that_is_used_up_in_the_read_of_a_chunks_end_is_not_lost() {
    for reading in [Reading::Any, Reading::UpTo(3), Reading::Chunk] {
        for acts in [&[Act::ChunkEnd, Act::OutOfMemory][..], &[Act::OutOfMemory]] {
            let case = Case {
                reading,
                total: false,
                ..behind_a_read(acts)
            };
            let failed = play(&case).end.unwrap().unwrap_err();
            assert_eq!(failed.cause, FailureCause::OutOfMemory, "{case:?}");
        }
    }
}

#[test]
fn bytes_behind_the_end_do_not_keep_sock_read_from_firing() {
    for release in ["aiohttp-3.14.0", "aiohttp-3.14.1", "aiohttp-3.14.5"] {
        // The end is parsed by the read that resumes, which starts `sock_read`;
        // the application is slower, and more than was announced has come.
        let whole = vec![Act::Feed, Act::Feed, Act::Feed, Act::Feed, Act::End];
        let case = Case {
            release,
            steps: vec![Step::Bytes(whole), Step::Bytes(vec![Act::Feed])],
            reading: Reading::UpTo(1),
            pauses: vec![60],
            total: false,
            ..behind_a_read(&[])
        };
        let failed = play(&case).end.unwrap().unwrap_err();
        assert_eq!(failed, Failure::deadline(Deadline::SockRead), "{release}");
    }
}

#[test]
fn what_a_resumed_parser_refuses_closes_the_connection() {
    let case = Case {
        steps: vec![
            // The third byte pauses; what follows is parsed by the read.
            Step::Bytes(vec![Act::Feed, Act::Feed, Act::Feed, Act::HangUp]),
            // A connection that is closed brings nothing more.
            Step::Wait(20),
            Step::Bytes(vec![Act::Feed]),
        ],
        reading: Reading::UpTo(3),
        pauses: vec![100],
        ..behind_a_read(&[])
    };
    let failed = play(&case).end.unwrap().unwrap_err();
    assert_eq!(failed.exception.as_deref(), Some("RuntimeError"));
}
