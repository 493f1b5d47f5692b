//! Maps values to places on a picture, and chooses the ticks.

use shortread_server::units::{ByteSize, human_ns};

/// Maps values to pixels, evenly or by their logarithm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::report::html) struct Scale {
    log: bool,
    from: (f64, f64),
    to: (f64, f64),
}

/// The quantity of an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report::html) enum Unit {
    /// Nanoseconds.
    Time,
    /// Bytes.
    Bytes,
    /// Bytes per second.
    Rate,
    /// Things.
    Count,
}

impl Scale {
    /// Evenly from 0 to `most`, which lies at the second place. A domain without
    /// extent gets one, so that its values still have a place.
    pub(in crate::report::html) fn linear(most: f64, to: (f64, f64)) -> Self {
        let most = if most > 0.0 { most } else { 1.0 };
        Self {
            log: false,
            from: (0.0, most),
            to,
        }
    }

    /// By logarithm, over whole powers of ten around the positive of `values`;
    /// `None` if there are none.
    pub(in crate::report::html) fn decades(
        values: impl Iterator<Item = f64>,
        to: (f64, f64),
    ) -> Option<Self> {
        let (least, most) = extent(values)?;
        let low = 10_f64.powf(least.log10().floor());
        let high = 10_f64.powf(most.log10().ceil());
        let high = if high > low { high } else { low * 10.0 };
        Some(Self::log(low, high, to))
    }

    /// By logarithm from `low` to `high`, both positive.
    pub(in crate::report::html) fn log(low: f64, high: f64, to: (f64, f64)) -> Self {
        Self {
            log: true,
            from: (low, high),
            to,
        }
    }

    /// The place of `value`; a value outside has the nearest end.
    pub(in crate::report::html) fn at(&self, value: f64) -> f64 {
        let (low, high) = self.from;
        let value = value.clamp(low, high);
        let share = match self.log {
            true => (value / low).ln() / (high / low).ln(),
            false => (value - low) / (high - low),
        };
        self.to.0 + share * (self.to.1 - self.to.0)
    }

    /// The value at a share of the way between the ends.
    pub(in crate::report::html) fn value(&self, share: f64) -> f64 {
        let (low, high) = self.from;
        match self.log {
            true => low * (high / low).powf(share),
            false => low + share * (high - low),
        }
    }

    /// At most about `most` round values with their labels.
    pub(in crate::report::html) fn ticks(&self, most: usize, unit: Unit) -> Vec<(f64, String)> {
        let values = match self.log {
            true => self.powers(most),
            false => self.steps(most, unit),
        };
        values
            .into_iter()
            .map(|value| {
                // Beside a thousandth of it, a value is best in its own unit.
                let high = if self.log { value } else { self.from.1 };
                (value, unit.label(value, high))
            })
            .collect()
    }

    fn powers(&self, most: usize) -> Vec<f64> {
        let (low, high) = (self.from.0.log10(), self.from.1.log10());
        let (first, last) = ((low - 1e-9).ceil() as i32, (high + 1e-9).floor() as i32);
        let every = (last - first) as usize / most.max(1) + 1;
        let powers = (first..=last).step_by(every);
        powers.map(|power| 10_f64.powi(power)).collect()
    }

    fn steps(&self, most: usize, unit: Unit) -> Vec<f64> {
        let high = self.from.1;
        let step = unit.step(high / most.max(1) as f64, high);
        let count = (high / step + 1e-9).floor() as usize;
        (0..=count).map(|index| index as f64 * step).collect()
    }
}

/// The least and the largest of the positive values.
fn extent(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values
        .filter(|value| *value > 0.0)
        .fold(None, |extent, value| {
            let (least, most) = extent.unwrap_or((value, value));
            Some((f64::min(least, value), f64::max(most, value)))
        })
}

