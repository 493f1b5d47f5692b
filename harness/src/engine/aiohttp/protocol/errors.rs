//! The exceptions of the protocol layer, by release: class names and texts as the
//! library prints them, with the cause of the failure.
//!
//! The texts leave out the URL of a ClientResponseError, what they quote of the input,
//! and the misspellings of releases before 3.12.

use std::io;

use crate::{
    client::{ErrorLink, Failure, FailureCause, cause_of},
    engine::{
        aiohttp::{parser::Refusal, reader::Rules},
        http1::{CodingError, Inflate},
    },
};

impl Refusal {
    /// Before the caller has the response.
    pub(super) fn of_response(&self, rules: &Rules) -> Failure {
        let cause = FailureCause::Malformed;
        if self.class == "IndexError" {
            // Not an error of HTTP, in a release that does not wrap it.
            return failure(cause, self.class, vec![self.text.clone()]);
        }
        let (code, text) = match rules.refused_head_loses_text {
            true => (0, ""),
            false => (400, self.text.as_str()),
        };
        let mut links = vec![
            format!("{code}, message={}", quoted(text)),
            format!("HttpProcessingError: {}", message(code, text)),
            self.link(),
        ];
        if !rules.refused_head_chains_base {
            links.remove(1);
        }
        failure(cause, "ClientResponseError", links)
    }

    /// As the payload's exception.
    pub(super) fn of_payload(&self, rules: &Rules) -> Failure {
        let links = vec![message(400, &self.text), self.link()];
        payload(FailureCause::Malformed, links, rules)
    }

    /// As what the end of the connection meets in the midst of a body.
    pub(super) fn of_end(&self, rules: &Rules) -> Failure {
        Failure {
            cause: FailureCause::Malformed,
            ..not_completed(self.class, &self.text, None, rules)
        }
    }

    /// As the exception that the parser's lowest layer sets, and the one above
    /// it replaces.
    pub(super) fn bare(&self) -> Failure {
        let links = vec![message(400, &self.text)];
        failure(FailureCause::Malformed, self.class, links)
    }

    fn link(&self) -> String {
        format!("{}: {}", self.class, message(400, &self.text))
    }
}

fn disconnected() -> Failure {
    Failure::of(FailureCause::ClosedEarly, "Server disconnected").named("ServerDisconnectedError")
}

/// The connection ended before a head was complete: in order, or with `error`.
pub(super) fn before_head(error: Option<&io::Error>, rules: &Rules) -> Failure {
    let Some(error) = error else {
        return disconnected();
    };
    let cause = cause_of(error);
    if cause == FailureCause::ClosedEarly {
        return disconnected();
    }
    let raised = OsError::of(error);
    let mut failure = failure(cause, "ClientOSError", vec![raised.text()]);
    failure.error[0].errno = raised.errno;
    if rules.errors_chain_their_cause {
        failure.error.push(raised.link());
    }
    failure
}

/// The framing announced more than came: `received` of `declared` bytes on the
/// wire, or no last chunk.
pub(super) fn cut(counts: Option<(u64, u64)>, error: Option<&io::Error>, rules: &Rules) -> Failure {
    let (class, text) = match counts {
        None => (
            "TransferEncodingError",
            "Not enough data to satisfy transfer length header.".into(),
        ),
        Some((received, declared)) if rules.error_text_counts_bytes => (
            "ContentLengthError",
            format!(
                "Not enough data to satisfy content length header (received {received} of \
                 {declared} bytes)."
            ),
        ),
        Some(_) => (
            "ContentLengthError",
            "Not enough data to satisfy content length header.".into(),
        ),
    };
    not_completed(class, &text, error, rules)
}

/// A deflate body whose connection ended before it did.
pub(super) fn cut_coding(coding: &str, error: Option<&io::Error>, rules: &Rules) -> Failure {
    not_completed("ContentEncodingError", coding, error, rules)
}

/// The body could not be decoded.
pub(super) fn decoding(error: CodingError, coding: &str, rules: &Rules) -> Failure {
    let (class, text) = match (error, rules.inflate) {
        (CodingError::Memory(over), _) => return Failure::memory(&over),
        (CodingError::TooLarge(_), Inflate::Refused { above }) => (
            "DecompressSizeError",
            format!("Decompressed data exceeds the configured limit of {above} bytes"),
        ),
        _ => (
            "ContentEncodingError",
            format!("Can not decode content-encoding: {coding}"),
        ),
    };
    let text = message(400, &text);
    let link = format!("{class}: {text}");
    payload(FailureCause::Malformed, vec![text, link], rules)
}

