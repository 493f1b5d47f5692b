//! The body of a response: its content coding, and its end.

use std::io;

use bytes::Bytes;
use shortread_server::scenario::{Framing, Parser};

use super::{Stop, errors, refused};
use crate::{
    client::Failure,
    engine::{
        aiohttp::{
            coding::Coding,
            intake::Intake,
            parser::{Message, Missing, Refusal},
            reader::Rules,
        },
        http1::Decoding,
    },
};

#[derive(Debug)]
pub(super) struct BodyState {
    /// `Content-Length`, where that is the framing.
    declared: Option<u64>,
    decoding: Option<(Coding, Decoding)>,
}

impl BodyState {
    pub(super) fn new(message: &Message, rules: &Rules) -> Self {
        let head = &message.head;
        Self {
            declared: head
                .declared
                .filter(|_| head.framing == Framing::ContentLength),
            decoding: message.coding.clone().map(|coding| {
                let decoding = coding.decoding(rules);
                (coding, decoding)
            }),
        }
    }

    pub(super) fn decodes_more(&self) -> bool {
        self.decoding
            .as_ref()
            .is_some_and(|(_, decoding)| decoding.has_more())
    }

    /// Hands on one piece, decoded where it is coded. Whether the stream
    /// commanded a pause.
    pub(super) fn piece(&mut self, bytes: Bytes, into: &mut Intake<'_>) -> Result<bool, Stop> {
        let Some((coding, decoding)) = &mut self.decoding else {
            return Ok(into.feed(bytes));
        };
        let step = into.decode_step();
        let decoded = decoding
            .feed(bytes, step, &|bytes| into.afford(bytes))
            .map_err(|error| Stop::Payload(errors::decoding(error, coding.name(), into.rules())))?;
        Ok(into.feed(decoded))
    }

    /// The framing is complete.
    pub(super) fn end(&self, parser: Parser, rules: &Rules) -> Result<(), Stop> {
        let Some((coding, decoding)) = &self.decoding else {
            return Ok(());
        };
        decoding.end().map_err(|_| {
            let refusal = Refusal::new("ContentEncodingError", coding.name());
            match parser {
                Parser::C => refused(refusal),
                Parser::Python => Stop::Payload(refusal.of_payload(rules)),
            }
        })
    }

    /// The connection ended. Whether the body did so too: what a paused parser
    /// has kept is lost, and its reader never sees an end.
    pub(super) fn close(
        &mut self,
        missing: Missing,
        error: Option<&io::Error>,
        into: &mut Intake<'_>,
    ) -> Result<bool, Failure> {
        let rules = *into.rules();
        if missing != Missing::Nothing {
            return Err(errors::cut(self.counts(missing), error, &rules));
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
                Err(Stop::Fault(fault)) => return Err(fault.refusal.of_payload(&rules)),
            }
        }
        match &self.decoding {
            // A body that ends with the connection is whole whatever ended
            // that, and so is a cut gzip body.
            Some((coding, decoding)) if decoding.end().is_err() => {
                Err(errors::cut_coding(coding.name(), error, &rules))
            }
            _ => Ok(true),
        }
    }

    /// The connection ended after the content could not be decoded: what
    /// replaces that error.
    pub(super) fn close_undecodable(
        &self,
        missing: Missing,
        error: Option<&io::Error>,
        rules: &Rules,
    ) -> Failure {
        if missing != Missing::Nothing {
            return errors::cut(self.counts(missing), error, rules);
        }
        match self.declared.filter(|_| rules.undecodable_is_called_short) {
            Some(declared) => errors::cut(Some((declared, declared)), error, rules),
            None => errors::refused_piece(error, rules),
        }
    }

    /// The bytes that came, and the announced length; `None` if none was announced.
    fn counts(&self, missing: Missing) -> Option<(u64, u64)> {
        match (missing, self.declared) {
            (Missing::Bytes(missing), Some(declared)) => {
                Some((declared.saturating_sub(missing), declared))
            }
            _ => None,
        }
    }
}
