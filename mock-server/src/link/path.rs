//! Latency, jitter and window of a link, in front of a socket without them.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

use crate::{
    clock::Instant,
    scenario::{Link, MOST_BYTES, MOST_PIECES, Sockets},
};

/// The settings of a path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PathSettings {
    /// One way.
    pub latency: Duration,
    /// Added to each segment's latency, uniform from zero to this.
    pub jitter: Duration,
    /// Bytes that may be on their way before the first is acknowledged.
    pub window: u64,
    /// The share of segments that are lost.
    pub loss: f64,
    /// The extra delay of a lost segment, each time that it is lost.
    pub retransmission: Duration,
}

/// The least retransmission timeout of Linux (TCP_RTO_MIN).
const LEAST_RETRANSMISSION: Duration = Duration::from_millis(200);

impl PathSettings {
    /// The path of a link between sockets with these buffers.
    ///
    /// On a path with latency the window is what the smaller of the two
    /// buffers allows; TCP's throughput is then window / round trip (RFC 6349,
    /// section 3.1). The kernel cannot show that on loopback, where an
    /// acknowledgement takes no time. Without buffer settings the window is
    /// twice what the path can hold, so that it never limits; but no window is
    /// larger than [`MOST_BYTES`].
    pub fn new(link: &Link, sockets: &Sockets) -> Self {
        let round_trip = link.longest_round_trip();
        let held = link.rate.bytes_in(round_trip);
        let ample = held.saturating_mul(2).saturating_add(1 << 20);
        let window = sockets.window().map_or(ample, |size| size.0);
        Self {
            latency: link.latency,
            jitter: link.jitter,
            window: window.clamp(1, MOST_BYTES),
            loss: 0.0,
            retransmission: LEAST_RETRANSMISSION.max(round_trip.saturating_mul(2)),
        }
    }

    /// The same, losing this share of the segments. A simplification: each
    /// loss costs one timeout, which neither fast retransmit shortens nor
    /// backoff lengthens, and the sender goes on at its rate within the window.
    pub fn losing(self, share: f64) -> Self {
        Self {
            loss: share,
            ..self
        }
    }
}

/// The segments on their way: they have left the origin and not arrived.
#[derive(Debug)]
pub struct Path {
    settings: PathSettings,
    rng: Pcg64Mcg,
    moving: VecDeque<Segment>,
    queued: u64,
    /// Arrived and taken by the client's end, acknowledgement on its way back.
    returning: VecDeque<(Instant, u64)>,
    unacked: u64,
    last_arrival: Instant,
    /// The travel time of the segment that is being sent, while more of it
    /// follows.
    travels: Option<Duration>,
}

#[derive(Debug)]
struct Segment {
    arrives: Instant,
    bytes: Bytes,
    more: bool,
}

impl Path {
    /// An empty path. Jitter and losses are drawn from `seed` alone.
    pub fn new(settings: PathSettings, seed: u64) -> Self {
        Self {
            settings,
            rng: Pcg64Mcg::seed_from_u64(seed),
            moving: VecDeque::new(),
            queued: 0,
            returning: VecDeque::new(),
            unacked: 0,
            last_arrival: Instant::default(),
            travels: None,
        }
    }

    /// Bytes that may be sent at `now` without exceeding the window.
    ///
    /// On a path without latency one segment at a time: the kernel behind it
    /// has buffers of its own.
    pub fn room(&mut self, now: Instant) -> u64 {
        if self.is_instant() {
            return if self.moving.is_empty() { u64::MAX } else { 0 };
        }
        while let Some((at, bytes)) = self.returning.front().copied()
            && at <= now
        {
            self.unacked -= bytes;
            self.returning.pop_front();
        }
        if self.free_pieces() == 0 {
            return 0;
        }
        self.settings.window.saturating_sub(self.unacked)
    }

    /// Pieces that may be sent until some of those before have come back.
    pub fn free_pieces(&self) -> usize {
        MOST_PIECES.saturating_sub(self.moving.len() + self.returning.len())
    }

