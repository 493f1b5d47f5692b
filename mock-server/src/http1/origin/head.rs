//! Response heads: fields in a fixed order, and the changes that a scenario makes
//! to them.

use std::ops::Range;

use bytes::Bytes;

use super::rope::{Braid, Rope};

/// Names of fields that a response has of its own. A scenario's field of such a
/// name can stand in for ours; others are added.
const OURS: [&str; 13] = [
    "Content-Type",
    "Content-Length",
    "Transfer-Encoding",
    "Content-Encoding",
    "Content-Range",
    "Location",
    "Retry-After",
    "Vary",
    "Accept-Ranges",
    "ETag",
    "Last-Modified",
    "Repr-Digest",
    "Connection",
];

/// The fields that a scenario states, written once for all its responses.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields {
    /// As they are sent, one line behind the other.
    text: Bytes,
    /// The first of each name that a field of ours can have, by their lines.
    replacing: Vec<Replacing>,
}

#[derive(Debug, Clone)]
struct Replacing {
    name: &'static str,
    /// Its place in the text, with its end.
    line: Range<usize>,
}

impl Fields {
    pub(super) fn new(fields: &[(String, String)]) -> Self {
        let (mut text, mut replacing) = (String::new(), Vec::<Replacing>::new());
        for (name, value) in fields {
            let start = text.len();
            text.extend([name, ": ", value, "\r\n"]);
            let ours = OURS.iter().find(|ours| ours.eq_ignore_ascii_case(name));
            let is_known = |name| replacing.iter().any(|one| one.name == name);
            if let Some(name) = ours.filter(|name| !is_known(**name)) {
                let line = start..text.len();
                replacing.push(Replacing { name, line });
            }
        }
        Self {
            text: text.into(),
            replacing,
        }
    }

    /// The value of the first field of that name, one of ours.
    pub(super) fn get(&self, name: &str) -> Option<Bytes> {
        let line = self.find(name)?.line.clone();
        let value = line.start + name.len() + ": ".len()..line.end - "\r\n".len();
        Some(self.text.slice(value))
    }

    fn find(&self, name: &str) -> Option<&Replacing> {
        self.replacing.iter().find(|one| one.name == name)
    }
}

/// A response head as a list of fields. No `Date`: two runs give equal bytes.
#[derive(Debug, Clone)]
pub(super) struct Head<'a> {
    status: u16,
    ours: Vec<(&'static str, Bytes)>,
    /// The fields of a scenario: the first of a name replaces ours, the others
    /// are added.
    theirs: &'a Fields,
}

impl<'a> Head<'a> {
    pub(super) fn new(status: u16, theirs: &'a Fields) -> Self {
        Self {
            status,
            ours: Vec::new(),
            theirs,
        }
    }

    /// Adds a field of ours; its name is in [`OURS`].
    pub(super) fn field(&mut self, name: &'static str, value: impl Into<Bytes>) {
        debug_assert!(OURS.contains(&name), "{name} is none of ours");
        self.ours.push((name, value.into()));
    }

    /// The value of the first field of that name, one of ours.
    pub(super) fn get(&self, name: &str) -> Option<Bytes> {
        self.theirs.get(name).or_else(|| {
            let ours = self.ours.iter().find(|(ours, _)| *ours == name);
            ours.map(|(_, value)| value.clone())
        })
    }

    pub(super) fn to_rope(&self) -> Rope {
        let mut head = Braid::default();
        head.copy(&format!(
            "HTTP/1.1 {} {}\r\n",
            self.status,
            reason(self.status)
        ));
        for (name, value) in &self.ours {
            match self.theirs.find(name) {
                Some(theirs) => head.share(&self.theirs.text.slice(theirs.line.clone())),
                None => {
                    head.copy(name);
                    head.copy(": ");
                    head.share(value);
                    head.copy("\r\n");
                }
            }
        }
        self.add_theirs(&mut head);
        head.copy("\r\n");
        head.finish()
    }

    /// Those that stand in for none of ours.
    fn add_theirs(&self, head: &mut Braid) {
        let mut start = 0;
        for one in &self.theirs.replacing {
            if self.ours.iter().any(|(name, _)| *name == one.name) {
                head.share(&self.theirs.text.slice(start..one.line.start));
                start = one.line.end;
            }
        }
        head.share(&self.theirs.text.slice(start..));
    }
}

/// Is `token` in a comma-separated list (RFC 9110, section 5.6.1)?
pub(super) fn has_token(list: &str, token: &str) -> bool {
    list.split(',')
        .any(|item| item.trim().eq_ignore_ascii_case(token))
}

/// Is it the name of a field (a token, RFC 9110, section 5.6.2)?
pub(super) fn is_name(name: &str) -> bool {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !name.is_empty() && name.bytes().all(token)
}

/// Can it be the value of a field (RFC 9110, section 5.5)? Other bytes would end
/// the line or the head.
pub(super) fn is_value(value: &str) -> bool {
    !value.bytes().any(|b| matches!(b, b'\r' | b'\n' | b'\0'))
}

/// RFC 9110, section 15; empty for others, as RFC 9112, section 4 allows.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        203 => "Non-Authoritative Information",
        204 => "No Content",
        205 => "Reset Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        410 => "Gone",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        416 => "Range Not Satisfiable",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fields: &[(&str, &str)]) -> Fields {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Fields::new(&fields.iter().map(owned).collect::<Vec<_>>())
    }

    fn text(head: &Head) -> String {
        let rope = head.to_rope();
        let (mut text, mut at) = (Vec::new(), 0);
        while at < rope.len() {
            text.extend_from_slice(&rope.bytes_at(at, u64::MAX));
            at = text.len() as u64;
        }
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_scenarios_field_replaces_ours_in_its_place_and_a_second_is_added() {
        let theirs = of(&[
            ("content-length", "7"),
            ("Content-Length", "8"),
            ("Via", "1.1 p"),
            ("connection", "close"),
            ("X", ""),
        ]);
        let mut head = Head::new(200, &theirs);
        head.field("Content-Length", "5");
        head.field("ETag", "\"a\"");
        assert_eq!(
            text(&head),
            "HTTP/1.1 200 OK\r\ncontent-length: 7\r\nETag: \"a\"\r\n\
             Content-Length: 8\r\nVia: 1.1 p\r\nconnection: close\r\nX: \r\n\r\n"
        );
        let value = |name| head.get(name).unwrap();
        assert_eq!(value("ETag"), "\"a\"");
        assert_eq!(value("Content-Length"), "7");
        assert_eq!(value("Connection"), "close");
        assert_eq!(head.get("Content-Range"), None);
        // Long ones no less.
        let long = "x".repeat(5_000);
        let theirs = of(&[("A", &long), ("etag", &long), ("B", "b")]);
        let mut head = Head::new(200, &theirs);
        head.field("ETag", "\"a\"");
        let said = format!("HTTP/1.1 200 OK\r\netag: {long}\r\nA: {long}\r\nB: b\r\n\r\n");
        assert_eq!(text(&head), said);
    }

    #[test]
    fn what_would_end_the_line_is_no_value() {
        assert!(is_value("plain; q=0.5, \u{e4}"));
        assert!(!is_value("a\r\nSet-Cookie: b"));
        assert!(is_name("X-Any_Token!"));
        assert!(!is_name("two words"));
        assert!(!is_name(""));
    }
}
