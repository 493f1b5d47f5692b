//! The layout of a response without raw bytes: head, body and transfer coding, in
//! closed form.
//!
//! Nothing here grows with the size of the body or the number of its chunks.

use std::{io, ops::Range, sync::Arc};

use bytes::Bytes;

use super::{
    coded_body::{Coded, Reader},
    rope::Rope,
};
use crate::{
    body::{OpenFile, Pattern},
    scenario::{
        ChunkPart, Landmark,
        room::{LAST_CHUNK, framed_len},
    },
};

/// The bytes of a body before its transfer coding.
#[derive(Debug, Clone)]
pub(super) enum Payload {
    /// A range of the pattern.
    Pattern(Pattern, Range<u64>),
    /// A range of a file.
    File(OpenFile, Range<u64>),
    /// Literal bytes, such as a page.
    Bytes(Bytes),
    /// A range of a coded body.
    Coded(Arc<Coded>, Range<u64>),
}

/// Bytes of a body that are gone over at a time, at most.
const AT_A_TIME: u64 = 64 << 10;

impl Payload {
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Pattern(_, range) | Self::File(_, range) | Self::Coded(_, range) => {
                range.end.saturating_sub(range.start)
            }
            Self::Bytes(bytes) => bytes.len() as u64,
        }
    }

    /// The part `range` of it, cut at its end.
    pub(super) fn part(&self, range: Range<u64>) -> Self {
        let end = range.end.min(self.len());
        let start = range.start.min(end);
        match self {
            Self::Pattern(pattern, whole) => {
                Self::Pattern(*pattern, whole.start + start..whole.start + end)
            }
            Self::File(file, whole) => {
                Self::File(file.clone(), whole.start + start..whole.start + end)
            }
            Self::Bytes(bytes) => Self::Bytes(bytes.slice(start as usize..end as usize)),
            Self::Coded(coded, whole) => {
                Self::Coded(Arc::clone(coded), whole.start + start..whole.start + end)
            }
        }
    }

    /// The same with `bytes` more behind its end, as the pattern goes on. Literal bytes
    /// and those of files and codings do not.
    pub(super) fn longer_by(self, bytes: u64) -> Self {
        match self {
            Self::Pattern(pattern, range) => {
                Self::Pattern(pattern, range.start..range.end.saturating_add(bytes))
            }
            other @ (Self::File(..) | Self::Bytes(_) | Self::Coded(..)) => other,
        }
    }

    /// Bytes of it in memory.
    pub(super) fn held_bytes(&self) -> u64 {
        match self {
            Self::Pattern(..) | Self::File(..) => 0,
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Coded(coded, _) => coded.kept().map_or(0, |kept| kept.len() as u64),
        }
    }

    /// All of it, piece by piece.
    ///
    /// # Errors
    /// The file that it is, or is coded from, has changed, or cannot be read.
    pub(super) fn for_each(&self, take: &mut dyn FnMut(&[u8])) -> io::Result<()> {
        let mut source = Source {
            reader: self.reader(),
            payload: self.clone(),
        };
        let mut at = 0;
        while at < self.len() {
            let bytes = source.bytes_at(at, AT_A_TIME);
            if bytes.is_empty() {
                return Err(io::Error::other("it has changed while it was read"));
            }
            take(&bytes);
            at += bytes.len() as u64;
        }
        Ok(())
    }

    /// What codes it as it is sent, if it is not in memory.
    fn reader(&self) -> Option<Reader> {
        match self {
            Self::Coded(coded, _) if coded.kept().is_none() => Some(Reader::new(Arc::clone(coded))),
            Self::Coded(..) | Self::Pattern(..) | Self::File(..) | Self::Bytes(_) => None,
        }
    }
}

/// A body, and what reads it.
#[derive(Debug, Clone)]
struct Source {
    payload: Payload,
    reader: Option<Reader>,
}