impl Unit {
    /// The smallest round step of at least `least` on an axis up to `high`.
    fn step(self, least: f64, high: f64) -> f64 {
        // Minutes and hours are not counted in tens.
        let whole = match self {
            Self::Time if high >= HOURS => Some((HOUR, [0.25, 0.5, 1.0, 2.0, 4.0, 6.0, 12.0])),
            Self::Time if high >= MINUTES => {
                Some((MINUTE, [1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0]))
            }
            Self::Time if high >= 20.0 * SECOND => {
                Some((SECOND, [5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 240.0]))
            }
            _ => None,
        };
        if let Some((unit, steps)) = whole
            && let Some(step) = steps.into_iter().find(|step| step * unit >= least)
        {
            return step * unit;
        }
        let power = 10_f64.powf(least.log10().floor());
        [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .map(|factor| factor * power)
            .find(|step| *step >= least * (1.0 - 1e-9))
            .unwrap_or(10.0 * power)
    }

    /// A value for people; times are in the unit that suits an axis up to `high`.
    pub(in crate::report::html) fn label(self, value: f64, high: f64) -> String {
        let whole = value.round().max(0.0) as u64;
        match self {
            Self::Time if value == 0.0 => "0".into(),
            Self::Time if high >= HOURS => format!("{} h", plain(value / HOUR)),
            Self::Time if high >= MINUTES => format!("{} min", plain(value / MINUTE)),
            Self::Time => human_ns(whole),
            Self::Bytes if whole == 0 => "0".into(),
            Self::Bytes => ByteSize(whole).human(),
            Self::Rate => format!("{}/s", ByteSize(whole).human()),
            Self::Count if value < 1.0 => plain(value),
            Self::Count => match whole {
                0..1_000 => whole.to_string(),
                _ => ByteSize(whole).human().replace(['B', ' '], ""),
            },
        }
    }
}

const SECOND: f64 = 1e9;
const MINUTE: f64 = 60e9;
const HOUR: f64 = 3_600e9;
/// From here on an axis counts in minutes, as [`human_ns`] does.
const MINUTES: f64 = 10.0 * MINUTE;
/// And from here on in hours.
const HOURS: f64 = 2.0 * HOUR;

/// Without zeros at the end.
fn plain(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn labels(scale: &Scale, most: usize, unit: Unit) -> Vec<String> {
        let ticks = scale.ticks(most, unit);
        ticks.into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn values_lie_between_the_ends_and_what_is_beyond_at_them() {
        let even = Scale::linear(300.0, (0.0, 600.0));
        assert_eq!([0.0, 150.0, 900.0].map(|v| even.at(v)), [0.0, 300.0, 600.0]);
        let log = Scale::log(1.0, 1e4, (400.0, 0.0));
        assert_eq!([even.value(0.5), log.value(0.5)], [150.0, 100.0]);
        assert_eq!(log.at(100.0).round(), 200.0);
        assert_eq!(log.at(0.0), 400.0);
    }

    #[test]
    fn decades_hold_all_values_and_none_come_of_nothing() {
        let scale = Scale::decades([0.0, 30.0, 700.0].into_iter(), (0.0, 1.0)).unwrap();
        assert_eq!(scale.from, (10.0, 1_000.0));
        let one = Scale::decades([100.0].into_iter(), (0.0, 1.0)).unwrap();
        assert_eq!(one.from, (100.0, 1_000.0));
        assert_eq!(Scale::decades([0.0].into_iter(), (0.0, 1.0)), None);
    }

    #[test]
    fn ticks_are_round_and_in_one_unit_of_time() {
        let time = |seconds: f64| Scale::linear(seconds * SECOND, (0.0, 1.0));
        assert_eq!(
            labels(&time(6.05), 6, Unit::Time),
            ["0", "2 s", "4 s", "6 s"]
        );
        let five = ["0", "60 s", "120 s", "180 s", "240 s", "300 s"];
        assert_eq!(labels(&time(300.0), 6, Unit::Time), five);
        let hour = [
            "0", "10 min", "20 min", "30 min", "40 min", "50 min", "60 min",
        ];
        assert_eq!(labels(&time(3_828.0), 7, Unit::Time), hour);
        let day = ["0", "0.5 h", "1 h", "1.5 h", "2 h"];
        assert_eq!(labels(&time(7_200.0), 4, Unit::Time), day);
        let bytes = Scale::linear(1e9, (0.0, 1.0));
        let gigabyte = ["0", "200 MB", "400 MB", "600 MB", "800 MB", "1 GB"];
        assert_eq!(labels(&bytes, 5, Unit::Bytes), gigabyte);
        let rates = Scale::log(1e4, 1e8, (0.0, 1.0));
        assert_eq!(
            labels(&rates, 3, Unit::Rate),
            ["10 kB/s", "1 MB/s", "100 MB/s"]
        );
        let counts = Scale::log(0.1, 1e4, (0.0, 1.0));
        assert_eq!(
            labels(&counts, 9, Unit::Count),
            ["0.1", "1", "10", "100", "1k", "10k"]
        );
    }

    proptest! {
        #[test]
        fn an_axis_of_any_length_has_a_few_ticks_within_it(
            high in 1.0..1e19_f64,
            most in 2..10_usize,
        ) {
            for unit in [Unit::Time, Unit::Bytes, Unit::Count] {
                let ticks = Scale::linear(high, (0.0, 1.0)).ticks(most, unit);
                // A step is at least `high / most`, and 0 has a tick too.
                prop_assert!(!ticks.is_empty() && ticks.len() <= most + 1);
                prop_assert!(ticks.iter().all(|(value, _)| *value <= high * (1.0 + 1e-6)));
            }
        }
    }
}
