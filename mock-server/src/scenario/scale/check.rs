//! Properties that a scaling must keep: the order of times, the deadlines that
//! aiohttp rounds, the distance of places, rates.

use std::time::Duration;

use super::{Clash, Moment, scale_rate};
use crate::{
    scenario::{Amount, Landmark, Scenario, Trigger},
    units::ByteSize,
};

/// aiohttp fires totals from 5 s on at a whole second of its clock, up to 1 s
/// late, and shorter ones exactly (`ceil_threshold` in `helpers.TimeoutHandle`).
const WHOLE_SECONDS_FROM: Duration = Duration::from_secs(5);

/// Timers have a grain of 1 ms and fire late: two that are less than two grains
/// apart may fire in the same moment, and in either order.
const TOLD_APART: Duration = Duration::from_millis(2);

/// A scaled rate is a whole number of bytes per second; this much it may be off.
const RATE_TOLERANCE: f64 = 0.01;

impl Scenario {
    /// Every time whose order matters, in the order in which they are named.
    /// `client.total` is among them where it may fire.
    fn moments(&self, with_total: bool) -> Vec<(String, Duration)> {
        let matters = |path: &str| match path {
            "client.total" => with_total,
            // An answer takes the place of a response, whose times have none.
            path if path.starts_with("answer") => path.ends_with(".on.time"),
            path => !WITHOUT_ORDER.contains(&path),
        };
        let mut moments: Vec<(String, Duration)> = self
            .named(matters)
            .into_iter()
            .filter_map(|(path, amount)| match amount {
                Amount::Time(time) => Some((moment(path), time)),
                Amount::Size(_) | Amount::Rate(_) => None,
            })
            .collect();
        let death = self.client.keepalive.map(|keepalive| keepalive.death());
        moments.extend(death.map(|time| ("client.keepalive (death)".into(), time)));
        moments
    }

    /// The numbers whose path is `wanted`: those of a kind that there is once,
    /// then those of faults, then keepalive and raw bytes.
    fn named(&self, wanted: impl Fn(&str) -> bool) -> Vec<(String, Amount)> {
        let mut all = self.amounts();
        all.retain(|(path, _)| wanted(path));
        // Stable: keeps the order of the list.
        all.sort_by_key(|(path, _)| match path {
            path if path.starts_with("fault") => 1,
            path if path.starts_with("client.keepalive") || path.starts_with("response.raw") => 2,
            _ => 0,
        });
        all
    }

    pub(super) fn check_times(&self, time: f64) -> Result<(), Clash> {
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

    /// Every place in the body that must stay apart from the others. A `wire`
    /// offset has been refused before, and places in a page do not move.
    pub(super) fn places(&self) -> Vec<ScaledOffset> {
        let page = self.response.page.is_some();
        let is_place = |path: &str| match path {
            "link.segment" | "client.memory" => false,
            path if path.ends_with(".wire") => false,
            path => !page || path.starts_with("body."),
        };
        let places = self.named(is_place).into_iter();
        places
            .filter_map(|(path, amount)| match amount {
                Amount::Size(at) => Some((path, at)),
                Amount::Time(_) | Amount::Rate(_) => None,
            })
            .collect()
    }

    pub(super) fn check_sizes(&self, size: f64, time: f64) -> Result<(), Clash> {
        if size != 1.0 && self.response.page.is_none() {
            for (index, fault) in self.faults.iter().enumerate() {
                let key = |last: &str| format!("fault[{index}].when.{last}");
                match fault.when {
                    Trigger::Wire(_) => {
                        return Err(Clash::Wire {
                            key: key("wire"),
                            size,
                        });
                    }
                    Trigger::Place(Landmark::Chunk(..)) => {
                        return Err(Clash::Chunk {
                            key: key("place"),
                            size,
                        });
                    }
                    _ => {}
                }
            }
        }
        let mut scaled = self.clone();
        scaled.scale_sizes(size);
        let start = || ("the start of the body".to_owned(), ByteSize(0));
        let before = std::iter::once(start()).chain(self.places());
        let after = std::iter::once(start()).chain(scaled.places());
        let places: Vec<_> = before.zip(after).collect();
        let merged = |one: &(ScaledOffset, ScaledOffset), other: &(ScaledOffset, ScaledOffset)| {
            one.0.1 != other.0.1 && one.1.1 == other.1.1
        };
        if let Some(((first, moved), (second, _))) = clash(&places, |one| one.0.1, merged) {
            let name = |(key, at): &ScaledOffset| match at.0 {
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
        for (key, amount) in self.named(|_| true) {
            let Amount::Rate(before) = amount else {
                continue;
            };
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

/// Times of which none has to come before another. Before the handshake nothing
/// else is running; the others add to what there is.
const WITHOUT_ORDER: [&str; 10] = [
    "client.connect",
    "client.keepalive.interval",
    "link.latency",
    "link.jitter",
    "response.head_delay",
    "response.head_pause",
    "response.retry_after",
    "response.retry_after_date",
    "sink.first_pause",
    "sink.pause",
];

/// The name of a time in messages: of a fault, its trigger or its action.
fn moment(path: String) -> String {
    match path.rsplit_once('.') {
        Some((fault, _)) if path.starts_with("fault") => fault.into(),
        _ => path,
    }
}

/// A key, and the offset that it names.
type ScaledOffset = (String, ByteSize);

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
