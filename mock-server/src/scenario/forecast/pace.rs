//! The fastest pace of the body, and the setting that limits it.

use std::time::Duration;

use crate::{
    scenario::{Link, MOST_BYTES, Scenario, Sockets},
    units::{ByteSize, Rate},
};

/// The fastest pace of the body, and its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Bytes per second.
    pub rate: Rate,
    /// The slowest part of the way.
    pub bound: Bound,
}

/// The limit on the speed of a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// The link's rate.
    Link,
    /// One window of bytes per round trip.
    Window,
    /// The application's own speed of writing.
    Sink,
}

impl Link {
    /// To the client and back, without jitter.
    pub fn round_trip(&self) -> Duration {
        self.latency.saturating_mul(2)
    }

    /// The same with all the jitter there can be: for this long a byte may be on
    /// its way before its acknowledgement is back.
    pub fn longest_round_trip(&self) -> Duration {
        self.latency.saturating_add(self.jitter).saturating_mul(2)
    }
}

impl Sockets {
    /// Bytes that may be on their way before the first is acknowledged: what the
    /// smaller of the two buffers allows. `None` where the file sets neither; no
    /// window is larger than [`MOST_BYTES`] then either.
    pub fn window(&self) -> Option<ByteSize> {
        let buffers = [self.server_send, self.client_receive];
        buffers.into_iter().flatten().min()
    }
}

impl Scenario {
    /// The speed that link, window and sink allow, before any fault.
    pub fn pace(&self) -> Pace {
        let mut pace = Pace {
            rate: self.fair_rate(),
            bound: Bound::Link,
        };
        let mut limit = |rate: Option<Rate>, bound| {
            if let Some(rate) = rate.filter(|rate| *rate < pace.rate) {
                pace = Pace { rate, bound };
            }
        };
        limit(self.window_rate(), Bound::Window);
        limit(self.sink.rate, Bound::Sink);
        pace
    }

    /// One window each round trip, TCP's largest where no buffer says less (RFC
    /// 6349, section 3.1); `None` without a round trip.
    fn window_rate(&self) -> Option<Rate> {
        let largest = ByteSize(MOST_BYTES);
        let window = self
            .sockets
            .window()
            .map_or(largest, |set| set.min(largest));
        let rate = u128::from(window.0)
            .saturating_mul(1_000_000_000)
            .checked_div(self.link.round_trip().as_nanos())?;
        Rate::per_second(u64::try_from(rate).unwrap_or(u64::MAX).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_window_per_round_trip_bounds_a_fast_link() {
        let mut scenario = Scenario::default();
        scenario.link.latency = Duration::from_millis(200);
        scenario.sockets = Sockets {
            client_receive: Some(ByteSize::kib(64)),
            ..Sockets::default()
        };
        let pace = scenario.pace();
        assert_eq!((pace.rate.get(), pace.bound), (163_840, Bound::Window));
    }

    #[test]
    fn without_buffers_the_largest_window_bounds_the_speed_that_is_told() {
        let mut scenario = Scenario::default();
        scenario.link.rate = Rate::FASTEST;
        scenario.link.latency = Duration::from_secs(1);
        let pace = scenario.pace();
        assert_eq!((pace.rate.get(), pace.bound), (1 << 29, Bound::Window));
    }
}
