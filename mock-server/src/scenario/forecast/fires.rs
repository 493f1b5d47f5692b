//! The faults that can fire, and their places in the body.

use std::time::Duration;

use crate::{
    scenario::{Counts, Fault, Scenario, Trigger},
    units::Rate,
};

impl Trigger {
    /// The time after which it fires, for a trigger in time.
    pub(in crate::scenario) const fn time(&self) -> Option<Duration> {
        match *self {
            Self::Elapsed(time) | Self::Blocked(time) | Self::Idle { after: time, .. } => {
                Some(time)
            }
            Self::Body(_)
            | Self::Wire(_)
            | Self::Object(_)
            | Self::Place(_)
            | Self::Request(_)
            | Self::Connection(_)
            | Self::Chance(_) => None,
        }
    }
}

impl Scenario {
    /// True if `fault` can fire: always, unless it waits for a silence or a
    /// request that does not come, or for a time after the end. It does not count
    /// that the client may have given up by then.
    pub fn may_fire(&self, fault: &Fault) -> bool {
        // A further request follows a fault that ended the one before it.
        if self.asks_once() && fault.on.among(self.downloads()) == 0 && self.faults.len() == 1 {
            return false;
        }
        match fault.when {
            Trigger::Idle { after, counts } => {
                self.longest_quiet().is_none_or(|quiet| quiet >= after)
                    && !self.keepalives_feed(after, counts)
            }
            Trigger::Elapsed(after) => !self.is_exact() || after < self.ideal_transfer(),
            Trigger::Request(number) | Trigger::Connection(number) => {
                number <= self.all_requests() || self.faults.len() > 1
            }
            Trigger::Body(_)
            | Trigger::Wire(_)
            | Trigger::Object(_)
            | Trigger::Place(_)
            | Trigger::Blocked(_)
            | Trigger::Chance(_) => true,
        }
    }

    /// True if no connection is used again by the trial itself.
    fn asks_once(&self) -> bool {
        self.client.requests == 1
    }

    /// True if a fault surely fires before the last byte.
    pub(super) fn surely_fires(&self, fault: &Fault) -> bool {
        if fault.on.among(self.downloads()) < self.downloads() {
            return false;
        }
        match fault.when {
            Trigger::Body(at) | Trigger::Object(at) => at.0 < self.bytes_of_body(),
            Trigger::Place(place) => place.bytes_before(&self.body) < self.body.size.0,
            Trigger::Elapsed(after) => after < self.ideal_transfer(),
            Trigger::Idle { .. } => self.may_fire(fault),
            Trigger::Request(number) | Trigger::Connection(number) => number == 1,
            Trigger::Wire(_) | Trigger::Blocked(_) | Trigger::Chance(_) => false,
        }
    }

    /// True if the client's total ends everything before `fault` can fire. Delays
    /// below the link's full rate are left out: then the answer is false, and the
    /// fault is reported.
    pub fn outlives_total(&self, fault: &Fault) -> bool {
        let Some(total) = self.client.total.duration() else {
            return false;
        };
        // aiohttp's own rounding.
        let total = total.saturating_add(Duration::from_secs(1));
        match fault.when {
            Trigger::Elapsed(after) => after > total,
            Trigger::Body(at) | Trigger::Wire(at) | Trigger::Object(at) => {
                at.0 > self.link.rate.bytes_in(total)
            }
            Trigger::Place(place) => {
                place.bytes_before(&self.body) > self.link.rate.bytes_in(total)
            }
            Trigger::Idle { .. }
            | Trigger::Blocked(_)
            | Trigger::Request(_)
            | Trigger::Connection(_)
            | Trigger::Chance(_) => false,
        }
    }

    /// The longest time in which the response moves nothing; `None` for ever.
    pub fn longest_quiet(&self) -> Option<Duration> {
        if self.is_swallowed() {
            return None;
        }
        let response = self.first_response();
        let waits = [
            response.head_delay,
            response.head_pause,
            self.longest_pause(),
            self.stated_segment(),
        ];
        let waits = waits.into_iter().max().unwrap_or_default();
        let mut stalls = self.faults.iter().filter_map(|fault| fault.then.stall());
        stalls.try_fold(waits, |longest, stall| Some(longest.max(stall.duration()?)))
    }

