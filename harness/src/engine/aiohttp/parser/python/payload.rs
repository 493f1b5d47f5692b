//! A body as `HttpPayloadParser` finds it.

use bytes::{Buf as _, Bytes};

use super::{
    Event, Fault, LINE, Limits, Missing, ParserRules, Refusal, head::check_trailers, strip_crs,
    words::strip,
};
use crate::engine::aiohttp::parser::LARGEST_HEAD;

/// The parser of one body.
#[derive(Debug)]
pub(super) struct Payload {
    body: Body,
    rules: ParserRules,
    limits: Limits,
    /// The most lines of trailers.
    most_trailers: Option<usize>,
    /// `_chunk_tail`: what has come of a line.
    tail: Vec<u8>,
    trailers: Vec<Vec<u8>>,
    /// An event that comes before the next byte.
    due: Option<Event>,
    /// Nothing of this piece is parsed yet.
    fresh: bool,
    /// The line that is waited for never comes.
    stuck: bool,
}

#[derive(Debug)]
pub(super) enum Body {
    Length { left: u64 },
    Chunked { at: Chunk },
    UntilEof,
}

/// `ChunkState`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chunk {
    Size,
    Data(u64),
    DataEnd,
    MaybeTrailers,
    Trailers,
}

impl Body {
    pub(super) fn chunked() -> Self {
        Self::Chunked { at: Chunk::Size }
    }
}

impl Payload {
    pub(super) fn new(
        body: Body,
        rules: &ParserRules,
        limits: &Limits,
        most_trailers: Option<usize>,
    ) -> Self {
        Self {
            body,
            rules: *rules,
            limits: *limits,
            most_trailers,
            tail: Vec::new(),
            trailers: Vec::new(),
            due: None,
            fresh: true,
            stuck: false,
        }
    }

    pub(super) fn piece_begins(&mut self) {
        self.fresh = true;
    }

    pub(super) fn is_within_chunk(&self) -> bool {
        matches!(self.body, Body::Chunked { at: Chunk::Data(_) })
    }

    pub(super) fn is_before_data(&self) -> bool {
        self.is_within_chunk() && self.due.is_none()
    }

    /// `feed_eof`
    pub(super) fn missing(&self) -> Missing {
        match self.body {
            Body::Length { left } if left > 0 => Missing::Bytes(left),
            Body::Length { .. } | Body::UntilEof => Missing::Nothing,
            Body::Chunked { .. } => Missing::LastChunk,
        }
    }

    /// `feed_data` up to the next event.
    pub(super) fn next(&mut self, input: &mut Bytes) -> Result<Option<Event>, Fault> {
        if let Some(event) = self.due.take() {
            return Ok(Some(event));
        }
        match &mut self.body {
            Body::Length { left: 0 } => Ok(Some(Event::End)),
            _ if input.is_empty() => Ok(None),
            Body::UntilEof => Ok(Some(Event::Data(std::mem::take(input)))),
            Body::Length { left } => {
                let data = front(input, *left);
                *left -= data.len() as u64;
                Ok(Some(Event::Data(data)))
            }
            Body::Chunked { at } => {
                let at = *at;
                self.check_tail(at)?;
                self.chunked(at, input)
            }
        }
    }

    /// From 3.13.4 a line that comes in pieces is limited, when more of it comes.
    fn check_tail(&mut self, at: Chunk) -> Result<(), Fault> {
        let limited = self.limits.lines.is_some() && !matches!(at, Chunk::Data(_));
        if std::mem::take(&mut self.fresh) && limited && self.tail.len() > LINE {
            return Err(self.too_long(self.tail.len()));
        }
        Ok(())
    }

    fn chunked(&mut self, mut at: Chunk, input: &mut Bytes) -> Result<Option<Event>, Fault> {
        loop {
            if input.is_empty() && at != Chunk::DataEnd {
                self.body = Body::Chunked { at };
                return Ok(None);
            }
            at = match at {
                Chunk::Size => {
                    let Some(line) = self.line(input)? else {
                        self.body = Body::Chunked { at };
                        return Ok(None);
                    };
                    match self.size(&line)? {
                        0 => {
                            skip_cr(input);
                            match self.rules.trailers_parsed {
                                true => Chunk::Trailers,
                                false => Chunk::MaybeTrailers,
                            }
                        }
                        size => {
                            self.body = Body::Chunked {
                                at: Chunk::Data(size),
                            };
                            return Ok(Some(Event::ChunkBegin));
                        }
                    }
                }
                Chunk::Data(left) => {
                    let data = front(input, left);
                    let left = match left {
                        // It has more than 64 bits, and never ends.
                        u64::MAX => left,
                        left => left - data.len() as u64,
                    };
                    if left == 0 {
                        if self.rules.cr_comes_with_data {
                            skip_cr(input);
                        }
                        self.due = Some(Event::ChunkEnd);
                    }
                    let at = if left == 0 {
                        Chunk::DataEnd
                    } else {
                        Chunk::Data(left)
                    };
                    self.body = Body::Chunked { at };
                    return Ok(Some(Event::Data(data)));
                }
                Chunk::DataEnd => match self.data_end(input)? {
                    Some(at) => at,
                    None => {
                        self.body = Body::Chunked { at };
                        return Ok(None);
                    }
                },
                // A CR here hides the end, and so do trailers.
                Chunk::MaybeTrailers if input[0] == b'\n' => {
                    input.advance(1);
                    return Ok(Some(Event::End));
                }
                Chunk::MaybeTrailers => Chunk::Trailers,
                Chunk::Trailers => {
                    let Some(line) = self.line(input)? else {
                        self.body = Body::Chunked { at };
                        return Ok(None);
                    };
                    if !self.rules.trailers_parsed {
                        Chunk::MaybeTrailers
                    } else if self.trailer(line)? {
                        return Ok(Some(Event::End));
                    } else {
                        Chunk::Trailers
                    }
                }
            };
        }
    }

