//! Byte sizes: `12MiB`, `590MB`, `64 KiB`, `1.5GiB`, `4096`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{UnitError, meant, scale_exactly, split_number};

/// The largest size: 2^63 - 1 bytes, the largest offset a file can have.
const MAX: u64 = i64::MAX as u64;

const KNOWN: &str = "B, kB, KB, MB, GB, TB, PB, KiB, MiB, GiB, TiB, PiB";

pub(super) const BINARY: [(&str, u64); 5] = [
    ("PiB", 1 << 50),
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
];
pub(super) const DECIMAL: [(&str, u64); 5] = [
    ("PB", 1_000_000_000_000_000),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("KB", 1_000),
];

/// A number of bytes, at most 2^63 - 1.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct ByteSize(pub u64);

impl ByteSize {
    /// `n` KiB.
    pub const fn kib(n: u64) -> Self {
        Self(n << 10)
    }

    /// `n` MiB.
    pub const fn mib(n: u64) -> Self {
        Self(n << 20)
    }

    /// For people: decimal units (as disks and networks count), rounded to
    /// four digits: `600.1 MB`.
    pub fn human(self) -> String {
        self.human_like(self)
    }

    /// The same in the unit of `like`, unless it is less than a hundredth of
    /// that: `0.28 MB` beside `2.1 MB`, not `275.2 kB`.
    pub fn human_like(self, like: Self) -> String {
        let by = if self.0 < like.0 / 100 { self } else { like };
        let mut larger = None;
        for (unit, factor) in DECIMAL {
            let unit = if unit == "KB" { "kB" } else { unit };
            if by.0 >= factor && self.0 > 0 {
                let text = four_digits(self.0 as f64 / factor as f64);
                return match larger {
                    // 999,999,924 B are rounded to 1 GB, and not to 1000 MB.
                    Some(larger) if text == "1000" => format!("1 {larger}"),
                    _ => format!("{text} {unit}"),
                };
            }
            larger = Some(unit);
        }
        format!("{} B", self.0)
    }

    /// For people, with the exact bytes if it is rounded, since a bound can be
    /// missed by one: `6.291 MB (6291456 bytes)`.
    pub fn human_exact(self) -> String {
        let human = self.human();
        match human.replace(' ', "").parse() == Ok(self) {
            true => human,
            false => format!("{human} ({} bytes)", self.0),
        }
    }
}

/// `600000000 bytes (600 MB)`, or only the bytes if there are few.
pub fn counted_bytes(count: u64) -> String {
    match count {
        1 => "1 byte".into(),
        0..10_000 => format!("{count} bytes"),
        _ => format!("{count} bytes ({})", ByteSize(count).human()),
    }
}

/// Bounds in bytes for people: `590 MB to 610 MB`, or one figure if they are
/// equal.
pub fn human_bounds(least: u64, most: u64) -> String {
    let exact = |bytes| ByteSize(bytes).human_exact();
    match least == most {
        true => exact(least),
        false => format!("{} to {}", exact(least), exact(most)),
    }
}

/// The syntax of a size, as a regular expression of ECMA-262.
pub fn pattern() -> String {
    format!(r"^\s*{}\s*(?:{})?\s*$", super::NUMBER, names().join("|"))
}

/// Every unit that has a name.
pub(super) fn names() -> Vec<&'static str> {
    let all = BINARY.iter().chain(&DECIMAL).map(|(name, _)| *name);
    ["B", "kB"].into_iter().chain(all).collect()
}

fn four_digits(value: f64) -> String {
    let digits = if value >= 1000.0 {
        0
    } else if value >= 100.0 {
        1
    } else {
        2
    };
    let text = format!("{value:.digits$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').into(),
        false => text,
    }
}

impl fmt::Display for ByteSize {
    /// Exact: the largest unit that divides the value, binary before decimal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = |units: [(&'static str, u64); 5]| {
            units
                .into_iter()
                .find(|(_, factor)| self.0 != 0 && self.0.is_multiple_of(*factor))
        };
        let best = [exact(BINARY), exact(DECIMAL)]
            .into_iter()
            .flatten()
            .min_by_key(|(_, factor)| self.0 / factor);
        match best {
            Some((unit, factor)) => write!(f, "{}{unit}", self.0 / factor),
            None => write!(f, "{}B", self.0),
        }
    }
}

