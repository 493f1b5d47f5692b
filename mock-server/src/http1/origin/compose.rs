//! Composes a response: its head, the part of the body that it carries, and its end.

use std::sync::Arc;

use bytes::Bytes;

use super::{
    Request, Response, Script,
    accepted::accepts,
    conditions::Condition,
    entity::{Entity, Form},
    head::{self, Fields, Head},
    layout::{Layout, Payload},
    partial::{self, Part},
    range::{self, AskedRange},
    say::Say,
    script::Insertion,
};
use crate::{
    clock::Date,
    fault::OffsetMap as _,
    scenario::{self, Accept, Coding, Framing, Partial},
};

/// The end of a body, and its codings.
#[derive(Debug, Clone)]
pub(super) struct Body {
    framing: Framing,
    chunk: u64,
    declared: Option<u64>,
    /// `Content-Encoding` of the coded object, if it is sent.
    said_encoding: Option<Bytes>,
    codings: Arc<[Coding]>,
    /// The answer depends on `Accept-Encoding`.
    varies: bool,
}

impl From<&scenario::Body> for Body {
    fn from(body: &scenario::Body) -> Self {
        Self {
            framing: body.framing,
            chunk: body.chunk.0,
            declared: body.declared_size.map(|size| size.0),
            said_encoding: body.said_encoding().map(Bytes::from),
            codings: body.encoding.clone().into(),
            varies: body.is_coded() && body.accept == Accept::Honour,
        }
    }
}

/// All that decides a response.
#[derive(Debug, Clone, Copy)]
pub(super) struct Compose<'a> {
    pub(super) request: &'a Request,
    pub(super) body: &'a Body,
    /// It comes from an `[[answer]]`.
    pub(super) is_answer: bool,
    pub(super) say: &'a Say,
    pub(super) entity: &'a Entity,
    pub(super) date: Date,
}

