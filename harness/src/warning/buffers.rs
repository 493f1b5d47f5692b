//! Kernel buffers do not scale, so small effects disappear in them.

use std::sync::Arc;

use shortread_server::scenario::{Scenario, Trigger};

use super::played;
use crate::results::{
    Record,
    warning::{BuffersHide, Hidden, percent},
};

/// Above this share, in percent, buffers held most of the bytes that the effect
/// needs.
const HELD_PERCENT: u64 = 50;

/// Finds the records in which buffers hide an effect.
pub(super) fn find(records: &[&Record], scenarios: &[Arc<Scenario>]) -> Vec<BuffersHide> {
    [slow_reader, fault]
        .into_iter()
        .filter_map(|look| {
            let found: Vec<BuffersHide> = records
                .iter()
                // An expected outcome was not hidden.
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

/// A scenario about a slow reader: compares the bytes that the kernels can hold,
/// or were seen to hold, with the body.
fn slow_reader(record: &Record, scenario: &Scenario) -> Option<BuffersHide> {
    let slow = !scenario.sink.pause.is_zero()
        || !scenario.sink.first_pause.is_zero()
        || (scenario.sink.rate).is_some_and(|rate| rate < scenario.fair_rate());
    let blocked = |trigger| matches!(trigger, Trigger::Blocked(_));
    let waits = slow || scenario.faults.iter().any(|fault| blocked(fault.when));
    // Linux counts a buffer twice, for its own bookkeeping (socket(7)). The final
    // size of a receive buffer is unknown; only the bytes seen in it are known.
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
    // This only applies to scaled trials: with production numbers, buffers are in
    // proportion.
    (waits && record.scaled.is_some()).then(|| BuffersHide {
        hidden: Hidden::SlowReader,
        trials: vec![record.id.clone()],
        worst: record.id.clone(),
        held_bytes: room.max(seen).min(body),
        of_bytes: body,
    })
}

/// The fault behind the outcome, if it had to wait for the bytes sent before it:
/// those still on the way.
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
