//! Production numbers made small enough for the TCP world: every duration times
//! `tcp.time`, every size times `tcp.size`, every rate times `size / time`.
//!
//! Which numbers those are `numbers` says. What does not scale: kernel buffers, `body.chunk`, a page, `drain_limit`,
//! the bytes of a head. Keepalive stops at 1 s, the kernel's least. Where that
//! would change which deadline comes first, the scaling is refused.

mod error;

use std::time::Duration;

use super::{RawAt, Scenario, Tcp, Trigger, numbers::Number};
use crate::units::{ByteSize, Rate};

pub use error::{Clash, Moment, ScaleError};

/// aiohttp fires totals from 5 s on at a whole second of its clock, up to 1 s
/// late, and shorter ones exactly (`ceil_threshold` in `helpers.TimeoutHandle`).
const WHOLE_SECONDS_FROM: Duration = Duration::from_secs(5);

/// Timers have a grain of 1 ms and fire late: two that are less than two grains
/// apart may fire in the same moment, and in either order.
const TOLD_APART: Duration = Duration::from_millis(2);

/// A scaled rate is a whole number of bytes per second; this much it may be off.
const RATE_TOLERANCE: f64 = 0.01;

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
            if matches!(clash, Clash::Wire { .. }) {
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
        if page {
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

    /// Every time whose order matters. `client.connect` is not among them:
    /// before the handshake no other is running.
    fn moments(&self, with_total: bool) -> Vec<(String, Duration)> {
        let mut moments: Vec<(String, Duration)> = self
            .client
            .deadlines()
            .filter(|(key, _)| match *key {
                "client.connect" => false,
                "client.total" => with_total,
                _ => true,
            })
            .map(|(key, time)| (key.into(), time))
            .collect();
        moments.extend(
            self.client
                .give_up
                .map(|time| ("client.give_up".into(), time)),
        );
        for (index, fault) in self.faults.iter().enumerate() {
            let when = fault.when.time();
            moments.extend(when.map(|time| (format!("fault[{index}].when"), time)));
            let stall = fault.then.stall().and_then(|stall| stall.duration());
            moments.extend(stall.map(|time| (format!("fault[{index}].then"), time)));
        }
        if let Some(keepalive) = self.client.keepalive {
            moments.push(("client.keepalive.idle".into(), keepalive.idle));
            moments.push(("client.keepalive (death)".into(), keepalive.death()));
        }
        moments
    }

    fn check_times(&self, time: f64) -> Result<(), Clash> {
        let mut scaled = self.clone();
        scaled.scale_times(time);
        // A total that cannot fire may fall where it likes.
        let with_total = self.total_may_fire();
        let moments: Vec<_> = self
            .moments(with_total)
            .into_iter()
            .zip(scaled.moments(with_total))
            .map(|((key, before), (_, after))| Moment { key, before, after })
            .collect();
        let reordered = |one: &Moment, other: &Moment| {
            one.before.cmp(&other.before) != one.after.cmp(&other.after)
        };
        if let Some((first, second)) = clash(&moments, |one| one.before, reordered) {
            return Err(Clash::Reordered {
                time,
                first: first.clone(),
                second: second.clone(),
            });
        }
        if let Some((first, second)) = blurred(&moments) {
            return Err(Clash::Blurred {
                time,
                first: first.clone(),
                second: second.clone(),
            });
        }
        let total = moments.iter().find(|moment| moment.key == "client.total");
        let rounded = |time| time >= WHOLE_SECONDS_FROM;
        match total {
            Some(total) if rounded(total.before) != rounded(total.after) => Err(Clash::Rounding {
                time,
                before: total.before,
                after: total.after,
            }),
            _ => Ok(()),
        }
    }

    /// Every place in the body that must stay apart from the others.
    fn places(&self) -> Vec<Place> {
        let mut places = vec![("body.size".to_owned(), self.body.size)];
        let more = [
            ("body.declared_size", self.body.declared_size),
            ("body.truncate_at", self.body.truncate_at),
        ];
        places.extend(
            more.into_iter()
                .filter_map(|(key, at)| Some((key.into(), at?))),
        );
        // Places in a page do not move.
        if self.response.page.is_some() {
            return places;
        }
        for (index, fault) in self.faults.iter().enumerate() {
            if let Trigger::Body(at) = fault.when {
                places.push((format!("fault[{index}].when.body"), at));
            }
        }
        for (index, raw) in self.response.raw.iter().enumerate() {
            if let RawAt::Body(at) = raw.at {
                places.push((format!("response.raw[{index}].at.body"), at));
            }
        }
        places
    }

    fn check_sizes(&self, size: f64, time: f64) -> Result<(), Clash> {
        if size != 1.0 && self.response.page.is_none() {
            let wire = |when| matches!(when, Trigger::Wire(_));
            if let Some(index) = self.faults.iter().position(|fault| wire(fault.when)) {
                let key = format!("fault[{index}].when.wire");
                return Err(Clash::Wire { key, size });
            }
        }
        let mut scaled = self.clone();
        scaled.scale_sizes(size);
        let start = || ("the start of the body".to_owned(), ByteSize(0));
        let before = std::iter::once(start()).chain(self.places());
        let after = std::iter::once(start()).chain(scaled.places());
        let places: Vec<_> = before.zip(after).collect();
        let merged = |one: &(Place, Place), other: &(Place, Place)| {
            one.0.1 != other.0.1 && one.1.1 == other.1.1
        };
        if let Some(((first, moved), (second, _))) = clash(&places, |one| one.0.1, merged) {
            let name = |(key, at): &Place| match at.0 {
                0 => key.clone(),
                _ => format!("{key} ({at})"),
            };
            return Err(Clash::Merged {
                size,
                first: name(first),
                second: name(second),
                after: moved.1,
            });
        }
        self.check_rates(size / time)
    }

    fn check_rates(&self, factor: f64) -> Result<(), Clash> {
        let link = ("link.rate".to_owned(), self.link.rate);
        let sink = self.sink.rate.map(|rate| ("sink.rate".to_owned(), rate));
        let faults = self.faults.iter().enumerate();
        let throttles = faults.filter_map(|(index, fault)| {
            let rate = fault.then.throttle()?;
            Some((format!("fault[{index}].then.throttle"), rate))
        });
        for (key, before) in std::iter::once(link).chain(sink).chain(throttles) {
            let exact = before.get() as f64 * factor;
            let rounded = scale_rate(before, factor).get() as f64;
            if (rounded - exact).abs() > exact * RATE_TOLERANCE {
                return Err(Clash::CoarseRate {
                    key,
                    before,
                    factor,
                });
            }
        }
        Ok(())
    }
}

/// A key, and the offset that it names.
type Place = (String, ByteSize);

/// Two of `all` that clash, in their order, if any do; `before` is what they
/// were before scaling. Where no neighbours in that order clash nothing does,
/// since order and equality pass on from each to the next: this takes time as
/// sorting does, though all are compared with each other.
fn clash<T, K: Ord>(
    all: &[T],
    before: impl Fn(&T) -> K,
    clashes: impl Fn(&T, &T) -> bool,
) -> Option<(&T, &T)> {
    let mut sorted: Vec<&T> = all.iter().collect();
    sorted.sort_by_key(|one| before(one));
    let pair = sorted.windows(2).find(|pair| clashes(pair[0], pair[1]))?;
    // Named is what the file says first.
    let one = all
        .iter()
        .position(|one| pair.iter().any(|two| clashes(one, two)))?;
    let other = all.iter().position(|other| clashes(&all[one], other))?;
    Some((&all[one.min(other)], &all[one.max(other)]))
}

/// Two moments that timers could tell apart before scaling and cannot after it,
/// the earlier first. Scaling keeps the order, so the nearest of those that were
/// apart from a moment decides for all of them.
fn blurred(moments: &[Moment]) -> Option<(&Moment, &Moment)> {
    let mut sorted: Vec<&Moment> = moments.iter().collect();
    sorted.sort_by_key(|moment| moment.before);
    let mut next = 0;
    for first in &sorted {
        while next < sorted.len() && sorted[next].before.saturating_sub(first.before) < TOLD_APART {
            next += 1;
        }
        let second = sorted.get(next)?;
        if second.after.saturating_sub(first.after) < TOLD_APART {
            return Some((first, second));
        }
    }
    None
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
