//! Faults at a time, against how long a trial takes and is quiet.

use std::time::Duration;

use shortread_server::{
    fault::OffsetMap as _,
    scenario::{Action, Scenario, Selector, Trigger},
    units::{Rate, human_duration},
};

use super::{super::place::Plain, Note};

/// What is worked out of a time is no more than about that: a trial may take longer.
const SLACK: u32 = 2;

/// aiohttp moves a total of 5 s or more to the next full second of its clock.
const ROUNDED_UP: Duration = Duration::from_secs(1);

pub(super) fn notes(scenario: &Scenario, plain: &Plain) -> Vec<Note> {
    if !is_foreseen(scenario) {
        return Vec::new();
    }
    let faults = scenario.faults.iter().enumerate();
    let late = faults.filter_map(|(index, fault)| {
        let why = match fault.when {
            Trigger::Elapsed(after) => over(scenario, plain, after)?,
            Trigger::Idle { after, .. } => never_quiet(scenario, after)?,
            _ => return None,
        };
        Some(Note::new(
            format!("fault[{index}].when"),
            format!("fault {}: in a trial this does not fire, {why}", index + 1),
        ))
    });
    late.collect()
}

/// True if nothing but the rates of the file decides how long a trial takes: neither the
/// way to read nor chance, and nothing that stops it for good.
fn is_foreseen(scenario: &Scenario) -> bool {
    let sink = &scenario.sink;
    let mut faults = scenario.faults.iter();
    scenario.all_requests() == 1
        && scenario.link.loss == 0.0
        && sink.pause.is_zero()
        && sink.first_pause.is_zero()
        && sink.rate.is_none()
        && scenario.first_response().raw.is_empty()
        && !scenario.goes_silent()
        && !faults.any(|fault| {
            fault
                .then
                .stall()
                .is_some_and(|limit| limit.duration().is_none())
        })
        && !scenario.faults.iter().any(|fault| {
            matches!(fault.when, Trigger::Chance(_)) && !matches!(fault.then, Action::End)
        })
}

/// A total that is over before the first byte of any response can arrive.
pub(super) fn latency(scenario: &Scenario) -> Option<Note> {
    let total = scenario.client.total.duration()?;
    let round_trip = scenario.link.round_trip();
    (round_trip > total.saturating_add(ROUNDED_UP)).then(|| {
        Note::new(
            "link.latency",
            format!(
                "link.latency: nothing arrives in a trial, whose client.total is over after {}: a \
                 request and its response need two latencies, {}",
                human_duration(total),
                human_duration(round_trip)
            ),
        )
    })
}

/// Why a fault after that time comes too late.
fn over(scenario: &Scenario, plain: &Plain, after: Duration) -> Option<String> {
    // With a small window each round trip has a jitter of its own.
    if !scenario.link.jitter.is_zero() {
        return None;
    }
    // The forecast is of the object's bytes: the head and what frames them come on top.
    let script = plain.script(&Selector::default())?;
    let object = script.body_len().min(scenario.first_size().0);
    let around = slowest(scenario).time_for(script.wire_len().saturating_sub(object));
    let needs = scenario.ideal_transfer().saturating_add(around);
    (after > needs.saturating_mul(SLACK)).then(|| {
        format!(
            "as the response is over after about {}",
            human_duration(needs)
        )
    })
}

/// Why an idle limit is longer than any silence.
fn never_quiet(scenario: &Scenario, after: Duration) -> Option<String> {
    let quiet = scenario.longest_quiet()?;
    let longest = [
        scenario.link.round_trip(),
        scenario.link.jitter,
        longest_segment(scenario),
    ]
    .into_iter()
    .fold(quiet, Duration::saturating_add);
    (after > longest.saturating_mul(SLACK)).then(|| {
        format!(
            "as its longest silence is about {}",
            human_duration(longest)
        )
    })
}

/// The time of one segment at the slowest rate.
fn longest_segment(scenario: &Scenario) -> Duration {
    let slowest = slowest(scenario);
    slowest.time_for(scenario.segment_at(slowest))
}

fn slowest(scenario: &Scenario) -> Rate {
    let faults = scenario.faults.iter();
    let throttles = faults.filter_map(|fault| fault.then.throttle());
    throttles.fold(scenario.fair_rate(), Rate::min)
}
