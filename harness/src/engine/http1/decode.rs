//! Transfer framing without I/O: finds the body among the bytes after the head
//! (RFC 9112, sections 6 and 7).

use bytes::{Buf as _, Bytes};

/// Most bytes of chunk extensions and of trailers that are skipped, each per
/// body: more is an attack, not a download.
const SKIP_LIMIT: usize = 64 << 10;

/// Tells body bytes from framing bytes, whatever the pieces they come in.
#[derive(Debug, Clone)]
pub struct Decoder(State);

/// The next item of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// Body bytes: a slice of what was put in, never empty.
    Data(Bytes),
    /// A chunk of the chunked coding begins. The last one, of size 0, does so
    /// too.
    ChunkBegin,
    /// It ended. The last one does so behind the trailer.
    ChunkEnd,
    /// The body is whole. What follows is not part of it.
    End,
}

/// The framing is not what RFC 9112 allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A chunk does not begin with a hexadecimal size, or the size is beyond
    /// 64 bits.
    #[error("a chunk size is not a hexadecimal number of at most 64 bits")]
    ChunkSize,
    /// A line of the framing does not end in CR LF.
    #[error("a line of the chunked coding does not end in CR LF")]
    LineEnd,
    /// A chunk is longer than its size said.
    #[error("a chunk does not end where its size says")]
    ChunkEnd,
    /// Extensions or trailers without end.
    #[error("chunk extensions or trailers are longer than {SKIP_LIMIT} bytes")]
    TooMuchToSkip,
}

#[derive(Debug, Clone)]
enum State {
    Length {
        left: u64,
    },
    Close,
    Chunked {
        at: Chunked,
        skipped: usize,
    },
    /// All of it came, and the end is yet to be told.
    Complete,
    Ended,
}

/// The next byte of the chunked coding is ...
#[derive(Debug, Clone, Copy)]
enum Chunked {
    /// ... a digit of the size; `None` before the first.
    Size(Option<u64>),
    /// ... in an extension behind the size.
    Extension(u64),
    /// ... the LF of the size line.
    SizeLf(u64),
    /// ... data, so many bytes of it.
    Data(u64),
    /// ... the CR, then the LF behind the data.
    DataCr,
    DataLf,
    /// ... the first of a trailer line, or the CR of the empty line.
    Trailer,
    /// ... in a trailer line.
    TrailerLine,
    TrailerLf,
    /// ... the LF of the empty line.
    EndLf,
    /// ... not part of it.
    Over,
}

/// A step in a slice: so many framing bytes, then perhaps something.
struct DecodeStep {
    skip: usize,
    event: Option<Event>,
}

enum Event {
    Data(usize),
    ChunkBegin,
    ChunkEnd,
    End,
}

impl Decoder {
    /// `Content-Length: length`.
    pub const fn content_length(length: u64) -> Self {
        Self(State::Length { left: length })
    }

    /// `Transfer-Encoding: chunked`.
    pub const fn chunked() -> Self {
        Self(State::Chunked {
            at: Chunked::Size(None),
            skipped: 0,
        })
    }

    /// Neither: the body ends with the connection.
    pub const fn close() -> Self {
        Self(State::Close)
    }

    /// Takes the next item off the front of `input`. `None` when all of it is
    /// used up; what stands behind [`Item::End`] stays.
    ///
    /// # Errors
    /// [`DecodeError`]; the decoder is of no use then.
    pub fn next(&mut self, input: &mut Bytes) -> Result<Option<Item>, DecodeError> {
        let DecodeStep { skip, event } = self.step(input)?;
        input.advance(skip);
        Ok(event.map(|event| match event {
            Event::Data(bytes) => Item::Data(input.split_to(bytes)),
            Event::ChunkBegin => Item::ChunkBegin,
            Event::ChunkEnd => Item::ChunkEnd,
            Event::End => Item::End,
        }))
    }

