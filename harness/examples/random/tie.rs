//! Ends that a moment decides.
//!
//! A deadline and the last byte may come within some milliseconds of each
//! other. Which is first follows from the numbers in memory, and from timers
//! and the scheduler on real sockets. Such a trial is no evidence against
//! either world. It is found by playing the simulation once more with one time
//! moved, or with a rate that is a little off.
//!
//! Nor does TCP promise where one read ends and the next begins (RFC 9293,
//! section 3.9.1.2): a client that is microseconds slower gets two pieces at
//! once, and a burst of 80 KB comes as 64 KB and the rest, or whole. Parsers
//! see that: bytes behind the announced end are an error of the message that
//! they come with, or of nobody once the client has hung up. So the simulation
//! is played again in other circumstances: with reads of other lengths, of the
//! same bytes at the same times; no number of the scenario is another then.

use std::{sync::Arc, time::Duration};

use shortread::{
    plan::Trial,
    results::Record,
    world::simulated::{Circumstances, play, play_in},
};
use shortread_server::{
    clock::Clock,
    link::memory::Reads,
    scenario::{Action, Limit, Scenario, Trigger},
    units::{ByteSize, Rate},
};

/// By how much a time is moved. Timers have a grain of 1 ms; a process of a
/// machine whose cores are all busy waits for some time slices of 4 ms or so,
/// and a trial is several such waits.
const MOVED: Duration = Duration::from_millis(50);

/// By how much a rate is off, in thousandths: `agree` allows the time as much.
const OFF: u64 = 50;

/// By how much the memory that is needed differs: reads from a real socket are
/// of other lengths, up to that of a read of asyncio, for each download.
const BUFFERED: u64 = 256 << 10;

/// The grain of timers on real sockets: what is due between two of them comes at
/// once.
const GRAIN: Duration = Duration::from_millis(1);

/// Delays of a process on a busy machine: two time slices or so.
const LATE: [Duration; 2] = [Duration::from_millis(4), Duration::from_millis(10)];

/// Delays of each further connection in a server with one thread: accepting one,
/// reading and answering take some 40 us, and more if others have the core.
const APART: [Duration; 2] = [Duration::from_micros(50), Duration::from_millis(1)];

/// Bytes of a read in other circumstances: from less than a head to a segment of
/// loopback.
const PIECES: [u64; 5] = [64, 1 << 10, 4 << 10, 16 << 10, 64 << 10];

/// The circumstance that decides an end which follows from no number of the
/// scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decided {
    /// The order of two moments.
    ByAMoment,
    /// The boundary between two reads.
    ByReads,
}

/// The records of the trial of `scenario`, with the numbers that it is played with,
/// for other reads, or with one moment moved.
pub(crate) fn neighbours<'a>(
    trial: &'a Trial,
    scenario: &'a Scenario,
) -> impl Iterator<Item = (Decided, Record)> + 'a {
    let as_it_is = Arc::new(scenario.clone());
    let in_others = otherwise()
        .into_iter()
        .map(move |(decided, circumstances)| {
            let trial = with(trial, Arc::clone(&as_it_is));
            (decided, play_in(&trial, circumstances).0)
        });
    let moved = moved(scenario).into_iter().map(|scenario| {
        let trial = with(trial, Arc::new(scenario));
        (Decided::ByAMoment, play(&trial).0)
    });
    in_others.chain(moved)
}

/// `trial` with the numbers of `scenario`.
fn with(trial: &Trial, scenario: Arc<Scenario>) -> Trial {
    Trial {
        scenario,
        scaled: false,
        ..trial.clone()
    }
}

/// Everything that no number of a scenario decides, decided otherwise.
fn otherwise() -> Vec<(Decided, Circumstances)> {
    let usual = Circumstances::default();
    let mut all = Vec::new();
    let pieces = PIECES.map(Reads::Within);
    let writes = [Reads::BehindEachWrite, Reads::BehindAMoment];
    for reads in writes.into_iter().chain(pieces) {
        for grain in [Clock::FINEST, GRAIN] {
            let other = Circumstances {
                grain,
                reads,
                ..usual
            };
            all.push((Decided::ByReads, other));
        }
    }
    for grain in [GRAIN].into_iter().chain(LATE) {
        all.push((Decided::ByAMoment, Circumstances { grain, ..usual }));
    }
    for apart in APART {
        all.push((Decided::ByAMoment, Circumstances { apart, ..usual }));
    }
    all
}

/// Every scenario in which one time or rate is another.
fn moved(scenario: &Scenario) -> Vec<Scenario> {
    let mut all = Vec::new();
    for index in 0..times(&mut scenario.clone()).len() {
        for later in [true, false] {
            let mut other = scenario.clone();
            if let Some(time) = times(&mut other).get_mut(index) {
                **time = match later {
                    true => **time + MOVED,
                    false => time.saturating_sub(MOVED).max(Duration::from_millis(1)),
                };
            }
            all.push(other);
        }
    }
    for thousandths in [1000 - OFF, 1000 + OFF] {
        let mut other = scenario.clone();
        for rate in rates(&mut other) {
            let bytes = u128::from(rate.get()) * u128::from(thousandths) / 1000;
            let bytes = u64::try_from(bytes).unwrap_or(u64::MAX).max(1);
            *rate = Rate::per_second(bytes).unwrap_or(*rate);
        }
        all.push(other);
    }
    let buffered = BUFFERED.saturating_mul(u64::from(scenario.downloads()));
    for memory in scenario.client.memory.into_iter().flat_map(|size| {
        [
            size.0.saturating_sub(buffered),
            size.0.saturating_add(buffered),
        ]
    }) {
        let mut other = scenario.clone();
        other.client.memory = Some(ByteSize(memory.max(1)));
        all.push(other);
    }
    // All that the server says comes later.
    let mut late = scenario.clone();
    late.response.head_delay += MOVED;
    all.push(late);
    all
}

/// Every time of a scenario that something waits for.
fn times(scenario: &mut Scenario) -> Vec<&mut Duration> {
    let client = &mut scenario.client;
    let limits = [
        &mut client.head,
        &mut client.sock_read,
        &mut client.total,
        &mut client.connect,
    ];
    let mut times: Vec<&mut Duration> = limits.into_iter().filter_map(time_in).collect();
    times.extend(&mut client.give_up);
    for fault in &mut scenario.faults {
        match &mut fault.when {
            Trigger::Elapsed(time) | Trigger::Blocked(time) | Trigger::Idle { after: time, .. } => {
                times.push(time)
            }
            _ => {}
        }
        match &mut fault.then {
            Action::Stall(limit) => times.extend(time_in(limit)),
            Action::Fin
            | Action::Reset
            | Action::Blackhole
            | Action::Forget
            | Action::Throttle(_)
            | Action::End => {}
        }
        if fault.drain {
            times.extend([&mut fault.drain_limit, &mut fault.settle]);
        }
    }
    times
}

fn rates(scenario: &mut Scenario) -> Vec<&mut Rate> {
    let throttles = scenario
        .faults
        .iter_mut()
        .filter_map(|fault| match &mut fault.then {
            Action::Throttle(rate) => Some(rate),
            Action::Fin
            | Action::Reset
            | Action::Blackhole
            | Action::Forget
            | Action::Stall(_)
            | Action::End => None,
        });
    throttles
        .chain([&mut scenario.link.rate])
        .chain(&mut scenario.sink.rate)
        .collect()
}

fn time_in(limit: &mut Limit) -> Option<&mut Duration> {
    match limit {
        Limit::Never => None,
        Limit::After(time) => Some(time),
    }
}
