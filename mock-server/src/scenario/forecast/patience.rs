//! The time to stop waiting for a trial, and the deadlines that can end one.

use std::time::Duration;

use crate::scenario::{Client, Keepalive, Scenario};

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
    pub(in crate::scenario) fn deadlines(&self) -> impl Iterator<Item = (&'static str, Duration)> {
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
    /// The time at which the harness gives up on a trial: `client.give_up`, or
    /// else twice the longest time in the scenario, and at least 1 s.
    ///
    /// These times count: every deadline that is on, the times at which faults
    /// fire, the time until keepalive fails, and the ideal transfer.
    /// `client.total` only counts if it may fire ([`Scenario::total_may_fire`]):
    /// most files leave it at 300 s, and a download of two seconds need not wait
    /// ten minutes for that.
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

    /// The shortest deadline of the client or timer of a fault, which bytes that
    /// come later than they might could set off.
    pub fn shortest_limit(&self) -> Option<Duration> {
        let deadlines = self.client.deadlines().map(|(_, time)| time);
        let faults = self.faults.iter().filter_map(|fault| fault.when.time());
        deadlines.chain(faults).min()
    }

    /// True if `client.total` may end a trial: it is on, and either something can
    /// leave the client waiting forever (a black hole, an endless stall, a wrong
    /// `declared_size`, raw bytes, a pause after each chunk), or the ideal
    /// transfer needs more than half of it.
    pub fn total_may_fire(&self) -> bool {
        let total = self.client.total.duration();
        total
            .is_some_and(|total| self.may_hang() || self.ideal_transfer().saturating_mul(2) > total)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::samples::{SECOND, fault, slow},
        *,
    };
    use crate::{
        scenario::{Action, Counts, Limit, Trigger},
        units::{ByteSize, Rate},
    };

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