    /// `bytes` leave the origin at `now`; `more` of the same segment follow at
    /// once.
    pub fn send(&mut self, now: Instant, bytes: Bytes, more: bool) {
        let travels = self.travels.take().unwrap_or_else(|| self.travel());
        self.travels = more.then_some(travels);
        let arrives = now + travels;
        // Order is kept: a segment waits for the one before it.
        self.last_arrival = self.last_arrival.max(arrives);
        self.queued += bytes.len() as u64;
        self.unacked += bytes.len() as u64;
        self.moving.push_back(Segment {
            arrives: self.last_arrival,
            bytes,
            more,
        });
    }

    /// What is sent from now on gets lost, however often it is sent again, and what is
    /// behind it is never handed out.
    pub fn block(&mut self) {
        self.last_arrival = Instant::FAR;
    }

    /// True if something on it never arrives.
    pub fn is_blocked(&self) -> bool {
        self.last_arrival == Instant::FAR
    }

    /// The travel time of the next segment: latency, jitter, and its losses.
    fn travel(&mut self) -> Duration {
        let jitter = match self.settings.jitter.as_nanos() as u64 {
            0 => 0,
            most => self.rng.random_range(0..=most),
        };
        let late = self.settings.retransmission.saturating_mul(self.losses());
        self.settings.latency + Duration::from_nanos(jitter) + late
    }

    /// The number of losses of the next segment before it comes through.
    fn losses(&mut self) -> u32 {
        let mut times = 0;
        while self.settings.loss > 0.0 && self.rng.random::<f64>() < self.settings.loss {
            times += 1;
        }
        times
    }

    /// The bytes at the client's end at `now`, to be taken off their front,
    /// and whether more of the same segment follow.
    pub fn arrived(&mut self, now: Instant) -> Option<(&mut Bytes, bool)> {
        let segment = self
            .moving
            .front_mut()
            .filter(|segment| segment.arrives <= now)?;
        Some((&mut segment.bytes, segment.more))
    }

    /// `n` bytes were taken off the front of what arrived.
    pub fn took(&mut self, now: Instant, n: u64) {
        self.queued -= n;
        if self.is_instant() {
            self.unacked -= n;
        } else {
            self.returning.push_back((now + self.settings.latency, n));
        }
        if self
            .moving
            .front()
            .is_some_and(|segment| segment.bytes.is_empty())
        {
            self.moving.pop_front();
        }
    }

    /// The time at which something next arrives or the window next opens.
    pub fn next_event(&self, now: Instant) -> Instant {
        let arrival = self.moving.front().map(|segment| segment.arrives);
        // Acknowledgements that are back already may still stand in front.
        let past = self.returning.partition_point(|(at, _)| *at <= now);
        let opening = self.returning.get(past).map(|(at, _)| *at);
        let arrival = arrival.filter(|at| *at > now);
        [arrival, opening]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(Instant::FAR)
    }

    /// Bytes that may be on their way at once.
    pub fn window(&self) -> u64 {
        if self.is_instant() {
            u64::MAX
        } else {
            self.settings.window
        }
    }

    /// True if sent bytes arrive at once.
    pub fn is_instant(&self) -> bool {
        let settings = &self.settings;
        settings.latency.is_zero() && settings.jitter.is_zero() && settings.loss == 0.0
    }

    /// Bytes that have left the origin and not been taken at the other end.
    pub fn queued(&self) -> u64 {
        self.queued
    }

    /// Loses everything on its way.
    pub fn drop_all(&mut self) {
        self.unacked -= self.queued;
        self.queued = 0;
        self.moving.clear();
    }
}

#[cfg(test)]
mod tests {
    use bytes::Buf as _;
    use proptest::prelude::*;

    use super::*;

    const MS: u64 = 1_000_000;

    fn path(latency: u64, jitter: u64, window: u64) -> Path {
        let settings = PathSettings {
            latency: Duration::from_millis(latency),
            jitter: Duration::from_millis(jitter),
            window,
            loss: 0.0,
            retransmission: Duration::from_millis(200),
        };
        Path::new(settings, 7)
    }

    fn take(path: &mut Path, now: Instant) -> Option<u64> {
        let n = path.arrived(now)?.0.split_off(0).len() as u64;
        path.took(now, n);
        Some(n)
    }

