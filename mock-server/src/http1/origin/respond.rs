//! The answer of a scenario's origin to a request.

use std::{ops::Range, sync::Arc, time::Duration};

use bytes::Bytes;

use super::{
    Request, Script,
    accepted::accepts,
    coding,
    head::{self, Fields, Head},
    layout::{Layout, Payload},
    range::{self, AskedRange},
    script::Insertion,
};
use crate::{
    fault::OffsetMap as _,
    scenario::{
        Accept, Body, Coding, Framing, RawAt, Scenario,
        coded::{self, LARGEST_OBJECT},
        room::fits,
    },
};

/// All objects have this date, since they never change.
const LAST_MODIFIED: &str = "Thu, 01 Jan 2026 00:00:00 GMT";

/// The server of one scenario: it decides what to send. Cheap to clone, since an
/// encoded body is shared.
#[derive(Debug, Clone)]
pub struct Origin {
    status: u16,
    headers: Fields,
    head_delay: Duration,
    head_pause: Duration,
    raw: Arc<[Insertion]>,
    body: Payload,
    content_type: &'static str,
    /// `Content-Encoding`, if it is sent.
    said_encoding: Option<Bytes>,
    /// What a client gets that does not accept these codings, where that counts.
    plain: Option<(Arc<[Coding]>, Arc<Self>)>,
    /// True if the answer depends on `Accept-Encoding`.
    varies: bool,
    framing: Framing,
    chunk: u64,
    declared: Option<u64>,
    /// True if it answers range requests.
    ranges: bool,
    /// The validators of the object, if the object is sent.
    validators: Option<Validators>,
}

#[derive(Debug, Clone)]
struct Validators {
    etag: Bytes,
    last_modified: Bytes,
}

/// One answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status code in its head.
    pub status: u16,
    /// Its bytes.
    pub script: Script,
    /// Wait before the first byte.
    pub head_delay: Duration,
    /// Wait between any two bytes of the head (the first [`Script::head_len`]
    /// bytes); zero sends it whole.
    pub head_pause: Duration,
    /// The connection ends after the last byte: the head says so, the framing
    /// needs it, or the head announced more than there is.
    pub close: bool,
}

impl Response {
    /// The answer to HEAD: the head alone (RFC 9110, section 9.3.2).
    pub fn without_body(mut self) -> Self {
        let mut head = Vec::new();
        let mut left = self.script.head_len();
        while left > 0 {
            let bytes = self
                .script
                .next(usize::try_from(left).unwrap_or(usize::MAX));
            if bytes.is_empty() {
                break;
            }
            left -= bytes.len() as u64;
            head.extend_from_slice(&bytes);
        }
        self.script = Script::literal(Bytes::from(head), Bytes::new());
        self
    }
}

/// A scenario asks for a response that cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// Not three digits.
    #[error("`response.status` {0} is not a status code; use 100 to 999")]
    Status(u16),
    /// The text would not be one header field.
    #[error(
        "header field `{0}` has a name or a value that cannot be sent as one line; \
         use `[[response.raw]]` to send what is not HTTP"
    )]
    Field(String),
    /// An empty chunk ends a body.
    #[error("`body.chunk` is 0, which would end the body at once; use at least 1B")]
    EmptyChunk,
    /// The encoded body would not fit into memory.
    #[error(
        "a coded body of up to {0} bytes does not fit into the 268435456 bytes kept for it; \
         make `body.size` or `body.truncate_at` smaller"
    )]
    EncodedTooLarge(u64),
    /// With its size lines, the response needs more than 2^63 bytes.
    #[error(
        "the body, its chunk sizes included, is longer than 2^63 bytes; \
         make `body.size` smaller or `body.chunk` larger"
    )]
    TooLong,
}

impl Origin {
    /// Checks, without preparing anything, that the responses of `scenario` can be
    /// sent.
    ///
    /// # Errors
    /// [`OriginError`], as [`Origin::new`].
    pub fn check(scenario: &Scenario) -> Result<(), OriginError> {
        let (body, response) = (&scenario.body, &scenario.response);
        if !(100..=999).contains(&response.status) {
            return Err(OriginError::Status(response.status));
        }
        let tag = ("ETag".to_owned(), response.etag.clone().unwrap_or_default());
        if let Some((name, _)) = response
            .headers
            .iter()
            .chain([&tag])
            .find(|(name, value)| !head::is_name(name) || !head::is_value(value))
        {
            return Err(OriginError::Field(name.clone()));
        }
        if body.framing == Framing::Chunked && body.chunk.0 == 0 {
            return Err(OriginError::EmptyChunk);
        }
        let coded = body.is_coded() && response.page.is_none();
        let longest = match &response.page {
            Some(page) => page.len() as u64,
            None => body.truncate_at.unwrap_or(body.size).0.min(body.size.0),
        };
        let most = coded::longest_cut(body);
        if coded && (coded::is_too_large(body) || body.size > LARGEST_OBJECT) {
            return Err(OriginError::EncodedTooLarge(most));
        }
        let chunk = (body.framing == Framing::Chunked).then_some(body.chunk.0);
        // An encoding is never longer than memory, with room for any size lines.
        if !coded && !fits(longest, chunk) {
            return Err(OriginError::TooLong);
        }
        Ok(())
    }

