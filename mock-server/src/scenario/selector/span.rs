//! A range of times: `1h..`, `..30s`, `10s..1m`.

use std::{fmt, str::FromStr, time::Duration};

use crate::scenario::as_text::as_text;
use crate::units::{human_duration, parse_duration, print_duration};

/// From one time on, to before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first moment.
    pub from: Duration,
    /// The first moment behind it; `None` if there is none.
    pub to: Option<Duration>,
}

/// Not a range of times.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// Another text.
    #[error("`{0}` is not a range of times; write \"1h..\", \"..30s\" or \"10s..1m\"")]
    Unknown(String),
    /// The end comes first.
    #[error("`{0}` selects nothing, as it does not end behind its beginning")]
    Empty(String),
    /// One of the two is not a duration.
    #[error("{0}; a range of times is \"1h..\", \"..30s\" or \"10s..1m\"")]
    Time(String),
}

impl Span {
    /// An example of each form, as it is written.
    pub const EXAMPLES: [&'static str; 3] = ["1h..", "..30s", "10s..1m"];

    /// True if `time` is in it.
    pub fn contains(self, time: Duration) -> bool {
        time >= self.from && self.to.is_none_or(|to| time < to)
    }

    /// True if all of `other` is in it.
    pub(super) fn covers(self, other: Self) -> bool {
        let ends = |to| other.to.is_some_and(|other| other <= to);
        self.from <= other.from && self.to.is_none_or(ends)
    }

    pub(super) fn in_words(self) -> String {
        match (self.from, self.to) {
            (Duration::ZERO, Some(to)) => format!("in the first {}", human_duration(to)),
            (from, None) => format!("from {} after the first request on", human_duration(from)),
            (from, Some(to)) => format!(
                "from {} to {} after the first request",
                human_duration(from),
                human_duration(to)
            ),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.from.is_zero() || self.to.is_none() {
            f.write_str(&print_duration(self.from))?;
        }
        f.write_str("..")?;
        match self.to {
            Some(to) => f.write_str(&print_duration(to)),
            None => Ok(()),
        }
    }
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let text = text.trim();
        let unknown = || SpanError::Unknown(text.into());
        let time =
            |part: &str| parse_duration(part).map_err(|error| SpanError::Time(error.to_string()));
        let (from, to) = text.split_once("..").ok_or_else(unknown)?;
        let span = match (from.trim(), to.trim()) {
            ("", "") => return Err(unknown()),
            ("", to) => Self {
                from: Duration::ZERO,
                to: Some(time(to)?),
            },
            (from, "") => Self {
                from: time(from)?,
                to: None,
            },
            (from, to) => Self {
                from: time(from)?,
                to: Some(time(to)?),
            },
        };
        match span.to.is_some_and(|to| to <= span.from) {
            true => Err(SpanError::Empty(text.into())),
            false => Ok(span),
        }
    }
}

as_text!(Span);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(from in 0u64..1 << 50, more in prop::option::of(1u64..1 << 50)) {
            let from = Duration::from_nanos(from);
            let span = Span { from, to: more.map(|more| from + Duration::from_nanos(more)) };
            prop_assert_eq!(span.to_string().parse(), Ok(span));
        }
    }

    #[test]
    fn its_end_is_not_in_it() {
        let span: Span = "10s..1m".parse().unwrap();
        let has = |seconds| span.contains(Duration::from_secs(seconds));
        assert!(!has(9) && has(10) && has(59) && !has(60));
        for text in Span::EXAMPLES {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_range_says_what_is() {
        let says = |text: &str| text.parse::<Span>().unwrap_err().to_string();
        for text in ["", "..", "1h"] {
            assert!(says(text).contains("is not a range of times"), "{text}");
        }
        for text in ["1m..10s", "1s..1s", "..0"] {
            assert!(
                says(text).contains("does not end behind its beginning"),
                "{text}"
            );
        }
        assert!(says("5..").contains("10s..1m"), "{}", says("5.."));
    }
}