    #[test]
    fn a_byte_takes_the_latency_there_and_its_acknowledgement_the_latency_back() {
        let mut path = path(200, 0, 1000);
        path.send(Instant(0), Bytes::from_static(&[0; 1000]), false);
        assert_eq!(path.room(Instant(0)), 0);
        assert_eq!(take(&mut path, Instant(200 * MS - 1)), None);
        assert_eq!(path.next_event(Instant(0)), Instant(200 * MS));
        assert_eq!(take(&mut path, Instant(200 * MS)), Some(1000));
        assert_eq!(path.room(Instant(400 * MS - 1)), 0);
        assert_eq!(path.room(Instant(400 * MS)), 1000);
    }

    #[test]
    fn the_window_opens_again_behind_an_acknowledgement_that_is_back_already() {
        let mut path = path(200, 0, 1000);
        for at in [0, 5] {
            path.send(Instant(at * MS), Bytes::from_static(&[0; 500]), false);
        }
        for at in [200, 205] {
            assert_eq!(take(&mut path, Instant(at * MS)), Some(500));
        }
        // Nobody has asked for room since the first came back.
        assert_eq!(path.next_event(Instant(400 * MS)), Instant(405 * MS));
    }

    #[test]
    fn the_pieces_of_one_segment_arrive_together() {
        let mut path = path(20, 1000, u64::MAX);
        for piece in 0..300 {
            path.send(Instant(0), Bytes::from_static(b"x"), piece % 3 < 2);
        }
        let arrivals: Vec<_> = path.moving.iter().map(|piece| piece.arrives).collect();
        for segment in arrivals.chunks(3) {
            assert_eq!(segment, [segment[0]; 3]);
        }
        assert!(arrivals[299] > arrivals[0]);
    }

    #[test]
    fn behind_a_segment_that_never_arrives_nothing_does() {
        for latency in [0, 20] {
            let mut path = path(latency, 0, 10);
            path.send(Instant(0), Bytes::from_static(b"abc"), false);
            path.block();
            path.send(Instant(1), Bytes::from_static(b"lost"), false);
            let late = Instant(1_000_000 * MS);
            assert_eq!(take(&mut path, late), Some(3));
            assert_eq!(take(&mut path, late), None);
            assert!(path.is_blocked());
            assert_eq!(path.queued(), 4);
            // Its window stays taken.
            assert!(path.room(late + Duration::from_millis(latency)) < 10);
        }
    }

    #[test]
    fn without_latency_one_segment_at_a_time_passes() {
        let mut path = path(0, 0, 10);
        assert_eq!(path.room(Instant(5)), u64::MAX);
        path.send(Instant(5), Bytes::from_static(b"abc"), false);
        assert_eq!(path.room(Instant(5)), 0);
        path.arrived(Instant(5)).unwrap().0.advance(2);
        path.took(Instant(5), 2);
        assert_eq!((path.room(Instant(5)), path.queued()), (0, 1));
        assert_eq!(take(&mut path, Instant(5)), Some(1));
        assert_eq!((path.room(Instant(5)), path.queued()), (u64::MAX, 0));
    }

    #[test]
    fn no_more_bytes_nor_pieces_are_on_their_way_than_memory_is_kept_for() {
        let link = Link {
            rate: crate::units::Rate::FASTEST,
            latency: Duration::from_secs(3600),
            ..Link::default()
        };
        let settings = PathSettings::new(&link, &Sockets::default());
        assert_eq!(settings.window, MOST_BYTES);
        let mut path = Path::new(settings, 7);
        while path.room(Instant(0)) > 0 {
            path.send(Instant(0), Bytes::from_static(b"x"), false);
        }
        assert_eq!(path.queued(), MOST_PIECES as u64);
        // Arrived bytes count until their acknowledgement is back.
        let arrived = Instant(0) + link.latency;
        while take(&mut path, arrived).is_some() {}
        assert_eq!(path.room(arrived), 0);
        assert_eq!(path.next_event(arrived), arrived + link.latency);
        assert_eq!(path.room(arrived + link.latency), MOST_BYTES);
    }

