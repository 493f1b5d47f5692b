//! The parser in Python (`http_parser.py`) for responses: lax, so that a line ends in
//! LF and CRs before it are stripped.
//!
//! `head` is `parse_message`, `payload` is `HttpPayloadParser`.

mod head;
mod payload;
mod words;

use bytes::{Buf as _, Bytes};
use shortread_server::scenario::Framing;

use self::{
    head::Parsed,
    payload::{Body, Payload},
};
use super::{Event, Fault, LARGEST_HEAD, LINE, Message, Missing, ParserRules, Refusal};
use crate::engine::aiohttp::{
    coding::{Coding, Packages},
    reader::Rules,
};

/// The parser of a connection.
#[derive(Debug)]
pub(in crate::engine::aiohttp) struct Lines {
    rules: ParserRules,
    limits: Limits,
    packages: Packages,
    /// The lines of a head so far, and the bytes of an unfinished one.
    lines: Vec<Vec<u8>>,
    tail: Vec<u8>,
    held: usize,
    payload: Option<Payload>,
    /// `_upgraded`: nothing more is parsed.
    upgraded: bool,
    /// The bytes that come, and those of the next piece, are for another protocol.
    deaf: bool,
    deaf_next: bool,
    /// A response of this piece closes the connection.
    closes: bool,
    /// The body failed, and with it the connection.
    failed: bool,
}

/// Differences between the releases beside [`ParserRules`].
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// `max_headers`, which counts lines here: the status line and the empty one too.
    lines: Option<u32>,
    brief: bool,
    bodiless: bool,
}

impl Lines {
    pub(super) fn new(rules: &Rules) -> Self {
        Self {
            rules: rules.parser,
            limits: Limits {
                lines: rules.max_headers,
                brief: rules.error_text_leaves_line_out,
                bodiless: rules.bodiless_statuses,
            },
            packages: Packages::of(rules),
            lines: Vec::new(),
            tail: Vec::new(),
            held: 0,
            payload: None,
            upgraded: false,
            deaf: false,
            deaf_next: false,
            closes: false,
            failed: false,
        }
    }

    pub(super) fn piece_begins(&mut self) {
        self.closes = false;
        self.deaf |= self.deaf_next;
        if let Some(payload) = &mut self.payload {
            payload.piece_begins();
        }
    }

    /// `feed_data` up to the next event.
    pub(super) fn next(&mut self, input: &mut Bytes) -> Result<Option<Event>, Fault> {
        loop {
            if self.failed || self.deaf {
                input.clear();
                return Ok(None);
            }
            if let Some(payload) = &mut self.payload {
                match payload.next(input) {
                    Ok(Some(Event::End)) => {
                        self.payload = None;
                        return Ok(Some(Event::End));
                    }
                    Ok(event) => return Ok(event),
                    Err(fault) => return Err(self.payload_fails(fault, input)),
                }
            }
            if self.upgraded {
                input.clear();
                return Ok(None);
            }
            let Some(line) = self.line(input)? else {
                return Ok(None);
            };
            if let Some(message) = self.take(line)? {
                return Ok(Some(Event::Message(message)));
            }
        }
    }

    /// `feed_eof`
    pub(super) fn missing(&self) -> Missing {
        self.payload
            .as_ref()
            .map_or(Missing::Nothing, Payload::missing)
    }

    pub(super) fn is_within_chunk(&self) -> bool {
        self.payload.as_ref().is_some_and(Payload::is_within_chunk)
    }

    pub(super) fn is_before_data(&self) -> bool {
        self.payload.as_ref().is_some_and(Payload::is_before_data)
    }

    /// The payload has the exception, and what came with it is dropped. Where the
    /// connection does not fail too, what comes next is taken for a response.
    fn payload_fails(&mut self, mut fault: Fault, input: &mut Bytes) -> Fault {
        input.clear();
        let closes = matches!(
            fault.refusal.class,
            "InvalidHeader" | "TransferEncodingError"
        );
        fault.raised = self.rules.bad_body_closes && closes;
        if fault.raised {
            self.failed = true;
        } else {
            self.payload = None;
        }
        fault
    }