    /// The number of body bytes in `input`: [`Decoder::next`] for callers that
    /// only count. Returns 0 for broken framing.
    pub fn count(&mut self, mut input: &[u8]) -> u64 {
        let mut body = 0;
        while let Ok(DecodeStep { skip, event }) = self.step(input) {
            input = &input[skip..];
            match event {
                Some(Event::Data(bytes)) => {
                    body += bytes as u64;
                    input = &input[bytes..];
                }
                Some(Event::ChunkBegin | Event::ChunkEnd) => {}
                Some(Event::End) | None => break,
            }
        }
        body
    }

    fn step(&mut self, input: &[u8]) -> Result<DecodeStep, DecodeError> {
        let event = match &mut self.0 {
            State::Complete | State::Length { left: 0 } => {
                self.0 = State::Ended;
                Some(Event::End)
            }
            State::Length { left } => {
                let bytes = input
                    .len()
                    .min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= bytes as u64;
                (bytes > 0).then_some(Event::Data(bytes))
            }
            State::Close => (!input.is_empty()).then_some(Event::Data(input.len())),
            State::Ended => None,
            State::Chunked { at, skipped } => {
                let step = step_chunked(at, skipped, input)?;
                if matches!(at, Chunked::Over) {
                    self.0 = State::Complete;
                }
                return Ok(step);
            }
        };
        Ok(DecodeStep { skip: 0, event })
    }
}

fn step_chunked(
    at: &mut Chunked,
    skipped: &mut usize,
    input: &[u8],
) -> Result<DecodeStep, DecodeError> {
    let mut skip = 0;
    while let Some(&byte) = input.get(skip) {
        if let Chunked::Data(left) = at {
            let bytes = (input.len() - skip).min(usize::try_from(*left).unwrap_or(usize::MAX));
            *left -= bytes as u64;
            if *left == 0 {
                *at = Chunked::DataCr;
            }
            let event = Some(Event::Data(bytes));
            return Ok(DecodeStep { skip, event });
        }
        skip += 1;
        let event = step_byte(at, skipped, byte)?;
        if event.is_some() {
            return Ok(DecodeStep { skip, event });
        }
    }
    Ok(DecodeStep { skip, event: None })
}

