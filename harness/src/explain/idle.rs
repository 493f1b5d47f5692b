//! Idle limits on the path, and whether keepalives stay below them.

use std::time::Duration;

use mock_server::{
    scenario::{Action, Counts, Fault, Limit, Scenario, Trigger},
    units::human_duration,
};

pub(super) fn paragraphs(scenario: &Scenario) -> Vec<String> {
    scenario
        .faults
        .iter()
        .filter_map(|fault| match fault.when {
            Trigger::Idle { after, counts } => Some(one(scenario, after, counts, fault.then)),
            _ => None,
        })
        .collect()
}

/// Whether `fault` can fire: always, unless it waits for a silence that does
/// not come, or for a time at which all is over.
pub(super) fn may_fire(scenario: &Scenario, fault: &Fault) -> bool {
    let (after, counts) = match fault.when {
        Trigger::Idle { after, counts } => (after, counts),
        Trigger::Elapsed(after) => {
            let exact = scenario.sink.pause.is_zero() && scenario.link.loss == 0.0;
            return !exact || after < scenario.ideal_transfer();
        }
        _ => return true,
    };
    let pauses = longest_quiet(scenario).is_none_or(|quiet| quiet >= after);
    let kept = counts == Counts::Segments
        && scenario
            .client
            .keepalive
            .is_some_and(|keepalive| keepalive.idle < after);
    pauses && !kept
}

fn one(scenario: &Scenario, limit: Duration, counts: Counts, then: Action) -> String {
    let quiet = longest_quiet(scenario);
    let limit_text = human_duration(limit);
    if quiet.is_some_and(|quiet| quiet < limit) {
        return format!(
            "The longest pause here is {}, below the idle limit of {limit_text}: it never fires.",
            human_duration(quiet.unwrap_or_default())
        );
    }
    let pause = quiet.map_or("without end".into(), |quiet| {
        format!("for {}", human_duration(quiet))
    });
    let keepalive = scenario.client.keepalive;
    let verdict = match (keepalive, counts) {
        (None, _) => format!(
            "and nobody sends keepalives: after {limit_text} the path drops the connection, \
             though both ends still think they have it."
        ),
        (Some(_), Counts::Payload) => format!(
            "and the path counts data only: keepalives do not help, after {limit_text} it drops \
             the connection."
        ),
        (Some(keepalive), Counts::Segments) if keepalive.idle < limit => {
            return format!(
                "The response pauses {pause}, longer than the idle limit of {limit_text}. \
                 But a keepalive probe goes out {} after the last segment, counts as a sign of \
                 life, and the connection is kept.",
                human_duration(keepalive.idle)
            );
        }
        (Some(keepalive), Counts::Segments) => format!(
            "and the first keepalive probe comes after {}, too late for the limit of \
             {limit_text}{}.",
            human_duration(keepalive.idle),
            match then {
                Action::Forget => ": it is answered with RST",
                _ => "",
            }
        ),
    };
    let mut text = format!("The response pauses {pause}, {verdict}");
    if keepalive.is_some() && counts == Counts::Payload && then == Action::Forget {
        text.push_str(" The next probe after that is answered with RST.");
    }
    text
}

/// The longest time in which the response moves nothing; `None` for ever.
fn longest_quiet(scenario: &Scenario) -> Option<Duration> {
    let mut longest = scenario.response.head_delay.max(scenario.sink.pause);
    for fault in &scenario.faults {
        match fault.then {
            Action::Stall(Limit::After(time)) => longest = longest.max(time),
            Action::Stall(Limit::Never) => return None,
            _ => {}
        }
    }
    Some(longest)
}