    /// Prepares the responses of `scenario`. A coded body is encoded here, once. A page is sent as it is.
    ///
    /// # Errors
    /// [`OriginError`] if the scenario asks for a response that cannot be sent.
    pub fn new(scenario: &Scenario) -> Result<Self, OriginError> {
        Self::check(scenario)?;
        let (body, response) = (&scenario.body, &scenario.response);
        let payload = payload(scenario);
        let headers = Fields::new(&response.headers);
        let is_object = response.page.is_none();
        let coded = body.is_coded() && is_object;
        let honours = coded && body.accept == Accept::Honour;
        Ok(Self {
            status: response.status,
            head_delay: response.head_delay,
            head_pause: response.head_pause,
            raw: response.raw.iter().map(Insertion::from).collect(),
            body: payload,
            content_type: if is_object {
                "application/octet-stream"
            } else {
                "text/html; charset=utf-8"
            },
            said_encoding: body.said_encoding().filter(|_| is_object).map(Bytes::from),
            plain: match honours {
                true => Some((body.encoding.clone().into(), Arc::new(plain(scenario)?))),
                false => None,
            },
            varies: honours,
            framing: body.framing,
            chunk: body.chunk.0,
            declared: body.declared_size.map(|size| size.0),
            ranges: response.ranges,
            validators: (is_object && response.status == 200).then(|| {
                let etag = match &response.etag {
                    Some(etag) => quoted(etag),
                    None => default_etag(body, coded),
                };
                Validators {
                    etag: headers.get("ETag").unwrap_or_else(|| etag.into()),
                    last_modified: headers.get("Last-Modified").unwrap_or(LAST_MODIFIED.into()),
                }
            }),
            headers,
        })
    }

    /// An upper bound for [`Origin::held_bytes`] of `scenario`.
    pub fn most_held_bytes(scenario: &Scenario) -> u64 {
        let body = &scenario.body;
        match &scenario.response.page {
            Some(page) => page.len() as u64,
            None if !body.is_coded() => 0,
            None => coded::longest_cut(body),
        }
    }

    /// Bytes of the body held in memory: a page, or an encoded body.
    pub fn held_bytes(&self) -> u64 {
        match &self.body {
            Payload::Bytes(bytes) => bytes.len() as u64,
            Payload::Pattern(..) => 0,
        }
    }

    /// The answer to `request`. The target does not matter, since there is one
    /// object. Methods other than HEAD are answered like GET, but ranges only
    /// apply to GET (RFC 9110, section 14.2).
    pub fn respond(&self, request: &Request) -> Response {
        if let Some((codings, plain)) = &self.plain
            && !accepts(request.accept_encoding.as_deref(), codings)
        {
            return plain.respond(request);
        }
        let len = self.body.len();
        match self.asked(request) {
            AskedRange::Whole => self.part(request, self.status, 0..len, None),
            AskedRange::Part(part) => {
                let says = format!("bytes {}-{}/{len}", part.start, part.end - 1);
                self.part(request, 206, part, Some(says))
            }
            AskedRange::Nothing => self.not_satisfiable(request),
        }
    }

    fn asked(&self, request: &Request) -> AskedRange {
        let (Some(validators), Some(range)) = (&self.validators, &request.range) else {
            return AskedRange::Whole;
        };
        let applies = request.if_range.as_ref().is_none_or(|if_range| {
            range::applies(if_range, &validators.etag, &validators.last_modified)
        });
        if self.ranges && request.method == "GET" && applies {
            range::asked(range, self.body.len())
        } else {
            AskedRange::Whole
        }
    }

