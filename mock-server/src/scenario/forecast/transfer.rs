//! The shortest time of the whole response.

use std::time::Duration;

use crate::{
    scenario::{Scenario, Trigger},
    units::Rate,
};

/// A response head is about this long; `head_pause` counts for each byte.
const HEAD_BYTES: u32 = 200;

impl Scenario {
    /// The least time for the whole response: two round trips, the head's
    /// pacing, the body at the slowest of `link.rate`, `sink.rate` and one
    /// window per round trip, slower behind a throttle, and every finite stall.
    /// A throttle after a time counts from what has passed by then at full speed,
    /// one at any other trigger but a body offset from the first byte.
    pub fn ideal_transfer(&self) -> Duration {
        let (size, full) = (self.bytes_of_body(), self.pace().rate);
        let mut throttles: Vec<(u64, Rate)> = Vec::new();
        let mut waits = Duration::ZERO;
        for fault in &self.faults {
            if let Some(rate) = fault.then.throttle() {
                let at = match fault.when {
                    Trigger::Body(at) | Trigger::Object(at) => at.0,
                    Trigger::Place(place) => place.bytes_before(&self.body),
                    Trigger::Elapsed(after) => full.bytes_in(after),
                    Trigger::Wire(_)
                    | Trigger::Idle { .. }
                    | Trigger::Blocked(_)
                    | Trigger::Request(_)
                    | Trigger::Connection(_)
                    | Trigger::Chance(_) => 0,
                };
                throttles.push((at.min(size), rate.min(full)));
            }
            let stall = fault.then.stall().and_then(|stall| stall.duration());
            waits = waits.saturating_add(stall.unwrap_or_default());
        }
        throttles.sort_by_key(|(at, _)| *at);

        let mut time = Duration::ZERO;
        let (mut from, mut rate) = (0, full);
        for (at, next) in throttles.into_iter().chain([(size, full)]) {
            time = time.saturating_add(rate.time_for(at - from));
            (from, rate) = (at, next);
        }
        [self.opening(), self.link.jitter, waits]
            .into_iter()
            .fold(time, Duration::saturating_add)
            .max(self.opening().saturating_add(self.sink.first_pause))
    }

    /// From the start of connect to the first byte of the body: two round trips,
    /// and the head as it is paced.
    pub(super) fn opening(&self) -> Duration {
        let headers = self.first_response().headers.iter();
        let head: usize = headers
            .map(|(name, value)| name.len() + value.len() + 4)
            .sum();
        let head = HEAD_BYTES.saturating_add(u32::try_from(head).unwrap_or(u32::MAX));
        let paced = self.first_response().head_pause.saturating_mul(head);
        (self.link.round_trip().saturating_mul(2))
            .saturating_add(self.first_response().head_delay)
            .saturating_add(paced)
    }

    /// Bytes that are sent as the body, where nothing cuts it: the page in place
    /// of the object, or what is left of its coding.
    pub(super) fn bytes_of_body(&self) -> u64 {
        match &self.first_response().page {
            Some(_) => self.first_response().page_len(),
            None => {
                let size = self.first_size().0;
                let cut = self.body.truncate_at.map_or(size, |cut| cut.0);
                // A cut behind the end cuts nothing.
                cut.min(size)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::samples::{SECOND, fault, slow},
        *,
    };
    use crate::{
        scenario::{Action, Limit},
        units::ByteSize,
    };

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
}
