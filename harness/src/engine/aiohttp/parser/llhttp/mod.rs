//! llhttp for responses, as aiohttp compiles it, with aiohttp's callbacks around it
//! (`_http_parser.pyx`).
//!
//! A byte at a time through the states of `src/llhttp/http.ts`, under their names
//! where one file has them: `line` the status line, `name` and `value` the fields and
//! trailers, `chunk` the chunked coding, `message` what a head comes to. A state takes
//! the byte, or leaves it to the next one.

mod chunk;
mod flags;
mod line;
mod message;
mod name;
mod value;

use bytes::{Buf as _, Bytes};

use self::{chunk::Chunk, flags::Flags, line::Line, name::Name, value::Value};
use super::{Event, Missing, ParserRules, Refusal};
use crate::engine::aiohttp::{coding::Packages, reader::Rules};

/// The parser of a connection.
#[derive(Debug)]
pub(in crate::engine::aiohttp) struct Llhttp {
    rules: ParserRules,
    limits: Limits,
    packages: Packages,
    at: At,
    flags: Flags,
    /// `Content-Length`, then what of it is still to come; or that of a chunk.
    content_length: u64,
    declared: u64,
    status: u16,
    version: (u8, u8),
    fields: message::Fields,
    /// The bytes of a name or a value since the last callback.
    span: Vec<u8>,
    /// Bytes of the reason so far, and of it in this piece.
    reason: usize,
    /// The message is complete, and its end is yet to be told.
    failed: bool,
}

/// Differences between the releases beside [`ParserRules`].
#[derive(Debug, Clone, Copy)]
struct Limits {
    fields: Option<u32>,
    name_and_value: bool,
    brief: bool,
    constant_is_status_line: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// `start`: CR and LF are skipped.
    Start,
    Line(Line),
    Name(Name),
    Value(Value),
    /// `headers_done`: no byte is needed.
    HeadersDone,
    Body,
    UntilEof,
    Chunk(Chunk),
    /// `message_done`
    MessageDone,
    /// `cleanup`
    Cleanup,
    /// `closed`: nothing but line ends may come.
    Closed,
    /// Another protocol takes over: what is left of this piece is not ours.
    Upgraded,
}

/// A state's way with a byte.
enum Step {
    /// Takes it.
    Take(At),
    /// Leaves it to the next state.
    Leave(At),
    /// Takes it, and tells.
    Tell(At, Event),
    /// Takes it, and the headers are complete.
    Headers,
}

impl Llhttp {
    pub(super) fn new(rules: &Rules) -> Self {
        Self {
            rules: rules.parser,
            limits: Limits {
                fields: rules.max_headers,
                name_and_value: rules.line_limit_spans_field,
                brief: rules.error_text_leaves_line_out,
                constant_is_status_line: rules.bad_protocol_is_bad_status_line,
            },
            packages: Packages::of(rules),
            at: At::Start,
            flags: Flags::default(),
            content_length: 0,
            declared: 0,
            status: 0,
            version: (0, 0),
            fields: message::Fields::default(),
            span: Vec::new(),
            reason: 0,
            failed: false,
        }
    }

    /// `llhttp_execute` up to the next event.
    pub(super) fn next(&mut self, input: &mut Bytes) -> Result<Option<Event>, Refusal> {
        if self.failed {
            input.clear();
            return Ok(None);
        }
        let next = self.run(input);
        self.failed = next.is_err();
        next
    }

    /// `feed_eof` behind an error of this parser, which has forgotten the payload: it
    /// takes what came of trailers for a head, and that may be refused again.
    pub(super) fn lost(&mut self) -> Option<Refusal> {
        let started = !matches!(
            self.at,
            At::Start | At::MessageDone | At::Cleanup | At::Closed | At::Upgraded
        );
        let again = started.then(|| self.headers_complete());
        again.and_then(Result::err)
    }

    /// `feed_eof`: the flags decide, not the state.
    pub(super) fn missing(&self) -> Missing {
        if self.flags.chunked {
            Missing::LastChunk
        } else if self.flags.content_length && self.content_length > 0 {
            Missing::Bytes(self.content_length)
        } else {
            Missing::Nothing
        }
    }

    fn run(&mut self, input: &mut Bytes) -> Result<Option<Event>, Refusal> {
        loop {
            if let Some(event) = self.without_byte() {
                return Ok(Some(event));
            }
            if let Some(event) = self.data(input) {
                return Ok(Some(event));
            }
            let Some(&byte) = input.first() else {
                self.piece_ends()?;
                return Ok(None);
            };
            match self.step(byte)? {
                Step::Leave(at) => self.at = at,
                Step::Take(at) => {
                    input.advance(1);
                    self.at = at;
                }
                Step::Tell(at, event) => {
                    input.advance(1);
                    self.at = at;
                    return Ok(Some(event));
                }
                Step::Headers => {
                    input.advance(1);
                    return self.headers_complete().map(Some);
                }
            }
        }
    }

    /// The states that need no byte.
    fn without_byte(&mut self) -> Option<Event> {
        loop {
            match self.at {
                At::HeadersDone => self.at = self.after_headers(),
                At::MessageDone => {
                    self.at = At::Cleanup;
                    return Some(Event::End);
                }
                At::Cleanup => self.message_ends(),
                _ => return None,
            }
        }
    }

    /// `llhttp__after_message_complete`
    fn message_ends(&mut self) {
        self.at = match self.should_keep_alive() {
            true => At::Start,
            false => At::Closed,
        };
        if self.at == At::Start {
            self.content_length = 0;
        }
        self.flags = Flags::default();
    }

    /// Bytes of the body, which are taken by the slice.
    fn data(&mut self, input: &mut Bytes) -> Option<Event> {
        let then = match self.at {
            At::Upgraded => {
                input.clear();
                return None;
            }
            At::UntilEof if !input.is_empty() => {
                return Some(Event::Data(std::mem::take(input)));
            }
            At::Body => At::MessageDone,
            At::Chunk(Chunk::Data) => At::Chunk(Chunk::DataEnd { cr: false }),
            _ => return None,
        };
        if input.is_empty() {
            return None;
        }
        let most = usize::try_from(self.content_length).unwrap_or(usize::MAX);
        let data = input.split_to(input.len().min(most));
        self.content_length -= data.len() as u64;
        if self.content_length == 0 {
            self.at = then;
        }
        Some(Event::Data(data))
    }

    fn step(&mut self, byte: u8) -> Result<Step, Refusal> {
        match self.at {
            At::Start if matches!(byte, b'\r' | b'\n') => Ok(Step::Take(At::Start)),
            At::Start => {
                self.begin_message();
                Ok(Step::Leave(At::Line(Line::Protocol {
                    word: line::HTTP,
                    read: 0,
                })))
            }
            At::Line(line) => self.line(line, byte),
            At::Name(name) => self.name(name, byte),
            At::Value(value) => self.value(value, byte),
            At::Chunk(chunk) => self.chunk(chunk, byte),
            At::Closed if matches!(byte, b'\r' | b'\n') => Ok(Step::Take(At::Closed)),
            At::Closed => Err(Refusal::message("Data after `Connection: close`")),
            at => Ok(Step::Leave(at)),
        }
    }

    /// The end of a call of `llhttp_execute`: spans that are open are told.
    fn piece_ends(&mut self) -> Result<(), Refusal> {
        match self.at {
            At::Line(Line::Reason) => self.reason_ends(),
            At::Name(Name::Field | Name::Spaces) => self.name_told(),
            At::Value(value) if value.is_span() => self.value_told(),
            _ => Ok(()),
        }
    }
}
