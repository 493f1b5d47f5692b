//! Which deadline of the client ends it, by arithmetic.

use std::time::Duration;

use mock_server::{
    scenario::{Action, Limit, Scenario, TimerOrder},
    units::{ByteSize, Rate, human_duration},
};

use super::{
    idle,
    suffices::{self, Suffices, endless},
};
use crate::plan::pace;

pub(super) fn paragraphs(scenario: &Scenario) -> Vec<String> {
    [head(scenario), total(scenario), silence(scenario)]
        .into_iter()
        .flatten()
        .collect()
}

/// A head that comes too late.
fn head(scenario: &Scenario) -> Option<String> {
    let limit = scenario.client.head.duration()?;
    let delay = scenario.response.head_delay;
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
    let (size, rate) = (scenario.body.size, pace(scenario).rate);
    let needed = scenario.ideal_transfer();
    if endless(scenario) || ends_before(scenario, limit) || other_than_total(scenario) {
        return None;
    }
    if needed <= limit {
        let what = match scenario.body.truncate_at {
            Some(_) => "What is sent of it",
            None => "The whole file",
        };
        // How often segments are lost is drawn, and what each costs is not known.
        let lossless = match scenario.link.loss > 0.0 {
            true => " and what its losses cost",
            false => "",
        };
        return Some(format!(
            "{what} needs {}{lossless}, less than the client's total of {}.",
            human_duration(needed),
            human_duration(limit)
        ));
    }
    let passed = ByteSize(rate.bytes_in(limit).min(size.0));
    let mut text = format!(
        "The client's total covers everything from connect to the last byte: {} x {} = {}",
        rate.human(),
        human_duration(limit),
        passed.human(),
    );
    if passed < size {
        text.push_str(&format!(
            " < {}, so the total ends it at {}.",
            size.human(),
            passed.human()
        ));
        if let Some(faster) = Rate::per_second(rate.get().saturating_mul(5) / 2) {
            let passed = ByteSize(faster.bytes_in(limit));
            let what = match passed < size {
                true => passed.human(),
                false => "all of it".into(),
            };
            text.push_str(&format!(" At {} it would be {what}.", faster.human()));
        }
    } else {
        text.push_str(&format!(
            " would do, but the pauses on the way make it {}.",
            human_duration(needed)
        ));
    }
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
    match suffices::total(scenario) {
        Suffices::From(needed) => format!(
            " The smallest total that would suffice is {fair}{}. Speed and size decide, not the \
             health of the connection.",
            human_duration(needed)
        ),
        Suffices::Above(needed) => format!(
            " A total that would suffice is longer than {fair}{}: the pauses of the application \
             and what is lost come on top.",
            human_duration(needed)
        ),
        Suffices::Closed => {
            " No total would suffice: the connection is closed before the last byte.".into()
        }
        Suffices::RestNeverComes => " No total would suffice: the rest never comes.".into(),
    }
}

/// Whether the time of the whole file says nothing: there is a page in its
/// place, or another deadline comes first.
fn other_than_total(scenario: &Scenario) -> bool {
    let client = &scenario.client;
    let timer_first = scenario.sink.blocking && client.timers == TimerOrder::BeforeIo;
    scenario.response.page.is_some()
        || head(scenario).is_some()
        || (timer_first && client.sock_read.duration().is_some())
}

/// After the bytes stop for good: what notices, and when.
fn silence(scenario: &Scenario) -> Option<String> {
    if !endless(scenario) {
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
        if has(|action| action == Action::Forget) {
            ends.push(format!(
                "the first keepalive probe, {} after the last segment, which is answered with RST",
                human_duration(keepalive.idle)
            ));
        } else if has(|action| action == Action::Blackhole) {
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

/// Whether a fault closes the connection before `limit`.
fn ends_before(scenario: &Scenario, limit: Duration) -> bool {
    let closes = scenario.faults.iter().any(|fault| {
        matches!(fault.then, Action::Fin | Action::Reset | Action::End)
            && idle::may_fire(scenario, fault)
    });
    closes && crate::plan::likely_duration(scenario, Duration::MAX) < limit
}
