//! `link.drops_above`, against the segments that are sent.

use shortread_server::{
    fault::{OffsetMap as _, wire_offset},
    http1::origin::Script,
    scenario::{RequestFacts, Scenario, Selector, Trigger},
    units::counted_bytes,
};

use super::{
    super::place::{Plain, first_of},
    Note,
};

/// A limit that no segment of any response to a plain GET exceeds.
pub(super) fn note(scenario: &Scenario, plain: &Plain) -> Option<Note> {
    let most = scenario.link.drops_above?;
    let all = Selector::default();
    let answers = scenario.answers.iter().map(|answer| &answer.on);
    let versions = scenario.versions.iter().map(|version| &version.on);
    let each = std::iter::once(&all).chain(answers).chain(versions);
    let largest = each
        .filter_map(|on| Some(largest(scenario, &plain.script(on)?, &first_of(on)?)))
        .max()?;
    (largest <= most.0).then(|| {
        Note::new(
            "link.drops_above",
            format!(
                "link.drops_above: nothing gets lost of the response to a plain GET (HTTP/1.1, \
                 without Range), whose largest segment has {}",
                counted_bytes(largest)
            ),
        )
    })
}

/// Bytes of the largest segment of `script`: of its head, which is sent by itself, and of
/// what is behind it, from one fault to the next.
fn largest(scenario: &Scenario, script: &Script, facts: &RequestFacts<'_>) -> u64 {
    let head = script.head_len();
    let mut rate = scenario.link.rate;
    let mut stops = Vec::new();
    // On a connection that was used before, a fault may have fired.
    let fires = facts.position == 1;
    let faults = scenario.faults.iter().filter(|_| fires);
    for fault in faults.filter(|fault| fault.on.selects(facts)) {
        let slower = fault.then.throttle();
        match wire_offset(fault.when, script) {
            Some(at) => stops.push((at, slower)),
            None if is_at_the_start(fault.when, facts) => {
                rate = slower.map_or(rate, |slower| rate.min(slower));
            }
            None => {}
        }
    }
    stops.sort_by_key(|(at, _)| *at);
    let mut largest = head.min(scenario.segment_at(rate));
    let mut from = 0;
    for (at, slower) in stops.into_iter().chain([(script.wire_len(), None)]) {
        let behind = at.saturating_sub(from.max(head));
        largest = largest.max(behind.min(scenario.segment_at(rate)));
        from = from.max(at);
        rate = slower.map_or(rate, |slower| rate.min(slower));
    }
    largest
}

/// True if it fires before the first byte of the response.
fn is_at_the_start(when: Trigger, facts: &RequestFacts<'_>) -> bool {
    match when {
        Trigger::Request(number) => number == facts.request,
        Trigger::Connection(number) => number == facts.connection,
        Trigger::Elapsed(after) => after.is_zero(),
        _ => false,
    }
}
