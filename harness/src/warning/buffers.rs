//! Kernel buffers do not scale: what is small enough disappears in them.

use std::sync::Arc;

use mock_server::scenario::{Scenario, Trigger};

use super::played;
use crate::results::{
    Record,
    warning::{BuffersHide, Hidden, percent},
};

/// Above this share, in percent, buffers held most of what the effect needs.
const HELD_PERCENT: u64 = 50;

/// What the records say of both.
pub(super) fn find(records: &[&Record], scenarios: &[Arc<Scenario>]) -> Vec<BuffersHide> {
    [slow_reader, fault]
        .into_iter()
        .filter_map(|look| {
            let found: Vec<BuffersHide> = records
                .iter()
                // What came as expected was not hidden.
                .filter(|record| record.as_expected != Some(true))
                .filter_map(|record| look(record, &played(record, scenarios)?))
                .filter(|one| percent(one.held_bytes, one.of_bytes) > HELD_PERCENT)
                .collect();
            let share = |one: &&BuffersHide| percent(one.held_bytes, one.of_bytes);
            let mut worst = found.iter().max_by_key(share)?.clone();
            worst.trials = found.into_iter().flat_map(|one| one.trials).collect();
            Some(worst)
        })
        .collect()
}

/// A scenario about a reader that the server has to wait for: what the kernels
/// can hold, or one of them was seen to hold, against the body.
fn slow_reader(record: &Record, scenario: &Scenario) -> Option<BuffersHide> {
    let slow = !scenario.sink.pause.is_zero()
        || (scenario.sink.rate).is_some_and(|rate| rate < scenario.fair_rate());
    let blocked = |trigger| matches!(trigger, Trigger::Blocked(_));
    let waits = slow || scenario.faults.iter().any(|fault| blocked(fault.when));
    // Linux counts a buffer twice, for its own bookkeeping (socket(7)). What it
    // lets a receive buffer grow to is not known, only what was seen in it.
    let buffers = [
        record.buffers.server.send_buffer,
        record.buffers.client.receive_buffer,
    ];
    let room = buffers.into_iter().flatten().fold(0, u64::saturating_add) / 2;
    let seen = record
        .server
        .max_unsent_bytes
        .max(record.max_receive_queue_bytes.unwrap_or_default());
    let body = record.expected_bytes / record.downloads.max(1);
    // Where they are scaled alone: with production numbers buffers are in
    // proportion.
    (waits && record.scaled.is_some()).then(|| BuffersHide {
        hidden: Hidden::SlowReader,
        trials: vec![record.id.clone()],
        worst: record.id.clone(),
        held_bytes: room.max(seen).min(body),
        of_bytes: body,
    })
}

/// The fault behind the outcome, where it was to come after what was sent
/// before it: what was still on the way.
fn fault(record: &Record, scenario: &Scenario) -> Option<BuffersHide> {
    let cause = record.outcome.cause?;
    let drains = scenario.faults.get(cause)?.drain;
    let fired = record.server.faults.iter().find(|one| one.index == cause)?;
    (drains && fired.at_bytes > 0).then(|| BuffersHide {
        hidden: Hidden::Fault,
        trials: vec![record.id.clone()],
        worst: record.id.clone(),
        held_bytes: fired.in_flight_bytes,
        of_bytes: fired.at_bytes,
    })
}
