//! Makes production numbers small enough for the TCP world: every duration times
//! `tcp.time`, every size times `tcp.size`, every rate times `size / time`.
//!
//! `numbers` lists them. Kernel buffers, `body.chunk`, pages, `drain_limit` and
//! the bytes of a head do not scale. Keepalive stops at 1 s, the kernel's least.
//! A scaling that would change which deadline comes first is refused (`check`).

mod check;
mod error;

use std::time::Duration;

use super::{Scenario, Tcp, numbers::Number};
use crate::units::{ByteSize, Rate};

pub use error::{Clash, Moment, ScaleError};

impl Scenario {
    /// The scenario as the TCP world plays it: `[tcp]` applied to every number,
    /// so that in the result both factors are 1.
    ///
    /// Sizes round to the nearest byte and times to the nearest nanosecond;
    /// keepalive's `idle` and `interval` to whole seconds, at least one, as the
    /// kernel counts them.
    ///
    /// # Errors
    /// Names what the scaling would change beyond the numbers: the order of two
    /// times, how aiohttp rounds `client.total`, places that fall together,
    /// rates below a byte per second.
    pub fn scaled(&self) -> Result<Self, ScaleError> {
        let Tcp {
            time,
            size,
            measure,
        } = self.tcp;
        for (key, factor) in [("tcp.time", time), ("tcp.size", size)] {
            // Written so that NaN fails.
            if !(factor > 0.0 && factor <= 1.0) {
                return Err(ScaleError::new(Clash::Factor { key, factor }, None));
            }
        }
        if let Err(clash) = self.check_times(time) {
            let works = smallest(time, |time| self.check_times(time).is_ok());
            return Err(ScaleError::new(clash, works));
        }
        if let Err(clash) = self.check_sizes(size, time) {
            if matches!(clash, Clash::Wire { .. } | Clash::Chunk { .. }) {
                return Err(ScaleError::new(clash, None));
            }
            let works = smallest(size, |size| self.check_sizes(size, time).is_ok());
            return Err(ScaleError::new(clash, works));
        }
        let mut scaled = self.clone();
        scaled.scale_times(time);
        scaled.scale_sizes(size);
        scaled.scale_rates(size / time);
        // A loss is a timeout of the kernel's, which does not scale; and the TCP
        // world has none.
        scaled.link.loss = 0.0;
        if self.is_swallowed() != scaled.is_swallowed() {
            let segment = |scenario: &Self| ByteSize(scenario.segment_at(scenario.link.rate));
            let clash = Clash::Segment {
                size,
                before: segment(self),
                after: segment(&scaled),
            };
            return Err(ScaleError::new(clash, None));
        }
        scaled.tcp = Tcp {
            time: 1.0,
            size: 1.0,
            measure,
        };
        Ok(scaled)
    }

    fn scale_times(&mut self, factor: f64) {
        self.each_number(&mut |_, number| match number {
            Number::Time(time) => *time = scale_time(*time, factor),
            Number::Seconds(time) if factor != 1.0 => {
                let seconds = (time.as_secs_f64() * factor).round().max(1.0);
                *time = Duration::from_secs(seconds as u64);
            }
            _ => {}
        });
    }

    fn scale_sizes(&mut self, factor: f64) {
        // A page is sent as it is written, so places in it stay.
        let page = self.response.page.is_some();
        self.each_number(&mut |_, number| match number {
            Number::Size(size) => *size = scale_size(*size, factor),
            Number::Bound(size) => {
                let least = size.0.min(1);
                size.0 = scale_size(*size, factor).0.max(least);
            }
            Number::Place(at) if !page => *at = scale_size(*at, factor),
            _ => {}
        });
        // Expectations are of the response that a trial gets.
        if self.first_response().page.is_some() {
            return;
        }
        for bound in self
            .expect
            .trials
            .iter_mut()
            .map(|trial| &mut trial.delivered)
            .chain(self.expect.any.iter_mut().flat_map(|any| &mut any.prefix))
            .flatten()
        {
            *bound = scale_size(*bound, factor);
        }
    }

    fn scale_rates(&mut self, factor: f64) {
        self.each_number(&mut |_, number| {
            if let Number::Rate(rate) = number {
                *rate = scale_rate(*rate, factor);
            }
        });
    }
}

/// The smallest factor above `factor` that `works`, in steps of 0.001.
fn smallest(factor: f64, works: impl Fn(f64) -> bool) -> Option<f64> {
    (1..=1000)
        .map(|thousandths| f64::from(thousandths) / 1000.0)
        .find(|candidate| *candidate > factor && works(*candidate))
}

/// Never zero but for zero.
fn scale_time(time: Duration, factor: f64) -> Duration {
    if factor == 1.0 {
        return time;
    }
    let nanos = (time.as_nanos() as f64 * factor).round() as u64;
    Duration::from_nanos(nanos.max(u64::from(!time.is_zero())))
}

fn scale_size(size: ByteSize, factor: f64) -> ByteSize {
    if factor == 1.0 {
        return size;
    }
    ByteSize((size.0 as f64 * factor).round() as u64)
}

/// At least 1 B/s, at most what a size can be.
fn scale_rate(rate: Rate, factor: f64) -> Rate {
    if factor == 1.0 {
        return rate;
    }
    let bytes = (rate.get() as f64 * factor).round();
    let bytes = (bytes as u64).clamp(1, i64::MAX as u64);
    Rate::per_second(bytes).unwrap_or(rate)
}

#[cfg(test)]
mod tests;
