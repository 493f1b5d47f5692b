//! A client or server slower than the link, which was meant to be the limit.

use std::sync::Arc;

use shortread_server::scenario::{Bound, Link, Scenario};

use super::played;
use crate::results::{
    Record,
    warning::{Bottleneck, Slow, percent},
};

/// Below this share of the link's rate, in percent, something else was the limit.
/// The pacer keeps a mean rate, but loses the bytes of every pause of more than
/// 20 ms in which the server was not scheduled. Some are lost on any machine, a
/// fifth is not.
const OF_LINK_PERCENT: u64 = 80;

/// If a client computes for this share of the time, in percent, the bytes wait
/// for it.
const CPU_PERCENT: u64 = 80;

/// A client that keeps up finds one segment in its receive queue, 5 ms of the
/// link. The bytes of this time, in milliseconds, mean that it was late by as
/// much. They must also be at least what asyncio takes in one read (256 KiB,
/// `max_size` of its selector transport), which may come in no time.
const LATE_MS: u64 = 50;
const ONE_READ: u64 = 256 << 10;

/// Shorter or smaller downloads have no meaningful rate: timers have a grain of 1
/// ms, and a connection has to start.
const LEAST_NS: u64 = 100_000_000;
const LEAST_BYTES: u64 = 1 << 20;

/// The slow clients and the slow servers.
pub(super) fn find(records: &[&Record], scenarios: &[Arc<Scenario>]) -> Vec<Bottleneck> {
    [Slow::Client, Slow::Server]
        .into_iter()
        .filter_map(|side| {
            let slow: Vec<Bottleneck> = records
                .iter()
                .filter_map(|record| slow(record, scenarios))
                .filter(|one| one.side == side)
                .collect();
            let share =
                |one: &&Bottleneck| percent(one.bytes_per_second, one.link_bytes_per_second);
            let mut worst = slow.iter().min_by_key(share)?.clone();
            worst.trials = slow.into_iter().flat_map(|one| one.trials).collect();
            Some(worst)
        })
        .collect()
}

/// The finding about one trial, if it was slower than its link.
fn slow(record: &Record, scenarios: &[Arc<Scenario>]) -> Option<Bottleneck> {
    let file = scenarios.iter().find(|one| one.name == record.scenario)?;
    // The default rate does not limit anything on purpose.
    if file.link.rate == Link::default().rate {
        return None;
    }
    let scenario = played(record, scenarios)?;
    if !link_is_the_limit(&scenario) || record.flowing_ns < LEAST_NS {
        return None;
    }
    if record.received_bytes < LEAST_BYTES {
        return None;
    }
    // Parts side by side share the link, and each waits for the others.
    if record.remedy.as_ref().is_some_and(|facts| facts.parts > 0) {
        return None;
    }
    let nanoseconds = u128::from(record.received_bytes) * 1_000_000_000;
    let rate = u64::try_from(nanoseconds / u128::from(record.flowing_ns)).unwrap_or(u64::MAX);
    let each = u64::from(scenario.downloads());
    let link = scenario.fair_rate().get().saturating_mul(each);
    if percent(rate, link) >= OF_LINK_PERCENT {
        return None;
    }
    // The counted CPU time includes the start and end of the process.
    let cpu = record
        .cpu_ns
        .map(|ns| percent(ns, record.flowing_ns).min(100));
    let queue = record.max_receive_queue_bytes;
    let late = (rate / 1000).saturating_mul(LATE_MS).max(ONE_READ);
    let computes = cpu.is_some_and(|share| share >= CPU_PERCENT);
    let full = queue.is_some_and(|bytes| bytes >= late);
    Some(Bottleneck {
        side: if computes || full {
            Slow::Client
        } else {
            Slow::Server
        },
        trials: vec![record.id.clone()],
        worst: record.id.clone(),
        bytes_per_second: rate,
        link_bytes_per_second: link,
        client_cpu_percent: cpu,
        receive_queue_bytes: queue,
    })
}

/// True if only the link limits the speed of the scenario.
fn link_is_the_limit(scenario: &Scenario) -> bool {
    scenario.pace().bound == Bound::Link
        && scenario.sink.pause.is_zero()
        && scenario.sink.first_pause.is_zero()
        && scenario.first_response().head_delay.is_zero()
        && scenario.first_response().head_pause.is_zero()
        && scenario.link.latency.is_zero()
        && scenario.link.jitter.is_zero()
        && !scenario.faults.iter().any(|fault| fault.then.delays())
}
