//! The parts of requests that a download server needs.

use std::borrow::Cow;

use super::conditions::Conditions;
use crate::scenario::query::percent;

/// Bytes of a request head, at most.
pub(super) const MAX_HEAD: usize = 64 << 10;

/// A head that is longer than what is kept would never be whole.
const _: () = assert!(MAX_HEAD <= crate::flow::READ_AHEAD);

/// Bytes of a request target, at most (RFC 9112, section 3, asks for 8000 at
/// least).
pub(crate) const MAX_TARGET: usize = 8192;

/// Fields of a request head, at most.
const MAX_FIELDS: usize = 100;

/// The head of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method, as it was sent.
    pub method: String,
    /// The request target, as it was sent.
    pub target: String,
    /// The minor version of HTTP/1: 0 or 1.
    pub minor_version: u8,
    /// Does the client keep the connection for more requests (RFC 9112,
    /// section 9.3)?
    pub keep_alive: bool,
    /// The `Range` field; several are joined by commas (RFC 9110, section 5.2).
    pub range: Option<String>,
    /// The `If-Range` field.
    pub if_range: Option<String>,
    /// The fields that make it conditional.
    pub conditions: Conditions,
    /// The `Host` field.
    pub host: Option<String>,
    /// The `Accept` field; several are joined by commas.
    pub accept: Option<String>,
    /// The `Accept-Encoding` field; several are joined by commas.
    pub accept_encoding: Option<String>,
    /// Bytes of the request's body, which are thrown away before the next
    /// request.
    pub body_len: u64,
}

/// The input is not a request that this server takes. The connection cannot be
/// used again: the start of the next request is unknown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRequest {
    /// The head does not end within the limit.
    #[error("the request head is longer than 65536 bytes")]
    HeadTooLong,
    /// The head has more fields than the limit.
    #[error("the request head has more than 100 fields")]
    TooManyFields,
    /// The request target is longer than the limit.
    #[error("the request target is longer than 8192 bytes")]
    TargetTooLong,
    /// The first bytes are those of a TLS handshake.
    #[error("this is a TLS handshake, and the server speaks plain HTTP; use an http:// address")]
    Tls,
    /// A version other than HTTP/1.0 and HTTP/1.1, or none.
    #[error("the request is not HTTP/1.0 or HTTP/1.1")]
    Version,
    /// The syntax is wrong (RFC 9112, sections 3 and 5).
    #[error("the request head is malformed: {0}")]
    Syntax(&'static str),
    /// `Content-Length` is not one number.
    #[error("`Content-Length: {0}` is not a number of bytes")]
    ContentLength(String),
    /// The request has a body with a transfer coding. Downloads need none, so
    /// none is decoded.
    #[error("a request body with `Transfer-Encoding` is not supported; send `Content-Length`")]
    TransferEncoding,
}

impl BadRequest {
    /// The status code to answer with (RFC 9110, section 15.5; RFC 6585,
    /// section 5).
    pub fn status(&self) -> u16 {
        match self {
            Self::HeadTooLong | Self::TooManyFields => 431,
            Self::TargetTooLong => 414,
            _ => 400,
        }
    }
}

