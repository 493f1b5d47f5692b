//! How long a scenario can take: what a transfer needs at best, and when to
//! stop waiting for one.

use std::time::Duration;

use super::{Action, Client, Keepalive, Limit, MOST_BYTES, Scenario, Trigger};
use crate::units::{ByteSize, Rate};

/// A response head is about this long; `head_pause` counts for each byte.
const HEAD_BYTES: u32 = 200;

/// The least time before giving up: a real machine may be busy.
const LEAST_PATIENCE: Duration = Duration::from_secs(1);

impl Keepalive {
    /// From the last segment of the peer to ETIMEDOUT, where it answers none.
    pub fn death(&self) -> Duration {
        self.idle
            .saturating_add(self.interval.saturating_mul(self.count))
    }
}

impl Client {
    /// The deadlines that are on, with their keys. Keepalive is not among them.
    pub(super) fn deadlines(&self) -> impl Iterator<Item = (&'static str, Duration)> {
        [
            ("client.connect", self.connect),
            ("client.head", self.head),
            ("client.sock_read", self.sock_read),
            ("client.total", self.total),
        ]
        .into_iter()
        .filter_map(|(key, limit)| Some((key, limit.duration()?)))
    }
}

impl Scenario {
    /// When the harness gives up on a trial: `client.give_up`, or else twice
    /// the longest time in the scenario, and at least 1 s.
    ///
    /// The times that count: every deadline that is on, the times at which
    /// faults fire, the time until keepalive fails, and the ideal transfer.
    /// `client.total` counts only where it may fire
    /// ([`Scenario::total_may_fire`]): most files leave it at 300 s, and a
    /// download of two seconds need not wait ten minutes for that.
    pub fn give_up(&self) -> Duration {
        if let Some(explicit) = self.client.give_up {
            return explicit;
        }
        let deadlines = self
            .client
            .deadlines()
            .filter(|(key, _)| *key != "client.total" || self.total_may_fire());
        let longest = deadlines
            .map(|(_, time)| time)
            .chain(self.faults.iter().filter_map(|fault| fault.when.time()))
            .chain(self.client.keepalive.map(|keepalive| keepalive.death()))
            .chain([self.ideal_transfer()])
            .max()
            .unwrap_or_default();
        longest.saturating_mul(2).max(LEAST_PATIENCE)
    }

    /// Whether `client.total` may end a trial: it is on, and either something
    /// can leave the client waiting for ever (a black hole, an endless stall, a
    /// wrong `declared_size`, raw bytes, a pause after each chunk), or the
    /// ideal transfer needs more than half of it.
    pub fn total_may_fire(&self) -> bool {
        let Some(total) = self.client.total.duration() else {
            return false;
        };
        let hangs = self.faults.iter().any(|fault| {
            matches!(
                fault.then,
                Action::Blackhole | Action::Forget | Action::Stall(Limit::Never)
            )
        });
        hangs
            || self.body.declared_size.is_some()
            || !self.response.raw.is_empty()
            || !self.sink.pause.is_zero()
            || self.ideal_transfer().saturating_mul(2) > total
    }

