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
//! is played again with reads of other lengths too.

use std::{sync::Arc, time::Duration};

use harness::{plan::Trial, results::Record, world::simulated::play};
use mock_server::{
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

/// Segments and receive buffers of neighbours, in bytes: from less than a head
/// to what a read of asyncio takes at most. One of loopback carries 64 KiB.
const PIECES: [u64; 7] = [
    64,
    1 << 10,
    4 << 10,
    16 << 10,
    32 << 10,
    64 << 10,
    256 << 10,
];

/// What decides an end that follows from no number of the scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decided {
    /// Which of two moments is first.
    ByAMoment,
    /// Where one read ends and the next begins.
    ByReads,
}

/// What the trial of `scenario`, with the numbers that it is played with, comes
/// to where one moment is another, or the reads are.
pub(crate) fn neighbours<'a>(
    trial: &'a Trial,
    scenario: &'a Scenario,
) -> impl Iterator<Item = (Decided, Record)> + 'a {
    let moved = moved(scenario).into_iter().map(|s| (Decided::ByAMoment, s));
    let cut = cut_otherwise(scenario)
        .into_iter()
        .map(|s| (Decided::ByReads, s));
    moved.chain(cut).map(|(decided, scenario)| {
        let trial = Trial {
            scenario: Arc::new(scenario),
            scaled: false,
            ..trial.clone()
        };
        (decided, play(&trial).0)
    })
}

/// Every scenario in which the same bytes come in other pieces.
fn cut_otherwise(scenario: &Scenario) -> Vec<Scenario> {
    let segments = PIECES.map(|piece| {
        let mut other = scenario.clone();
        other.link.segment = Some(ByteSize(piece));
        other
    });
    let buffers = PIECES.map(|piece| {
        let mut other = scenario.clone();
        // In memory a buffer holds twice its size.
        other.sockets.client_receive = Some(ByteSize(piece / 2));
        other
    });
    // The head with all that is due within a grain of timers, and byte by byte.
    let heads = [Duration::ZERO, Duration::from_millis(1)].map(|pause| {
        let mut other = scenario.clone();
        other.response.head_pause = pause;
        other
    });
    segments.into_iter().chain(buffers).chain(heads).collect()
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
        if let Action::Stall(limit) = &mut fault.then {
            times.extend(time_in(limit));
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
            _ => None,
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
