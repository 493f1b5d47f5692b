//! The first part: what a client has saved before it starts, and the fields that came
//! with it. It is taken from a response of the server's own code to a request for it.

use shortread_server::{
    http1::origin::{Origin, OriginError, Request},
    scenario::Scenario,
};

use super::{Case, FIRST_PART, Has};

/// Bytes of one piece of a response.
const PIECE: usize = 64 << 10;

/// A part of the object as it was first, and what was known of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FirstPart {
    /// Its bytes, from the object's start on.
    pub bytes: Vec<u8>,
    /// `ETag` of the response that brought it, with its quotes.
    pub etag: Option<String>,
    /// `Last-Modified` of it.
    pub last_modified: Option<String>,
    /// `Date` of it.
    pub date: Option<String>,
}

/// The first part cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the first part cannot be made: {0}")]
pub struct PartError(#[from] OriginError);

impl FirstPart {
    /// The first part of `case`, which `scenario` plays.
    ///
    /// # Errors
    /// The scenario asks for a response that cannot be sent.
    pub fn of(case: &Case, scenario: &Scenario) -> Result<Self, PartError> {
        let whole = scenario.whole_object();
        let size = whole.body.size.0;
        let (head, mut bytes) = got(&Origin::new(&whole)?);
        let keep = match case.has {
            Has::Start | Has::DecodedStart => FIRST_PART.min(size),
            Has::All => bytes.len() as u64,
        };
        if case.has == Has::DecodedStart {
            let slices = whole.body.pattern().slices(0..keep);
            bytes = slices.collect::<Vec<_>>().concat();
        }
        bytes.truncate(usize::try_from(keep).unwrap_or(usize::MAX));
        let field = |name: &str| {
            let mut lines = head.lines().filter_map(|line| line.split_once(": "));
            let found = lines.find(|(field, _)| field.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.trim().to_owned())
        };
        Ok(Self {
            bytes,
            etag: field("ETag"),
            last_modified: field("Last-Modified"),
            date: field("Date"),
        })
    }

    /// Its length: the offset of the rest.
    pub fn offset(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// True if its date is no strong validator: the object may have been changed again in
    /// the second of its `Last-Modified` (RFC 9110, section 8.8.2.2).
    pub fn has_weak_date(&self) -> bool {
        let date = self
            .date
            .as_deref()
            .and_then(|date| httpdate::parse_http_date(date).ok());
        let changed = self
            .last_modified
            .as_deref()
            .and_then(|date| httpdate::parse_http_date(date).ok());
        match (changed, date) {
            (Some(changed), Some(date)) => date <= changed,
            _ => false,
        }
    }
}

/// Head and body of the response to a GET of all that there is.
fn got(origin: &Origin) -> (String, Vec<u8>) {
    // A valid request, which takes any coding.
    let text = b"GET / HTTP/1.1\r\nAccept-Encoding: gzip\r\n\r\n";
    let Ok(Some((request, _))) = Request::parse(text) else {
        return Default::default();
    };
    let mut script = origin.respond(&request).script;
    let head_len = usize::try_from(script.head_len()).unwrap_or(usize::MAX);
    let mut all = Vec::new();
    loop {
        while !script.prepare() {}
        let piece = script.next(PIECE);
        if piece.is_empty() {
            break;
        }
        all.extend_from_slice(&piece);
    }
    let body = all.split_off(head_len.min(all.len()));
    (String::from_utf8_lossy(&all).into_owned(), body)
}

#[cfg(test)]
mod tests {
    use shortread_server::scenario::load;

    use super::*;
    use crate::suite::named;

    fn part(name: &str) -> FirstPart {
        let (_, cases) = named("resume").unwrap();
        let case = cases.iter().find(|case| case.name == name).unwrap();
        FirstPart::of(case, &load(name).unwrap()).unwrap()
    }

    #[test]
    fn it_is_of_the_first_version_with_the_validators_of_that() {
        let before = part("etag-changed");
        let plain = part("honoured");
        assert_eq!(before, plain);
        assert_eq!(before.offset(), 1 << 20);
        assert_eq!(before.etag.as_deref(), Some("\"2621440\""));
        assert_eq!(
            before.last_modified.as_deref(),
            Some("Thu, 01 Jan 2026 00:00:00 GMT")
        );
        assert_eq!(before.date, None);
    }

    #[test]
    fn what_the_first_response_does_not_say_is_not_known() {
        let none = part("no-validator");
        assert_eq!((none.etag, none.last_modified), (None, None));
        assert_eq!(part("etag-weak").etag.as_deref(), Some("W/\"1\""));
        assert_eq!(part("date-changed").etag, None);
    }

    #[test]
    fn a_date_is_weak_in_the_second_of_the_change() {
        assert!(part("date-too-young").has_weak_date());
        assert!(!part("date-changed").has_weak_date());
        assert!(!part("honoured").has_weak_date());
    }

    #[test]
    fn a_coded_object_has_a_coded_part_unless_it_was_decoded() {
        let sent = part("gzip-as-sent");
        assert_eq!(&sent.bytes[..2], b"\x1f\x8b");
        let decoded = part("gzip-decoded");
        assert_eq!(decoded.bytes, part("honoured").bytes);
        assert_eq!(decoded.offset(), sent.offset());
    }

    #[test]
    fn at_the_end_it_is_all() {
        assert_eq!(part("at-the-end").offset(), 2560 << 10);
    }
}
