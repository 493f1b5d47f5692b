//! The protocol layer of aiohttp's client: its parsing of a response, release by
//! release.
//!
//! `heads` has the heads that it takes, `errors` the exceptions, and this file
//! keeps the order of events for the stream reader. The parsing itself is shared
//! with other engines (`engine::http1`).

mod errors;
mod heads;

use std::io;

use bytes::Bytes;
use shortread_server::scenario::{Framing, Parser};

use self::errors::RefusedHead;
use super::{intake::Intake, reader::Rules, source::BodySource};
use crate::{
    client::{Failure, FailureCause},
    engine::http1::{Decoder, Decoding, Head, HeadError, HeadReader, Item},
};

/// One response through aiohttp's parser.
///
/// A head is the caller's only when the bytes that it came with were parsed
/// to their end: what is malformed behind it, in the same read, fails the
/// request and not the body.
#[derive(Debug)]
pub struct Protocol {
    parser: Parser,
    at: At,
    /// Bytes off the transport that are not parsed yet, while the parser is
    /// paused.
    input: Bytes,
    /// A head that the caller does not have yet.
    head: Option<Head>,
    /// The stream commanded a pause; the parser stops behind the next piece.
    pause: bool,
}

#[derive(Debug)]
enum At {
    Start,
    Head(HeadReader),
    Body(BodyState),
    /// The content could not be decoded. The connection lives on and what it
    /// brings is dropped; its end has its own error.
    Undecodable(BodyState),
    /// Behind the end, or behind an error.
    Done,
}

#[derive(Debug)]
struct BodyState {
    framing: Decoder,
    /// `Content-Length`, where that is the framing.
    declared: Option<u64>,
    decoding: Option<Decoding>,
}

/// The reason why parsing stopped for good.
enum Stop {
    /// The payload failed; the message around it did not.
    Payload(Failure),
    /// The message is refused.
    Message(RefusedHead),
}

impl BodySource for Protocol {
    fn data(&mut self, bytes: Bytes, mut into: Intake<'_>) {
        self.input = if self.input.is_empty() {
            bytes
        } else {
            [&self.input[..], &bytes].concat().into()
        };
        self.parse(&mut into);
    }

    fn resumed(&mut self, mut into: Intake<'_>) {
        // Before 3.14 the parser does not pause, and keeps nothing.
        if into.rules().parser_pauses {
            self.parse(&mut into);
        }
    }

    fn closed(&mut self, error: Option<io::Error>, mut into: Intake<'_>) {
        let rules = *into.rules();
        match &mut self.at {
            At::Start | At::Head(_) => into.fail(errors::before_head(error.as_ref(), &rules)),
            At::Body(body) => match body.close(error.as_ref(), &mut into) {
                Ok(true) => into.end(),
                Ok(false) => {}
                Err(failure) => into.fail(failure),
            },
            At::Undecodable(body) => into.fail(body.close_undecodable(error.as_ref(), &rules)),
            At::Done => {}
        }
        self.at = At::Done;
    }
}

impl Protocol {
    /// At the start of a response.
    pub fn new(parser: Parser) -> Self {
        Self {
            parser,
            at: At::Start,
            input: Bytes::new(),
            head: None,
            pause: false,
        }
    }

    fn parse(&mut self, into: &mut Intake<'_>) {
        let stop = match self.try_parse(into) {
            Ok(()) => None,
            Err(Stop::Message(refusal)) => {
                self.refuse(&refusal, into);
                return;
            }
            Err(Stop::Payload(failure)) => Some(failure),
        };
        if let Some(head) = self.head.take() {
            into.head(head);
        }
        let Some(failure) = stop else { return };
        self.at = match std::mem::replace(&mut self.at, At::Done) {
            At::Body(body)
                if self.parser == Parser::C && failure.cause == FailureCause::Malformed =>
            {
                into.fail_body(failure);
                At::Undecodable(body)
            }
            _ => {
                into.fail(failure);
                At::Done
            }
        };
    }

    fn refuse(&mut self, refusal: &RefusedHead, into: &mut Intake<'_>) {
        let rules = *into.rules();
        match std::mem::replace(&mut self.at, At::Done) {
            At::Start | At::Head(_) => into.fail(refusal.of_response(&rules)),
            _ if self.head.take().is_some() => into.fail(refusal.of_response(&rules)),
            At::Body(_) => match self.parser {
                // The connection's own exception is set, the payload's is not.
                Parser::C => into.hang_up(),
                Parser::Python => {
                    into.hang_up();
                    // A read that waits gets the first, a later one the second.
                    if into.is_awaited() {
                        into.fail(refusal.bare());
                    }
                    into.fail(refusal.of_payload(&rules));
                }
            },
            // The caller has all that it asked for.
            At::Undecodable(_) | At::Done => {}
        }
    }

