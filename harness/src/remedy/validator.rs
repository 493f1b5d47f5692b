//! Validators: what tells that two responses are parts of the same object (RFC 9110,
//! section 8.8).

use std::time::Duration;

use crate::client::Fields;

/// A date counts as strong from this long behind the change on: servers write whole
/// seconds, and clocks differ (RFC 7232, section 2.2.2, and caches since).
const STRONG_AFTER: Duration = Duration::from_secs(60);

/// The validators of a response.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Validators {
    /// The `ETag` field, as it stood there.
    pub etag: Option<String>,
    /// The `Last-Modified` field, as it stood there.
    pub last_modified: Option<String>,
    /// The object changed at least a minute before the response was made.
    settled: bool,
}

impl Validators {
    /// Those in `fields`.
    pub fn of(fields: &Fields) -> Self {
        let text = |name| fields.get(name).map(str::to_owned);
        let date = |name| httpdate::parse_http_date(fields.get(name)?).ok();
        let settled = match (date("date"), date("last-modified")) {
            (Some(now), Some(then)) => now
                .duration_since(then)
                .is_ok_and(|age| age >= STRONG_AFTER),
            _ => false,
        };
        Self {
            etag: text("etag"),
            last_modified: text("last-modified"),
            settled,
        }
    }

    /// The validator that a range may be asked for with (section 13.1.5): a strong tag,
    /// else a strong date. A weak one never.
    pub fn strong(&self) -> Option<&str> {
        match &self.etag {
            Some(tag) => Some(tag.as_str()).filter(|tag| is_strong(tag)),
            None => self.last_modified.as_deref().filter(|_| self.settled),
        }
    }

    /// Any validator, weak or strong, the tag first.
    pub fn any(&self) -> Option<&str> {
        self.etag.as_deref().or(self.last_modified.as_deref())
    }

    /// What the later response says of the object of this one.
    pub fn compare(&self, later: &Self) -> Compared {
        match (&self.etag, &later.etag) {
            (Some(a), Some(b)) if opaque(a) != opaque(b) => return Compared::Changed,
            (Some(a), Some(b)) if is_strong(a) && is_strong(b) => return Compared::Same,
            (Some(_), Some(_)) => return Compared::PerhapsSame,
            // A server that had a tag and has none, or the other way round.
            (Some(_), None) | (None, Some(_)) | (None, None) => {}
        }
        match (&self.last_modified, &later.last_modified) {
            (Some(a), Some(b)) if a != b => Compared::Changed,
            (Some(_), Some(_)) if self.etag.is_none() && self.settled => Compared::Same,
            (Some(_), Some(_)) => Compared::PerhapsSame,
            _ => Compared::Unknown,
        }
    }
}

/// Two responses, compared by their validators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// Parts of the same object, byte for byte.
    Same,
    /// The same by a weak validator, which allows other bytes.
    PerhapsSame,
    /// Not of the same object.
    Changed,
    /// They have no validator in common.
    Unknown,
}

/// A tag that stands for the bytes (section 8.8.3), in its own grammar.
fn is_strong(tag: &str) -> bool {
    tag.len() >= 2 && tag.starts_with('"') && tag.ends_with('"')
}

/// The tag without its mark of weakness.
fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn validators(fields: &[(&str, &str)]) -> Validators {
        Validators::of(&fields.iter().copied().collect())
    }

    const MON: &str = "Mon, 02 Nov 2026 10:00:00 GMT";
    const MON_59: &str = "Mon, 02 Nov 2026 10:00:59 GMT";
    const MON_60: &str = "Mon, 02 Nov 2026 10:01:00 GMT";

    #[test]
    fn a_range_is_asked_for_with_a_strong_validator_only() {
        let strong = |fields: &[(&str, &str)]| validators(fields).strong().map(str::to_owned);
        assert_eq!(strong(&[("etag", "\"a\"")]).as_deref(), Some("\"a\""));
        assert_eq!(strong(&[("etag", "W/\"a\"")]), None);
        assert_eq!(strong(&[("etag", "a")]), None);
        assert_eq!(strong(&[]), None);
        // A date is strong from a minute on, and never beside a weak tag.
        let dated = |date| [("last-modified", MON), ("date", date)];
        assert_eq!(strong(&dated(MON_59)), None);
        assert_eq!(strong(&dated(MON_60)).as_deref(), Some(MON));
        assert_eq!(strong(&[("last-modified", MON)]), None);
        let both = [
            ("etag", "W/\"a\""),
            ("last-modified", MON),
            ("date", MON_60),
        ];
        assert_eq!(strong(&both), None);
    }

    #[test]
    fn two_responses_are_compared_by_what_both_have() {
        let compare =
            |a: &[(&str, &str)], b: &[(&str, &str)]| validators(a).compare(&validators(b));
        let tag = |tag| [("etag", tag)];
        assert_eq!(compare(&tag("\"a\""), &tag("\"a\"")), Compared::Same);
        assert_eq!(compare(&tag("\"a\""), &tag("\"b\"")), Compared::Changed);
        assert_eq!(
            compare(&tag("W/\"a\""), &tag("W/\"a\"")),
            Compared::PerhapsSame
        );
        assert_eq!(
            compare(&tag("\"a\""), &tag("W/\"a\"")),
            Compared::PerhapsSame
        );
        assert_eq!(compare(&tag("\"a\""), &[]), Compared::Unknown);
        assert_eq!(compare(&[], &[]), Compared::Unknown);
        let dated = [("last-modified", MON), ("date", MON_60)];
        assert_eq!(compare(&dated, &dated), Compared::Same);
        assert_eq!(
            compare(&dated, &[("last-modified", MON_59)]),
            Compared::Changed
        );
        let fresh = [("last-modified", MON), ("date", MON_59)];
        assert_eq!(compare(&fresh, &fresh), Compared::PerhapsSame);
    }
}
