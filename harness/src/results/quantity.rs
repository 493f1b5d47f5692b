//! The measured quantities of a trial: the worse direction of each, and the least
//! difference that matters.

use shortread_server::{
    scenario::World,
    units::{ByteSize, Rate, counted, human_ns},
};

use super::Record;

/// The direction in which a quantity gets worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worse {
    /// The more of it.
    More,
    /// The less of it.
    Less,
}

/// A figure of a record that runs are compared by.
#[derive(Debug, Clone, Copy)]
pub struct Quantity {
    /// Its name, for people.
    pub name: &'static str,
    /// The fields of the record that it comes from.
    pub fields: &'static [&'static str],
    /// The worlds in which it is compared.
    pub worlds: &'static [World],
    /// The worse direction.
    pub worse: Worse,
    /// The least effect that counts, as a share of the old value.
    pub least_share: f64,
    /// The least effect that counts, in the quantity's own unit. An effect has
    /// to exceed both.
    pub least: f64,
    unit: Unit,
    of: fn(&Record) -> Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Bytes,
    Nanoseconds,
    BytesPerSecond,
    Requests,
}

const BOTH: &[World] = &[World::Virtual, World::Tcp];

/// Everything that is compared. The first one decides: of trials that delivered
/// other bytes in the virtual world, times say nothing more.
pub const QUANTITIES: &[Quantity] = &[
    Quantity {
        name: "delivered",
        fields: &["delivered_bytes"],
        worlds: BOTH,
        worse: Worse::Less,
        // Reports take what lies within 1 % of the object for the same, and the
        // agreement of the worlds allows 256 KiB beside what buffers hold: what
        // a reader had when a cut came is a matter of the moment.
        least_share: 0.01,
        least: 262_144.0,
        unit: Unit::Bytes,
        of: |record| Some(record.delivered_bytes as f64),
    },
    Quantity {
        name: "time to the end",
        fields: &["elapsed_ns"],
        // Over TCP the throughput says the same.
        worlds: &[World::Virtual],
        worse: Worse::More,
        least_share: 0.05,
        // The grain of real timers: a difference that no machine could show is not
        // worse.
        least: 1e6,
        unit: Unit::Nanoseconds,
        of: |record| Some(record.elapsed_ns as f64),
    },
    Quantity {
        name: "throughput",
        fields: &["received_bytes", "elapsed_ns"],
        worlds: &[World::Tcp],
        worse: Worse::Less,
        // Of 174 pairs of medians of one program's runs on a busy machine, 169
        // differ by less (docs/COMPARE.md).
        least_share: 0.05,
        // A hundredth of a slow line of 10 Mbit/s.
        least: 12_500.0,
        unit: Unit::BytesPerSecond,
        of: |record| {
            // The bytes of a client of one's own are those that the server counts.
            let counted = record.client.is_none() || record.server.acked_bytes.is_some();
            let seconds = record.elapsed_ns as f64 / 1e9;
            (counted && record.elapsed_ns > 0).then(|| record.received_bytes as f64 / seconds)
        },
    },
    Quantity {
        name: "gap p99",
        fields: &["gap_ns"],
        worlds: BOTH,
        worse: Worse::More,
        least_share: 0.05,
        // Two timers of 1 ms lie behind every gap, the pacer's and the client's.
        least: 2e6,
        unit: Unit::Nanoseconds,
        of: |record| (record.gap_ns.count > 0).then_some(record.gap_ns.p99 as f64),
    },
    PEAK_HEAP,
];

const PEAK_HEAP: Quantity = Quantity {
    name: "peak heap",
    fields: &["peak_heap_bytes"],
    worlds: BOTH,
    worse: Worse::More,
    least_share: 0.05,
    // The limit of aiohttp's stream reader, the smallest buffer on the way
    // (64 KiB). In the same 174 pairs the medians differ by 1 kB at most.
    least: 65_536.0,
    unit: Unit::Bytes,
    of: |record| record.peak_heap_bytes.map(|bytes| bytes as f64),
};

/// The costs of a remedy, the most important first. They are compared between a trial
/// with it and the same trial without, of one run.
pub const COSTS: &[Quantity] = &[
    Quantity {
        name: "bytes",
        fields: &["received_bytes"],
        worlds: BOTH,
        worse: Worse::More,
        // As for what is delivered: what was on its way at an end is a matter of the
        // moment.
        least_share: 0.01,
        least: 262_144.0,
        unit: Unit::Bytes,
        of: |record| Some(record.received_bytes as f64),
    },
    Quantity {
        name: "time",
        fields: &["elapsed_ns"],
        worlds: BOTH,
        worse: Worse::More,
        least_share: 0.05,
        // Loopback delays acknowledgements by 40 ms, and a close waits up to 50 ms for
        // what is under way; nobody notices less than 100 ms (Nielsen, "Usability
        // Engineering", 1993, section 5.5).
        least: 1e8,
        unit: Unit::Nanoseconds,
        of: |record| Some(record.elapsed_ns as f64),
    },
    Quantity {
        name: "requests",
        fields: &["server.requests"],
        worlds: BOTH,
        worse: Worse::More,
        least_share: 0.0,
        // One more is the least that any second attempt costs.
        least: 2.0,
        unit: Unit::Requests,
        of: |record| Some(record.server.requests as f64),
    },
    Quantity {
        name: "memory",
        ..PEAK_HEAP
    },
];

