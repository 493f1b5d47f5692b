//! Byte ranges: the part of a representation that a request asks for (RFC 9110,
//! section 14).

use std::ops::Range;

use super::http_date;
use crate::clock::Date;

/// The meaning of a `Range` field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AskedRange {
    /// The whole: there is no field, or it must be ignored.
    Whole,
    /// This part, not empty: 206.
    Part(Range<u64>),
    /// Nothing of it: 416.
    Nothing,
}

/// Reads the field `range` for a representation of `len` bytes.
///
/// As section 14.2 permits, it ignores a malformed field, a unit other than
/// bytes, and several ranges.
pub(super) fn asked(range: &str, len: u64) -> AskedRange {
    match read(range) {
        None => AskedRange::Whole,
        Some(Spec::From(first)) if first >= len => AskedRange::Nothing,
        Some(Spec::From(first)) => AskedRange::Part(first..len),
        Some(Spec::Between(first, _)) if first >= len => AskedRange::Nothing,
        Some(Spec::Between(first, last)) => {
            AskedRange::Part(first..len.min(last.saturating_add(1)))
        }
        Some(Spec::Last(0)) => AskedRange::Nothing,
        // It is satisfiable, but Content-Range cannot express it.
        Some(Spec::Last(_)) if len == 0 => AskedRange::Whole,
        Some(Spec::Last(count)) => AskedRange::Part(len.saturating_sub(count)..len),
    }
}

/// Does an `If-Range` field let the range apply? An entity tag must be the same
/// and strong, a date the one of `Last-Modified`, in whichever form (sections 13.1.5,
/// 8.8.3.2 and 5.6.7).
pub(super) fn applies(if_range: &str, etag: &[u8], last_modified: &[u8], now: Date) -> bool {
    let field = if_range.as_bytes();
    let strong = field.starts_with(b"\"");
    // A response without a date has none that an empty field could be.
    let is_same = (strong && field == etag) || (!field.is_empty() && field == last_modified);
    let date = |text: &str| http_date::seconds(text, now);
    let modified = || str::from_utf8(last_modified).ok().and_then(date);
    is_same || date(if_range).is_some_and(|since| modified() == Some(since))
}

/// A single range as written.
enum Spec {
    From(u64),
    Between(u64, u64),
    Last(u64),
}

fn read(range: &str) -> Option<Spec> {
    let (unit, set) = range.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let mut specs = set
        .split(',')
        .map(str::trim)
        .filter(|spec| !spec.is_empty());
    let (first, last) = specs.next()?.split_once('-')?;
    if specs.next().is_some() {
        return None;
    }
    match (first, last) {
        ("", count) => Some(Spec::Last(digits(count)?)),
        (first, "") => Some(Spec::From(digits(first)?)),
        (first, last) => {
            let (first, last) = (digits(first)?, digits(last)?);
            (first <= last).then_some(Spec::Between(first, last))
        }
    }
}

/// A number too large for 64 bits is beyond every object: it saturates.
fn digits(text: &str) -> Option<u64> {
    let all = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    all.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_part_is_never_empty_and_lies_within(range in "bytes=[0-9]{0,3}-[0-9]{0,3}", len in 0u64..500) {
            if let AskedRange::Part(part) = asked(&range, len) {
                prop_assert!(part.start < part.end && part.end <= len);
            }
        }

        #[test]
        fn no_text_panics(range in ".{0,20}", len in any::<u64>()) {
            asked(&range, len);
        }
    }

    #[test]
    fn ranges_read_as_rfc_9110_says() {
        for (range, is) in [
            ("bytes=0-0", AskedRange::Part(0..1)),
            ("bytes=10-19", AskedRange::Part(10..20)),
            ("BYTES=10-", AskedRange::Part(10..100)),
            (
                "bytes=90-999999999999999999999999",
                AskedRange::Part(90..100),
            ),
            ("bytes=-1", AskedRange::Part(99..100)),
            ("bytes=-1000", AskedRange::Part(0..100)),
            ("bytes= 5-6 ,", AskedRange::Part(5..7)),
            ("bytes=100-", AskedRange::Nothing),
            ("bytes=100-200", AskedRange::Nothing),
            ("bytes=-0", AskedRange::Nothing),
            ("bytes=9-8", AskedRange::Whole),
            ("bytes=-", AskedRange::Whole),
            ("bytes=1-2,4-5", AskedRange::Whole),
            ("bytes=+1-2", AskedRange::Whole),
            ("bytes 1-2", AskedRange::Whole),
            ("lines=1-2", AskedRange::Whole),
            ("", AskedRange::Whole),
        ] {
            assert_eq!(asked(range, 100), is, "{range}");
        }
        assert_eq!(asked("bytes=0-", 0), AskedRange::Nothing);
        assert_eq!(asked("bytes=-5", 0), AskedRange::Whole);
    }

    #[test]
    fn a_range_applies_to_the_same_strong_tag_or_date_only() {
        let applies =
            |if_range: &str, etag: &[u8], date: &[u8]| applies(if_range, etag, date, Date::OBJECTS);
        let date = "Thu, 01 Jan 2026 00:00:00 GMT";
        for older in [
            "Thursday, 01-Jan-26 00:00:00 GMT",
            "Thu Jan  1 00:00:00 2026",
        ] {
            assert!(applies(older, b"\"a\"", date.as_bytes()), "{older}");
            assert!(!applies(older, b"\"a\"", b""), "{older}");
        }
        assert!(!applies(
            "Thu Jan  1 00:00:01 2026",
            b"\"a\"",
            date.as_bytes()
        ));
        // What is no date is compared as it stands.
        assert!(applies("a while ago", b"\"a\"", b"a while ago"));
        assert!(applies("\"a\"", b"\"a\"", date.as_bytes()));
        assert!(applies(date, b"\"a\"", date.as_bytes()));
        assert!(!applies("\"b\"", b"\"a\"", date.as_bytes()));
        assert!(!applies("", b"", b""));
        assert!(!applies("W/\"a\"", b"W/\"a\"", date.as_bytes()));
        assert!(!applies(
            "Fri, 02 Jan 2026 00:00:00 GMT",
            b"\"a\"",
            date.as_bytes()
        ));
    }
}