impl Source {
    /// The offset of byte `at` for the reader, if there is one.
    fn reading(&mut self, at: u64) -> Option<(&mut Reader, u64)> {
        let Payload::Coded(_, range) = &self.payload else {
            return None;
        };
        let at = range.start + at;
        self.reader.as_mut().map(|reader| (reader, at))
    }

    /// True if the byte at `at` takes no work.
    fn has(&mut self, at: u64) -> bool {
        self.reading(at).is_none_or(|(reader, at)| reader.has(at))
    }

    /// Does a part of the work before the byte at `at`.
    fn step_to(&mut self, at: u64) {
        if let Some((reader, at)) = self.reading(at) {
            reader.step_to(at);
        }
    }

    /// At least one and at most `max` bytes from `at` on; empty at the end, and where a
    /// file has changed.
    fn bytes_at(&mut self, at: u64, max: u64) -> Bytes {
        let len = max.min(self.payload.len().saturating_sub(at));
        if len == 0 {
            return Bytes::new();
        }
        if let Some((reader, at)) = self.reading(at) {
            return reader.bytes_at(at, len);
        }
        let slice = |bytes: &Bytes, at: u64| bytes.slice(at as usize..(at + len) as usize);
        match &self.payload {
            Payload::Pattern(pattern, range) => pattern.slice(range.start + at, to_usize(len)),
            Payload::File(file, range) => file.bytes_at(range.start + at, len).unwrap_or_default(),
            Payload::Bytes(bytes) => slice(bytes, at),
            Payload::Coded(coded, range) => coded
                .kept()
                .map_or_else(Bytes::new, |kept| slice(kept, range.start + at)),
        }
    }
}

/// Head, then body in its framing. Offsets count from the start of the head.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    head: Rope,
    source: Source,
    chunks: Option<Chunks>,
}

impl Layout {
    /// `chunk` is the size of each chunk of a chunked body, at least 1; `None`
    /// for a body without transfer coding.
    pub(super) fn new(head: impl Into<Rope>, payload: Payload, chunk: Option<u64>) -> Self {
        let chunks = chunk.map(|size| Chunks::new(payload.len(), size));
        Self {
            head: head.into(),
            source: Source {
                reader: payload.reader(),
                payload,
            },
            chunks,
        }
    }

    pub(super) fn head_len(&self) -> u64 {
        self.head.len()
    }

    pub(super) fn len(&self) -> u64 {
        let framed = match &self.chunks {
            None => self.source.payload.len(),
            Some(chunks) => chunks.framed_len(),
        };
        self.head_len() + framed
    }

    /// As [`crate::fault::OffsetMap::wire_of_body`].
    pub(super) fn wire_of_body(&self, body: u64) -> Option<u64> {
        if body > self.source.payload.len() {
            return None;
        }
        let framed = match &self.chunks {
            None => body,
            Some(chunks) => chunks.framed_of_body(body),
        };
        Some(self.head_len() + framed)
    }

    /// Body bytes among the first `wire` bytes.
    pub(super) fn body_at_wire(&self, wire: u64) -> u64 {
        let framed = wire.saturating_sub(self.head_len());
        match &self.chunks {
            None => framed.min(self.source.payload.len()),
            Some(chunks) => chunks.body_at_framed(framed),
        }
    }

    /// The offset of a place of the chunked coding, if there is that place.
    pub(super) fn chunk_place(&self, place: Landmark) -> Option<u64> {
        let chunks = self.chunks.as_ref()?;
        let framed = match place {
            Landmark::Chunk(number, part) => chunks.part_of(number.checked_sub(1)?, part)?,
            Landmark::LastChunk => chunks.framed_len() - LAST_CHUNK.len() as u64,
            Landmark::Head | Landmark::Share(_) | Landmark::Member(_) | Landmark::Trailer => {
                return None;
            }
        };
        Some(self.head_len() + framed)
    }