impl FromStr for ByteSize {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, unit) = split_number(text, "64KiB")?;
        let factor = match unit {
            "" | "B" => 1,
            "kB" | "KB" => 1_000,
            _ => BINARY
                .iter()
                .chain(&DECIMAL)
                .find(|(name, _)| *name == unit)
                .map(|(_, factor)| *factor)
                .ok_or_else(|| meant::unknown(number, unit, meant::size(unit), "size", KNOWN))?,
        };
        match scale_exactly(number, factor) {
            Some(Ok(bytes)) if bytes <= MAX => Ok(Self(bytes)),
            Some(Err(())) => Err(UnitError::Fraction(text.trim().into(), "bytes")),
            _ => Err(UnitError::TooLarge(
                text.trim().into(),
                "size",
                "2^63 - 1 bytes (8 EiB)",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_printed_parses_back(bytes in 0..=MAX) {
            prop_assert_eq!(ByteSize(bytes).to_string().parse(), Ok(ByteSize(bytes)));
        }

        #[test]
        fn round_multiples_print_with_their_unit(n in 1u64..1000) {
            prop_assert_eq!(ByteSize(n << 20).to_string().parse(), Ok(ByteSize(n << 20)));
            prop_assert_eq!(ByteSize(n * 1_000_000).to_string().parse(), Ok(ByteSize(n * 1_000_000)));
        }

        #[test]
        fn no_text_panics(text in ".{0,20}") {
            let _ = text.parse::<ByteSize>();
        }
    }

    #[test]
    fn sizes_read_as_written() {
        for (text, bytes) in [
            ("0", 0),
            ("0B", 0),
            ("4096", 4096),
            ("12MiB", 12 << 20),
            ("590 MB", 590_000_000),
            ("1.5KiB", 1536),
            ("1.50GB", 1_500_000_000),
            ("1_000", 1000),
        ] {
            assert_eq!(text.parse(), Ok(ByteSize(bytes)), "{text}");
        }
    }

    #[test]
    fn wrong_sizes_say_what_is_wrong() {
        let says = |text: &str| text.parse::<ByteSize>().unwrap_err().to_string();
        assert_eq!(says("MB"), "`MB` has no number; write for example `64KiB`");
        assert_eq!(says("-1B"), "`-1B` is negative");
        assert_eq!(says("0.5B"), "`0.5B` is not a whole number of bytes");
        assert!(says("9000PiB").contains("too large"));
        assert!(says("99999999999999999999999999999999999999999").contains("too large"));
        assert!(says("1.2.3MB").contains("no number"));
    }

    #[test]
    fn two_sizes_have_one_unit_where_that_says_enough_of_both() {
        let like = |this, other| ByteSize(this).human_like(ByteSize(other));
        assert_eq!(like(275_200, 2_100_000), "0.28 MB");
        assert_eq!(like(590_000_000, 600_000_000), "590 MB");
        assert_eq!(like(15_000, 2_100_000), "15 kB");
        assert_eq!(like(0, 600_000_000), "0 B");
        assert_eq!(like(500, 999), "500 B");
    }

    #[test]
    fn people_read_decimal() {
        let says = |bytes| ByteSize(bytes).human();
        assert_eq!(says(0), "0 B");
        assert_eq!(says(999), "999 B");
        assert_eq!(says(600_123_456), "600.1 MB");
        assert_eq!(says(5 << 30), "5.37 GB");
        assert_eq!(says(600_000_000), "600 MB");
        assert_eq!(says(65536), "65.54 kB");
        assert_eq!(says(999_900_000), "999.9 MB");
        assert_eq!(says(999_999_924), "1 GB");
        assert_eq!(says(999_999), "1 MB");
        assert_eq!(says(1_000_000_000_000_000_000), "1000 PB");
    }
}
