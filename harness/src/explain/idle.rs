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
            Trigger::Idle { after, counts } => Some(one(scenario, after, counts, fault)),
            _ => None,
        })
        .collect()
}

/// Whether `fault` can fire: always, unless it waits for a silence or a request
/// that does not come, or for a time at which all is over. That the client may
/// have given up by then does not count.
pub(super) fn may_fire(scenario: &Scenario, fault: &Fault) -> bool {
    let (after, counts) = match fault.when {
        Trigger::Idle { after, counts } => (after, counts),
        Trigger::Elapsed(after) => {
            let exact = scenario.sink.pause.is_zero() && scenario.link.loss == 0.0;
            return !exact || after < scenario.ideal_transfer();
        }
        // A further request follows a fault that ended the one before it.
        Trigger::Request(n) | Trigger::Connection(n) => {
            return n <= scenario.downloads() || scenario.faults.len() > 1;
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

/// Whether the client's total ends it all before `fault` can fire. What lets a
/// download come later than at the link's full rate is left out: then the answer
/// is no, and the fault is told.
pub(super) fn outlives_total(scenario: &Scenario, fault: &Fault) -> bool {
    let Some(total) = scenario.client.total.duration() else {
        return false;
    };
    // aiohttp's own rounding.
    let total = total.saturating_add(Duration::from_secs(1));
    match fault.when {
        Trigger::Elapsed(after) => after > total,
        Trigger::Body(at) | Trigger::Wire(at) => at.0 > scenario.link.rate.bytes_in(total),
        _ => false,
    }
}

fn one(scenario: &Scenario, limit: Duration, counts: Counts, fault: &Fault) -> String {
    let then = fault.then;
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
    let kept = counts == Counts::Segments && keepalive.is_some_and(|each| each.idle < limit);
    if let Some(told) = told(then)
        && !kept
    {
        let who = super::fault::who(fault.by);
        let in_vain = match keepalive {
            Some(_) if counts == Counts::Payload => ", whatever keepalives went by",
            _ => "",
        };
        return format!(
            "The response pauses {pause}: after {limit_text} of that {who} {told}{in_vain}."
        );
    }
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

/// What an end that both sides notice is, or a pace; `None` of a path that drops
/// the connection without a word.
fn told(then: Action) -> Option<&'static str> {
    match then {
        Action::Fin => Some("closes the connection"),
        Action::Reset => Some("aborts the connection"),
        Action::End => Some("ends the body as if it were complete"),
        Action::Stall(_) => Some("goes quiet"),
        Action::Throttle(_) => Some("goes on more slowly"),
        Action::Blackhole | Action::Forget => None,
    }
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

#[cfg(test)]
mod tests {
    use mock_server::scenario::load;

    use super::*;

    #[test]
    fn a_proxy_that_hangs_up_is_not_said_to_leave_both_ends_in_the_dark() {
        let proxy = paragraphs(&load("nginx-proxy-read-timeout").unwrap()).join(" ");
        let told =
            "The response pauses for 90 s: after 60 s of that the server closes the connection.";
        assert_eq!(proxy, told);
        let balancer = paragraphs(&load("alb-idle-payload").unwrap()).join(" ");
        assert!(
            balancer.ends_with("the connection, whatever keepalives went by."),
            "{balancer}"
        );
    }
}