impl Request {
    /// Reads a request head from the start of `buffer`: the request and the
    /// bytes that its head takes, or `None` while it is incomplete. Empty lines
    /// before it are skipped (RFC 9112, section 2.2).
    ///
    /// HTTP/1.1 without `Host` passes, against RFC 9112, section 3.2, so that
    /// people can type a request by hand.
    ///
    /// # Errors
    /// [`BadRequest`] as soon as no continuation could make it a request.
    pub fn parse(buffer: &[u8]) -> Result<Option<(Self, usize)>, BadRequest> {
        // Content type 22, then the major version of every TLS record.
        if buffer.starts_with(&[0x16, 0x03]) {
            return Err(BadRequest::Tls);
        }
        let within = &buffer[..buffer.len().min(MAX_HEAD)];
        let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
        let mut head = httparse::Request::new(&mut fields);
        let consumed = match head.parse(within) {
            Ok(httparse::Status::Complete(consumed)) => consumed,
            Ok(httparse::Status::Partial) if within.len() == MAX_HEAD => {
                return Err(BadRequest::HeadTooLong);
            }
            // The second byte will tell.
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(_) if within == [0x16] => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if head.path.is_some_and(|target| target.len() > MAX_TARGET) {
            return Err(BadRequest::TargetTooLong);
        }
        let fields = Fields(head.headers);
        if fields.all("transfer-encoding").next().is_some() {
            return Err(BadRequest::TransferEncoding);
        }
        let minor_version = head.version.unwrap_or(1);
        let request = Self {
            method: head.method.unwrap_or_default().to_owned(),
            target: head.path.unwrap_or_default().to_owned(),
            minor_version,
            keep_alive: match minor_version {
                _ if fields.has_token("connection", "close") => false,
                0 => fields.has_token("connection", "keep-alive"),
                _ => true,
            },
            range: fields.joined("range"),
            if_range: fields.joined("if-range"),
            conditions: Conditions {
                if_match: fields.joined("if-match"),
                if_none_match: fields.joined("if-none-match"),
                if_modified_since: fields.joined("if-modified-since"),
                if_unmodified_since: fields.joined("if-unmodified-since"),
            },
            host: fields.joined("host"),
            accept: fields.joined("accept"),
            accept_encoding: fields.joined("accept-encoding"),
            body_len: content_length(&fields)?,
        };
        Ok(Some((request, consumed)))
    }

    /// Does the client accept HTML by name (RFC 9110, section 12.5.1)? Browsers
    /// do; clients that accept anything do not.
    pub fn accepts_html(&self) -> bool {
        let mut ranges = self.accept.iter().flat_map(|accept| accept.split(','));
        ranges.any(|range| {
            let mut parts = range.split(';').map(str::trim);
            let is_html = parts
                .next()
                .is_some_and(|kind| kind.eq_ignore_ascii_case("text/html"));
            let mut weight = parts.filter_map(|part| part.strip_prefix("q="));
            is_html && weight.all(|q| q.parse::<f32>().is_ok_and(|q| q > 0.0))
        })
    }

    /// The path and the query of its target, as they were sent. From a proxy's client, the
    /// target begins with `http://` and the host (RFC 9112, section 3.2.2).
    pub fn parts(&self) -> (&str, &str) {
        let local = match self.target.strip_prefix("http://") {
            Some(rest) => rest.find('/').map_or("/", |at| &rest[at..]),
            None => &self.target,
        };
        local.split_once('?').unwrap_or((local, ""))
    }

    /// The path of its target after percent decoding; as it was sent if that fails.
    pub fn path(&self) -> Cow<'_, str> {
        let (path, _) = self.parts();
        percent(path).map_or(Cow::Borrowed(path), Cow::Owned)
    }

    /// Does the response end with its head?
    pub fn is_head(&self) -> bool {
        self.method == "HEAD"
    }
}

impl From<httparse::Error> for BadRequest {
    fn from(error: httparse::Error) -> Self {
        match error {
            httparse::Error::TooManyHeaders => Self::TooManyFields,
            httparse::Error::Version => Self::Version,
            httparse::Error::HeaderName => Self::Syntax("a field name"),
            httparse::Error::HeaderValue => Self::Syntax("a field value"),
            httparse::Error::NewLine => Self::Syntax("the end of a line"),
            httparse::Error::Token | httparse::Error::Status => Self::Syntax("the request line"),
        }
    }
}

struct Fields<'a>(&'a [httparse::Header<'a>]);

impl Fields<'_> {
    /// The values of every field of that name, trimmed. Bytes that are not
    /// UTF-8 become U+FFFD, which no grammar here accepts.
    fn all(&self, name: &str) -> impl Iterator<Item = String> {
        self.0
            .iter()
            .filter(move |field| field.name.eq_ignore_ascii_case(name))
            .map(|field| String::from_utf8_lossy(field.value).trim().to_owned())
    }

    fn joined(&self, name: &str) -> Option<String> {
        let all: Vec<_> = self.all(name).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }

    fn has_token(&self, name: &str, token: &str) -> bool {
        self.all(name)
            .any(|value| super::head::has_token(&value, token))
    }
}

