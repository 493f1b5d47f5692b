//! The plain source: HTTP/1.1 by the book, the same for every release but for
//! what its rules say of pausing.

use std::io;

use bytes::{Buf as _, Bytes};

use super::{
    decode::{Decoder, Item},
    failure::Phase,
    gzip::Inflater,
    head::{Head, HeadReader},
    intake::Intake,
    report::Failure,
    source::BodySource,
};

/// The most that one step of inflating adds to the stream, as one read of the
/// transport does.
const INFLATE_STEP: usize = 256 << 10;

/// Head by httparse, framing by `decode`, gzip by `gzip`.
#[derive(Debug, Default)]
pub struct Plain {
    at: At,
    /// Bytes off the transport that are not parsed yet: while the stream is
    /// paused, and behind the end.
    input: Bytes,
}

#[derive(Debug, Default)]
enum At {
    #[default]
    Start,
    Head(HeadReader),
    Body(Body),
    Done,
}

#[derive(Debug)]
struct Body {
    framing: Decoder,
    inflater: Option<Inflater>,
    /// Body bytes still to be inflated.
    compressed: Bytes,
}

impl BodySource for Plain {
    fn data(&mut self, bytes: Bytes, mut into: Intake<'_>) {
        // Kept input can only be there while paused, when nothing arrives.
        debug_assert!(!self.input.has_remaining());
        self.input = bytes;
        self.parse(&mut into);
    }

    fn resumed(&mut self, mut into: Intake<'_>) {
        self.parse(&mut into);
    }

    fn closed(&mut self, error: Option<io::Error>, mut into: Intake<'_>) {
        match &mut self.at {
            At::Start | At::Head(_) => into.fail(match &error {
                Some(error) => Failure::transport(Phase::Head, error),
                None => Failure::closed_before_head(),
            }),
            // A body that ends with the connection is whole whatever ended
            // that, as it is for aiohttp.
            At::Body(body) => match body.framing.close_now() {
                Ok(()) => into.end(),
                Err(cut) => into.fail(Failure::cut(cut, error.as_ref())),
            },
            At::Done => {}
        }
        self.at = At::Done;
    }
}

impl Plain {
    fn parse(&mut self, into: &mut Intake<'_>) {
        if let Err(failure) = self.try_parse(into) {
            into.fail(failure);
            self.at = At::Done;
        }
    }

    fn try_parse(&mut self, into: &mut Intake<'_>) -> Result<(), Failure> {
        loop {
            match &mut self.at {
                At::Start => self.at = At::Head(HeadReader::default()),
                At::Head(reader) => {
                    let input = std::mem::take(&mut self.input);
                    let Some((head, rest)) = reader
                        .push(&input)
                        .map_err(|error| Failure::malformed(Phase::Head, &error))?
                    else {
                        return Ok(());
                    };
                    self.input = rest;
                    self.at = At::Body(Body::new(&head));
                    into.head(head);
                }
                At::Body(_) if into.is_finished() => return Ok(()),
                At::Body(_) if into.is_paused() && into.rules().parser_pauses => return Ok(()),
                At::Body(body) => match body.step(&mut self.input, into)? {
                    Step::Again => {}
                    Step::NeedMore => return Ok(()),
                    Step::End => {
                        into.end();
                        self.at = At::Done;
                    }
                },
                At::Done => return Ok(()),
            }
        }
    }
}

enum Step {
    Again,
    NeedMore,
    End,
}

impl Body {
    fn new(head: &Head) -> Self {
        Self {
            framing: Decoder::of(head),
            inflater: head.gzip.then(Inflater::default),
            compressed: Bytes::new(),
        }
    }

    /// Feeds at most one piece.
    fn step(&mut self, input: &mut Bytes, into: &mut Intake<'_>) -> Result<Step, Failure> {
        let malformed =
            |error: &(dyn std::error::Error + 'static)| Failure::malformed(Phase::Body, error);
        if let Some(inflater) = &mut self.inflater {
            let piece = inflater
                .next(&mut self.compressed, INFLATE_STEP)
                .map_err(|error| malformed(&error))?;
            if let Some(piece) = piece {
                into.feed(piece);
                return Ok(Step::Again);
            }
        }
        let item = self
            .framing
            .next(input)
            .map_err(|error| malformed(&error))?;
        match item {
            None => return Ok(Step::NeedMore),
            Some(Item::End) => return Ok(Step::End),
            Some(Item::ChunkBegin) => into.begin_chunk(),
            Some(Item::ChunkEnd) => into.end_chunk(),
            Some(Item::Data(bytes)) => {
                into.count(bytes.len());
                if self.inflater.is_some() {
                    self.compressed = bytes;
                } else {
                    into.feed(bytes);
                }
            }
        }
        Ok(Step::Again)
    }
}

#[cfg(test)]
#[path = "plain_tests.rs"]
mod tests;
