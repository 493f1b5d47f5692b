//! The units that one which is not known here may stand for.

use super::{
    UnitError,
    size::{BINARY, DECIMAL},
};

/// The error for an unknown unit behind `number`: with what it may stand for, or
/// with all that are known.
pub(super) fn unknown(
    number: &str,
    unit: &str,
    units: Vec<String>,
    of: &'static str,
    known: &'static str,
) -> UnitError {
    if units.is_empty() {
        let unit = unit.into();
        return UnitError::UnknownUnit { unit, of, known };
    }
    let written: Vec<_> = units.iter().map(|unit| format!("{number}{unit}")).collect();
    UnitError::Meant(format!("{number}{unit}"), of, written.join(" or "))
}

/// `mb` is MB, and `Mi` is MiB. `M` alone is 10^6 for some programs and 2^20 for
/// others, so that is for the reader to choose.
pub(super) fn size(unit: &str) -> Vec<String> {
    let names = || {
        DECIMAL
            .iter()
            .chain(&BINARY)
            .map(|(name, _)| *name)
            .chain(["B"])
    };
    let is = |written: String| names().find(|name| name.eq_ignore_ascii_case(&written));
    let written = match unit.len() {
        1 => vec![unit.to_owned(), format!("{unit}B"), format!("{unit}iB")],
        _ => vec![unit.to_owned(), format!("{unit}B")],
    };
    written
        .into_iter()
        .filter_map(is)
        .map(str::to_owned)
        .collect()
}

/// `Mbps` is Mbit/s, `MBps` and a size alone are so much per second.
pub(super) fn rate(unit: &str) -> Vec<String> {
    let ends = ["/s", "/sec", "/second", "ps"];
    let (amount, end) = ends
        .iter()
        .find_map(|end| Some((unit.strip_suffix(end)?, *end)))
        .unwrap_or((unit, ""));
    let lower = amount.to_ascii_lowercase();
    let bits = lower
        .strip_suffix("bits")
        .or(lower.strip_suffix("bit"))
        .or(amount.strip_suffix('b').filter(|_| end == "ps"));
    match bits {
        Some(prefix) if ["", "k", "m", "g"].contains(&&*prefix.to_ascii_lowercase()) => {
            let prefix = prefix.to_ascii_uppercase();
            vec![format!("{prefix}bit/s")]
        }
        Some(_) => Vec::new(),
        None => (size(amount).into_iter())
            .map(|unit| format!("{unit}/s"))
            .collect(),
    }
}

/// A number alone may be seconds or milliseconds; `S` and `MS` are in the wrong
/// case.
pub(super) fn duration(unit: &str) -> Vec<String> {
    let known = ["ns", "us", "ms", "s", "min", "h", "days"];
    let units: Vec<&str> = match unit {
        "" => vec!["s", "ms"],
        unit => (known.into_iter())
            .filter(|known| known.eq_ignore_ascii_case(unit))
            .collect(),
    };
    units.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use crate::units::{ByteSize, Rate, parse_duration};

    #[test]
    fn a_letter_alone_leaves_the_choice() {
        let says = |text: &str| text.parse::<ByteSize>().unwrap_err().to_string();
        let choice = "`64M` is no size here; did you mean 64MB or 64MiB?";
        assert_eq!(says("64M"), choice);
        assert_eq!(says(" 64 M "), choice);
        assert!(says("500k").ends_with("did you mean 500KB or 500KiB?"));
        assert!(says("2G").ends_with("did you mean 2GB or 2GiB?"));
        assert!(says("64Mi").ends_with("did you mean 64MiB?"));
        assert!(says("12mb").ends_with("did you mean 12MB?"));
        assert!(says("7b").ends_with("did you mean 7B?"));
        assert!(says("7x").starts_with("`x` is not a unit of size; known are B,"));
    }

    #[test]
    fn a_rate_of_other_programs_is_told_in_ours() {
        let says = |text: &str| text.parse::<Rate>().unwrap_err().to_string();
        assert!(says("2M").ends_with("did you mean 2MB/s or 2MiB/s?"));
        assert!(says("2M/s").ends_with("did you mean 2MB/s or 2MiB/s?"));
        assert!(says("2MB").ends_with("did you mean 2MB/s?"));
        assert!(says("2MBps").ends_with("did you mean 2MB/s?"));
        assert!(says("100Mbps").ends_with("did you mean 100Mbit/s?"));
        assert!(says("100mbit").ends_with("did you mean 100Mbit/s?"));
        assert!(says("2parsec/s").contains("is not a unit of rate"));
    }

    #[test]
    fn a_duration_needs_its_unit() {
        let says = |text: &str| parse_duration(text).unwrap_err().to_string();
        assert_eq!(
            says("30"),
            "`30` is no duration here; did you mean 30s or 30ms?"
        );
        assert!(says("1.5").ends_with("did you mean 1.5s or 1.5ms?"));
        assert!(says("30S").ends_with("did you mean 30s?"));
        assert!(says("30 moons").contains("`moons` is not a unit of duration"));
    }

    #[test]
    fn what_is_suggested_is_read() {
        for text in ["64M", "64k", "3Gi", "9tb", "1b"] {
            let error = text.parse::<ByteSize>().unwrap_err().to_string();
            for meant in suggestions(&error) {
                assert!(meant.parse::<ByteSize>().is_ok(), "{meant}");
            }
        }
        for text in ["64M", "64k/s", "3Gbps", "9kbit", "8b/s", "8KiBps"] {
            let error = text.parse::<Rate>().unwrap_err().to_string();
            for meant in suggestions(&error) {
                assert!(meant.parse::<Rate>().is_ok(), "{meant}");
            }
        }
    }

    fn suggestions(error: &str) -> Vec<&str> {
        let (_, meant) = error.split_once("did you mean ").unwrap();
        meant.trim_end_matches('?').split(" or ").collect()
    }
}
