//! Conditional requests: what a client has already, or must have of the same version
//! (RFC 9110, section 13).

use super::http_date;
use crate::clock::Date;

/// The fields of a request that make it conditional, but `If-Range`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conditions {
    /// The `If-Match` field; several are joined by commas.
    pub if_match: Option<String>,
    /// The `If-None-Match` field; several are joined by commas.
    pub if_none_match: Option<String>,
    /// The `If-Modified-Since` field.
    pub if_modified_since: Option<String>,
    /// The `If-Unmodified-Since` field.
    pub if_unmodified_since: Option<String>,
}

/// The outcome of the conditions of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    /// They hold, or there are none.
    Holds,
    /// The client has it: 304.
    NotModified,
    /// It is another version: 412.
    Failed,
}

impl Conditions {
    /// Evaluates them in their order (section 13.2.2), at the time `now`, for a GET or HEAD
    /// of something with these validators. A date that cannot be read counts as none.
    pub(super) fn evaluate(
        &self,
        etag: Option<&[u8]>,
        last_modified: Option<&[u8]>,
        now: Date,
    ) -> Condition {
        let seconds = |date: &str| http_date::seconds(date, now);
        let modified = last_modified.and_then(|date| seconds(str::from_utf8(date).ok()?));
        let later_than = |field: &Option<String>| {
            let since = field.as_deref().and_then(seconds)?;
            Some(modified? > since)
        };
        let has = |list: &String, same: fn(&str, &str) -> bool| {
            let etag = etag.and_then(|etag| str::from_utf8(etag).ok());
            list.trim() == "*" || etag.is_some_and(|etag| tags(list).any(|tag| same(tag, etag)))
        };
        let failed = match &self.if_match {
            Some(list) => !has(list, is_same_strong),
            None => later_than(&self.if_unmodified_since) == Some(true),
        };
        let is_known = match &self.if_none_match {
            Some(list) => has(list, is_same_weak),
            None => later_than(&self.if_modified_since) == Some(false),
        };
        match (failed, is_known) {
            (true, _) => Condition::Failed,
            (false, true) => Condition::NotModified,
            (false, false) => Condition::Holds,
        }
    }
}

/// The tags of a list. What stands between quotes may hold a comma (section 8.8.3).
fn tags(list: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    list.split(move |c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    })
    .map(str::trim)
}

/// Section 8.8.3.2: a weak tag is never the same.
fn is_same_strong(one: &str, other: &str) -> bool {
    one == other && one.starts_with('"')
}

/// The same section: whether it is weak does not count.
fn is_same_weak(one: &str, other: &str) -> bool {
    let opaque = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
    opaque(one) == opaque(other)
}

#[cfg(test)]
mod tests {
    use super::{Condition::*, *};

    const EARLIER: &str = "Wed, 31 Dec 2025 00:00:00 GMT";
    const DATE: &str = "Thu, 01 Jan 2026 00:00:00 GMT";
    const LATER: &str = "Fri, 02 Jan 2026 00:00:00 GMT";

    fn evaluate(set: impl FnOnce(&mut Conditions)) -> Condition {
        let mut conditions = Conditions::default();
        set(&mut conditions);
        conditions.evaluate(Some(b"\"a,b\""), Some(DATE.as_bytes()), Date::OBJECTS)
    }

    #[test]
    fn tags_decide_and_a_list_may_have_several() {
        for (list, is) in [
            ("\"a,b\"", NotModified),
            ("W/\"a,b\"", NotModified),
            ("\"x\", \"a,b\"", NotModified),
            ("*", NotModified),
            ("\"x\"", Holds),
            ("a,b", Holds),
        ] {
            let given = evaluate(|c| c.if_none_match = Some(list.into()));
            assert_eq!(given, is, "If-None-Match: {list}");
        }
        for (list, is) in [
            ("\"a,b\"", Holds),
            ("*", Holds),
            ("\"x\", \"a,b\"", Holds),
            ("W/\"a,b\"", Failed),
            ("\"x\"", Failed),
        ] {
            let given = evaluate(|c| c.if_match = Some(list.into()));
            assert_eq!(given, is, "If-Match: {list}");
        }
    }

    #[test]
    fn dates_decide_where_no_tag_does() {
        for (date, modified, unmodified) in [
            (EARLIER, Holds, Failed),
            (DATE, NotModified, Holds),
            (LATER, NotModified, Holds),
            // The older forms, a leap second, and dates before 1970.
            ("Wednesday, 31-Dec-25 00:00:00 GMT", Holds, Failed),
            ("Thursday, 01-Jan-26 00:00:00 GMT", NotModified, Holds),
            ("Thu Jan  1 00:00:00 2026", NotModified, Holds),
            ("Wed, 31 Dec 2025 23:59:60 GMT", NotModified, Holds),
            ("Wed, 31 Dec 1969 23:59:59 GMT", Holds, Failed),
            // In 1977, since 2077 is more than 50 years ahead.
            ("Saturday, 01-Jan-77 00:00:00 GMT", Holds, Failed),
            ("Thursday, 02-Jan-75 00:00:00 GMT", Holds, Holds),
            ("Wednesday, 02-Jan-75 00:00:00 GMT", NotModified, Holds),
            ("yesterday", Holds, Holds),
        ] {
            let given = evaluate(|c| c.if_modified_since = Some(date.into()));
            assert_eq!(given, modified, "If-Modified-Since: {date}");
            let given = evaluate(|c| c.if_unmodified_since = Some(date.into()));
            assert_eq!(given, unmodified, "If-Unmodified-Since: {date}");
        }
        let both = evaluate(|c| {
            c.if_none_match = Some("\"x\"".into());
            c.if_modified_since = Some(DATE.into());
        });
        assert_eq!(both, Holds);
        let both = evaluate(|c| {
            c.if_match = Some("\"a,b\"".into());
            c.if_unmodified_since = Some(EARLIER.into());
        });
        assert_eq!(both, Holds);
    }

    #[test]
    fn without_validators_only_a_star_can_match() {
        let none = |c: Conditions| c.evaluate(None, None, Date::OBJECTS);
        let tagged = |text: &str| Conditions {
            if_none_match: Some(text.into()),
            ..Conditions::default()
        };
        assert_eq!(none(tagged("\"a\"")), Holds);
        assert_eq!(none(tagged("*")), NotModified);
        assert_eq!(
            none(Conditions {
                if_match: Some("\"a\"".into()),
                if_modified_since: Some(DATE.into()),
                ..Conditions::default()
            }),
            Failed
        );
    }
}
