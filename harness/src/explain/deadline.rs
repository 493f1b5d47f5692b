//! Finds the client's deadline that ends the download, by arithmetic.

use std::time::Duration;

use shortread_server::{
    scenario::{Action, Limit, ProbeFate, Scenario, Suffices, TimerOrder},
    units::{ByteSize, Rate, human_duration},
};

pub(super) fn paragraphs(scenario: &Scenario) -> Vec<String> {
    [head(scenario), total(scenario), silence(scenario)]
        .into_iter()
        .flatten()
        .collect()
}

/// A head that comes too late.
fn head(scenario: &Scenario) -> Option<String> {
    let limit = scenario.client.head.duration()?;
    let delay = scenario.first_response().head_delay;
    (delay > limit).then(|| {
        format!(
            "The client waits {} for a head that takes {}: its `head` ends it before a byte of \
             the body.",
            human_duration(limit),
            human_duration(delay)
        )
    })
}

/// The total against the size at the speed of this scenario.
fn total(scenario: &Scenario) -> Option<String> {
    let limit = scenario.client.total.duration()?;
    let (size, rate) = (scenario.body.size, scenario.pace().rate);
    let needed = scenario.ideal_transfer();
    if scenario.goes_silent() || scenario.ends_before(limit) || other_than_total(scenario) {
        return None;
    }
    if needed <= limit {
        return Some(enough(scenario, needed, limit));
    }
    let slowed = slowed_by(scenario);
    let passed = ByteSize(rate.bytes_in(limit).min(size.0));
    let mut text = match slowed.is_empty() && passed < size {
        true => format!(
            "The client's total covers everything from connect to the last byte: {} x {} = {} < \
             {}, so the total ends it at {}.{}",
            rate.human(),
            human_duration(limit),
            passed.human(),
            size.human(),
            passed.human(),
            faster(rate, limit, size)
        ),
        false => format!(
            "The client's total of {} covers everything from connect to the last byte. {} at {} \
             take {}; with {} it takes {}, so the total ends it.",
            human_duration(limit),
            size.human(),
            rate.human(),
            human_duration(rate.time_for(size.0)),
            match slowed.as_slice() {
                [] => "the round trips".into(),
                all => all.join(" and "),
            },
            human_duration(needed)
        ),
    };
    text.push_str(&smallest(scenario));
    if scenario.link.shared {
        text.push_str(&format!(
            " One download alone needs {}.",
            human_duration(scenario.link.rate.time_for(size.0))
        ));
    }
    if limit >= Duration::from_secs(5) {
        text.push_str(
            " aiohttp moves totals of 5 s and more to the next full second of its clock, so it \
             comes up to 1 s late.",
        );
    }
    Some(text)
}

/// A file that comes within the total, by what is known of it.
fn enough(scenario: &Scenario, needed: Duration, limit: Duration) -> String {
    let what = match scenario.body.truncate_at {
        Some(_) => "What is sent of it",
        None => "The whole file",
    };
    let (needed, limit) = (human_duration(needed), human_duration(limit));
    if !scenario.first_response().raw.is_empty() {
        return format!(
            "{what} needs {needed}. Bytes that are no part of it stand in the response: a client \
             that cannot read on behind them may wait until its total of {limit} ends that."
        );
    }
    // The number of pieces depends on the way to read.
    if !scenario.sink.pause.is_zero() {
        return format!(
            "{what} needs {needed} and the application's pause behind each piece; the client's \
             total, {limit}, covers both."
        );
    }
    // The number of lost segments is random, and the cost of each is unknown.
    let lossless = match scenario.link.loss > 0.0 {
        true => " and what its losses cost",
        false => "",
    };
    format!("{what} needs {needed}{lossless}, less than the client's total of {limit}.")
}

/// The reasons why the whole takes longer than its size at the link's pace.
fn slowed_by(scenario: &Scenario) -> Vec<&'static str> {
    let response = &scenario.response;
    let has = |wanted: fn(Action) -> bool| scenario.faults.iter().any(|f| wanted(f.then));
    let late = !(response.head_delay.is_zero() && response.head_pause.is_zero());
    [
        (late, "the wait for the head"),
        (has(|action| action.throttle().is_some()), "the throttle"),
        (
            has(|action| matches!(action.stall(), Some(Limit::After(_)))),
            "the pause",
        ),
    ]
    .into_iter()
    .filter_map(|(is, what)| is.then_some(what))
    .collect()
}

/// The effect of two and a half times the speed.
fn faster(rate: Rate, limit: Duration, size: ByteSize) -> String {
    let Some(faster) = Rate::per_second(rate.get().saturating_mul(5) / 2) else {
        return String::new();
    };
    let passed = ByteSize(faster.bytes_in(limit));
    let what = match passed < size {
        true => passed.human(),
        false => "all of it".into(),
    };
    format!(" At {} it would be {what}.", faster.human())
}

/// The smallest total that would suffice, as a sentence behind others.
fn smallest(scenario: &Scenario) -> String {
    let fair = match scenario.link.shared {
        true => format!(
            "{} x {} / {} = ",
            scenario.downloads(),
            scenario.body.size.human(),
            scenario.link.rate.human()
        ),
        false => String::new(),
    };
    match scenario.total_that_suffices() {
        Suffices::From(needed) => format!(
            " The smallest total that would suffice is {fair}{}.{}",
            human_duration(needed),
            match slowed_by(scenario).is_empty() {
                true => " Speed and size decide, not the health of the connection.",
                false => "",
            }
        ),
        Suffices::Above(needed) => format!(
            " A total that would suffice is longer than {fair}{}: the pauses of the application \
             and what is lost come on top.",
            human_duration(needed)
        ),
        Suffices::Unreadable => {
            " Bytes that are no part of the file stand in the response: whether any total would \
             suffice depends on what the client makes of them."
                .into()
        }
        Suffices::Closed => {
            " No total would suffice: the connection is closed before the last byte.".into()
        }
        Suffices::DiskFull => {
            " No total would suffice: the client's disk is full before the last byte.".into()
        }
        Suffices::RestNeverComes => " No total would suffice: the rest never comes.".into(),
    }
}