impl Compose<'_> {
    pub(super) fn response(&self) -> Response {
        let payload = self.payload();
        let len = payload.len();
        match self.condition() {
            Condition::Holds => {}
            Condition::NotModified => return self.part(Part::whole(304, len)),
            Condition::Failed => return self.without_content(412, None),
        }
        match self.asked(len) {
            AskedRange::Whole => self.part(Part {
                // A page of an answer is no object whose size a server gets wrong.
                declared: self
                    .body
                    .declared
                    .filter(|_| !self.is_answer || self.say.page.is_none()),
                ..Part::whole(self.say.status, len)
            }),
            AskedRange::Part(asked) => self.part(partial::part(self.say.range, asked, len)),
            AskedRange::Nothing => self.without_content(416, Some(format!("bytes */{len}"))),
        }
    }

    fn payload(&self) -> &Payload {
        self.say.page.as_ref().unwrap_or(&self.form().body)
    }

    /// The object in its codings, or without.
    fn form(&self) -> &Form {
        let field = self.request.accept_encoding.as_deref();
        self.entity
            .form(!self.body.varies || accepts(field, &self.body.codings))
    }

    fn asked(&self, len: u64) -> AskedRange {
        let (say, request) = (self.say, self.request);
        let Some(range) = &request.range else {
            return AskedRange::Whole;
        };
        if !say.sends_object() || !say.ranges || request.method != "GET" {
            return AskedRange::Whole;
        }
        let applies = say.range == Partial::AnyIfRange
            || request.if_range.as_ref().is_none_or(|if_range| {
                let etag = self.etag().unwrap_or_default();
                let last_modified = self.last_modified().unwrap_or_default();
                range::applies(if_range, &etag, &last_modified, self.date)
            });
        match say.range {
            Partial::Ignore => AskedRange::Whole,
            _ if !applies => AskedRange::Whole,
            Partial::Unsatisfiable => AskedRange::Nothing,
            _ => range::asked(range, len),
        }
    }

    /// The outcome of the request's conditions, which are for what a 200 would bring.
    fn condition(&self) -> Condition {
        let request = self.request;
        if self.say.status != 200 || !matches!(&*request.method, "GET" | "HEAD") {
            return Condition::Holds;
        }
        let (etag, date) = (self.etag(), self.last_modified());
        request
            .conditions
            .evaluate(etag.as_deref(), date.as_deref(), self.date)
    }

    /// The entity tag, if the response has one.
    fn etag(&self) -> Option<Bytes> {
        let own = || {
            self.say
                .etag
                .clone()
                .unwrap_or_else(|| self.form().etag.clone())
        };
        let stated = self.say.headers.get("ETag");
        let has = self.say.sends_object() && self.say.validators.has_etag();
        stated.or_else(|| has.then(own))
    }

    fn last_modified(&self) -> Option<Bytes> {
        let stated = self.say.headers.get("Last-Modified");
        let has = self.say.sends_object() && self.say.validators.has_date();
        let own = self.entity.last_modified.clone();
        stated.or_else(|| own.filter(|_| has))
    }

    /// The type of what is sent: of a page, or of the object.
    fn content_type(&self) -> Bytes {
        match self.say.page {
            Some(_) => self.say.content_type.clone(),
            None => Bytes::from_static(self.entity.content_type.as_bytes()),
        }
    }

    /// A response that carries `part`.
    fn part(&self, part: Part) -> Response {
        let (say, request) = (self.say, self.request);
        let Part {
            status,
            bytes,
            says,
            declared,
            extra,
            multipart,
        } = part;
        let has_content = !matches!(status, 100..=199 | 204 | 304);
        let start = bytes.start;
        let body = self.payload().part(if has_content { bytes } else { 0..0 });
        let body = body.longer_by(extra);
        let wrapped = multipart.filter(|_| has_content);
        let framing = match self.body.framing {
            // Its parts are no chunks.
            Framing::Chunked if wrapped.is_some() => Framing::ContentLength,
            Framing::Chunked if request.minor_version == 0 => Framing::Close,
            framing => framing,
        };

        let mut head = Head::new(status, &say.headers);
        if has_content {
            match &wrapped {
                Some(wrap) => head.field("Content-Type", wrap.content_type.clone()),
                None => head.field("Content-Type", self.content_type()),
            }
            match framing {
                Framing::ContentLength => {
                    let around = wrapped.as_ref().map_or(0, |wrap| wrap.len());
                    let length = declared.unwrap_or(body.len() + around);
                    head.field("Content-Length", length.to_string());
                }
                Framing::Chunked => head.field("Transfer-Encoding", "chunked"),
                Framing::Close => {}
            }
            let is_object = say.page.is_none();
            // What is not coded may be said to be; only who did not accept it is told so.
            let says = is_object && (self.form().is_coded || !self.body.varies);
            if let Some(said) = self.body.said_encoding.as_ref().filter(|_| says) {
                head.field("Content-Encoding", said.clone());
            }
        }
        // RFC 9110, section 15.4.5: a 304 says what the 200 would say of caching.
        if self.body.varies && say.page.is_none() && (has_content || status == 304) {
            head.field("Vary", "Accept-Encoding");
        }
        if let Some(says) = says {
            head.field("Content-Range", says);
        }
        self.say_more(&mut head);
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
            let layout = Layout::new(rope, Payload::Bytes(Bytes::new()), None);
            let script = Script::new(layout, say.raw_of_head());
            let close = ends || says_close || !request.keep_alive;
            return self.ready(status, script, close);
        }
        let chunk = (framing == Framing::Chunked).then_some(self.body.chunk);
        let around = wrapped.iter().flat_map(|wrap| wrap.insertions());
        let around: Vec<Insertion> = around.collect();
        let insertions = around.iter().chain(self.say.raw.iter());
        let script = Script::new(Layout::new(rope, body, chunk), insertions);
        let script = script.starting_at(start);
        // A client that waits for more than there is sends no further request,
        // and real servers close here too.
        let owes = framing == Framing::ContentLength
            && announced > Some(script.wire_len() - script.head_len());
        let close = ends || says_close || owes || !request.keep_alive;
        Response {
            is_open_ended: ends,
            ..self.ready(status, script, close)
        }
    }

    /// A refusal of a range or of a condition.
    fn without_content(&self, status: u16, content_range: Option<String>) -> Response {
        let none = Fields::default();
        let mut head = Head::new(status, &none);
        head.field("Content-Length", "0");
        if let Some(says) = content_range {
            head.field("Content-Range", says);
        }
        self.say_more(&mut head);
        say_connection(&mut head, self.request, false);
        let script = Script::literal(head.to_rope(), Bytes::new());
        self.ready(status, script, !self.request.keep_alive)
    }

    /// The fields that follow those of the body.
    fn say_more(&self, head: &mut Head<'_>) {
        if let Some(location) = self.say.location(&self.request.target) {
            head.field("Location", location);
        }
        if let Some(time) = self.say.retry_after(self.date) {
            head.field("Retry-After", time);
        }
        if !self.say.sends_object() {
            return;
        }
        if self.say.ranges {
            head.field("Accept-Ranges", "bytes");
        }
        if let Some(etag) = self.etag() {
            head.field("ETag", etag);
        }
        if let Some(date) = self.last_modified() {
            head.field("Last-Modified", date);
        }
        if let Some(digest) = self.form().digests.field(self.say.digest) {
            head.field("Repr-Digest", digest);
        }
    }

    fn ready(&self, status: u16, script: Script, close: bool) -> Response {
        Response {
            status,
            script,
            head_delay: self.say.head_delay,
            head_pause: self.say.head_pause,
            close,
            is_open_ended: false,
            broken: None,
        }
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
