//! From the scenario's `[client]` to points in time.

use std::time::Duration;

use mock_server::{
    clock::Instant,
    scenario::{Action, Deadline, Limit, Scenario, StrategyName, Trigger},
};

/// From this long on aiohttp moves a deadline to the next whole second of the
/// loop's clock (`ceil_threshold`), so that many deadlines share a wake-up.
const CEIL_FROM: Duration = Duration::from_secs(5);

/// The deadlines of a download that starts now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// The end of connecting, and which deadline that is.
    pub(crate) connect: (Instant, Deadline),
    pub(crate) total: Instant,
    pub(crate) head: Option<Duration>,
    pub(crate) sock_read: Option<Duration>,
    pub(crate) give_up: Instant,
}

impl Limits {
    pub(crate) fn new(scenario: &Scenario, strategy: StrategyName, start: Instant) -> Self {
        let client = &scenario.client;
        let ceils = strategy != StrategyName::Frames;
        let at = |limit: Limit, ceiled: &dyn Fn(Duration) -> bool| match limit.duration() {
            // aiohttp takes 0 for off.
            None | Some(Duration::ZERO) => Instant::FAR,
            Some(time) if ceils && ceiled(time) => next_second(start + time),
            Some(time) => start + time,
        };
        let total = at(client.total, &|time| time >= CEIL_FROM);
        let connect = at(client.connect, &|time| time > CEIL_FROM);
        Self {
            connect: if total < connect {
                (total, Deadline::Total)
            } else {
                (connect, Deadline::Connect)
            },
            total,
            head: client.head.duration(),
            sock_read: client.sock_read.duration(),
            give_up: start
                + client
                    .give_up
                    .unwrap_or_else(|| longest_time(scenario).saturating_mul(2)),
        }
    }
}

/// The longest time that the scenario names, or that its body takes on its
/// link; at least a second.
fn longest_time(scenario: &Scenario) -> Duration {
    let client = &scenario.client;
    let limits = [client.connect, client.head, client.sock_read, client.total];
    let faults = scenario.faults.iter().flat_map(|fault| {
        let then = match fault.then {
            Action::Stall(limit) => limit.duration(),
            Action::Throttle(rate) => Some(rate.time_for(scenario.body.size.0)),
            _ => None,
        };
        let when = match fault.when {
            Trigger::Elapsed(time) | Trigger::Blocked(time) | Trigger::Idle { after: time, .. } => {
                Some(time)
            }
            _ => None,
        };
        [then, when]
    });
    let size = scenario.body.size.0;
    let keepalive = client
        .keepalive
        .map(|keepalive| keepalive.idle + keepalive.interval.saturating_mul(keepalive.count));
    limits
        .into_iter()
        .map(Limit::duration)
        .chain(faults)
        .chain([
            keepalive,
            Some(scenario.link.rate.time_for(size)),
            scenario.sink.rate.map(|rate| rate.time_for(size)),
            Some(scenario.response.head_delay),
            Some(Duration::from_secs(1)),
        ])
        .flatten()
        .max()
        .unwrap_or_default()
}

fn next_second(at: Instant) -> Instant {
    const SECOND: u64 = 1_000_000_000;
    Instant(at.0.div_ceil(SECOND).saturating_mul(SECOND))
}

#[cfg(test)]
mod tests {
    use mock_server::{
        scenario::{Client, Fault},
        units::ByteSize,
    };

    use super::*;

    const START: Instant = Instant(10_300_000_000);

    fn limits(strategy: StrategyName, connect: u64, total: u64) -> Limits {
        let after = |ms| Limit::After(Duration::from_millis(ms));
        let scenario = Scenario {
            client: Client {
                connect: after(connect),
                total: after(total),
                ..Client::default()
            },
            ..Scenario::default()
        };
        Limits::new(&scenario, strategy, START)
    }

    #[test]
    fn from_five_seconds_on_aiohttps_deadlines_fall_on_whole_seconds() {
        let total = |strategy, ms| limits(strategy, 60_000, ms).total.0;
        assert_eq!(total(StrategyName::Readany, 4_999), 15_299_000_000);
        assert_eq!(total(StrategyName::Readany, 5_000), 16_000_000_000);
        assert_eq!(total(StrategyName::ReadAll, 5_700), 16_000_000_000);
        assert_eq!(total(StrategyName::Frames, 5_000), 15_300_000_000);
        // For connect the threshold itself is still exact.
        let connect = |ms| limits(StrategyName::Readany, ms, 60_000).connect;
        assert_eq!(connect(5_000), (Instant(15_300_000_000), Deadline::Connect));
        assert_eq!(connect(5_001), (Instant(16_000_000_000), Deadline::Connect));
    }

    #[test]
    fn a_total_that_is_shorter_bounds_the_connect_and_zero_is_off() {
        assert_eq!(
            limits(StrategyName::Readany, 3_000, 1_000).connect.1,
            Deadline::Total
        );
        assert_eq!(limits(StrategyName::Readany, 3_000, 0).total, Instant::FAR);
    }

    #[test]
    fn the_harness_gives_up_after_twice_the_longest_time() {
        let mut scenario = Scenario::default();
        let give_up = |scenario: &Scenario| {
            Limits::new(scenario, StrategyName::Readany, START)
                .give_up
                .since(START)
                .as_secs()
        };
        assert_eq!(give_up(&scenario), 600);
        scenario.faults = vec![Fault::new(
            Trigger::Elapsed(Duration::from_secs(5)),
            Action::Stall(Limit::After(Duration::from_secs(400))),
        )];
        assert_eq!(give_up(&scenario), 800);
        scenario.body.size = ByteSize(125_000_000 * 1_000);
        assert_eq!(give_up(&scenario), 2_000);
        scenario.client.give_up = Some(Duration::from_secs(7));
        assert_eq!(give_up(&scenario), 7);
    }
}
