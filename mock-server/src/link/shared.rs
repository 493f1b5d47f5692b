//! One rate shared fairly by several connections.

use std::{cell::Cell, rc::Rc};

use crate::{clock::Instant, units::Rate};

/// A link that several connections pass through, a segment at a time.
///
/// Whoever wants to send books the time that its segment takes, behind what is
/// booked already. A connection has at most one booking at a time, so with
/// segments of one size they take turns, which is max-min fair: one that cannot
/// send books nothing, and the others share its part.
#[derive(Debug)]
pub struct SharedLink {
    rate: Rate,
    free: Cell<Instant>,
}

impl SharedLink {
    /// A link that has been idle so far.
    pub fn new(rate: Rate) -> Rc<Self> {
        Rc::new(Self {
            rate,
            free: Cell::new(Instant::default()),
        })
    }

    /// Books `bytes` from `since` on at the earliest; returns when they have
    /// passed. Bookings never overlap.
    fn reserve(&self, since: Instant, bytes: u64) -> Instant {
        let passed = since.max(self.free.get()) + self.rate.time_for(bytes);
        self.free.set(passed);
        passed
    }
}

/// One connection's part of a [`SharedLink`].
#[derive(Debug, Clone)]
pub struct Share {
    link: Rc<SharedLink>,
    booked: Option<Booking>,
    /// Since when it has been waiting to send; a sender that wakes late is not
    /// to lose what it missed.
    since: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Booking {
    passed: Instant,
    bytes: u64,
}

impl Share {
    /// The part of a connection that has sent nothing.
    pub fn new(link: Rc<SharedLink>) -> Self {
        Self {
            link,
            booked: None,
            since: None,
        }
    }

    /// The time at which `bytes`, which are ready at `now`, have passed. Further
    /// calls before they are sent give the same answer.
    pub fn ready_at(&mut self, now: Instant, bytes: u64) -> Instant {
        match self.booked {
            Some(booking) if booking.bytes >= bytes => booking.passed,
            _ => {
                let since = self.since.unwrap_or(now);
                let passed = self.link.reserve(since, bytes);
                self.booked = Some(Booking { passed, bytes });
                passed
            }
        }
    }

    /// The booked bytes are sent; the next may follow at once.
    pub fn took(&mut self) {
        self.since = self.booked.take().map(|booking| booking.passed);
    }

    /// There was nothing to send, or no room for it: the unused capacity is gone.
    pub fn rest(&mut self) {
        self.since = None;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    /// `flows` send whenever they may, except while `idle` says that flow 0 is
    /// blocked; a sender wakes up to `late` nanoseconds after its time. Returns
    /// the bytes of each, and checks the sum at each step.
    fn drive(rate: Rate, segment: u64, flows: usize, late: &[u64], idle: bool) -> Vec<u64> {
        let link = SharedLink::new(rate);
        let mut shares: Vec<_> = (0..flows).map(|_| Share::new(Rc::clone(&link))).collect();
        let mut sent = vec![0; flows];
        let mut wakes: Vec<Instant> = shares
            .iter_mut()
            .enumerate()
            .map(|(flow, share)| match idle && flow == 0 {
                true => Instant::FAR,
                false => share.ready_at(Instant(0), segment),
            })
            .collect();
        for lateness in late {
            let (flow, at) = wakes
                .iter()
                .copied()
                .enumerate()
                .min_by_key(|(_, at)| *at)
                .unwrap();
            // A wake-up that is late never overtakes the next.
            let now = at + Duration::from_nanos(*lateness);
            shares[flow].took();
            sent[flow] += segment;
            wakes[flow] = shares[flow].ready_at(now, segment);
            let sum: u64 = sent.iter().sum();
            assert!(
                sum <= rate.bytes_in(now.since(Instant(0))),
                "{sum} by {now:?}"
            );
        }
        sent
    }

    proptest! {
        #[test]
        fn the_shares_differ_by_a_segment_at_most_and_their_sum_never_exceeds_the_rate(
            rate in 1_000u64..1_000_000_000,
            segment in 1u64..70_000,
            flows in 2usize..9,
            late in prop::collection::vec(0u64..1_000_000, 1..200),
        ) {
            let rate = Rate::per_second(rate).unwrap();
            let sent = drive(rate, segment, flows, &late, false);
            let (least, most) = (sent.iter().min().unwrap(), sent.iter().max().unwrap());
            prop_assert!(most - least <= segment, "{sent:?}");
        }

        #[test]
        fn the_share_of_a_flow_that_cannot_send_goes_to_the_others(
            rate in 1_000u64..1_000_000_000,
            segment in 1u64..70_000,
            flows in 2usize..9,
            steps in 1usize..200,
        ) {
            let rate = Rate::per_second(rate).unwrap();
            let sent = drive(rate, segment, flows, &vec![0; steps], true);
            prop_assert_eq!(sent[0], 0);
            // Not a nanosecond of the link is lost to it.
            let link = SharedLink::new(rate);
            let mut alone = Share::new(link);
            let mut at = Instant(0);
            for _ in 0..steps {
                at = alone.ready_at(at, segment);
                alone.took();
            }
            prop_assert_eq!(sent.iter().sum::<u64>(), steps as u64 * segment);
            prop_assert!(at.since(Instant(0)) >= rate.time_for(steps as u64 * segment));
            prop_assert!(
                at.since(Instant(0)) <= rate.time_for(steps as u64 * segment)
                    + Duration::from_nanos(steps as u64)
            );
        }
    }

    #[test]
    fn a_booking_stands_until_it_is_sent() {
        let mut share = Share::new(SharedLink::new(Rate::per_second(1000).unwrap()));
        assert_eq!(share.ready_at(Instant(0), 1000), Instant(1_000_000_000));
        assert_eq!(share.ready_at(Instant(5), 900), Instant(1_000_000_000));
        share.took();
        // It woke late, and loses nothing.
        let late = Instant(1_500_000_000);
        assert_eq!(share.ready_at(late, 1000), Instant(2_000_000_000));
        share.took();
        share.rest();
        assert_eq!(
            share.ready_at(Instant(9_000_000_000), 1000),
            Instant(10_000_000_000)
        );
    }
}
