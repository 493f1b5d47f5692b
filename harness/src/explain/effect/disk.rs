//! `sink.capacity`, against the bytes that one response brings.

use shortread_server::{
    fault::OffsetMap as _,
    scenario::{Action, Fault, Limit, RequestFacts, Scenario, Selector, Trigger},
    units::counted_bytes,
};

use super::{
    super::place::{Offset, Plain},
    Note,
};

/// A disk that has room for all that a trial of one request is given.
pub(super) fn note(scenario: &Scenario, plain: &Plain) -> Option<Note> {
    let capacity = scenario.sink.capacity?;
    let brought = brought(scenario, plain)?;
    (capacity.0 >= brought).then(|| {
        Note::new(
            "sink.capacity",
            format!(
                "sink.capacity: this never fills in a trial that asks once, which is given at most {}",
                counted_bytes(brought)
            ),
        )
    })
}

/// The most bytes that the application is given; `None` where nobody knows.
fn brought(scenario: &Scenario, plain: &Plain) -> Option<u64> {
    let response = scenario.first_response();
    let is_known = response.raw.is_empty() && scenario.body.declared_encoding.is_none();
    if scenario.all_requests() > 1 || !is_known {
        return None;
    }
    let sent = plain.script(&Selector::default())?.body_len();
    if scenario.body.is_coded() && response.page.is_none() {
        // One that does not decode hands on what was sent.
        return Some(sent.max(scenario.first_size().0));
    }
    let declared = scenario.body.declared_size.map_or(sent, |size| size.0);
    let faults = scenario.faults.iter().filter(|fault| ends(fault));
    let ends = faults.filter_map(|fault| match plain.offset(fault)? {
        Offset::At { body, .. } => Some(body),
        Offset::Nowhere => None,
    });
    Some(ends.fold(sent.min(declared), u64::min))
}

/// True if nothing of the first response comes behind the offset of `fault`.
fn ends(fault: &Fault) -> bool {
    let is_final = match fault.then {
        Action::Fin | Action::Reset | Action::Blackhole | Action::Forget => true,
        Action::Stall(limit) => limit == Limit::Never,
        // The chunk that was begun comes to its end.
        Action::End | Action::Throttle(_) => false,
    };
    // An offset on the wire may be reached where the one before it in the body is.
    let in_body = matches!(fault.when, Trigger::Body(_) | Trigger::Object(_));
    is_final && in_body && fault.on.selects(&RequestFacts::FIRST)
}
