//! The rate of a link, as a token bucket on absolute deadlines.

use std::time::Duration;

use crate::{clock::Instant, units::Rate};

/// Tells the time at which a number of bytes may be sent.
///
/// The bucket counts from an anchor: by time `t` at most `rate x (t - anchor)`
/// bytes have passed. A sender that wakes late is allowed what it missed, so
/// the mean rate does not depend on the timer's grain. A segment is allowed
/// when its last byte has passed, so nothing is sent at the anchor itself:
/// there is no burst at the start, nor after [`Pacer::rest`].
#[derive(Debug, Clone)]
pub struct Pacer {
    rate: Rate,
    anchor: Instant,
    sent: u64,
}

impl Pacer {
    /// A link that has been idle until `now`.
    pub fn new(rate: Rate, now: Instant) -> Self {
        Self {
            rate,
            anchor: now,
            sent: 0,
        }
    }

    /// Bytes that may be sent at `now`.
    pub fn allowance(&self, now: Instant) -> u64 {
        self.rate
            .bytes_in(now.since(self.anchor))
            .saturating_sub(self.sent)
    }

    /// The time at which `bytes` may be sent at once.
    pub fn ready_at(&self, bytes: u64) -> Instant {
        self.anchor + self.rate.time_for(self.sent.saturating_add(bytes))
    }

    /// `bytes` were sent.
    pub fn took(&mut self, bytes: u64) {
        self.sent = self.sent.saturating_add(bytes);
    }

    /// The link was idle until `now`: the unused capacity is gone. What was sent ahead of
    /// it still has to pass.
    pub fn rest(&mut self, now: Instant) {
        self.anchor = now.max(self.ready_at(0));
        self.sent = 0;
    }

    /// The sender was held up until `now` by something other than the rate: at
    /// most `most` of the missed bytes are left.
    pub fn held_up(&mut self, now: Instant, most: u64) {
        if self.allowance(now) > most {
            self.anchor = now - self.rate.time_for(most);
            self.sent = 0;
        }
    }

    /// The rate changes at `now`.
    pub fn set_rate(&mut self, rate: Rate, now: Instant) {
        self.rest(now);
        self.rate = rate;
    }

    /// The rate in force.
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// The delay of the sender behind its allowance at `now`.
    pub fn lateness(&self, now: Instant) -> Duration {
        now.since(self.anchor + self.rate.time_for(self.sent))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Sends greedily in segments, waking at `wakes` (nanoseconds apart), and
    /// returns (time, bytes so far) after each wake-up.
    fn drive(pacer: &mut Pacer, segment: u64, wakes: &[u64]) -> Vec<(Instant, u64)> {
        let (mut now, mut total, mut log) = (Instant(0), 0, Vec::new());
        for gap in wakes {
            now = now + Duration::from_nanos(*gap);
            while pacer.ready_at(segment) <= now {
                pacer.took(segment);
                total += segment;
            }
            log.push((now, total));
        }
        log
    }

    #[test]
    fn what_was_sent_ahead_of_the_link_still_has_to_pass() {
        let mut pacer = Pacer::new(Rate::per_second(1_000).unwrap(), Instant(0));
        pacer.took(3);
        let now = Instant(1_000_000);
        pacer.rest(now);
        assert_eq!(pacer.allowance(now), 0);
        // Three bytes of the first response, then one of the next.
        assert_eq!(pacer.ready_at(1), Instant(4_000_000));
        // Behind that, an idle link is as before.
        pacer.rest(Instant(9_000_000));
        assert_eq!(pacer.ready_at(1), Instant(10_000_000));
    }

    proptest! {
        #[test]
        fn by_any_time_no_more_passed_than_the_rate_allows(
            rate in 1u64..2_000_000_000,
            segment in 1u64..70_000,
            wakes in prop::collection::vec(1u64..50_000_000, 1..60),
        ) {
            let rate = Rate::per_second(rate).unwrap();
            // At most some 10^5 segments, whatever the rate.
            prop_assume!(rate.get() / segment < 30_000);
            for (now, total) in drive(&mut Pacer::new(rate, Instant(0)), segment, &wakes) {
                prop_assert!(total <= rate.bytes_in(now.since(Instant(0))));
            }
        }

        #[test]
        fn over_any_interval_no_more_than_the_rate_allows_beyond_one_segment_and_the_lateness(
            rate in 1_000u64..1_000_000_000,
            segment in 1u64..70_000,
            wakes in prop::collection::vec(1u64..5_000_000, 2..40),
        ) {
            let rate = Rate::per_second(rate).unwrap();
            prop_assume!(rate.get() / segment < 100_000);
            let log = drive(&mut Pacer::new(rate, Instant(0)), segment, &wakes);
            let late = Duration::from_nanos(*wakes.iter().max().unwrap());
            for (i, (from, before)) in log.iter().enumerate() {
                for (to, after) in &log[i..] {
                    let allowed = rate.bytes_in(to.since(*from) + late) + segment + 1;
                    prop_assert!(after - before <= allowed);
                }
            }
        }

        #[test]
        fn a_sender_that_never_rests_loses_nothing_to_late_wake_ups(
            rate in 10_000u64..1_000_000_000,
            wakes in prop::collection::vec(1u64..5_000_000, 1..60),
        ) {
            let rate = Rate::per_second(rate).unwrap();
            let segment = (rate.get() / 200).clamp(1, 65_536);
            let log = drive(&mut Pacer::new(rate, Instant(0)), segment, &wakes);
            let (now, total) = *log.last().unwrap();
            prop_assert!(total + segment > rate.bytes_in(now.since(Instant(0))));
        }

        #[test]
        fn after_a_rest_there_is_no_burst(
            rate in 1u64..1_000_000_000, idle in 0u64..1_000_000_000_000, then in 0u64..1_000_000_000,
        ) {
            let rate = Rate::per_second(rate).unwrap();
            let mut pacer = Pacer::new(rate, Instant(0));
            pacer.rest(Instant(idle));
            prop_assert_eq!(pacer.allowance(Instant(idle)), 0);
            prop_assert!(
                pacer.allowance(Instant(idle + then)) <= rate.bytes_in(Duration::from_nanos(then))
            );
        }
    }

    #[test]
    fn what_a_held_up_sender_missed_is_gone_but_for_a_segment() {
        let mut pacer = Pacer::new(Rate::per_second(1_000_000).unwrap(), Instant(0));
        // One millisecond is 1000 bytes.
        pacer.held_up(Instant(1_000_000), 4000);
        assert_eq!(pacer.allowance(Instant(1_000_000)), 1000);
        pacer.held_up(Instant(9_000_000), 4000);
        assert_eq!(pacer.allowance(Instant(9_000_000)), 4000);
        pacer.took(4000);
        assert_eq!(pacer.ready_at(4000), Instant(13_000_000));
    }

    #[test]
    fn the_first_segment_waits_for_its_own_transmission_time() {
        let pacer = Pacer::new(Rate::per_second(1_000_000).unwrap(), Instant(0));
        assert_eq!(pacer.ready_at(10_000), Instant(10_000_000));
    }
}