    proptest! {
        #[test]
        fn jitter_keeps_the_order_and_stays_within_its_bound(
            sends in prop::collection::vec((0u64..20, 1usize..9), 1..50),
        ) {
            let mut path = path(50, 30, 1 << 40);
            let (mut now, mut sent) = (Instant(0), Vec::new());
            for (gap, len) in sends {
                now = now + Duration::from_millis(gap);
                path.send(now, Bytes::from(vec![sent.len() as u8; len]), false);
                sent.push(now);
            }
            for (i, left) in sent.into_iter().enumerate() {
                let at = path.moving.front().unwrap().arrives;
                prop_assert!(at.since(left) >= Duration::from_millis(50));
                let first = path.arrived(at).unwrap().0.split_off(0);
                prop_assert_eq!(usize::from(first[0]), i);
                path.took(at, first.len() as u64);
            }
            prop_assert_eq!(path.queued(), 0);
        }

        #[test]
        fn a_lost_segment_comes_whole_timeouts_later_and_in_its_place(
            loss in 0.0f64..0.6, seed in any::<u64>(), split in any::<bool>(),
        ) {
            let link = Link { latency: Duration::from_millis(30), loss, ..Link::default() };
            let settings = PathSettings::new(&link, &Sockets::default()).losing(link.loss);
            prop_assert_eq!(settings.retransmission, Duration::from_millis(200));
            let mut path = Path::new(settings, seed);
            // Farther apart than any delay, so that each has its own.
            let apart = Duration::from_secs(1000);
            let (count, mut late) = (2000u32, 0u32);
            for i in 0..count {
                let now = Instant(0) + apart * i;
                path.send(now, Bytes::from(i.to_be_bytes().to_vec()), split);
                if split {
                    // The rest of a segment shares its fate.
                    path.send(now, Bytes::from_static(b"rest"), false);
                }
                for n in 0..=u32::from(split) {
                    let at = path.moving.front().unwrap().arrives;
                    let delay = at.since(now).saturating_sub(link.latency);
                    prop_assert_eq!(delay.as_nanos() % settings.retransmission.as_nanos(), 0);
                    let bytes = path.arrived(at).unwrap().0.split_off(0);
                    path.took(at, bytes.len() as u64);
                    if n == 0 {
                        prop_assert_eq!(&bytes[..], i.to_be_bytes());
                        late += u32::from(!delay.is_zero());
                    }
                }
            }
            // Six standard deviations of a binomial distribution.
            let (n, share) = (f64::from(count), f64::from(late) / f64::from(count));
            prop_assert!((share - loss).abs() <= 6.0 * (loss * (1.0 - loss) / n).sqrt() + 1e-3);
        }

        #[test]
        fn behind_a_lost_segment_the_others_wait(
            loss in 0.1f64..0.9, seed in any::<u64>(), gaps in prop::collection::vec(0u64..20, 2..60),
        ) {
            let link = Link { latency: Duration::from_millis(30), ..Link::default() };
            let settings = PathSettings::new(&link, &Sockets::default()).losing(loss);
            let mut path = Path::new(settings, seed);
            let (mut now, mut before) = (Instant(0), Instant(0));
            for gap in gaps {
                now = now + Duration::from_millis(gap);
                path.send(now, Bytes::from_static(b"x"), false);
                let at = path.moving.back().unwrap().arrives;
                prop_assert!(at >= before && at >= now + link.latency);
                before = at;
            }
        }

        #[test]
        fn the_window_is_never_exceeded(
            window in 1u64..5000,
            steps in prop::collection::vec((0u64..300, 1usize..900), 1..100),
        ) {
            let mut path = path(100, 0, window);
            let mut now = Instant(0);
            for (gap, want) in steps {
                now = now + Duration::from_millis(gap);
                let n = path.room(now).min(want as u64) as usize;
                if n > 0 {
                    path.send(now, Bytes::from(vec![0; n]), false);
                }
                prop_assert!(path.unacked <= window);
                while take(&mut path, now).is_some() {}
            }
        }
    }
}
