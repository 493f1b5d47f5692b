//! Rates: `2MB/s`, `10 KB/s`, `1GiB/s`; bits: `100Mbit/s`.

use std::{fmt, num::NonZeroU64, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

use super::{ByteSize, UnitError, meant, scale_exactly, split_number};

const KNOWN: &str = "a size per second (2MB/s, 64KiB/s) or bits (100Mbit/s)";

/// Bytes per second, never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rate(NonZeroU64);

impl Rate {
    /// `bytes` per second; `None` for zero.
    pub const fn per_second(bytes: u64) -> Option<Self> {
        match NonZeroU64::new(bytes) {
            Some(bytes) => Some(Self(bytes)),
            None => None,
        }
    }

    /// Faster than anything, so without any pause.
    pub const FASTEST: Self = Self(NonZeroU64::MAX);

    /// Bytes per second.
    pub const fn get(self) -> u64 {
        self.0.get()
    }

    /// The whole bytes that fit into `time`, rounded down.
    pub fn bytes_in(self, time: Duration) -> u64 {
        let bytes = u128::from(self.get()) * time.as_nanos() / 1_000_000_000;
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }

    /// The time that `bytes` take, rounded up to a nanosecond, so that
    /// `bytes_in(time_for(n)) >= n`.
    pub fn time_for(self, bytes: u64) -> Duration {
        let rate = u128::from(self.get());
        let nanos = (u128::from(bytes) * 1_000_000_000).div_ceil(rate);
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// The rate of each of `n` sharers, at least a byte per second.
    pub fn shared_by(self, n: u32) -> Self {
        let part = self.get() / u64::from(n.max(1));
        NonZeroU64::new(part).map_or(Self(NonZeroU64::MIN), Self)
    }

    /// For people, rounded: `2 MB/s`.
    pub fn human(self) -> String {
        format!("{}/s", ByteSize(self.get()).human())
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/s", ByteSize(self.get()))
    }
}

impl FromStr for Rate {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, unit) = split_number(text, "2MB/s")?;
        let unknown = || meant::unknown(number, unit, meant::rate(unit), "rate", KNOWN);
        let amount = unit.strip_suffix("/s").ok_or_else(unknown)?;
        let bytes = if let Some(prefix) = amount.trim_end().strip_suffix("bit") {
            let bits = match prefix {
                "" => 1,
                "k" | "K" => 1_000,
                "M" => 1_000_000,
                "G" => 1_000_000_000,
                _ => return Err(unknown()),
            };
            match scale_exactly(number, bits) {
                Some(Ok(bits)) => bits / 8,
                Some(Err(())) => return Err(UnitError::Fraction(text.into(), "bits per second")),
                None => {
                    return Err(UnitError::TooLarge(
                        text.into(),
                        "rate",
                        "2^63 - 1 bytes per second",
                    ));
                }
            }
        } else {
            // Apart, so that digits behind a space are not some of the number.
            match format!("{number} {}", amount.trim_end()).parse::<ByteSize>() {
                Err(UnitError::UnknownUnit { .. } | UnitError::Meant(..)) => return Err(unknown()),
                size => size?.0,
            }
        };
        Self::per_second(bytes).ok_or(UnitError::ZeroRate)
    }
}

/// The syntax of a rate, as a regular expression of ECMA-262.
pub fn pattern() -> String {
    let sizes = super::size::names().join("|");
    format!(r"^\s*{}\s*(?:{sizes}|[kKMG]?bit)?\s*/s\s*$", super::NUMBER)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_printed_parses_back(bytes in 1..=i64::MAX as u64) {
            let rate = Rate::per_second(bytes).unwrap();
            prop_assert_eq!(rate.to_string().parse(), Ok(rate));
        }

        #[test]
        fn the_time_for_n_bytes_lets_n_bytes_pass_and_one_nanosecond_less_does_not(
            rate in 1u64..2_000_000_000, bytes in 1u64..100_000_000,
        ) {
            let rate = Rate::per_second(rate).unwrap();
            let time = rate.time_for(bytes);
            prop_assert!(rate.bytes_in(time) >= bytes);
            prop_assert!(rate.bytes_in(time - Duration::from_nanos(1)) < bytes);
        }
    }

    #[test]
    fn rates_read_as_written() {
        let rate = |text: &str| text.parse::<Rate>().map(Rate::get);
        assert_eq!(rate("2MB/s"), Ok(2_000_000));
        assert_eq!(rate("10 KiB/s"), Ok(10_240));
        assert_eq!(rate("100Mbit/s"), Ok(12_500_000));
        assert_eq!(rate("5/s"), Ok(5));
        assert!(rate("1 0/s").is_err(), "not 10");
        assert_eq!(rate("0B/s"), Err(UnitError::ZeroRate));
        assert_eq!(rate("7bit/s"), Err(UnitError::ZeroRate));
        assert!(rate("2MB/h").unwrap_err().to_string().contains("`MB/h`"));
    }
}
