//! The protocol layer of aiohttp's client: what it makes of the events of its parser,
//! release by release.
//!
//! `errors` has the exceptions, `body` decodes and ends a body, and this file keeps
//! the order of events for the stream reader.

mod body;
mod errors;

use std::io;

use bytes::Bytes;
use shortread_server::scenario::Parser;

use self::body::BodyState;
use super::{
    intake::Intake,
    parser::{Event, Fault, Message, Refusal, ResponseParser},
    source::BodySource,
};
use crate::{
    client::{Failure, FailureCause},
    engine::http1::Head,
};

/// One response through aiohttp's parser.
///
/// A head is the caller's only when the bytes that it came with were parsed
/// to their end: what is malformed behind it, in the same read, fails the
/// request and not the body.
#[derive(Debug)]
pub struct Protocol {
    kind: Parser,
    /// Made with the first bytes, by the rules that come with them.
    parser: Option<ResponseParser>,
    at: At,
    /// Bytes off the transport that are not parsed yet, while the parser is
    /// paused.
    input: Bytes,
    /// A head that the caller does not have yet.
    head: Option<Head>,
    /// The stream commanded a pause, and the parser has not stopped for it yet.
    pause: bool,
}

#[derive(Debug)]
enum At {
    /// Before the head of the response, perhaps behind interim ones.
    Head,
    Body(BodyState),
    /// The content could not be decoded. The connection lives on and what it
    /// brings is dropped; its end has its own error.
    Undecodable(BodyState),
    /// The body was refused, and the connection is being closed: that may have its
    /// own error too.
    Refused,
    /// Behind the end, or behind an error.
    Done,
}

/// The reason why parsing stopped.
enum Stop {
    /// The payload failed; the message around it did not.
    Payload(Failure),
    /// An exception of the parser.
    Fault(Fault),
}

impl BodySource for Protocol {
    fn data(&mut self, bytes: Bytes, mut into: Intake<'_>) {
        let kind = self.kind;
        let parser = self
            .parser
            .get_or_insert_with(|| ResponseParser::new(kind, into.rules()));
        parser.piece_begins();
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
        let missing = self.parser.as_ref().map(ResponseParser::missing);
        match (&mut self.at, missing) {
            (At::Body(body), Some(missing)) => {
                match body.close(missing, error.as_ref(), &mut into) {
                    Ok(true) => into.end(),
                    Ok(false) => {}
                    Err(failure) => into.fail(failure),
                }
            }
            (At::Undecodable(body), Some(missing)) => {
                into.fail(body.close_undecodable(missing, error.as_ref(), &rules));
            }
            (At::Refused | At::Done, _) => {}
            _ => into.fail(errors::before_head(error.as_ref(), &rules)),
        }
        self.at = At::Done;
    }

    fn disconnected(&mut self, mut into: Intake<'_>) {
        if matches!(self.at, At::Refused) {
            // `connection_lost` asks the parser, which may have another error.
            if let Some(refusal) = self.parser.as_mut().and_then(ResponseParser::lost) {
                into.fail(refusal.of_end(into.rules()));
            }
            self.at = At::Done;
        }
    }
}

impl Protocol {
    /// At the start of a response.
    pub fn new(kind: Parser) -> Self {
        Self {
            kind,
            parser: None,
            at: At::Head,
            input: Bytes::new(),
            head: None,
            pause: false,
        }
    }

    fn parse(&mut self, into: &mut Intake<'_>) {
        loop {
            let stop = self.try_parse(into);
            let Err(stop) = stop else {
                return self.hand_over(into);
            };
            match stop {
                Stop::Fault(fault) if fault.raised => return self.refuse(&fault, into),
                Stop::Fault(fault) => self.fail_payload(&fault, into),
                Stop::Payload(failure) => return self.fail_body(failure, into),
            }
        }
    }

    fn hand_over(&mut self, into: &mut Intake<'_>) {
        if let Some(head) = self.head.take() {
            into.head(head);
        }
    }