/// Equal repetitions count as one (RFC 9110, section 8.6).
fn content_length(fields: &Fields<'_>) -> Result<u64, BadRequest> {
    let Some(all) = fields.joined("content-length") else {
        return Ok(0);
    };
    let mut values = all.split(',').map(str::trim);
    let first = values.next().unwrap_or_default();
    let digits = !first.is_empty() && first.bytes().all(|b| b.is_ascii_digit());
    match first.parse() {
        Ok(length) if digits && values.all(|value| value == first) => Ok(length),
        _ => Err(BadRequest::ContentLength(all)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(head: &str) -> Request {
        let (request, consumed) = Request::parse(head.as_bytes()).unwrap().unwrap();
        assert_eq!(consumed, head.len());
        request
    }

    fn refuse(head: &str) -> BadRequest {
        Request::parse(head.as_bytes()).unwrap_err()
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Request::parse(&bytes);
        }

        #[test]
        fn a_head_is_incomplete_until_its_last_byte(cut in 0usize..58) {
            let head = b"GET /object HTTP/1.1\r\nHost: localhost\r\nRange: bytes=9-\r\n\r\nGET";
            prop_assert_eq!(Request::parse(&head[..cut]), Ok(None));
            let (request, consumed) = Request::parse(head).unwrap().unwrap();
            prop_assert_eq!(consumed, 58);
            prop_assert_eq!(request.range, Some("bytes=9-".to_owned()));
        }
    }

    #[test]
    fn every_part_is_read() {
        assert_eq!(
            parse(
                "\r\nPOST /a?b=c HTTP/1.1\r\nHOST: x\r\nrange: bytes=0-1\r\n\
                 Accept: */*\r\nIf-Range: \"tag\"\r\ncontent-length: 12\r\n\
                 If-None-Match: \"a\"\r\nif-none-match: \"b\"\r\nIf-Unmodified-Since: x\r\n\r\n"
            ),
            Request {
                method: "POST".into(),
                target: "/a?b=c".into(),
                minor_version: 1,
                keep_alive: true,
                range: Some("bytes=0-1".into()),
                if_range: Some("\"tag\"".into()),
                conditions: Conditions {
                    if_none_match: Some("\"a\", \"b\"".into()),
                    if_unmodified_since: Some("x".into()),
                    ..Conditions::default()
                },
                host: Some("x".into()),
                accept: Some("*/*".into()),
                accept_encoding: None,
                body_len: 12,
            }
        );
        assert!(parse("HEAD / HTTP/1.1\r\n\r\n").is_head());
    }

    #[test]
    fn the_path_is_decoded_and_has_no_query() {
        for (target, path) in [
            ("/a?b=c", "/a"),
            ("/a%20b%2Fc", "/a b/c"),
            ("/100%", "/100%"),
            ("http://host:80/a?b", "/a"),
            ("http://host", "/"),
            ("*", "*"),
        ] {
            let request = parse(&format!("GET {target} HTTP/1.1\r\n\r\n"));
            assert_eq!(request.path(), path, "{target}");
        }
    }

    #[test]
    fn the_connection_is_kept_as_the_version_and_the_field_say() {
        let keeps = |version: &str, connection: &str| {
            parse(&format!(
                "GET / HTTP/{version}\r\nConnection: {connection}\r\n\r\n"
            ))
            .keep_alive
        };
        assert!(parse("GET / HTTP/1.1\r\n\r\n").keep_alive);
        assert!(!parse("GET / HTTP/1.0\r\n\r\n").keep_alive);
        assert!(keeps("1.0", "Keep-Alive"));
        assert!(keeps("1.1", "upgrade"));
        assert!(!keeps("1.1", "TE, Close"));
        assert!(!keeps("1.0", "keep-alive, close"));
    }

    #[test]
    fn what_is_no_request_is_refused_with_a_reason() {
        assert_eq!(Request::parse(&[0x16]), Ok(None));
        assert_eq!(Request::parse(&[0x16, 0x03, 0x01]), Err(BadRequest::Tls));
        assert_eq!(
            refuse("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
            BadRequest::Version
        );
        assert_eq!(
            refuse("GET / HTTP/1.1\r\nna me: x\r\n\r\n"),
            BadRequest::Syntax("a field name")
        );
        assert_eq!(refuse("\0"), BadRequest::Syntax("the request line"));
        assert_eq!(
            refuse("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"),
            BadRequest::TransferEncoding
        );
        for (length, is) in [
            ("7", Some(7)),
            ("7, 7", Some(7)),
            ("+7", None),
            ("7, 8", None),
            ("", None),
        ] {
            let head = format!("PUT / HTTP/1.1\r\nContent-Length: {length}\r\n\r\n");
            match is {
                Some(is) => assert_eq!(parse(&head).body_len, is),
                None => assert_eq!(refuse(&head), BadRequest::ContentLength(length.into())),
            }
        }
    }

    #[test]
    fn heads_are_limited_in_bytes_and_in_fields() {
        let padded = |len: usize| {
            let (start, end) = ("GET / HTTP/1.1\r\nx: ", "\r\n\r\n");
            format!("{start}{}{end}", "x".repeat(len - start.len() - end.len()))
        };
        assert_eq!(parse(&padded(MAX_HEAD)).body_len, 0);
        assert_eq!(refuse(&padded(MAX_HEAD + 1)), BadRequest::HeadTooLong);
        assert_eq!(
            Request::parse(&padded(MAX_HEAD).as_bytes()[..MAX_HEAD - 1]),
            Ok(None)
        );

        let fields = |n: usize| format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(n));
        assert_eq!(parse(&fields(100)).body_len, 0);
        assert_eq!(refuse(&fields(101)), BadRequest::TooManyFields);
    }
}