    /// The next line, without its end. An LF before the first line is skipped.
    fn line(&mut self, input: &mut Bytes) -> Result<Option<Vec<u8>>, Fault> {
        loop {
            let Some(end) = input.iter().position(|byte| *byte == b'\n') else {
                self.tail.extend_from_slice(input);
                input.clear();
                let too_long = self.limits.lines.is_some() && self.tail.len() > LINE;
                if too_long || self.held + self.tail.len() > LARGEST_HEAD {
                    return Err(self.too_long("the response head", self.tail.len()));
                }
                return Ok(None);
            };
            let mut line = std::mem::take(&mut self.tail);
            line.extend_from_slice(&input[..end]);
            input.advance(end + 1);
            if !line.is_empty() || !self.lines.is_empty() {
                return Ok(Some(line));
            }
        }
    }

    fn take(&mut self, mut line: Vec<u8>) -> Result<Option<Message>, Fault> {
        if self.closes && self.rules.nothing_behind_close {
            let refusal = Refusal::message("Data after `Connection: close`");
            return Err(Fault::raised(refusal));
        }
        strip_crs(&mut line);
        if self.limits.lines.is_some() && line.len() > LINE {
            return Err(self.too_long("a line", line.len()));
        }
        self.held += line.len();
        if self.held > LARGEST_HEAD {
            return Err(self.too_long("the response head", self.held));
        }
        let ended = line.is_empty();
        self.lines.push(line);
        let count = self.lines.len();
        if let Some(most) = self.limits.lines
            && count > most as usize
        {
            return Err(Fault::raised(Refusal::message("Too many headers received")));
        }
        if !ended {
            return Ok(None);
        }
        let lines = std::mem::take(&mut self.lines);
        self.held = 0;
        let mut parsed = Parsed::of(&lines, &self.rules, &self.limits).map_err(Fault::raised)?;
        let kept = std::mem::take(&mut parsed.kept);
        let trailers = self.limits.lines.map(|most| most as usize - count);
        let message = self.message(parsed, trailers)?;
        Ok(Some(message.with(kept).keeping(!self.closes)))
    }

    /// The end of `feed_data`'s part about the head: which payload there is.
    fn message(&mut self, parsed: Parsed, trailers: Option<usize>) -> Result<Message, Fault> {
        let status = parsed.status;
        self.upgraded = parsed.upgraded;
        self.deaf_next = parsed.upgraded && !self.rules.upgrade_waits;
        self.closes = parsed.closes;
        let bodiless = matches!(status, 100..=199 | 204 | 304);
        let switches = parsed.upgraded && !self.rules.upgrade_waits;
        let dropped = switches && self.rules.upgrade_checked;
        // Before 3.9.4 an upgrade hides chunks too, but where the end would do.
        let hidden = parsed.upgraded && !self.rules.upgrade_checked;
        let chunked = parsed.chunked && !hidden;
        let sized = (parsed.length.is_some_and(|length| length > 0) || chunked) && !dropped;
        let body = match parsed.length {
            _ if bodiless && self.limits.bodiless => None,
            _ if parsed.chunked && sized => Some(Body::chunked()),
            Some(left) if sized => Some(Body::Length { left }),
            None if status >= 199 || self.limits.bodiless => Some(match parsed.chunked {
                true => Body::chunked(),
                false => Body::UntilEof,
            }),
            _ => None,
        };
        // Before 3.9 the parser reads the body of a 204, and the caller gets the
        // empty stream; that of a 101 it gets.
        let Some(body) = body else {
            return Ok(Message::without_body(status));
        };
        let message = match (&body, matches!(status, 204 | 304)) {
            (_, true) => Message::without_body(status),
            (Body::Chunked { .. }, _) => Message::new(status, Framing::Chunked, None),
            (Body::Length { left }, _) => Message::new(status, Framing::ContentLength, Some(*left)),
            (Body::UntilEof, _) => Message::new(status, Framing::Close, None),
        };
        let coding = Coding::of(&parsed.coding, &self.rules, &self.packages);
        self.payload = Some(Payload::new(body, &self.rules, &self.limits, trailers));
        Ok(message.coded(coding))
    }

    fn too_long(&self, part: &str, bytes: usize) -> Fault {
        Fault::raised(Refusal::too_long(part, bytes, self.limits.brief))
    }
}

fn strip_crs(line: &mut Vec<u8>) {
    while line.last() == Some(&b'\r') {
        line.pop();
    }
}