    fn try_parse(&mut self, into: &mut Intake<'_>) -> Result<(), Stop> {
        let rules = *into.rules();
        loop {
            match &mut self.at {
                At::Start => {
                    let head_rules = heads::of(&rules, self.parser);
                    self.at = At::Head(HeadReader::new(head_rules));
                }
                At::Head(reader) => {
                    let input = std::mem::take(&mut self.input);
                    let Some((head, rest)) = reader
                        .push(&input)
                        .map_err(|error| refused(&error, &rules, self.parser))?
                    else {
                        return Ok(());
                    };
                    self.input = rest;
                    self.at = At::Body(BodyState::new(&head, &rules));
                    self.head = Some(head);
                }
                At::Body(_) if into.is_finished() => return Ok(()),
                At::Body(body) => {
                    if body.decodes_more() {
                        self.pause |= body.piece(Bytes::new(), into)?;
                    } else {
                        match body.framing.next(&mut self.input).map_err(|error| {
                            Stop::Message(RefusedHead::framing(error, self.parser))
                        })? {
                            None => return Ok(()),
                            Some(Item::End) => {
                                body.end(self.parser, &rules)?;
                                into.end();
                                self.at = At::Done;
                                continue;
                            }
                            Some(Item::ChunkBegin) => {
                                into.begin_chunk();
                                continue;
                            }
                            // A pause that a chunk's end commands takes effect
                            // behind the next piece.
                            Some(Item::ChunkEnd) => {
                                if self.parser == Parser::C {
                                    self.pause |= into.end_chunk();
                                }
                                continue;
                            }
                            Some(Item::Data(bytes)) => {
                                into.count(bytes.len());
                                self.pause |= body.piece(bytes, into)?;
                                // The parser in Python ends a chunk with its
                                // last byte, the compiled one with its line.
                                if self.parser == Parser::Python && body.framing.is_behind_data() {
                                    self.pause |= into.end_chunk();
                                }
                            }
                        }
                    }
                    if std::mem::take(&mut self.pause) && rules.parser_pauses {
                        return Ok(());
                    }
                }
                At::Undecodable(_) => {
                    self.input.clear();
                    return Ok(());
                }
                At::Done => {
                    // The rest is parsed as the next response, and must look like one.
                    let rest = std::mem::take(&mut self.input);
                    if self.head.is_some() && !rest.is_empty() {
                        HeadReader::new(heads::of(&rules, self.parser))
                            .push(&rest)
                            .map_err(|error| refused(&error, &rules, self.parser))?;
                    }
                    return Ok(());
                }
            }
        }
    }
}

fn refused(error: &HeadError, rules: &Rules, parser: Parser) -> Stop {
    Stop::Message(RefusedHead::head(error, rules, parser))
}

impl BodyState {
    fn new(head: &Head, rules: &Rules) -> Self {
        Self {
            framing: Decoder::of(head),
            declared: head
                .declared
                .filter(|_| head.framing == Framing::ContentLength),
            decoding: head
                .coding
                .map(|coding| Decoding::new(coding, rules.inflate, rules.gzip_members)),
        }
    }

    fn decodes_more(&self) -> bool {
        self.decoding.as_ref().is_some_and(Decoding::has_more)
    }

    /// Hands on one piece, decoded where it is coded. Whether the stream
    /// commanded a pause.
    fn piece(&mut self, bytes: Bytes, into: &mut Intake<'_>) -> Result<bool, Stop> {
        let Some(decoding) = &mut self.decoding else {
            return Ok(into.feed(bytes));
        };
        let step = into.decode_step();
        let decoded = decoding
            .feed(bytes, step, &|bytes| into.afford(bytes))
            .map_err(|error| {
                Stop::Payload(errors::decoding(error, decoding.coding(), into.rules()))
            })?;
        Ok(into.feed(decoded))
    }

    /// The framing is complete.
    fn end(&self, parser: Parser, rules: &Rules) -> Result<(), Stop> {
        let Some(decoding) = &self.decoding else {
            return Ok(());
        };
        decoding.end().map_err(|_| {
            let refusal = RefusedHead::coding(decoding.coding());
            match parser {
                Parser::C => Stop::Message(refusal),
                Parser::Python => Stop::Payload(refusal.of_payload(rules)),
            }
        })
    }

    /// The connection ended. Whether the body did so too: what a paused parser
    /// has kept is lost, and its reader never sees an end.
    fn close(&mut self, error: Option<&io::Error>, into: &mut Intake<'_>) -> Result<bool, Failure> {
        let rules = *into.rules();
        if let Err(cut) = self.framing.close_now() {
            let counts = self
                .declared
                .map(|declared| (declared.saturating_sub(cut.missing()), declared));
            return Err(errors::cut(counts, error, &rules));
        }
        if let Some(declared) = self.declared
            && rules.eof_while_paused_fails
        {
            // All of it came, and its end was not parsed for the pause.
            return Err(errors::cut(Some((declared, declared)), error, &rules));
        }
        while self.decodes_more() {
            match self.piece(Bytes::new(), into) {
                Ok(true) => return Ok(false),
                Ok(false) => {}
                Err(Stop::Payload(failure)) => return Err(failure),
                Err(Stop::Message(refusal)) => return Err(refusal.of_payload(&rules)),
            }
        }
        match &self.decoding {
            // A body that ends with the connection is whole whatever ended
            // that, and so is a cut gzip body.
            Some(decoding) if decoding.end().is_err() => {
                Err(errors::cut_coding(decoding.coding(), error, &rules))
            }
            _ => Ok(true),
        }
    }

    /// The connection ended after the content could not be decoded: what
    /// replaces that error.
    fn close_undecodable(&mut self, error: Option<&io::Error>, rules: &Rules) -> Failure {
        let missing = match self.framing.close_now() {
            Ok(()) => {
                let declared = self.declared.filter(|_| rules.undecodable_is_called_short);
                return match declared {
                    Some(declared) => errors::cut(Some((declared, declared)), error, rules),
                    None => errors::refused_piece(error, rules),
                };
            }
            Err(cut) => cut.missing(),
        };
        let counts = |declared: u64| (declared.saturating_sub(missing), declared);
        errors::cut(self.declared.map(counts), error, rules)
    }
}

#[cfg(test)]
mod release_tests;
#[cfg(test)]
mod tests;
