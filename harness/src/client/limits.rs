//! Turns the scenario's `[client]` into points in time.

use std::time::Duration;

use shortread_server::{
    clock::Instant,
    scenario::{Deadline, Limit, Scenario},
};

/// The deadlines of a download that starts now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// The end of connecting, and the deadline that sets it.
    pub(crate) connect: (Instant, Deadline),
    pub(crate) total: Instant,
    pub(crate) head: Option<Duration>,
    pub(crate) sock_read: Option<Duration>,
    pub(crate) give_up: Instant,
}

impl Limits {
    /// Deadlines of `whole_from` and more fall on the next whole second of the
    /// loop's clock. `time_scale` is the factor by which the scenario's durations
    /// were scaled. It applies to the rounding too: unscaled, it would move a total
    /// of 300 s that was scaled to 6 s by up to a sixth, not by a three-hundredth.
    pub(crate) fn new(
        scenario: &Scenario,
        whole_from: Option<Duration>,
        time_scale: f64,
        start: Instant,
    ) -> Self {
        let client = &scenario.client;
        let second = Duration::from_secs(1).mul_f64(time_scale);
        let from = whole_from.map_or(Duration::MAX, |from| from.mul_f64(time_scale));
        let at = |limit: Limit, ceiled: &dyn Fn(Duration) -> bool| match limit.duration() {
            // aiohttp treats 0 as off.
            None | Some(Duration::ZERO) => Instant::FAR,
            Some(time) if ceiled(time) => next(start + time, second),
            Some(time) => start + time,
        };
        // The two differ at the threshold itself, as aiohttp's do.
        let total = at(client.total, &|time| time >= from);
        let connect = at(client.connect, &|time| time > from);
        Self {
            connect: if total < connect {
                (total, Deadline::Total)
            } else {
                (connect, Deadline::Connect)
            },
            total,
            head: client.head.duration(),
            sock_read: client.sock_read.duration(),
            give_up: start + scenario.give_up(),
        }
    }
}

impl Limits {
    /// Restarts the time to connect with that of `again`; the other deadlines
    /// stay.
    pub(crate) fn reconnect(&mut self, again: Self) {
        self.connect = if self.total < again.connect.0 {
            (self.total, Deadline::Total)
        } else {
            again.connect
        };
    }
}

/// The next multiple of `grain` on the clock.
fn next(at: Instant, grain: Duration) -> Instant {
    let grain = u64::try_from(grain.as_nanos()).unwrap_or(u64::MAX).max(1);
    Instant(at.0.div_ceil(grain).saturating_mul(grain))
}

#[cfg(test)]
mod tests {
    use shortread_server::scenario::Client;

    use super::*;

    const START: Instant = Instant(10_300_000_000);

    fn limits(rounds: bool, connect: u64, total: u64) -> Limits {
        let after = |ms| Limit::After(Duration::from_millis(ms));
        let scenario = Scenario {
            client: Client {
                connect: after(connect),
                total: after(total),
                ..Client::default()
            },
            ..Scenario::default()
        };
        let from = rounds.then_some(Duration::from_secs(5));
        Limits::new(&scenario, from, 1.0, START)
    }

    #[test]
    fn from_five_seconds_on_aiohttps_deadlines_fall_on_whole_seconds() {
        let total = |rounds, ms| limits(rounds, 60_000, ms).total.0;
        assert_eq!(total(true, 4_999), 15_299_000_000);
        assert_eq!(total(true, 5_000), 16_000_000_000);
        assert_eq!(total(true, 5_700), 16_000_000_000);
        assert_eq!(total(false, 5_000), 15_300_000_000);
        // For connect the threshold itself is still exact.
        let connect = |ms| limits(true, ms, 60_000).connect;
        assert_eq!(connect(5_000), (Instant(15_300_000_000), Deadline::Connect));
        assert_eq!(connect(5_001), (Instant(16_000_000_000), Deadline::Connect));
    }

    #[test]
    fn a_total_that_is_shorter_bounds_the_connect_and_zero_is_off() {
        assert_eq!(limits(true, 3_000, 1_000).connect.1, Deadline::Total);
        assert_eq!(limits(true, 3_000, 0).total, Instant::FAR);
    }

    #[test]
    fn the_rounding_scales_with_the_trial() {
        let scenario = Scenario {
            client: Client {
                total: Limit::After(Duration::from_secs(6)),
                ..Client::default()
            },
            ..Scenario::default()
        };
        // 300 s scaled by 0.02: the next multiple of 20 ms, not of a second.
        let limits = Limits::new(&scenario, Some(Duration::from_secs(5)), 0.02, START);
        assert_eq!(limits.total.0, 16_300_000_000);
        let later = Instant(START.0 + 1);
        let limits = Limits::new(&scenario, Some(Duration::from_secs(5)), 0.02, later);
        assert_eq!(limits.total.0, 16_320_000_000);
    }
}