    /// The `part` of the body under `status`. Without a `Content-Range` it is the
    /// whole body, whose declared size may differ.
    fn part(
        &self,
        request: &Request,
        status: u16,
        part: Range<u64>,
        content_range: Option<String>,
    ) -> Response {
        let has_content = !matches!(status, 100..=199 | 204 | 304);
        let start = part.start;
        let body = self.body.part(if has_content { part } else { 0..0 });
        let framing = match self.framing {
            Framing::Chunked if request.minor_version == 0 => Framing::Close,
            framing => framing,
        };

        let mut head = Head::new(status, &self.headers);
        if has_content {
            head.field("Content-Type", self.content_type);
            match framing {
                Framing::ContentLength => {
                    let declared = self.declared.filter(|_| content_range.is_none());
                    head.field("Content-Length", declared.unwrap_or(body.len()).to_string());
                }
                Framing::Chunked => head.field("Transfer-Encoding", "chunked"),
                Framing::Close => {}
            }
            if let Some(said) = &self.said_encoding {
                head.field("Content-Encoding", said.clone());
            }
            if self.varies {
                head.field("Vary", "Accept-Encoding");
            }
        }
        if let Some(content_range) = content_range {
            head.field("Content-Range", content_range);
        }
        self.say_validators(&mut head);
        let ends = framing == Framing::Close && has_content;
        say_connection(&mut head, request, ends);

        let says_close = head
            .get("Connection")
            .is_some_and(|list| head::has_token(&String::from_utf8_lossy(&list), "close"));
        let announced: Option<u64> = head
            .get("Content-Length")
            .and_then(|length| str::from_utf8(&length).ok()?.parse().ok());
        let rope = head.to_rope();
        if !has_content || request.is_head() {
            let only_head = |raw: &&Insertion| matches!(raw.at, RawAt::Head(_));
            let layout = Layout::new(rope, Payload::Bytes(Bytes::new()), None);
            let script = Script::new(layout, self.raw.iter().filter(only_head));
            let close = ends || says_close || !request.keep_alive;
            return self.response(status, script, close);
        }
        let chunk = (framing == Framing::Chunked).then_some(self.chunk);
        let script = Script::new(Layout::new(rope, body, chunk), self.raw.iter());
        let script = script.starting_at(start);
        // A client that waits for more than there is sends no further request,
        // and real servers close here too.
        let owes = framing == Framing::ContentLength
            && announced > Some(script.wire_len() - script.head_len());
        let close = ends || says_close || owes || !request.keep_alive;
        self.response(status, script, close)
    }

    fn not_satisfiable(&self, request: &Request) -> Response {
        let none = Fields::default();
        let mut head = Head::new(416, &none);
        head.field("Content-Length", "0");
        head.field("Content-Range", format!("bytes */{}", self.body.len()));
        self.say_validators(&mut head);
        say_connection(&mut head, request, false);
        let script = Script::literal(head.to_rope(), Bytes::new());
        self.response(416, script, !request.keep_alive)
    }

    fn say_validators(&self, head: &mut Head) {
        if let Some(validators) = &self.validators {
            if self.ranges {
                head.field("Accept-Ranges", "bytes");
            }
            head.field("ETag", validators.etag.clone());
            head.field("Last-Modified", validators.last_modified.clone());
        }
    }

    fn response(&self, status: u16, script: Script, close: bool) -> Response {
        Response {
            status,
            script,
            head_delay: self.head_delay,
            head_pause: self.head_pause,
            close,
        }
    }
}

/// An answer outside any scenario, such as a list, a bad request or an unknown
/// path. It ends its connection.
pub fn text_response(status: u16, content_type: &str, body: impl Into<Bytes>) -> Response {
    let body = body.into();
    let none = Fields::default();
    let mut head = Head::new(status, &none);
    head.field("Content-Type", content_type.to_owned());
    head.field("Content-Length", body.len().to_string());
    head.field("Connection", "close");
    Response {
        status,
        script: Script::literal(head.to_rope(), body),
        head_delay: Duration::ZERO,
        head_pause: Duration::ZERO,
        close: true,
    }
}

/// The whole body: the page, or the object, encoded and cut.
fn payload(scenario: &Scenario) -> Payload {
    let body = &scenario.body;
    if let Some(page) = &scenario.response.page {
        return Payload::Bytes(page.clone().into());
    }
    let limit = body.truncate_at.map_or(u64::MAX, |size| size.0);
    match body.is_coded() {
        true => Payload::Bytes(coding::encode(body)),
        false => Payload::Pattern(body.pattern(), 0..body.size.0.min(limit)),
    }
}

/// The origin of the same object without codings.
fn plain(scenario: &Scenario) -> Result<Origin, OriginError> {
    let mut plain = scenario.clone();
    plain.body.encoding = Vec::new();
    plain.body.declared_encoding = None;
    plain.body.truncate_at = None;
    Ok(Origin {
        varies: true,
        ..Origin::new(&plain)?
    })
}

/// An `ETag` that differs where the bytes do.
fn default_etag(body: &Body, coded: bool) -> String {
    let mut tag = body.size.0.to_string();
    if body.ratio > 1 {
        tag += &format!("-ratio-{}", body.ratio);
    }
    for coding in body.encoding.iter().filter(|_| coded) {
        tag += &format!("-{coding}");
    }
    format!("\"{tag}\"")
}

/// An entity tag as sent (RFC 9110, section 8.8.3).
fn quoted(etag: &str) -> String {
    if etag.starts_with('"') || etag.starts_with("W/\"") {
        etag.to_owned()
    } else {
        format!("\"{etag}\"")
    }
}

/// Adds the `Connection` field if the client would assume something else from its
/// version (RFC 9112, section 9.3).
fn say_connection(head: &mut Head, request: &Request, ends: bool) {
    if ends || !request.keep_alive {
        head.field("Connection", "close");
    } else if request.minor_version == 0 {
        head.field("Connection", "keep-alive");
    }
}

#[cfg(test)]
#[path = "respond_tests.rs"]
mod tests;