fn step_byte(
    at: &mut Chunked,
    skipped: &mut usize,
    byte: u8,
) -> Result<Option<Event>, DecodeError> {
    use Chunked::*;
    let mut event = None;
    let passed_over = |skipped: &mut usize| {
        *skipped += 1;
        if *skipped > SKIP_LIMIT {
            return Err(DecodeError::TooMuchToSkip);
        }
        Ok(())
    };
    *at = match (*at, byte) {
        (Size(size), b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
            let digit = char::from(byte).to_digit(16).map_or(0, u64::from);
            let size = size.unwrap_or_default();
            if size >> 60 != 0 {
                return Err(DecodeError::ChunkSize);
            }
            Size(Some(size << 4 | digit))
        }
        (Size(Some(size)), b'\r') => SizeLf(size),
        (Size(Some(size)), b';' | b' ' | b'\t') => Extension(size),
        (Size(_), _) => return Err(DecodeError::ChunkSize),
        (Extension(size), b'\r') => SizeLf(size),
        (Extension(_), b'\n') => return Err(DecodeError::LineEnd),
        (Extension(size), _) => {
            passed_over(skipped)?;
            Extension(size)
        }
        (SizeLf(size), b'\n') => {
            event = Some(Event::ChunkBegin);
            match size {
                0 => Trailer,
                size => Data(size),
            }
        }
        (DataCr, b'\r') => DataLf,
        (DataCr, _) => return Err(DecodeError::ChunkEnd),
        (DataLf, b'\n') => {
            event = Some(Event::ChunkEnd);
            Size(None)
        }
        (Trailer, b'\r') => EndLf,
        (Trailer | TrailerLine, b'\n') => return Err(DecodeError::LineEnd),
        (TrailerLine, b'\r') => TrailerLf,
        (Trailer | TrailerLine, _) => {
            passed_over(skipped)?;
            TrailerLine
        }
        (TrailerLf, b'\n') => Trailer,
        (EndLf, b'\n') => {
            event = Some(Event::ChunkEnd);
            Over
        }
        (SizeLf(_) | DataLf | TrailerLf | EndLf, _) => return Err(DecodeError::LineEnd),
        // Neither is asked: data is taken by the slice, and nothing behind the
        // end.
        (at @ (Data(_) | Over), _) => at,
    };
    Ok(event)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The data, the chunk lengths, and what stood behind the end.
    type Decoded = (Vec<u8>, Vec<usize>, Option<Vec<u8>>);

    fn decode(mut decoder: Decoder, pieces: &[&[u8]]) -> Result<Decoded, DecodeError> {
        let (mut data, mut chunks, mut begun, mut rest) = (Vec::new(), Vec::new(), 0, None);
        for piece in pieces {
            let mut input = Bytes::copy_from_slice(piece);
            while let Some(item) = decoder.next(&mut input)? {
                match item {
                    Item::Data(bytes) => {
                        assert!(!bytes.is_empty());
                        data.extend_from_slice(&bytes);
                    }
                    Item::ChunkBegin => begun = data.len(),
                    Item::ChunkEnd => chunks.push(data.len() - begun),
                    Item::End => rest = Some(Vec::new()),
                }
            }
            if let Some(rest) = &mut rest {
                rest.extend_from_slice(&input);
            } else {
                assert!(input.is_empty(), "what is not used up would be lost");
            }
        }
        Ok((data, chunks, rest))
    }

    fn split<'a>(wire: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (wire.len() + 1)).collect();
        cuts.extend([0, wire.len()]);
        cuts.sort_unstable();
        cuts.windows(2)
            .map(|pair| &wire[pair[0]..pair[1]])
            .collect()
    }

    const CHUNKED: &[u8] =
        b"5\r\nhello\r\n1;name=value\r\n \r\nA \t\r\n0123456789\r\n0;last\r\nSum: 1\r\nX: y\r\n\r\nNEXT";

    proptest! {
        #[test]
        fn any_split_of_a_chunked_body_gives_the_same(cuts in prop::collection::vec(any::<usize>(), 0..12)) {
            let pieces = split(CHUNKED, &cuts);
            let (data, chunks, rest) = decode(Decoder::chunked(), &pieces).unwrap();
            prop_assert_eq!(&data, b"hello 0123456789");
            prop_assert_eq!(chunks, vec![5, 1, 10, 0]);
            prop_assert_eq!(rest, Some(b"NEXT".to_vec()));
            let mut decoder = Decoder::chunked();
            let counted: u64 = pieces.iter().map(|piece| decoder.count(piece)).sum();
            prop_assert_eq!(counted, 16);
        }

        #[test]
        fn any_split_of_a_counted_body_gives_the_same(
            cuts in prop::collection::vec(any::<usize>(), 0..12), length in 0usize..40,
        ) {
            let wire: Vec<u8> = (0..40).collect();
            let (data, _, rest) =
                decode(Decoder::content_length(length as u64), &split(&wire, &cuts)).unwrap();
            prop_assert_eq!(&data, &wire[..length]);
            prop_assert_eq!(rest, Some(wire[length..].to_vec()));
        }

        #[test]
        fn no_input_panics(wire in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = decode(Decoder::chunked(), &[&wire]);
        }
    }

    #[test]
    fn broken_framing_is_named() {
        let error = |wire: &[u8]| decode(Decoder::chunked(), &[wire]).unwrap_err();
        assert_eq!(error(b"xyz\r\n"), DecodeError::ChunkSize);
        assert_eq!(error(b"\r\n"), DecodeError::ChunkSize);
        assert_eq!(error(b"10000000000000000\r\n"), DecodeError::ChunkSize);
        assert_eq!(error(b"5\n"), DecodeError::ChunkSize);
        assert_eq!(error(b"5\rx"), DecodeError::LineEnd);
        assert_eq!(error(b"2\r\nabc\r\n"), DecodeError::ChunkEnd);
        assert_eq!(error(b"0\r\n\rx"), DecodeError::LineEnd);
        let endless = [b"5;".as_slice(), &[b'x'; SKIP_LIMIT + 1]].concat();
        assert_eq!(error(&endless), DecodeError::TooMuchToSkip);
    }
}
