//! Durations: `350s`, `200ms`, `4min`, `1h 30m`. The grammar is humantime's.

use std::time::Duration;

use super::{UnitError, meant};

const KNOWN: &str = "ns, us, ms, s, min (or m), h, days";

/// Reads a duration. A bare `0` is accepted, but no other bare number: seconds
/// and milliseconds are confused too easily.
///
/// # Errors
/// The message names the mistake and the accepted form.
pub fn parse(text: &str) -> Result<Duration, UnitError> {
    let text = text.trim();
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    if text.starts_with('-') {
        return Err(UnitError::Negative(text.into()));
    }
    // humantime is not exact with fractions, nor does it say what is wrong with them.
    if let Some((number, unit)) = fraction(text) {
        if let Some((_, nanos)) = FRACTIONS.iter().find(|(known, _)| *known == unit) {
            return match super::scale_exactly(number, *nanos) {
                Some(Ok(nanos)) => Ok(Duration::from_nanos(nanos)),
                Some(Err(())) => Err(UnitError::Fraction(text.into(), "nanoseconds")),
                None => Err(too_large(text)),
            };
        }
        if !UNITS.contains(&unit) {
            return Err(unknown(number, unit));
        }
    }
    let parsed = humantime::parse_duration(text).map_err(|error| match error {
        humantime::DurationError::NumberExpected(_) | humantime::DurationError::Empty => {
            UnitError::NoNumber(text.into(), "350s")
        }
        humantime::DurationError::UnknownUnit { value, unit, .. } => {
            unknown(&value.to_string(), &unit)
        }
        humantime::DurationError::NumberOverflow => too_large(text),
        _ => unknown("", text),
    })?;
    // Every duration is kept in 64 bits of nanoseconds: 584 years.
    if u64::try_from(parsed.as_nanos()).is_err() {
        return Err(too_large(text));
    }
    Ok(parsed)
}