    /// The time of a segment whose size the file states, at the slowest rate. One that
    /// it does not state goes with the rate, and takes some milliseconds.
    fn stated_segment(&self) -> Duration {
        let Some(segment) = self.link.segment else {
            return Duration::ZERO;
        };
        let throttles = self.faults.iter().filter_map(|fault| fault.then.throttle());
        let slowest = throttles.fold(self.fair_rate(), Rate::min);
        slowest.time_for(segment.0.min(self.bytes_of_body()))
    }

    /// The longest pause of the application.
    fn longest_pause(&self) -> Duration {
        self.sink.first_pause.max(self.sink.pause)
    }

    /// True if the client's keepalives are frequent enough signs of life for a
    /// limit of `after` that counts them.
    pub fn keepalives_feed(&self, after: Duration, counts: Counts) -> bool {
        let keepalive = self.client.keepalive;
        counts == Counts::Segments && keepalive.is_some_and(|each| each.idle < after)
    }

    /// True if the time of the transfer depends neither on the way to read nor on
    /// chance.
    pub(super) fn is_exact(&self) -> bool {
        self.longest_pause().is_zero() && self.link.loss == 0.0
    }

    /// The body offset at which a fault will have fired; `None` if it likely
    /// never does.
    pub(super) fn likely_place(&self, fault: &Fault) -> Option<u64> {
        if self.asks_once() && fault.on.among(self.downloads()) == 0 {
            return None;
        }
        let size = self.bytes_of_body();
        let at = match fault.when {
            Trigger::Body(at) | Trigger::Wire(at) | Trigger::Object(at) => at.0,
            Trigger::Place(place) => place.bytes_before(&self.body),
            Trigger::Elapsed(after) | Trigger::Blocked(after) => self.pace().rate.bytes_in(after),
            Trigger::Request(1) | Trigger::Connection(1) => 0,
            Trigger::Request(_) | Trigger::Connection(_) => return None,
            Trigger::Chance(share) if share < 0.5 => return None,
            Trigger::Chance(_) => size / 2,
            Trigger::Idle { after, .. } if self.may_fire(fault) => return self.quiet_at(after),
            Trigger::Idle { .. } => return None,
        };
        (at <= size).then_some(at)
    }

    /// The place where the response first pauses for `limit` or longer.
    fn quiet_at(&self, limit: Duration) -> Option<u64> {
        if self.first_response().head_delay >= limit || self.longest_pause() >= limit {
            return Some(0);
        }
        self.faults.iter().find_map(|fault| {
            let pause = fault.then.stall()?.duration();
            let at = |bytes| pause.is_none_or(|pause| pause >= limit).then_some(bytes);
            match fault.when {
                Trigger::Body(bytes) | Trigger::Wire(bytes) | Trigger::Object(bytes) => at(bytes.0),
                Trigger::Place(place) => at(place.bytes_before(&self.body)),
                Trigger::Elapsed(_)
                | Trigger::Idle { .. }
                | Trigger::Blocked(_)
                | Trigger::Request(_)
                | Trigger::Connection(_)
                | Trigger::Chance(_) => None,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::samples::{SECOND, fault, slow},
        *,
    };
    use crate::{
        scenario::{Action, Counts},
        units::ByteSize,
    };

    #[test]
    fn a_segment_that_takes_long_is_a_silence() {
        let mut scenario = slow();
        let after = 60 * SECOND;
        let counts = Counts::Segments;
        fault(&mut scenario, Trigger::Idle { after, counts }, Action::Fin);
        assert_eq!(scenario.longest_quiet(), Some(Duration::ZERO));
        assert!(!scenario.may_fire(&scenario.faults[0]));
        // 2 MB at 20 kB/s.
        scenario.link.segment = Some(ByteSize(2_000_000));
        let slower = Action::Throttle(Rate::per_second(20_000).unwrap());
        fault(&mut scenario, Trigger::Body(ByteSize(5)), slower);
        assert_eq!(scenario.longest_quiet(), Some(100 * SECOND));
        assert!(scenario.may_fire(&scenario.faults[0]));
        // No more than the body is sent at a time.
        scenario.body.size = ByteSize(200_000);
        assert_eq!(scenario.longest_quiet(), Some(10 * SECOND));
        scenario.response.head_pause = 70 * SECOND;
        assert_eq!(scenario.longest_quiet(), Some(70 * SECOND));
    }
}
