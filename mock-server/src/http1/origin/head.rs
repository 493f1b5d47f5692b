//! Response heads: fields in a fixed order, and the changes that a scenario makes
//! to them.

use bytes::Bytes;

/// A response head as a list of fields. No `Date`: two runs give equal bytes.
#[derive(Debug, Clone)]
pub(super) struct Head {
    status: u16,
    fields: Vec<(String, String)>,
}

impl Head {
    pub(super) fn new(status: u16) -> Self {
        Self {
            status,
            fields: Vec::new(),
        }
    }

    pub(super) fn field(&mut self, name: &str, value: impl Into<String>) {
        self.fields.push((name.to_owned(), value.into()));
    }

    /// Adds the fields of a scenario. The first field of a name replaces ours,
    /// the others are added.
    pub(super) fn merge(&mut self, fields: &[(String, String)]) {
        let ours = self.fields.len();
        let mut replaced = vec![false; ours];
        for (name, value) in fields {
            let place =
                (0..ours).find(|i| !replaced[*i] && self.fields[*i].0.eq_ignore_ascii_case(name));
            match place {
                Some(place) => {
                    replaced[place] = true;
                    self.fields[place] = (name.clone(), value.clone());
                }
                None => self.fields.push((name.clone(), value.clone())),
            }
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        find(&self.fields, name)
    }

    pub(super) fn to_bytes(&self) -> Bytes {
        let mut text = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.fields {
            text.extend([name, ": ", value, "\r\n"]);
        }
        text.push_str("\r\n");
        text.into()
    }
}

/// The value of the first field of that name.
pub(super) fn find<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields
        .iter()
        .find(|(other, _)| other.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
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

    #[test]
    fn a_scenarios_field_replaces_ours_in_its_place_and_a_second_is_added() {
        let mut head = Head::new(200);
        head.field("Content-Length", "5");
        head.field("ETag", "\"a\"");
        let of = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        head.merge(&[
            of("content-length", "7"),
            of("Content-Length", "8"),
            of("Via", "1.1 p"),
        ]);
        assert_eq!(
            head.to_bytes(),
            "HTTP/1.1 200 OK\r\ncontent-length: 7\r\nETag: \"a\"\r\n\
             Content-Length: 8\r\nVia: 1.1 p\r\n\r\n"
        );
        assert_eq!(head.get("etag"), Some("\"a\""));
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
