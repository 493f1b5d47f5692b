//! The forms of answers.

use std::{convert::Infallible, pin::Pin};

use bytes::Bytes;
use http_body_util::{Either, Full, StreamBody};
use hyper::{
    Response,
    body::Frame,
    header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE},
};
use serde::Serialize;
use tokio_stream::Stream;

use crate::text::json_line;

pub(super) const JSON: &str = "application/json";

type Frames = Pin<Box<dyn Stream<Item = Result<Frame<Bytes>, Infallible>>>>;

/// A body: complete, or written as it is sent.
pub(super) type AnswerBody = Either<Full<Bytes>, StreamBody<Frames>>;

/// An answer being sent.
pub(super) struct Answer {
    pub(super) status: u16,
    content_type: &'static str,
    allow: Option<String>,
    body: AnswerBody,
}

/// The reasons why a request is refused.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Refusal {
    #[serde(skip)]
    pub(super) status: u16,
    /// A sentence without a full stop.
    pub(super) error: String,
    /// The input that would be accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) help: Option<String>,
    /// Each error of a scenario file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) problems: Vec<Problem>,
    #[serde(skip)]
    allow: Option<String>,
}

/// One error of a scenario file.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Problem {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

/// The list of routes.
#[derive(Debug, Serialize)]
pub(super) struct Index {
    pub(super) url: String,
    pub(super) version: &'static str,
    pub(super) openapi: &'static str,
    pub(super) routes: Vec<String>,
}

impl Answer {
    pub(super) fn text(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            content_type,
            allow: None,
            body: Either::Left(Full::new(body.into())),
        }
    }

    /// # Errors
    /// Never for the values used here: all of them serialize.
    pub(super) fn json(status: u16, value: &impl Serialize) -> Result<Self, Refusal> {
        Ok(Self::text(status, JSON, in_json(value)?))
    }

    /// Lines of JSON as they come, one or several at a time, each with its line
    /// end.
    pub(super) fn lines(lines: impl Stream<Item = String> + 'static) -> Self {
        Self::pieces("application/x-ndjson", lines)
    }

    /// A text that is written as it is sent.
    pub(super) fn pieces(
        content_type: &'static str,
        pieces: impl Stream<Item = String> + 'static,
    ) -> Self {
        use tokio_stream::StreamExt as _;
        let frames = pieces.map(|piece| Ok(Frame::data(Bytes::from(piece))));
        let frames: Frames = Box::pin(frames);
        Self {
            status: 200,
            content_type,
            allow: None,
            body: Either::Right(StreamBody::new(frames)),
        }
    }

    pub(super) fn into_response(self) -> Response<AnswerBody> {
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status.try_into().unwrap_or_default();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == 401 {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(allow) = self.allow.and_then(|allow| allow.try_into().ok()) {
            headers.insert(ALLOW, allow);
        }
        response
    }
}

/// A line of JSON, safe to print on a terminal although it contains text from
/// clients.
pub(super) fn in_json(value: &impl Serialize) -> Result<String, Refusal> {
    let text = serde_json::to_string(value)
        .map_err(|error| Refusal::new(500, format!("the answer cannot be written: {error}")))?;
    Ok(json_line(&text).into_owned() + "\n")
}

impl From<Refusal> for Answer {
    fn from(mut refusal: Refusal) -> Self {
        let allow = refusal.allow.take();
        let answer = Self::json(refusal.status, &refusal)
            .unwrap_or_else(|_| Self::text(refusal.status, JSON, "{}\n"));
        Self { allow, ..answer }
    }
}

impl Refusal {
    pub(super) fn new(status: u16, error: impl Into<String>) -> Self {
        Self {
            status,
            error: error.into(),
            help: None,
            problems: Vec::new(),
            allow: None,
        }
    }

    pub(super) fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }

    pub(super) fn allow(self, methods: String) -> Self {
        Self {
            allow: Some(methods),
            ..self
        }
    }
}
