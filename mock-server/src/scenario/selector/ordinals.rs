//! Numbers in an order: `2`, `2..`, `1..3`, `every 3`.

use std::{fmt, str::FromStr};

use crate::scenario::as_text::as_text;

/// The n-th of something, several in a row, or every n-th. They count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ordinals {
    /// From `first` to `last`, both included; without `last` all that follow.
    Range {
        /// At least 1.
        first: u32,
        /// At least `first`.
        last: Option<u32>,
    },
    /// The n-th, the 2n-th, and so on. At least 2.
    Every(u32),
}

/// Not such numbers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrdinalsError {
    /// Another text.
    #[error("`{0}` is neither a number nor a range; write 1, \"2..\", \"1..3\" or \"every 3\"")]
    Unknown(String),
    /// They count from 1.
    #[error("`{0}` selects nothing, as these count from 1")]
    Zero(String),
    /// The end comes first.
    #[error("`{0}` selects nothing, as it ends before it begins")]
    Empty(String),
}

impl Ordinals {
    /// An example of each form, as it is written.
    pub const EXAMPLES: [&'static str; 5] = ["1", "2..", "1..3", "..3", "every 3"];

    /// All there are.
    pub(super) const ALL: Self = Self::Range {
        first: 1,
        last: None,
    };

    /// The number `n` alone.
    pub const fn only(n: u32) -> Self {
        Self::Range {
            first: n,
            last: Some(n),
        }
    }

    /// True if `number` is one of them.
    pub const fn contains(self, number: u32) -> bool {
        match self {
            Self::Every(n) => number.is_multiple_of(n),
            Self::Range { first, last: None } => number >= first,
            Self::Range {
                first,
                last: Some(last),
            } => first <= number && number <= last,
        }
    }

    /// The smallest of them.
    pub const fn least(self) -> u32 {
        match self {
            Self::Every(n) => n,
            Self::Range { first, .. } => first,
        }
    }

    /// The largest of them; `None` if there is none.
    pub const fn most(self) -> Option<u32> {
        match self {
            Self::Every(_) => None,
            Self::Range { last, .. } => last,
        }
    }

    pub(super) fn is_all(self) -> bool {
        self == Self::ALL
    }

    /// True if all of `other` are among these.
    pub(super) fn covers(self, other: Self) -> bool {
        match (self, other) {
            (Self::Range { first, last }, other) => {
                let ends = |last| other.most().is_some_and(|most| most <= last);
                other.least() >= first && last.is_none_or(ends)
            }
            (Self::Every(n), Self::Every(other)) => other.is_multiple_of(n),
            (Self::Every(_), other) => other.is_one_of(self),
        }
    }

    /// True if all of these are among `others` together, of which ranges count only.
    pub(super) fn are_among(self, others: &[Self]) -> bool {
        let mut next = self.least();
        loop {
            let ends = others.iter().filter_map(|other| match *other {
                Self::Range { first, last } if first <= next => Some(last.unwrap_or(u32::MAX)),
                _ => None,
            });
            match ends.max() {
                Some(u32::MAX) => return true,
                Some(last) if self.most().is_some_and(|most| most <= last) => return true,
                Some(last) if last >= next => next = last + 1,
                _ => return false,
            }
        }
    }

    fn is_one_of(self, every: Self) -> bool {
        self.most() == Some(self.least()) && every.contains(self.least())
    }

    /// For people: `request 2 and later`, `requests 1 to 3`.
    pub(super) fn of(self, noun: &str) -> String {
        match self {
            Self::Every(n) => format!("every {noun} whose number is a multiple of {n}"),
            Self::Range { first, last: None } => format!("{noun} {first} and later"),
            Self::Range {
                first,
                last: Some(last),
            } if first == last => format!("{noun} {first}"),
            Self::Range {
                first,
                last: Some(last),
            } => format!("{noun}s {first} to {last}"),
        }
    }
}

impl fmt::Display for Ordinals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Every(n) => write!(f, "every {n}"),
            Self::Range { first, last: None } => write!(f, "{first}.."),
            Self::Range {
                first,
                last: Some(last),
            } if first == last => write!(f, "{first}"),
            Self::Range {
                first,
                last: Some(last),
            } => write!(f, "{first}..{last}"),
        }
    }
}

