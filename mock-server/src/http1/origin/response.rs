//! One response, ready to be sent.

use std::time::Duration;

use bytes::Bytes;

use super::{
    OriginError, Script,
    head::{Fields, Head},
};

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
    /// Nothing but the end of the connection tells where the body ends.
    pub is_open_ended: bool,
    /// The reason why it is not the answer that the scenario has. It is noted at the end
    /// of the connection.
    pub broken: Option<String>,
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

/// What is said where the file that the object is cannot be served.
pub(crate) fn file_text(error: &OriginError) -> String {
    format!("{error}; start the server again to serve it as it is")
}

/// The answer there.
pub(crate) fn file_response(error: &OriginError) -> Response {
    let text = file_text(error);
    let response = text_response(500, "text/plain; charset=utf-8", format!("{text}\n"));
    Response {
        broken: Some(text),
        ..response
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
        is_open_ended: false,
        broken: None,
    }
}
