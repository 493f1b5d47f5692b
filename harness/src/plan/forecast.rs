//! What the numbers of a scenario lead to, worked out on paper: for the time
//! left that a run shows, and for the arithmetic that `explain` spells out.
//!
//! An estimate, not a simulation: buffers, jitter and slow start are left out.

use std::time::Duration;

use mock_server::{
    scenario::{Action, Fault, Limit, Scenario, Trigger},
    units::Rate,
};

/// How fast the body can come, and what sets the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Bytes per second.
    pub rate: Rate,
    /// The slowest part of the way.
    pub bound: Bound,
}

/// What limits the speed of a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// The link's rate.
    Link,
    /// One window of bytes per round trip.
    Window,
    /// The application's own speed of writing.
    Sink,
}

/// The speed that a scenario's link, window and sink allow, before any fault.
pub fn pace(scenario: &Scenario) -> Pace {
    let mut pace = Pace {
        rate: scenario.fair_rate(),
        bound: Bound::Link,
    };
    let mut limit = |rate: Option<Rate>, bound| {
        if let Some(rate) = rate.filter(|rate| *rate < pace.rate) {
            pace = Pace { rate, bound };
        }
    };
    limit(window_rate(scenario), Bound::Window);
    limit(scenario.sink.rate, Bound::Sink);
    pace
}

/// The window that the sockets allow per round trip, as a rate; `None` where
/// there is no latency or no window is set.
fn window_rate(scenario: &Scenario) -> Option<Rate> {
    let window = [
        scenario.sockets.client_receive,
        scenario.sockets.server_send,
    ]
    .into_iter()
    .flatten()
    .min()?;
    let trip = round_trip(scenario);
    if trip.is_zero() {
        return None;
    }
    let per_second = u128::from(window.0) * 1_000_000_000 / trip.as_nanos();
    Rate::per_second(u64::try_from(per_second).unwrap_or(u64::MAX))
}

fn round_trip(scenario: &Scenario) -> Duration {
    scenario.link.latency.saturating_mul(2)
}

/// How long a trial of `scenario` likely takes, faults and deadlines included;
/// give it the scaled scenario. `give_up` ends it at the latest, as
/// [`Scenario::give_up`] says.
pub fn likely_duration(scenario: &Scenario, give_up: Duration) -> Duration {
    let latest = scenario
        .client
        .total
        .duration()
        .map_or(give_up, |total| total.min(give_up));
    let mut time = opening(scenario);
    let mut rate = pace(scenario).rate;
    let mut sent = 0;
    let mut events: Vec<(u64, &Fault)> = scenario
        .faults
        .iter()
        .filter_map(|fault| Some((place(fault, scenario)?, fault)))
        .collect();
    events.sort_by_key(|(at, _)| *at);
    for (at, fault) in events {
        time = time.saturating_add(rate.time_for(at - sent));
        sent = at;
        match fault.then {
            Action::Fin | Action::Reset | Action::End => return time.min(latest),
            Action::Stall(Limit::After(pause)) => time = time.saturating_add(pause),
            Action::Throttle(slower) => rate = rate.min(slower),
            Action::Stall(Limit::Never) => return silence(scenario, time, false).min(latest),
            Action::Blackhole | Action::Forget => {
                return silence(scenario, time, true).min(latest);
            }
        }
    }
    let rest = scenario.body.size.0.saturating_sub(sent);
    time.saturating_add(rate.time_for(rest)).min(latest)
}

/// When the client ends a connection that went quiet at `since`.
fn silence(scenario: &Scenario, since: Duration, keepalives_fail: bool) -> Duration {
    let client = &scenario.client;
    let keepalive = client
        .keepalive
        .filter(|_| keepalives_fail)
        .map(|k| k.idle.saturating_add(k.interval.saturating_mul(k.count)));
    [client.sock_read.duration(), keepalive]
        .into_iter()
        .flatten()
        .min()
        .map_or(Duration::MAX, |limit| since.saturating_add(limit))
}

/// From the start of connect to the first body byte.
fn opening(scenario: &Scenario) -> Duration {
    // A head of the mock server has some 200 bytes.
    let head = scenario.response.head_pause.saturating_mul(200);
    round_trip(scenario)
        .saturating_mul(2)
        .saturating_add(scenario.response.head_delay)
        .saturating_add(head)
}