    /// The content could not be decoded, or the memory is used up.
    fn fail_body(&mut self, failure: Failure, into: &mut Intake<'_>) {
        self.hand_over(into);
        self.at = match std::mem::replace(&mut self.at, At::Done) {
            At::Body(body)
                if self.kind == Parser::C && failure.cause == FailureCause::Malformed =>
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

    /// The body alone has the exception. What comes next is parsed all the same.
    fn fail_payload(&mut self, fault: &Fault, into: &mut Intake<'_>) {
        if matches!(self.at, At::Body(_)) {
            self.at = At::Done;
            self.hand_over(into);
            Self::set_exceptions(fault, into);
        }
    }

    /// A read that waits gets the first, a later one the second.
    fn set_exceptions(fault: &Fault, into: &mut Intake<'_>) {
        let rules = *into.rules();
        if fault.bare_first && into.is_awaited() {
            into.fail(fault.refusal.bare());
        }
        into.fail(fault.refusal.of_payload(&rules));
    }

    /// The exception goes to the connection, which closes.
    fn refuse(&mut self, fault: &Fault, into: &mut Intake<'_>) {
        let rules = *into.rules();
        into.facts.spoiled = true;
        match std::mem::replace(&mut self.at, At::Done) {
            At::Head => into.fail(fault.refusal.of_response(&rules)),
            _ if self.head.take().is_some() => into.fail(fault.refusal.of_response(&rules)),
            At::Body(_) => {
                into.hang_up();
                // Of the compiled parser the connection's own exception is set, the
                // payload's is not.
                if self.kind == Parser::Python {
                    Self::set_exceptions(fault, into);
                }
                self.at = At::Refused;
            }
            // The caller has all that it asked for.
            At::Undecodable(_) | At::Refused | At::Done => {}
        }
    }

    fn try_parse(&mut self, into: &mut Intake<'_>) -> Result<(), Stop> {
        loop {
            match &mut self.at {
                At::Body(_) if into.is_finished() => return Ok(()),
                At::Body(body) if body.decodes_more() => {
                    if stops(Parser::Python, self.kind, &mut self.pause, into) {
                        return Ok(());
                    }
                    self.pause |= body.piece(Bytes::new(), into)?;
                    if stops(Parser::C, self.kind, &mut self.pause, into) {
                        return Ok(());
                    }
                    continue;
                }
                // Bytes behind the end matter as long as the head is not handed over.
                At::Done if self.head.is_none() => {
                    into.facts.spoiled |= !self.input.is_empty();
                    self.input.clear();
                    return Ok(());
                }
                At::Undecodable(_) | At::Refused => {
                    self.input.clear();
                    return Ok(());
                }
                At::Body(_) | At::Head | At::Done => {}
            }
            let Some(parser) = &mut self.parser else {
                return Ok(());
            };
            if parser.is_before_data()
                && !self.input.is_empty()
                && stops(Parser::Python, self.kind, &mut self.pause, into)
            {
                return Ok(());
            }
            match parser.next(&mut self.input).map_err(Stop::Fault)? {
                Some(event) => {
                    if self.obey(event, into)? {
                        return Ok(());
                    }
                }
                None => {
                    // In the midst of a chunk the parser in Python forgets it.
                    self.pause &= !parser.is_within_chunk();
                    return Ok(());
                }
            }
        }
    }

    /// True if the parser stops here, until it is resumed.
    fn obey(&mut self, event: Event, into: &mut Intake<'_>) -> Result<bool, Stop> {
        if let Event::Message(message) = event {
            self.begin(message, into);
            return Ok(false);
        }
        let At::Body(body) = &mut self.at else {
            return Ok(false);
        };
        match event {
            Event::Message(_) => {}
            Event::ChunkBegin => into.begin_chunk(),
            // A pause that a chunk's end commands takes effect behind the next piece.
            Event::ChunkEnd => self.pause |= into.end_chunk(),
            Event::Data(bytes) => {
                into.count(bytes.len());
                self.pause |= body.piece(bytes, into)?;
                return Ok(stops(Parser::C, self.kind, &mut self.pause, into));
            }
            Event::End => {
                body.end(self.kind, into.rules())?;
                into.end();
                self.at = At::Done;
            }
        }
        Ok(false)
    }

    fn begin(&mut self, message: Message, into: &mut Intake<'_>) {
        let interim = matches!(message.head.status, 100..=199) && message.head.status != 101;
        if interim || !matches!(self.at, At::Head) {
            return;
        }
        into.facts.keeps = message.keeps;
        if message.empty {
            self.at = At::Done;
            into.end();
        } else {
            self.at = At::Body(BodyState::new(&message, into.rules()));
        }
        self.head = Some(message.head);
    }
}

/// True at the place at which the parser `kind` stops for a pause: the compiled one
/// behind the piece that made the stream pause, the one in Python before it would
/// hand on more.
fn stops(here: Parser, kind: Parser, pause: &mut bool, into: &Intake<'_>) -> bool {
    kind == here && std::mem::take(pause) && into.rules().parser_pauses
}

/// A message that is refused.
fn refused(refusal: Refusal) -> Stop {
    Stop::Fault(Fault::raised(refusal))
}

#[cfg(test)]
mod odd_tests;
#[cfg(test)]
mod release_tests;
#[cfg(test)]
mod tests;