    /// Behind the data: the next state, or nothing where more has to come.
    fn data_end(&mut self, input: &mut Bytes) -> Result<Option<Chunk>, Fault> {
        if self.stuck || input.is_empty() {
            input.clear();
            return Ok(None);
        }
        if !self.tail.is_empty() {
            *input = [&std::mem::take(&mut self.tail)[..], &input[..]]
                .concat()
                .into();
        }
        if !self.rules.cr_comes_with_data {
            skip_cr(input);
        }
        match input.first() {
            None => Ok(None),
            Some(b'\n') => {
                input.advance(1);
                Ok(Some(Chunk::Size))
            }
            Some(_) if self.rules.chunk_end_checked => {
                Err(bare("Chunk size mismatch: expected CRLF after chunk data"))
            }
            // Another CR is dropped when more comes.
            Some(b'\r') if !self.rules.cr_comes_with_data => {
                self.tail = std::mem::take(input).into();
                Ok(None)
            }
            Some(_) => {
                self.stuck = true;
                input.clear();
                Ok(None)
            }
        }
    }

    fn size(&self, line: &[u8]) -> Result<u64, Fault> {
        if self.rules.size_line_limited && line.len() > LINE {
            return Err(self.too_long(line.len()));
        }
        let end = line.iter().position(|byte| *byte == b';');
        let digits = strip(&line[..end.unwrap_or(line.len())]);
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(bare(&String::from_utf8_lossy(line)));
        }
        let digits = digits.iter().map(|digit| char::from(*digit).to_digit(16));
        Ok(digits.flatten().fold(0, |size: u64, digit| {
            // Python has no bound; so much never comes.
            match size >> 60 {
                0 => size << 4 | u64::from(digit),
                _ => u64::MAX,
            }
        }))
    }

    /// One line of trailers. True if it was the last.
    fn trailer(&mut self, mut line: Vec<u8>) -> Result<bool, Fault> {
        strip_crs(&mut line);
        if self.limits.lines.is_some() && line.len() > LINE {
            return Err(self.too_long(line.len()));
        }
        let last = line.is_empty();
        self.trailers.push(line);
        if self
            .most_trailers
            .is_some_and(|most| self.trailers.len() > most)
        {
            let refusal = Refusal::message("Too many trailers received");
            return Err(Fault::of_payload(refusal));
        }
        if last {
            check_trailers(&self.trailers, &self.rules, &self.limits).map_err(Fault::of_payload)?;
        }
        Ok(last)
    }

    /// The next line up to its LF. Else all of the input is kept for it.
    fn line(&mut self, input: &mut Bytes) -> Result<Option<Vec<u8>>, Fault> {
        let end = input.iter().position(|byte| *byte == b'\n');
        self.tail
            .extend_from_slice(&input[..end.unwrap_or(input.len())]);
        if self.tail.len() > LARGEST_HEAD {
            return Err(self.too_long(self.tail.len()));
        }
        match end {
            Some(end) => {
                input.advance(end + 1);
                Ok(Some(std::mem::take(&mut self.tail)))
            }
            None => {
                input.clear();
                Ok(None)
            }
        }
    }

    fn too_long(&self, bytes: usize) -> Fault {
        Fault::of_payload(Refusal::too_long("a line", bytes, self.limits.brief))
    }
}

/// Set on the stream as it is, then as the payload's exception.
fn bare(text: &str) -> Fault {
    Fault {
        bare_first: true,
        ..Fault::of_payload(Refusal::new("TransferEncodingError", text))
    }
}

fn front(input: &mut Bytes, most: u64) -> Bytes {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    input.split_to(input.len().min(most))
}

fn skip_cr(input: &mut Bytes) {
    if input.first() == Some(&b'\r') {
        input.advance(1);
    }
}
