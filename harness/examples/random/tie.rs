//! Ends that a moment decides.
//!
//! A deadline and the last byte may come within some milliseconds of each
//! other. Which is first follows from the numbers in memory, and from timers
//! and the scheduler on real sockets. Such a trial is no evidence against
//! either world. It is found by playing the simulation once more with one time
//! moved, or with a rate that is a little off.

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
/// of other lengths, up to that of a read of asyncio.
const BUFFERED: u64 = 256 << 10;

/// What the trial of `scenario`, with the numbers that it is played with, comes
/// to where one moment is another.
pub(crate) fn neighbours<'a>(
    trial: &'a Trial,
    scenario: &'a Scenario,
) -> impl Iterator<Item = Record> + 'a {
    moved(scenario).into_iter().map(|scenario| {
        let trial = Trial {
            scenario: Arc::new(scenario),
            scaled: false,
            ..trial.clone()
        };
        play(&trial).0
    })
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
    for memory in [scenario
        .client
        .memory
        .map(|size| size.0.saturating_sub(BUFFERED))]
    .into_iter()
    .chain([scenario.client.memory.map(|size| size.0 + BUFFERED)])
    .flatten()
    {
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