/// The body offset at which a fault will have fired; `None` if it likely never
/// does.
fn place(fault: &Fault, scenario: &Scenario) -> Option<u64> {
    let size = scenario.body.size.0;
    let at = match fault.when {
        Trigger::Body(at) | Trigger::Wire(at) => at.0,
        Trigger::Elapsed(after) | Trigger::Blocked(after) => pace(scenario).rate.bytes_in(after),
        Trigger::Request(1) | Trigger::Connection(1) => 0,
        Trigger::Request(_) | Trigger::Connection(_) => return None,
        Trigger::Chance(share) if share < 0.5 => return None,
        Trigger::Chance(_) => size / 2,
        Trigger::Idle { after, .. } => return quiet_at(scenario, after),
    };
    (at <= size).then_some(at)
}

/// Where the response first pauses for `limit` or longer.
fn quiet_at(scenario: &Scenario, limit: Duration) -> Option<u64> {
    if scenario.response.head_delay >= limit || scenario.sink.pause >= limit {
        return Some(0);
    }
    scenario
        .faults
        .iter()
        .find_map(|fault| match (fault.then, fault.when) {
            (Action::Stall(pause), Trigger::Body(at) | Trigger::Wire(at)) => pause
                .duration()
                .is_none_or(|pause| pause >= limit)
                .then_some(at.0),
            _ => None,
        })
}

#[cfg(test)]
mod tests {
    use mock_server::{
        scenario::{Keepalive, Sockets},
        units::ByteSize,
    };

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn at_2mbps(size: &str) -> Scenario {
        let mut scenario = Scenario::default();
        scenario.body.size = size.parse().unwrap();
        scenario.link.rate = "2MB/s".parse().unwrap();
        scenario
    }

    #[test]
    fn a_total_ends_what_is_too_slow_for_it() {
        let slow = at_2mbps("1GB");
        assert_eq!(likely_duration(&slow, HOUR), Duration::from_secs(300));
        let small = at_2mbps("500MB");
        assert_eq!(likely_duration(&small, HOUR), Duration::from_secs(250));
    }

    #[test]
    fn a_stall_adds_its_time_and_a_black_hole_waits_for_a_deadline() {
        let mut scenario = at_2mbps("100MB");
        let at = Trigger::Body(ByteSize(40_000_000));
        let pause = Duration::from_secs(30);
        scenario.faults = vec![Fault::new(at, Action::Stall(Limit::After(pause)))];
        assert_eq!(likely_duration(&scenario, HOUR), Duration::from_secs(80));

        scenario.faults = vec![Fault::new(at, Action::Blackhole)];
        assert_eq!(likely_duration(&scenario, HOUR), Duration::from_secs(300));
        scenario.client.keepalive = Some(Keepalive {
            idle: Duration::from_secs(10),
            interval: Duration::from_secs(5),
            count: 3,
        });
        assert_eq!(likely_duration(&scenario, HOUR), Duration::from_secs(45));
        scenario.faults = vec![Fault::new(at, Action::Stall(Limit::Never))];
        assert_eq!(likely_duration(&scenario, HOUR), Duration::from_secs(300));
        scenario.client.total = Limit::Never;
        assert_eq!(likely_duration(&scenario, HOUR), HOUR);
    }

    #[test]
    fn one_window_per_round_trip_bounds_a_fast_link() {
        let mut scenario = Scenario::default();
        scenario.link.latency = Duration::from_millis(200);
        scenario.sockets = Sockets {
            client_receive: Some(ByteSize::kib(64)),
            ..Sockets::default()
        };
        let pace = pace(&scenario);
        assert_eq!((pace.rate.get(), pace.bound), (163_840, Bound::Window));
    }

    #[test]
    fn an_idle_limit_fires_only_where_something_pauses_as_long() {
        let mut scenario = at_2mbps("100MB");
        let idle = Trigger::Idle {
            after: Duration::from_secs(350),
            counts: mock_server::scenario::Counts::Segments,
        };
        scenario.faults = vec![Fault::new(idle, Action::Blackhole)];
        scenario.client.total = Limit::Never;
        assert_eq!(likely_duration(&scenario, HOUR), Duration::from_secs(50));
        let stall = Limit::After(Duration::from_secs(400));
        scenario.faults.push(Fault::new(
            Trigger::Body(ByteSize(50_000_000)),
            Action::Stall(stall),
        ));
        assert_eq!(likely_duration(&scenario, HOUR), HOUR);
    }
}