impl FromStr for Ordinals {
    type Err = OrdinalsError;

    fn from_str(text: &str) -> Result<Self, OrdinalsError> {
        let text = text.trim();
        let unknown = || OrdinalsError::Unknown(text.into());
        let number = |part: &str| -> Result<u32, OrdinalsError> {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            let number = digits.then(|| part.parse().ok()).flatten();
            match number.ok_or_else(unknown)? {
                0 => Err(OrdinalsError::Zero(text.into())),
                number => Ok(number),
            }
        };
        if let Some(n) = text.strip_prefix("every") {
            // A URL may have a hyphen where a file has a space.
            let n = n.strip_prefix([' ', '-']).ok_or_else(unknown)?;
            return Ok(match number(n.trim_start())? {
                1 => Self::Range {
                    first: 1,
                    last: None,
                },
                n => Self::Every(n),
            });
        }
        let Some((first, last)) = text.split_once("..") else {
            return number(text).map(Self::only);
        };
        let (first, last) = match (first, last) {
            ("", "") => return Err(unknown()),
            ("", last) => (1, Some(number(last)?)),
            (first, "") => (number(first)?, None),
            (first, last) => (number(first)?, Some(number(last)?)),
        };
        if last.is_some_and(|last| last < first) {
            return Err(OrdinalsError::Empty(text.into()));
        }
        Ok(Self::Range { first, last })
    }
}

as_text!(Ordinals);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all() -> impl Strategy<Value = Ordinals> {
        prop_oneof![
            (2u32..50).prop_map(Ordinals::Every),
            (1u32..50, prop::option::of(0u32..50)).prop_map(|(first, more)| Ordinals::Range {
                first,
                last: more.map(|more| first + more),
            }),
        ]
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(ordinals in all()) {
            prop_assert_eq!(ordinals.to_string().parse(), Ok(ordinals));
        }

        #[test]
        fn what_is_covered_is_contained(one in all(), other in all()) {
            if one.covers(other) {
                for number in (1..500).filter(|number| other.contains(*number)) {
                    prop_assert!(one.contains(number), "{} {} {}", one, other, number);
                }
            }
        }

        #[test]
        fn no_text_panics(text in "(every[ -])?[0-9.]{0,12}") {
            let _ = text.parse::<Ordinals>();
        }
    }

    #[test]
    fn each_form_contains_what_it_says() {
        let of = |text: &str| -> Vec<u32> {
            let ordinals: Ordinals = text.parse().unwrap();
            (0..8)
                .filter(|number| ordinals.contains(*number) && *number > 0)
                .collect()
        };
        assert_eq!(of("3"), [3]);
        assert_eq!(of("5.."), [5, 6, 7]);
        assert_eq!(of("2..4"), [2, 3, 4]);
        assert_eq!(of("..2"), [1, 2]);
        assert_eq!(of("every 3"), [3, 6]);
        assert_eq!(of("every-3"), [3, 6]);
        assert_eq!(of("every 1").len(), 7);
        for text in Ordinals::EXAMPLES {
            assert!(text.parse::<Ordinals>().is_ok(), "{text}");
        }
    }

    #[test]
    fn what_selects_nothing_is_refused() {
        let says = |text: &str| text.parse::<Ordinals>().unwrap_err().to_string();
        for text in ["0", "0..", "..0", "every 0"] {
            assert!(says(text).contains("count from 1"), "{text}");
        }
        assert!(says("3..2").contains("ends before it begins"));
        for text in [
            "",
            "..",
            "x",
            "-1",
            "1...2",
            "every",
            "every x",
            "1,2",
            "99999999999",
        ] {
            assert!(
                says(text).contains("neither a number nor a range"),
                "{text}"
            );
        }
    }
}