/// The connection ended after the parser's callback had refused a piece of the
/// body, and nothing of the framing is missing.
pub(super) fn refused_piece(error: Option<&io::Error>, rules: &Rules) -> Failure {
    let text = "Span callback error in on_body";
    not_completed("PayloadEncodingError", text, error, rules)
}

fn not_completed(class: &str, text: &str, error: Option<&io::Error>, rules: &Rules) -> Failure {
    const OUTER: &str = "Response payload is not completed";
    let cause = error.map_or(FailureCause::ClosedEarly, cause_of);
    let raised = error.map(OsError::of);
    let mut outer = OUTER.to_owned();
    if rules.error_text_carries_cause {
        outer += &format!(": <{class}: 400, message={}>", quoted(text));
        if let Some(raised) = &raised {
            outer += &format!(". {}", raised.repr());
        }
    }
    let links = vec![outer, format!("{class}: {}", message(400, text))];
    let mut failure = payload(cause, links, rules);
    // The library knows it from the text alone; the number is worth a link.
    if let Some(raised) = raised {
        failure.error.push(raised.link());
    }
    failure
}

fn payload(cause: FailureCause, mut links: Vec<String>, rules: &Rules) -> Failure {
    if !rules.errors_chain_their_cause {
        links.truncate(1);
    }
    failure(cause, "ClientPayloadError", links)
}

fn failure(cause: FailureCause, exception: &str, links: Vec<String>) -> Failure {
    Failure {
        cause,
        error: links
            .into_iter()
            .map(|message| ErrorLink {
                message,
                errno: None,
            })
            .collect(),
        exception: Some(exception.into()),
    }
}

/// The printed form of the library's protocol errors: the code, then the text, whose
/// lines are indented.
fn message(code: u16, text: &str) -> String {
    let ends_line =
        |c: char| matches!(c, '\n'..='\r' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let mut message = format!("{code}, message:\n");
    let mut lines = text.split_inclusive(ends_line).peekable();
    let mut within = false;
    while let Some(line) = lines.next() {
        if !line.trim().is_empty() && !within {
            message += "  ";
        }
        // CR LF is one end.
        within = line.ends_with('\r') && lines.peek() == Some(&"\n");
        message += line;
    }
    message
}

/// `repr()` of a text.
fn quoted(text: &str) -> String {
    let quote = match text.contains('\'') && !text.contains('"') {
        true => '"',
        false => '\'',
    };
    let mut quoted = String::from(quote);
    for character in text.chars() {
        match character {
            '\n' => quoted += "\\n",
            '\r' => quoted += "\\r",
            '\t' => quoted += "\\t",
            '\\' => quoted += "\\\\",
            _ if character == quote => quoted.extend(['\\', quote]),
            _ if character.is_control() => quoted += &format!("\\x{:02x}", u32::from(character)),
            _ => quoted.push(character),
        }
    }
    quoted.push(quote);
    quoted
}

/// An error of the transport in Python's words.
struct OsError {
    class: &'static str,
    errno: Option<i32>,
    text: String,
}

impl OsError {
    fn of(error: &io::Error) -> Self {
        use io::ErrorKind::*;
        // A connection in memory has kinds alone: Linux's numbers then.
        let known = match error.kind() {
            ConnectionReset => Some(("ConnectionResetError", 104, "Connection reset by peer")),
            BrokenPipe => Some(("BrokenPipeError", 32, "Broken pipe")),
            ConnectionAborted => Some((
                "ConnectionAbortedError",
                103,
                "Software caused connection abort",
            )),
            TimedOut => Some(("TimeoutError", 110, "Connection timed out")),
            _ => None,
        };
        match known {
            Some((class, errno, text)) => Self {
                class,
                errno: Some(error.raw_os_error().unwrap_or(errno)),
                text: text.into(),
            },
            None => Self {
                class: "OSError",
                errno: error.raw_os_error(),
                text: error.to_string(),
            },
        }
    }

    fn text(&self) -> String {
        match self.errno {
            Some(errno) => format!("[Errno {errno}] {}", self.text),
            None => self.text.clone(),
        }
    }

    fn repr(&self) -> String {
        match self.errno {
            Some(errno) => format!("{}({errno}, '{}')", self.class, self.text),
            None => format!("{}('{}')", self.class, self.text),
        }
    }

    fn link(&self) -> ErrorLink {
        ErrorLink {
            message: format!("{}: {}", self.class, self.text()),
            errno: self.errno,
        }
    }
}
