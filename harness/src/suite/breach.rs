//! What a request says that RFC 9110 forbids a client to say, seen from the server.

use shortread_server::journal::{Event, Fact};

use super::FirstPart;

/// The first request among `events` that breaks a MUST, with its section; `None` if
/// there is none.
pub(super) fn breach(events: &[Event], part: &FirstPart) -> Option<String> {
    let mut requests = events.iter().filter_map(|event| match &event.fact {
        Fact::Request {
            range, if_range, ..
        } => Some((range.as_deref(), if_range.as_deref()?)),
        _ => None,
    });
    requests.find_map(|(range, if_range)| forbidden(range, if_range, part))
}

fn forbidden(range: Option<&str>, if_range: &str, part: &FirstPart) -> Option<String> {
    let is_tag = if_range.starts_with('"') || if_range.starts_with("W/");
    let (section, what) = match range {
        None => ("13.1.5", "If-Range must not come without Range"),
        Some(_) if if_range.starts_with("W/") => {
            ("13.1.5", "If-Range must not have a weak entity tag")
        }
        Some(_) if !is_tag && httpdate::parse_http_date(if_range).is_err() => (
            "13.1.5",
            "If-Range must have an entity tag or a date, and this is neither",
        ),
        Some(_) if !is_tag && part.etag.is_some() => (
            "13.1.5",
            "If-Range must not have a date where the client has an entity tag",
        ),
        Some(_) if !is_tag && part.has_weak_date() => (
            "8.8.2.2",
            "If-Range must not have a date that is a weak validator",
        ),
        Some(_) => return None,
    };
    Some(format!("{what} (RFC 9110, section {section})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Thu, 01 Jan 2026 00:00:00 GMT";

    fn part(etag: Option<&str>, date: Option<&str>) -> FirstPart {
        FirstPart {
            etag: etag.map(Into::into),
            last_modified: Some(DATE.into()),
            date: date.map(Into::into),
            ..FirstPart::default()
        }
    }

    #[test]
    fn what_if_range_must_not_say_is_named() {
        let tagged = part(Some("\"1\""), None);
        let range = Some("bytes=9-");
        for (range, if_range, part, says) in [
            (None, "\"1\"", &tagged, "without Range"),
            (range, "W/\"1\"", &tagged, "a weak entity tag"),
            (range, DATE, &tagged, "has an entity tag"),
            (range, DATE, &part(None, Some(DATE)), "a weak validator"),
        ] {
            let said = forbidden(range, if_range, part).unwrap();
            assert!(said.contains(says), "{said}");
        }
    }

    #[test]
    fn what_it_may_say_is_none() {
        let later = Some("Thu, 01 Jan 2026 00:00:01 GMT");
        let range = Some("bytes=9-");
        assert_eq!(forbidden(range, "\"1\"", &part(Some("\"1\""), None)), None);
        assert_eq!(forbidden(range, DATE, &part(None, later)), None);
        assert_eq!(forbidden(range, DATE, &part(None, None)), None);
    }
}