    /// The least time for the whole response: two round trips, the head's
    /// pacing, the body at the slowest of `link.rate`, `sink.rate` and one
    /// window per round trip, slower behind a throttle, and every finite stall.
    /// A throttle after a time counts from what has passed by then at full speed,
    /// one at any other trigger but a body offset from the first byte.
    pub fn ideal_transfer(&self) -> Duration {
        let size = match &self.response.page {
            Some(page) => page.len() as u64,
            None => self.body.truncate_at.map_or(self.body.size.0, |cut| cut.0),
        };
        let full = [Some(self.fair_rate()), self.sink.rate, self.window_rate()]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(self.link.rate);
        let mut throttles: Vec<(u64, Rate)> = Vec::new();
        let mut waits = Duration::ZERO;
        for fault in &self.faults {
            match fault.then {
                Action::Throttle(rate) => {
                    let at = match fault.when {
                        Trigger::Body(at) => at.0,
                        Trigger::Elapsed(after) => full.bytes_in(after),
                        _ => 0,
                    };
                    throttles.push((at.min(size), rate.min(full)));
                }
                Action::Stall(Limit::After(time)) => waits = waits.saturating_add(time),
                _ => {}
            }
        }
        throttles.sort_by_key(|(at, _)| *at);

        let mut time = Duration::ZERO;
        let (mut from, mut rate) = (0, full);
        for (at, next) in throttles.into_iter().chain([(size, full)]) {
            time = time.saturating_add(rate.time_for(at - from));
            (from, rate) = (at, next);
        }
        let headers = self.response.headers.iter();
        let head: usize = headers
            .map(|(name, value)| name.len() + value.len() + 4)
            .sum();
        let head = HEAD_BYTES.saturating_add(u32::try_from(head).unwrap_or(u32::MAX));
        [
            self.link.latency.saturating_mul(4),
            self.link.jitter,
            self.response.head_delay,
            self.response.head_pause.saturating_mul(head),
            waits,
        ]
        .into_iter()
        .fold(time, Duration::saturating_add)
    }

    /// One window each round trip, TCP's largest where no buffer says less;
    /// `None` without a round trip.
    fn window_rate(&self) -> Option<Rate> {
        let windows = [self.sockets.client_receive, self.sockets.server_send];
        let largest = ByteSize(MOST_BYTES);
        let window = windows.into_iter().flatten().fold(largest, ByteSize::min);
        let round_trip = self.link.latency.as_nanos().saturating_mul(2);
        let rate = u128::from(window.0)
            .saturating_mul(1_000_000_000)
            .checked_div(round_trip)?;
        Rate::per_second(u64::try_from(rate).unwrap_or(u64::MAX).max(1))
    }
}

