//! aiohttp's two parsers of a response, without I/O: the compiled one (`llhttp`) and
//! the one in Python (`python`), as each release has them.
//!
//! Both are written after the library's sources, state by state, so that bytes that
//! nobody thought of come out as they do there; `harness/conformance/generate.py`
//! compares them with the releases themselves. What a release does otherwise is a
//! field of [`ParserRules`].

mod changes;
mod llhttp;
mod python;
mod refusal;
mod rules;

use bytes::Bytes;
use shortread_server::scenario::{Framing, Parser};

pub(super) use self::refusal::{Fault, Refusal};
pub use self::rules::ParserRules;
use self::{llhttp::Llhttp, python::Lines};
use super::{coding::Coding, reader::Rules};
use crate::client::{Fields, Head};

/// Most bytes of a line or a field (`max_line_size`, `max_field_size`).
const LINE: usize = 8190;
/// Most bytes of a head that the parser in Python keeps. Before 3.13.4 it has no
/// limit of its own.
pub(crate) const LARGEST_HEAD: usize = 2 << 20;

/// One response after another, as the library's parser tells of them.
#[derive(Debug)]
pub(super) enum ResponseParser {
    Compiled(Box<Llhttp>),
    Python(Box<Lines>),
}

/// The parser's next find.
#[derive(Debug)]
pub(super) enum Event {
    /// A response begins, be it an interim one.
    Message(Message),
    /// An HTTP chunk begins.
    ChunkBegin,
    /// Bytes of the body, still coded: never none.
    Data(Bytes),
    /// An HTTP chunk ended.
    ChunkEnd,
    /// The body is whole.
    End,
}

/// A response head.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) head: Head,
    pub(super) coding: Option<Coding>,
    /// The caller gets the library's empty stream, whatever the parser still reads.
    pub(super) empty: bool,
    /// The connection may carry another response behind it.
    pub(super) keeps: bool,
}

/// The missing part of a body in whose midst the connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// So many bytes of `Content-Length`.
    Bytes(u64),
    /// The last chunk, or what belongs behind it.
    LastChunk,
    /// Nothing: the body may end here.
    Nothing,
}

impl ResponseParser {
    pub(super) fn new(parser: Parser, rules: &Rules) -> Self {
        match parser {
            Parser::C => Self::Compiled(Box::new(Llhttp::new(rules))),
            Parser::Python => Self::Python(Box::new(Lines::new(rules))),
        }
    }

    /// Bytes came off the transport: what follows is one call of `feed_data`.
    pub(super) fn piece_begins(&mut self) {
        if let Self::Python(parser) = self {
            parser.piece_begins();
        }
    }

    /// The next event off the front of `input`. `None` when all of it is used up.
    ///
    /// # Errors
    /// [`Fault`]. After one that is raised the parser is of no use.
    pub(super) fn next(&mut self, input: &mut Bytes) -> Result<Option<Event>, Fault> {
        match self {
            Self::Compiled(parser) => parser.next(input).map_err(Fault::raised),
            Self::Python(parser) => parser.next(input),
        }
    }

    /// The missing part if the connection ends now. Behind a fault: as it was before.
    pub(super) fn missing(&self) -> Missing {
        match self {
            Self::Compiled(parser) => parser.missing(),
            Self::Python(parser) => parser.missing(),
        }
    }

    /// The connection was closed for an error of this parser, which `feed_eof` then
    /// meets: another error, if it has one.
    pub(super) fn lost(&mut self) -> Option<Refusal> {
        match self {
            Self::Compiled(parser) => parser.lost(),
            Self::Python(parser) => (parser.missing() == Missing::LastChunk).then(|| {
                let text = "Not enough data to satisfy transfer length header.";
                Refusal::new("TransferEncodingError", text)
            }),
        }
    }

    /// True in the midst of a chunk's data, where the parser in Python forgets a pause.
    pub(super) fn is_within_chunk(&self) -> bool {
        matches!(self, Self::Python(parser) if parser.is_within_chunk())
    }

    /// True if the next event is data of a chunk.
    pub(super) fn is_before_data(&self) -> bool {
        matches!(self, Self::Python(parser) if parser.is_before_data())
    }
}

impl Message {
    fn new(status: u16, framing: Framing, declared: Option<u64>) -> Self {
        let head = Head {
            status,
            framing,
            declared,
            fields: Fields::default(),
        };
        Self {
            head,
            coding: None,
            empty: false,
            keeps: false,
        }
    }

    fn without_body(status: u16) -> Self {
        let message = Self::new(status, Framing::ContentLength, Some(0));
        Self {
            empty: true,
            ..message
        }
    }

    fn with(mut self, fields: Fields) -> Self {
        self.head.fields = fields;
        self
    }

    fn keeping(self, keeps: bool) -> Self {
        Self { keeps, ..self }
    }

    fn coded(self, coding: Option<Coding>) -> Self {
        Self { coding, ..self }
    }
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
