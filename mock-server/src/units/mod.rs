//! Byte sizes, rates and durations: parsed once, printed once.
//!
//! The words of a scenario file, a URL or a command line become a type here and
//! nowhere else. Each type prints in two ways: `Display` is exact and parses back
//! to the same value; `human` is rounded, for people.

mod duration;
mod meant;
mod rate;
mod size;

pub use duration::{
    human as human_duration, human_ns, human_ns_like, parse as parse_duration,
    print as print_duration,
};
pub use rate::Rate;
pub use size::{ByteSize, counted_bytes, human_bounds};

/// A number as [`split_number`] takes it, as a regular expression of ECMA-262:
/// digits, underscores and at most one point, a digit at least.
const NUMBER: &str = r"_*(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\._*[0-9][0-9_]*)";

/// The regular expressions that the schema of scenario files has. Each takes
/// whatever its parser takes, and no other unit; that a value is too large, or has
/// too fine a fraction, the parser alone can tell.
pub mod patterns {
    pub use super::{duration::pattern as duration, rate::pattern as rate, size::pattern as size};
}

/// A number of things for people: `1 trial`, `2 trials`.
pub fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        n => format!("{n} {noun}s"),
    }
}

/// The reasons why a quantity cannot be read. The message names the accepted
/// form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// There is no number at the start.
    #[error("`{0}` has no number; write for example `{1}`")]
    NoNumber(String, &'static str),
    /// The unit is unknown.
    #[error("`{unit}` is not a unit of {of}; known are {known}")]
    UnknownUnit {
        /// The text after the number.
        unit: String,
        /// The quantity: "size", "rate" or "duration".
        of: &'static str,
        /// The accepted units, comma-separated.
        known: &'static str,
    },
    /// The unit is missing, or one that other programs take: the text, the quantity,
    /// and what it may stand for.
    #[error("`{0}` is no {1} here; did you mean {2}?")]
    Meant(String, &'static str, String),
    /// The number is negative.
    #[error("`{0}` is negative")]
    Negative(String),
    /// The value does not fit.
    #[error("`{0}` is too large; the largest {1} is {2}")]
    TooLarge(String, &'static str, &'static str),
    /// A rate of zero would never end.
    #[error("a rate of zero never ends; to stop sending use a `stall` or a `blackhole` fault")]
    ZeroRate,
    /// The fraction is finer than the smallest unit.
    #[error("`{0}` is not a whole number of {1}")]
    Fraction(String, &'static str),
}

impl UnitError {
    /// True if the message itself says what to write instead.
    pub fn names_its_remedy(&self) -> bool {
        match self {
            Self::NoNumber(..)
            | Self::UnknownUnit { .. }
            | Self::Meant(..)
            | Self::TooLarge(..)
            | Self::ZeroRate => true,
            Self::Negative(_) | Self::Fraction(..) => false,
        }
    }
}

/// Splits `text` into digits (with at most one point) and the rest, trimmed.
fn split_number<'a>(text: &'a str, example: &'static str) -> Result<(&'a str, &'a str), UnitError> {
    let text = text.trim();
    if text.starts_with('-') {
        return Err(UnitError::Negative(text.into()));
    }
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_'))
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    if !number.bytes().any(|b| b.is_ascii_digit()) || number.matches('.').count() > 1 {
        return Err(UnitError::NoNumber(text.into(), example));
    }
    Ok((number, unit.trim()))
}

/// Multiplies `number` by `factor` exactly, in integers: `1.5` x 1024 = 1536.
///
/// Returns `None` on overflow, and `Some(Err(()))` if a fraction is left over.
fn scale_exactly(number: &str, factor: u64) -> Option<Result<u64, ()>> {
    let number = number.replace('_', "");
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > 18 {
        return Some(Err(()));
    }
    let whole: u128 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let denominator = 10u128.pow(fraction.len() as u32);
    let part: u128 = if fraction.is_empty() {
        0
    } else {
        fraction.parse().ok()?
    };
    let scaled = whole
        .checked_mul(denominator)?
        .checked_add(part)?
        .checked_mul(u128::from(factor))?;
    if scaled % denominator != 0 {
        return Some(Err(()));
    }
    u64::try_from(scaled / denominator).ok().map(Ok)
}

#[cfg(test)]
mod pattern_tests;
