//! Decides if a download ever ends, and finds the total with which it would end
//! well. The explanation, the advice in reports and the patience of the harness
//! all use it, so that they agree.

use std::time::Duration;

use crate::scenario::{Fault, Scenario};

/// The least `client.total` with which a download is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suffices {
    /// This one.
    From(Duration),
    /// One above this: what each chunk's pause or a lost segment adds depends on
    /// the way to read, or on chance.
    Above(Duration),
    /// Not known: raw bytes stand in the response, and a client that cannot read
    /// on behind them may wait for ever.
    Unreadable,
    /// None: the bytes stop for good, without a word.
    RestNeverComes,
    /// None: something closes the connection before the last byte.
    Closed,
    /// None: the client's disk is full before the last byte.
    DiskFull,
}

impl Scenario {
    /// The total that suffices.
    pub fn total_that_suffices(&self) -> Suffices {
        let needed = self.ideal_transfer();
        if self.is_swallowed() || self.faults.iter().any(|fault| self.silences(fault)) {
            Suffices::RestNeverComes
        } else if self.is_closed() {
            Suffices::Closed
        } else if self.sink.capacity.is_some() {
            Suffices::DiskFull
        } else if !self.first_response().raw.is_empty() {
            Suffices::Unreadable
        } else if self.is_exact() {
            Suffices::From(needed)
        } else {
            Suffices::Above(needed)
        }
    }

    /// True if the bytes stop for good and silently, while the client waits.
    pub fn goes_silent(&self) -> bool {
        let mut faults = self.faults.iter();
        self.is_swallowed()
            || faults.any(|fault| self.silences(fault) && !self.outlives_total(fault))
    }

    /// True if the first full segment of the body is larger than what the path lets
    /// through, so that nothing behind it arrives either.
    pub fn is_swallowed(&self) -> bool {
        let segment = self.segment_at(self.link.rate).min(self.bytes_of_body());
        (self.link.drops_above).is_some_and(|most| segment > most.0)
    }

    /// True if `fault` stops the bytes for good, however long the client waits.
    fn silences(&self, fault: &Fault) -> bool {
        fault.then.silences_for_ever() && self.may_fire(fault)
    }

    /// True if a fault surely ends the response before the last byte.
    fn is_closed(&self) -> bool {
        let mut faults = self.faults.iter();
        faults.any(|fault| fault.then.ends_response() && self.surely_fires(fault))
    }

    /// True if a fault ends the response before `limit`.
    pub fn ends_before(&self, limit: Duration) -> bool {
        let mut faults = self.faults.iter();
        faults.any(|fault| fault.then.ends_response() && self.may_fire(fault))
            && self.likely_duration(Duration::MAX) < limit
    }

    /// From the start of connect until the client's disk is full, where nothing else
    /// comes before; the downloads fill it together.
    pub fn disk_full_after(&self) -> Option<Duration> {
        let each = self.sink.capacity?.0 / u64::from(self.downloads());
        let writing = self.pace().rate.time_for(each);
        Some(self.opening().saturating_add(writing))
    }

    /// True if something can leave the client waiting forever: a black hole, an
    /// endless stall, a wrong `declared_size`, raw bytes, a pause of the
    /// application. The answer must be safe, so it does not ask if a fault fires: on a
    /// busy machine one may that comes too late on paper.
    pub(super) fn may_hang(&self) -> bool {
        let mut faults = self.faults.iter();
        faults.any(|fault| fault.then.silences_for_ever())
            || self.is_swallowed()
            || self.body.declared_size.is_some()
            || !self.first_response().raw.is_empty()
            || !self.sink.pause.is_zero()
            || !self.sink.first_pause.is_zero()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::samples::SECOND, *};
    use crate::{
        scenario::{Action, Counts, Trigger, Version},
        units::ByteSize,
    };

    /// 500 s, and a fault.
    fn with(when: Trigger, then: Action) -> Suffices {
        let mut scenario = Scenario::default();
        scenario.body.size = ByteSize(1_000_000_000);
        scenario.link.rate = "2MB/s".parse().unwrap();
        scenario.faults = vec![Fault::new(when, then)];
        scenario.total_that_suffices()
    }

    #[test]
    fn a_fault_that_never_fires_takes_nothing_from_the_total_that_suffices() {
        let idle = Trigger::Idle {
            after: 200 * SECOND,
            counts: Counts::Segments,
        };
        let enough = Suffices::From(500 * SECOND);
        assert_eq!(with(idle, Action::Blackhole), enough);
        let late = Trigger::Elapsed(600 * SECOND);
        assert_eq!(with(late, Action::Blackhole), enough);
        assert_eq!(with(late, Action::Fin), enough);
    }

    #[test]
    fn no_total_suffices_where_the_rest_never_comes() {
        let half = Trigger::Body(ByteSize(500_000_000));
        assert_eq!(with(half, Action::Blackhole), Suffices::RestNeverComes);
        let early = Trigger::Elapsed(400 * SECOND);
        assert_eq!(with(early, Action::Forget), Suffices::RestNeverComes);
        assert_eq!(with(half, Action::Reset), Suffices::Closed);
    }

    #[test]
    fn what_is_larger_than_the_path_lets_through_never_comes() {
        let mut scenario = Scenario::default();
        scenario.body.size = ByteSize(1_000_000);
        scenario.link.segment = Some(ByteSize(1448));
        scenario.link.drops_above = Some(ByteSize(1448));
        assert!(!scenario.goes_silent());
        scenario.link.drops_above = Some(ByteSize(1447));
        assert!(scenario.goes_silent() && scenario.may_hang());
        assert_eq!(scenario.total_that_suffices(), Suffices::RestNeverComes);
        // A response that is small enough passes.
        scenario.body.size = ByteSize(1447);
        assert!(!scenario.goes_silent());
    }

    #[test]
    fn a_cut_behind_the_end_of_what_is_sent_closes_nothing() {
        let mut scenario = Scenario::default();
        scenario.body.size = ByteSize(1_000_000);
        let half = Trigger::Body(ByteSize(500_000));
        scenario.faults = vec![Fault::new(half, Action::Fin)];
        assert_eq!(scenario.total_that_suffices(), Suffices::Closed);
        let shorter = Version {
            size: Some(ByteSize(400_000)),
            ..Version::default()
        };
        scenario.versions = vec![shorter];
        let needed = scenario.ideal_transfer();
        assert_eq!(scenario.total_that_suffices(), Suffices::From(needed));
    }

    #[test]
    fn no_total_suffices_where_the_disk_is_full_before() {
        let mut scenario = Scenario::default();
        scenario.body.size = ByteSize(1_000_000_000);
        scenario.link.rate = "2MB/s".parse().unwrap();
        scenario.sink.capacity = Some(ByteSize(600_000_000));
        assert_eq!(scenario.total_that_suffices(), Suffices::DiskFull);
        assert_eq!(scenario.disk_full_after(), Some(300 * SECOND));
        // Three downloads fill it together.
        scenario.client.parallel = 3;
        assert_eq!(scenario.disk_full_after(), Some(100 * SECOND));
    }

    #[test]
    fn pauses_of_the_application_come_on_top() {
        let mut scenario = Scenario::default();
        scenario.sink.pause = SECOND;
        let needed = scenario.ideal_transfer();
        assert_eq!(scenario.total_that_suffices(), Suffices::Above(needed));
    }
}