    /// The offset at which a response can end and look complete after `at` bytes
    /// were sent, and the bytes that must follow there.
    pub(super) fn early_end(&self, at: u64) -> (u64, &'static [u8]) {
        let behind_head = at.max(self.head_len());
        let Some(chunks) = &self.chunks else {
            return (behind_head, b"");
        };
        match chunks.place(behind_head - self.head_len()) {
            ChunkPlace::Data { left, .. } => (behind_head + left, BEFORE_END),
            // None of the next size line was sent.
            ChunkPlace::Between { at: 0, .. } => (behind_head, BEFORE_END),
            ChunkPlace::Between { at: 1, .. } => (behind_head + 1, LAST_CHUNK),
            ChunkPlace::Between { at: 2, .. } => (behind_head, LAST_CHUNK),
            ChunkPlace::Between { gap, at } => match chunks.chunk_len(gap) {
                0 => (self.len(), b""),
                len => {
                    let line = chunks.gap(gap).len() as u64 - at;
                    (behind_head + line + len, BEFORE_END)
                }
            },
        }
    }

    /// The body before its transfer coding.
    pub(super) fn payload(&self) -> &Payload {
        &self.source.payload
    }

    /// True if its body is coded while it is sent.
    pub(super) fn is_coded_anew(&self) -> bool {
        self.source.reader.is_some()
    }

    /// True if the byte at `at` takes no work.
    pub(super) fn has(&mut self, at: u64) -> bool {
        self.body_byte(at).is_none_or(|body| self.source.has(body))
    }

    /// Does a part of the work before the byte at `at`.
    pub(super) fn step_to(&mut self, at: u64) {
        if let Some(body) = self.body_byte(at) {
            self.source.step_to(body);
        }
    }

    /// The body byte at `at`, if a body that takes work has one there.
    fn body_byte(&self, at: u64) -> Option<u64> {
        let framed = at.checked_sub(self.head_len())?;
        if !self.is_coded_anew() || at >= self.len() {
            return None;
        }
        match self.chunks.as_ref().map(|chunks| chunks.place(framed)) {
            None => Some(framed),
            Some(ChunkPlace::Data { body, .. }) => Some(body),
            Some(ChunkPlace::Between { .. }) => None,
        }
    }

    /// At least one and at most `max` bytes from `at` on; empty at the end.
    pub(super) fn bytes_at(&mut self, at: u64, max: u64) -> Bytes {
        let Some(framed) = at.checked_sub(self.head_len()) else {
            return self.head.bytes_at(at, max);
        };
        let Some(chunks) = &self.chunks else {
            return self.source.bytes_at(framed, max);
        };
        match chunks.place(framed) {
            ChunkPlace::Data { body, left } => self.source.bytes_at(body, left.min(max)),
            ChunkPlace::Between { gap, at } => cut(&chunks.gap(gap), at, max),
        }
    }
}

/// The chunked coding of a body: chunks of one size and a shorter last one.
///
/// Between the data of two chunks is a gap: the CRLF that ends one, and the size
/// line of the next. All gaps but the last two are equal, so three short strings
/// are enough.
#[derive(Debug, Clone)]
struct Chunks {
    body: u64,
    size: u64,
    /// The gap before a full chunk.
    before_full: Bytes,
    /// The gap before the short last chunk.
    before_rest: Bytes,
}

/// The gap after the last chunk.
const BEFORE_END: &[u8] = b"\r\n0\r\n\r\n";

/// The place in a chunked body that an offset names.
enum ChunkPlace {
    /// Body byte `body`, with `left` bytes to the end of its chunk.
    Data { body: u64, left: u64 },
    /// Byte `at` of the gap before chunk `gap`.
    Between { gap: u64, at: u64 },
}

impl Chunks {
    fn new(body: u64, size: u64) -> Self {
        // A chunk larger than the body is the whole body.
        let size = size.clamp(1, body.max(1));
        let before = |len: u64| Bytes::from(format!("\r\n{len:x}\r\n"));
        Self {
            body,
            size,
            before_full: before(size),
            before_rest: before(body % size),
        }
    }

    /// Full chunks.
    fn full(&self) -> u64 {
        self.body / self.size
    }

