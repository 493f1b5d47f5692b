//! Idle limits on the path, compared with keepalives.

use std::time::Duration;

use shortread_server::{
    scenario::{Action, Counts, Fault, ProbeFate, Scenario, Trigger},
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

fn one(scenario: &Scenario, limit: Duration, counts: Counts, fault: &Fault) -> String {
    let then = fault.then;
    let quiet = scenario.longest_quiet();
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
    let kept = scenario.keepalives_feed(limit, counts);
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
        (Some(keepalive), Counts::Segments) if kept => {
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
            match then.probe_fate() {
                ProbeFate::Refused => ": it is answered with RST",
                ProbeFate::Answered | ProbeFate::Lost | ProbeFate::Over => "",
            }
        ),
    };
    let mut text = format!("The response pauses {pause}, {verdict}");
    if keepalive.is_some() && counts == Counts::Payload && then.probe_fate() == ProbeFate::Refused {
        text.push_str(" The next probe after that is answered with RST.");
    }
    text
}

/// The words for an end that both sides notice, or for a pace; `None` for a path
/// that drops the connection silently.
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

#[cfg(test)]
mod tests {
    use shortread_server::scenario::load;

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