/// So many times a cost is much more of it: half as much again.
const MUCH: f64 = 1.5;

impl Quantity {
    /// Those that are compared in `world`.
    pub(crate) fn in_world(world: World) -> impl Iterator<Item = &'static Self> {
        QUANTITIES
            .iter()
            .filter(move |one| one.worlds.contains(&world))
    }

    /// The quantity called `name`.
    pub(crate) fn called(name: &str) -> Option<&'static Self> {
        QUANTITIES.iter().find(|one| one.name == name)
    }

    /// Its value of one trial; `None` where it was not measured.
    pub(crate) fn of(&self, record: &Record) -> Option<f64> {
        (self.of)(record)
    }

    /// True if a change from `old` to `new` is large enough to matter.
    pub(crate) fn matters(&self, old: f64, new: f64) -> bool {
        let effect = (new - old).abs();
        effect >= self.least && effect >= self.least_share * old.abs()
    }

    /// True if `new` matters beside `old`, and is half as much again or more.
    pub(crate) fn is_much_more(&self, old: f64, new: f64) -> bool {
        self.matters(old, new) && new >= old * MUCH
    }

    /// True if `new` is on the worse side of `old`.
    pub(crate) fn is_worse(&self, old: f64, new: f64) -> bool {
        (new > old) == (self.worse == Worse::More)
    }

    /// True if it follows from the number of bytes.
    pub(crate) fn is_of_time(&self) -> bool {
        !matches!(self.unit, Unit::Bytes | Unit::Requests)
    }

    /// A value to its last digit.
    pub(crate) fn exact(&self, value: f64) -> String {
        let unit = match self.unit {
            Unit::Bytes => "B",
            Unit::Nanoseconds => "ns",
            Unit::BytesPerSecond => "B/s",
            Unit::Requests => "requests",
        };
        format!("{value:.0} {unit}")
    }

    /// A value, or a difference, for people.
    pub(crate) fn human(&self, value: f64) -> String {
        // Negative for a difference alone.
        let sign = if value < 0.0 { "-" } else { "" };
        let whole = value.abs().round() as u64;
        let text = match self.unit {
            Unit::Bytes => ByteSize(whole).human(),
            Unit::Nanoseconds => human_ns(whole),
            Unit::Requests => counted(usize::try_from(whole).unwrap_or(usize::MAX), "request"),
            Unit::BytesPerSecond => match Rate::per_second(whole) {
                Some(rate) => rate.human(),
                None => "0 B/s".into(),
            },
        };
        format!("{sign}{text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::samples;

    #[test]
    fn an_effect_must_exceed_a_share_and_a_floor() {
        let heap = Quantity::called("peak heap").unwrap();
        assert!(
            !heap.matters(100_000.0, 160_000.0),
            "60 kB are below the floor"
        );
        assert!(!heap.matters(10e6, 10.4e6), "4 % are below the share");
        assert!(heap.matters(1e6, 1.1e6));
        assert!(heap.matters(0.0, 70_000.0));
    }

    #[test]
    fn noise_of_loopback_is_no_cost_and_half_as_much_again_is_a_high_one() {
        let cost = |name: &str| COSTS.iter().find(|one| one.name == name).unwrap();
        let time = cost("time");
        assert!(!time.is_much_more(2e6, 9e7), "88 ms are below the floor");
        assert!(
            !time.is_much_more(10e9, 14e9),
            "it is not half as much again"
        );
        assert!(time.is_much_more(10e9, 15e9));
        assert!(!cost("requests").is_much_more(1.0, 2.0));
        assert!(cost("requests").is_much_more(1.0, 3.0));
        assert!(!cost("bytes").is_much_more(0.0, 200_000.0));
        assert!(cost("bytes").is_much_more(0.0, 300_000.0));
    }

    #[test]
    fn each_quantity_has_a_worse_side() {
        for (name, more_is_worse) in [
            ("delivered", false),
            ("time to the end", true),
            ("throughput", false),
            ("gap p99", true),
            ("peak heap", true),
        ] {
            let quantity = Quantity::called(name).unwrap();
            assert_eq!(quantity.is_worse(1.0, 2.0), more_is_worse, "{name}");
            assert_ne!(quantity.is_worse(2.0, 1.0), more_is_worse, "{name}");
        }
    }

    #[test]
    fn what_was_not_measured_has_no_value() {
        let mut record = samples::record("a", "readany");
        let heap = Quantity::called("peak heap").unwrap();
        let rate = Quantity::called("throughput").unwrap();
        assert_eq!(heap.human(heap.of(&record).unwrap()), "1.2 MB");
        assert_eq!(rate.human(rate.of(&record).unwrap()), "125 MB/s");
        record.peak_heap_bytes = None;
        record.elapsed_ns = 0;
        assert_eq!((heap.of(&record), rate.of(&record)), (None, None));
        assert_eq!(rate.human(-0.2), "-0 B/s");
    }
}