    /// Body bytes in chunk number `index`; 0 after the last chunk.
    fn chunk_len(&self, index: u64) -> u64 {
        let start = index.saturating_mul(self.size).min(self.body);
        self.size.min(self.body - start)
    }

    /// Bytes from one full chunk to the next.
    fn stride(&self) -> u64 {
        self.size + self.before_full.len() as u64
    }

    fn framed_len(&self) -> u64 {
        u64::try_from(framed_len(self.body, Some(self.size))).unwrap_or(u64::MAX)
    }

    /// The gap before chunk `index`. Before the first chunk there is no CRLF,
    /// since no chunk ends there.
    fn gap(&self, index: u64) -> Bytes {
        match self.chunk_len(index) {
            0 => Bytes::from_static(BEFORE_END),
            len if len == self.size => self.before_full.clone(),
            _ => self.before_rest.clone(),
        }
    }

    /// Bytes of the size line of chunk `index`.
    fn size_line(&self, index: u64) -> u64 {
        self.gap(index).len() as u64 - 2
    }

    fn framed_of_body(&self, body: u64) -> u64 {
        let Some(last) = body.checked_sub(1) else {
            return 0;
        };
        let index = last / self.size;
        index * self.stride() + self.size_line(index) + (last - index * self.size) + 1
    }

    /// The offset of a part of chunk `index`, which has data.
    fn part_of(&self, index: u64, part: ChunkPart) -> Option<u64> {
        let len = self.chunk_len(index);
        if len == 0 {
            return None;
        }
        let start = index * self.stride();
        Some(match part {
            ChunkPart::Size => start + 1,
            ChunkPart::Data => start + self.size_line(index) + len,
            ChunkPart::End => start + self.size_line(index) + len + 2,
        })
    }

    fn body_at_framed(&self, framed: u64) -> u64 {
        match self.place(framed) {
            ChunkPlace::Data { body, .. } => body,
            ChunkPlace::Between { gap, .. } => gap.saturating_mul(self.size).min(self.body),
        }
    }

    fn place(&self, framed: u64) -> ChunkPlace {
        // The short chunk and the end follow the full chunks. Together they may be
        // longer than a full chunk.
        let index = (framed / self.stride()).min(self.full());
        let within = framed - index * self.stride();
        let len = self.chunk_len(index);
        let line = self.size_line(index);
        if len == 0 || within < line {
            return ChunkPlace::Between {
                gap: index,
                at: 2 + within,
            };
        }
        match (line + len).checked_sub(within) {
            Some(left) if left > 0 => ChunkPlace::Data {
                body: index * self.size + (within - line),
                left,
            },
            _ => ChunkPlace::Between {
                gap: index + 1,
                at: within - line - len,
            },
        }
    }
}

/// At most `max` of `bytes` from `at` on.
fn cut(bytes: &Bytes, at: u64, max: u64) -> Bytes {
    let start = to_usize(at).min(bytes.len());
    let end = start.saturating_add(to_usize(max)).min(bytes.len());
    bytes.slice(start..end)
}

fn to_usize(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_body_of_exabytes_maps_there_and_back(
            body in 0u64..1 << 62, size in 1u64..1 << 62, share in 0.0f64..1.0,
        ) {
            let mut layout = Layout::new(
                Bytes::from_static(b"head"),
                Payload::Pattern(Pattern::PLAIN, 0..body),
                Some(size.max(body / (1 << 40) + 16)),
            );
            let at = (share * body as f64) as u64;
            let wire = layout.wire_of_body(at).unwrap();
            prop_assert_eq!(layout.body_at_wire(wire), at);
            if at > 0 {
                prop_assert_eq!(layout.body_at_wire(wire - 1), at - 1);
                prop_assert_eq!(layout.bytes_at(wire - 1, 1), Pattern::PLAIN.slice(at - 1, 1));
            }
            prop_assert_eq!(layout.body_at_wire(layout.len()), body);
            prop_assert_eq!(layout.bytes_at(layout.len() - 5, 9), LAST_CHUNK);
        }
    }
}