/// True if the time of the whole file does not matter: there is a page in its
/// place, or another deadline or a full disk comes first.
fn other_than_total(scenario: &Scenario) -> bool {
    let client = &scenario.client;
    let limit = client.total.duration().unwrap_or(Duration::MAX);
    let full = scenario.disk_full_after();
    let timer_first = scenario.sink.blocking && client.timers == TimerOrder::BeforeIo;
    scenario.first_response().page.is_some()
        || head(scenario).is_some()
        || full.is_some_and(|full| full < limit)
        || (timer_first && client.sock_read.duration().is_some())
}

/// After the bytes stop for good: what notices, and when.
fn silence(scenario: &Scenario) -> Option<String> {
    if !scenario.goes_silent() {
        return None;
    }
    let client = &scenario.client;
    let has = |wanted: fn(Action) -> bool| scenario.faults.iter().any(|f| wanted(f.then));
    let mut ends = Vec::new();
    if let Limit::After(time) = client.sock_read {
        ends.push(format!(
            "`sock_read`, {} after the last byte",
            human_duration(time)
        ));
    }
    if let Some(keepalive) = client.keepalive {
        if has(|action| action.probe_fate() == ProbeFate::Refused) {
            ends.push(format!(
                "the first keepalive probe, {} after the last segment, which is answered with RST",
                human_duration(keepalive.idle)
            ));
        } else if has(|action| action.probe_fate() == ProbeFate::Lost) {
            ends.push(format!(
                "TCP keepalive, {} + {} x {} = {} after the last segment",
                human_duration(keepalive.idle),
                keepalive.count,
                human_duration(keepalive.interval),
                human_duration(keepalive.death())
            ));
        }
    }
    if let Limit::After(time) = client.total {
        ends.push(format!(
            "the total, {} after the start",
            human_duration(time)
        ));
    }
    Some(match ends.as_slice() {
        [] => "No deadline of the client is on that could end this: it waits until somebody \
               stops it, and the user sees a download that stands still."
            .into(),
        [one] => format!("When the bytes have stopped for good, one thing ends it: {one}."),
        several => format!(
            "When the bytes have stopped for good, the first of these ends it: {}.",
            several.join("; ")
        ),
    })
}

#[cfg(test)]
mod tests {
    use shortread_server::scenario::{Fault, Trigger};

    use super::*;

    /// 100 MB at 5 MB/s, 20 s, and the default total of 300 s.
    fn with(when: Trigger, then: Action) -> Scenario {
        let mut scenario = Scenario::default();
        scenario.body.size = ByteSize(100_000_000);
        scenario.link.rate = "5MB/s".parse().unwrap();
        scenario.faults = vec![Fault::new(when, then)];
        scenario
    }

    fn told(scenario: &Scenario) -> String {
        paragraphs(scenario).join(" ")
    }

    #[test]
    fn what_slows_a_download_is_named_and_no_false_product_told() {
        let half = Trigger::Body(ByteSize(50_000_000));
        let pause = Action::Stall(Limit::After(Duration::from_secs(300)));
        let told_of_pause = told(&with(half, pause));
        let sum =
            "100 MB at 5 MB/s take 20 s; with the pause it takes 320 s, so the total ends it.";
        assert!(told_of_pause.contains(sum), "{told_of_pause}");
        assert!(!told_of_pause.contains("x 300 s"), "{told_of_pause}");
        assert!(!told_of_pause.contains("Speed and size"), "{told_of_pause}");
        let late = Trigger::Elapsed(Duration::from_secs(10));
        let told_of_throttle = told(&with(late, Action::Throttle("100KB/s".parse().unwrap())));
        let sum = "with the throttle it takes 510 s, so the total ends it. The smallest total \
                   that would suffice is 510 s.";
        assert!(told_of_throttle.contains(sum), "{told_of_throttle}");
    }

    #[test]
    fn pauses_of_the_application_are_not_said_to_fit_into_the_total() {
        let mut scenario = with(Trigger::Request(2), Action::Reset);
        scenario.sink.pause = Duration::from_secs(1);
        let told = told(&scenario);
        assert!(
            told.contains("needs 20 s and the application's pause"),
            "{told}"
        );
        assert!(!told.contains("less than"), "{told}");
    }

    #[test]
    fn a_silence_that_begins_after_the_total_is_not_what_the_total_ends() {
        let late = Trigger::Body(ByteSize(90_000_000));
        let mut scenario = with(late, Action::Blackhole);
        scenario.client.total = Limit::After(Duration::from_secs(10));
        let told = told(&scenario);
        assert!(told.contains("so the total ends it at 50 MB"), "{told}");
        assert!(
            told.contains("No total would suffice: the rest never comes"),
            "{told}"
        );
        assert!(!told.contains("have stopped for good"), "{told}");
    }

    #[test]
    fn a_cut_that_comes_after_the_total_is_not_told_as_the_end() {
        let cut = |scenario: &Scenario| super::super::truth::paragraphs(scenario).join(" ");
        let late = Trigger::Body(ByteSize(90_000_000));
        let mut scenario = with(late, Action::Reset);
        assert!(cut(&scenario).contains("reports the reset"));
        scenario.client.total = Limit::After(Duration::from_secs(10));
        assert_eq!(cut(&scenario), "");
        let second = with(Trigger::Request(2), Action::Reset);
        assert_eq!(cut(&second), "");
    }
}