/// The units that people write fractions of, in nanoseconds.
const FRACTIONS: [(&str, u64); 6] = [
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("min", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Every unit of humantime 2.4 (`Unit::from_str`).
const UNITS: &[&str] = &[
    "nanos", "nsec", "ns", "usec", "us", "µs", "millis", "msec", "ms", "seconds", "second", "secs",
    "sec", "s", "minutes", "minute", "min", "mins", "m", "hours", "hour", "hr", "hrs", "h", "days",
    "day", "d", "weeks", "week", "wk", "wks", "w", "months", "month", "M", "years", "year", "yr",
    "yrs", "y",
];

/// The syntax of a duration, as a regular expression of ECMA-262: a bare zero, one
/// number with a point, or spans of humantime.
pub fn pattern() -> String {
    let units = UNITS.join("|");
    let short = FRACTIONS.map(|(unit, _)| unit).join("|");
    let fraction = format!(r"_*(?:[0-9][0-9_]*\.[0-9_]*|\._*[0-9][0-9_]*)\s*(?:{short})");
    let span = format!(r"[0-9][0-9\s]*(?:\.\s*[0-9][0-9\s]*)?(?:{units})\s*");
    format!(r"^\s*(?:0|{fraction}|(?:{span})+)\s*$")
}

/// Prints exactly what `parse` reads back: `5m 50s`.
pub fn print(duration: Duration) -> String {
    humantime::format_duration(duration).to_string()
}

/// [`human`] of nanoseconds, in which records and journals count.
pub fn human_ns(ns: u64) -> String {
    human(Duration::from_nanos(ns))
}

/// For people: three significant digits, in seconds below ten minutes (`350 s`,
/// `1.25 s`, `12.5 ms`), then in minutes and hours (`10 min`, `2 h 5 min`).
pub fn human(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match unit(seconds) {
        _ if duration.is_zero() => "0 s".into(),
        Some(unit) => short(seconds, unit),
        None => {
            let minutes = (seconds / 60.0).round() as u64;
            match minutes % 60 {
                0 => format!("{} h", minutes / 60),
                rest => format!("{} h {rest} min", minutes / 60),
            }
        }
    }
}

/// [`human_ns`] in the unit of `like`, unless it is less than a hundredth of that:
/// `2.3 min` beside `17.5 min`, not `138 s`.
pub fn human_ns_like(ns: u64, like: u64) -> String {
    let (this, other) = (Duration::from_nanos(ns), Duration::from_nanos(like));
    match unit(other.as_secs_f64()) {
        Some(unit) if ns >= like / 100 && ns > 0 => short(this.as_secs_f64(), unit),
        _ => human(this),
    }
}

/// The size of the unit in seconds, and its name; none from two hours on, which
/// are printed in hours and minutes.
fn unit(seconds: f64) -> Option<(f64, &'static str)> {
    match seconds {
        _ if seconds < 0.000_999_5 => Some((1e6, "us")),
        _ if seconds < 0.9995 => Some((1e3, "ms")),
        _ if seconds < 600.0 => Some((1.0, "s")),
        _ if seconds < 7200.0 => Some((1.0 / 60.0, "min")),
        _ => None,
    }
}

fn short(seconds: f64, (in_a_second, unit): (f64, &str)) -> String {
    let value = seconds * in_a_second;
    let digits = if value >= 100.0 {
        0
    } else if value >= 10.0 {
        1
    } else {
        2
    };
    let text = format!("{value:.digits$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    format!("{text} {unit}")
}

/// One number with a point in it, and the one unit behind it.
fn fraction(text: &str) -> Option<(&str, &str)> {
    let (number, unit) = super::split_number(text, "350s").ok()?;
    (number.contains('.') && unit.chars().all(|c| c.is_ascii_alphabetic()))
        .then_some((number, unit))
}

fn unknown(number: &str, unit: &str) -> UnitError {
    meant::unknown(number, unit, meant::duration(unit), "duration", KNOWN)
}

fn too_large(text: &str) -> UnitError {
    UnitError::TooLarge(text.into(), "duration", "584 years")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_printed_parses_back(nanos in any::<u64>()) {
            let duration = Duration::from_nanos(nanos);
            prop_assert_eq!(parse(&print(duration)), Ok(duration));
        }

        #[test]
        fn no_text_panics(text in ".{0,20}") {
            let _ = parse(&text);
        }
    }

    #[test]
    fn durations_read_as_written() {
        let ms = |text| parse(text).map(|d| d.as_millis());
        assert_eq!(ms("350s"), Ok(350_000));
        assert_eq!(ms("4min"), Ok(240_000));
        assert_eq!(ms("1h 30m"), Ok(5_400_000));
        assert_eq!(ms("1.5s"), Ok(1500));
        assert_eq!(ms("1.5days"), Ok(129_600_000));
        assert_eq!(ms("0"), Ok(0));
        assert!(
            parse("30")
                .unwrap_err()
                .to_string()
                .contains("did you mean 30s")
        );
        assert!(parse("-3s").unwrap_err().to_string().contains("negative"));
        assert!(parse("soon").unwrap_err().to_string().contains("no number"));
        assert!(
            parse("3 parsecs")
                .unwrap_err()
                .to_string()
                .contains("known are ns")
        );
    }

    #[test]
    fn people_read_three_digits() {
        let says = |ms| human(Duration::from_millis(ms));
        assert_eq!(says(0), "0 s");
        assert_eq!(says(12), "12 ms");
        assert_eq!(says(1_250), "1.25 s");
        assert_eq!(says(300_000), "300 s");
        assert_eq!(says(600_000), "10 min");
        assert_eq!(says(7_500_000), "2 h 5 min");
        assert_eq!(human(Duration::from_micros(85)), "85 us");
    }

    #[test]
    fn two_times_have_one_unit_where_that_says_enough_of_both() {
        let like = |this: f64, other: f64| human_ns_like((this * 1e9) as u64, (other * 1e9) as u64);
        assert_eq!(like(138.0, 1050.0), "2.3 min");
        assert_eq!(like(0.503, 1.07), "0.5 s");
        assert_eq!(like(62.4, 103.0), "62.4 s");
        // This would be 0.01 s, or 0 s.
        assert_eq!(like(0.212, 37.4), "212 ms");
        assert_eq!(like(0.0, 0.1), "0 s");
        assert_eq!(like(3600.0, 7500.0), "60 min");
    }
}