impl Trigger {
    /// The time after which it fires, for a trigger in time.
    pub(super) fn time(&self) -> Option<Duration> {
        match *self {
            Self::Elapsed(time) | Self::Blocked(time) | Self::Idle { after: time, .. } => {
                Some(time)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        scenario::{Counts, Fault},
        units::ByteSize,
    };

    const SECOND: Duration = Duration::from_secs(1);

    /// 600 MB at 2 MB/s: 300 s.
    fn slow() -> Scenario {
        let mut scenario = Scenario::default();
        scenario.body.size = ByteSize(600_000_000);
        scenario.link.rate = Rate::per_second(2_000_000).unwrap();
        scenario
    }

    fn fault(scenario: &mut Scenario, when: Trigger, then: Action) {
        scenario.faults.push(Fault::new(when, then));
    }

    #[test]
    fn the_slowest_part_paces_the_ideal_transfer() {
        let mut scenario = slow();
        assert_eq!(scenario.ideal_transfer(), 300 * SECOND);
        scenario.sink.rate = Rate::per_second(1_000_000);
        assert_eq!(scenario.ideal_transfer(), 600 * SECOND);
        // 50 kB each 100 ms are 500 kB/s; two round trips come on top.
        scenario.link.latency = Duration::from_millis(50);
        scenario.sockets.client_receive = Some(ByteSize(50_000));
        scenario.sockets.server_send = Some(ByteSize(80_000));
        assert_eq!(
            scenario.ideal_transfer(),
            1200 * SECOND + Duration::from_millis(200)
        );
    }

    #[test]
    fn throttles_slow_what_comes_behind_them_and_stalls_add_up() {
        let mut scenario = slow();
        let rate = |bytes| Action::Throttle(Rate::per_second(bytes).unwrap());
        let at = |bytes| Trigger::Body(ByteSize(bytes));
        fault(&mut scenario, at(400_000_000), rate(2_000_000));
        fault(&mut scenario, at(200_000_000), rate(1_000_000));
        fault(&mut scenario, at(1), Action::Stall(Limit::After(SECOND)));
        fault(
            &mut scenario,
            at(2),
            Action::Stall(Limit::After(2 * SECOND)),
        );
        assert_eq!(scenario.ideal_transfer(), (100 + 200 + 100 + 3) * SECOND);
    }

    #[test]
    fn a_throttle_after_a_time_slows_only_what_has_not_passed_by_then() {
        let mut scenario = slow();
        let slower = Action::Throttle(Rate::per_second(1_000_000).unwrap());
        fault(&mut scenario, Trigger::Elapsed(200 * SECOND), slower);
        assert_eq!(scenario.ideal_transfer(), (200 + 200) * SECOND);
    }

    #[test]
    fn a_segment_is_5_ms_of_what_a_connection_has() {
        let mut scenario = slow();
        let rate = |bytes| Rate::per_second(bytes).unwrap();
        assert_eq!(scenario.segment_at(scenario.link.rate), 10_000);
        assert_eq!(scenario.segment_at(rate(10_000)), 50);
        assert_eq!(scenario.segment_at(rate(1)), 1);
        assert_eq!(scenario.segment_at(Rate::FASTEST), 10_000);
        scenario.link.shared = true;
        scenario.link.connections = Some(20);
        assert_eq!(scenario.segment_at(scenario.link.rate), 500);
        scenario.link.segment = Some(ByteSize(1460));
        assert_eq!(scenario.segment_at(rate(1)), 1460);
    }

    #[test]
    fn no_transfer_is_faster_than_the_largest_window_each_round_trip() {
        let mut scenario = slow();
        scenario.link.rate = Rate::FASTEST;
        scenario.link.latency = SECOND;
        scenario.body.size = ByteSize(10 << 30);
        // Ten windows of 1 GiB, two round trips before.
        assert_eq!(scenario.ideal_transfer(), 20 * SECOND + 4 * SECOND);
    }

    #[test]
    fn a_total_that_cannot_fire_does_not_count() {
        let mut scenario = Scenario::default();
        scenario.body.size = ByteSize(100_000_000);
        assert!(!scenario.total_may_fire());
        // Twice the 30 s of `connect`, not twice the 300 s of `total`.
        assert_eq!(scenario.give_up(), 60 * SECOND);
        scenario.client.connect = Limit::Never;
        assert_eq!(scenario.give_up(), Duration::from_millis(1600));
        scenario.body.size = ByteSize(1);
        assert_eq!(scenario.give_up(), SECOND);
        fault(&mut scenario, Trigger::Body(ByteSize(0)), Action::Blackhole);
        assert!(scenario.total_may_fire());
        assert_eq!(scenario.give_up(), 600 * SECOND);
        scenario.client.total = Limit::Never;
        assert!(!scenario.total_may_fire());
        assert_eq!(scenario.give_up(), SECOND);
    }

    #[test]
    fn every_time_in_the_file_counts() {
        let mut scenario = Scenario::default();
        let after = 350 * SECOND;
        let counts = Counts::Segments;
        fault(
            &mut scenario,
            Trigger::Idle { after, counts },
            Action::Reset,
        );
        assert_eq!(scenario.give_up(), 700 * SECOND);
        scenario.client.keepalive = Some(Keepalive {
            idle: 60 * SECOND,
            interval: 75 * SECOND,
            count: 9,
        });
        assert_eq!(scenario.give_up(), 2 * 735 * SECOND);
        scenario.client.sock_read = Limit::After(1000 * SECOND);
        assert_eq!(scenario.give_up(), 2000 * SECOND);
        scenario.client.give_up = Some(SECOND);
        assert_eq!(scenario.give_up(), SECOND);
    }

    #[test]
    fn no_number_is_too_large() {
        let mut scenario = slow();
        scenario.body.size = ByteSize(u64::MAX);
        scenario.link.rate = Rate::per_second(1).unwrap();
        scenario.link.latency = Duration::MAX;
        scenario.client.sock_read = Limit::After(Duration::MAX);
        scenario.sockets.server_send = Some(ByteSize(u64::MAX));
        assert_eq!(scenario.give_up(), Duration::MAX);
    }
}
