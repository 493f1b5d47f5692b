//! A response as a script: its bytes in order, and the places of its body bytes.

use std::ops::Range;

use bytes::Bytes;

use super::{
    layout::{Layout, Payload},
    rope::Rope,
};
use crate::{
    fault::OffsetMap,
    scenario::{Landmark, Raw, RawAt, landmark::part},
};

/// The bytes of one response, and the number already sent.
///
/// Without raw bytes it has two pieces, a head and a framed body, which are
/// computed on demand. Each raw insertion splits a piece and adds its own; memory
/// does not grow with the body.
///
/// Raw bytes are never body bytes, even if a client takes them for such. Body
/// bytes that a raw piece replaces are neither sent nor counted: after them, body
/// offset `n` of the map is the n-th body byte *sent*. Raw pieces are placed by
/// offsets in the response without any of them.
#[derive(Debug, Clone)]
pub struct Script {
    layout: Layout,
    pieces: Vec<Piece>,
    head_len: u64,
    wire_len: u64,
    body_len: u64,
    /// The offset of the object at which the body begins.
    object_start: u64,
    /// The piece that `next` reads from.
    current: usize,
    sent: u64,
}

#[derive(Debug, Clone)]
struct Piece {
    /// Wire bytes before it.
    wire: u64,
    /// Body bytes before it.
    body: u64,
    source: Source,
}

#[derive(Debug, Clone)]
enum Source {
    Layout(Range<u64>),
    Raw(Bytes),
}

/// Raw bytes that a scenario puts in, kept once for all its responses.
#[derive(Debug, Clone)]
pub(super) struct Insertion {
    pub(super) at: RawAt,
    bytes: Bytes,
    /// Bytes of the response that it takes the place of.
    replace: u64,
}

impl Insertion {
    /// Bytes that replace nothing.
    pub(super) const fn literal(at: RawAt, bytes: Bytes) -> Self {
        Self {
            at,
            bytes,
            replace: 0,
        }
    }
}

impl From<&Raw> for Insertion {
    fn from(raw: &Raw) -> Self {
        Self {
            at: raw.at,
            bytes: Bytes::copy_from_slice(&raw.bytes),
            replace: raw.replace.0,
        }
    }
}

impl Script {
    /// A response of literal bytes. The `body` is sent unframed: `head` must
    /// announce its length.
    pub(super) fn literal(head: impl Into<Rope>, body: impl Into<Bytes>) -> Self {
        Self::new(Layout::new(head, Payload::Bytes(body.into()), None), [])
    }

    /// `layout` with `raw` bytes put in: at one place in the order of the
    /// slice, beyond the end of the head at its end, beyond the end of the body
    /// not at all. Where a piece replaces bytes among which another one
    /// stands, the other one follows it.
    pub(super) fn new<'a>(layout: Layout, raw: impl IntoIterator<Item = &'a Insertion>) -> Self {
        let mut places: Vec<_> = raw
            .into_iter()
            .filter_map(|raw| {
                // The class sorts the insertions of the head before those of the body, and
                // these before those of the end, at the same offset.
                let (at, class) = match raw.at {
                    RawAt::Head(at) => (at.min(layout.head_len()), 0),
                    RawAt::Body(at) => (layout.wire_of_body(at.0)?, 1),
                    RawAt::End => (layout.len(), 2),
                };
                Some((at, class, raw))
            })
            .collect();
        places.sort_by_key(|(at, class, _)| (*at, *class));

        let mut build = Build {
            pieces: Vec::new(),
            at: 0,
            wire: 0,
            body: 0,
        };
        let mut head_len = None;
        for (at, class, raw) in places {
            if class > 0 && head_len.is_none() {
                head_len = Some(build.reach_head_end(&layout));
            }
            build.copy_to(at, &layout);
            build.insert(raw.bytes.clone());
            build.skip(raw.replace, &layout);
        }
        let head_len = head_len.unwrap_or_else(|| build.reach_head_end(&layout));
        build.copy_to(layout.len(), &layout);
        Self {
            pieces: build.pieces,
            head_len,
            wire_len: build.wire,
            body_len: build.body,
            object_start: 0,
            current: 0,
            sent: 0,
            layout,
        }
    }

    /// The next bytes, at most `max`, perhaps fewer: a piece ends with its source
    /// (the head, a chunk, a period of the pattern). Empty at the end, for a `max` of 0,
    /// and where the file that is sent has no more. Copies nothing but what a file has.
    pub fn next(&mut self, max: usize) -> Bytes {
        let Some(piece) = self.pieces.get(self.current) else {
            return Bytes::new();
        };
        let at = self.sent - piece.wire;
        let left = piece.len() - at;
        let max = left.min(max as u64);
        if max == 0 {
            return Bytes::new();
        }
        let bytes = match &piece.source {
            // Both fit: they are at most the length of `raw`.
            Source::Raw(raw) => raw.slice(at as usize..(at + max) as usize),
            Source::Layout(range) => self.layout.bytes_at(range.start + at, max),
        };
        self.sent += bytes.len() as u64;
        if bytes.len() as u64 == left {
            self.current += 1;
        }
        bytes
    }

    /// True if [`Script::next`] has its next byte without work: a long coded body is coded
    /// while it is sent.
    pub fn is_ready(&mut self) -> bool {
        let at = self.current_offset();
        at.is_none_or(|at| self.layout.has(at))
    }

    /// Does a part of the work before the next byte, some milliseconds of it, and returns
    /// true if that was all.
    pub fn prepare(&mut self) -> bool {
        if let Some(at) = self.current_offset()
            && !self.layout.has(at)
        {
            self.layout.step_to(at);
        }
        self.is_ready()
    }

    /// True if its body is coded while it is sent.
    pub fn is_coded_anew(&self) -> bool {
        self.layout.is_coded_anew()
    }

    /// The position of [`Script::next`], if it is in the layout.
    fn current_offset(&self) -> Option<u64> {
        let piece = self.pieces.get(self.current)?;
        match &piece.source {
            Source::Layout(range) => Some(range.start + (self.sent - piece.wire)),
            Source::Raw(_) => None,
        }
    }

    /// The wire offset of byte `at` of the coded object, as of the plain one
    /// ([`crate::fault`]): what begins there has lost nothing before it.
    fn wire_of_coded(&self, at: u64) -> Option<u64> {
        match self.object_start {
            0 => self.wire_of_body(at),
            start => self.wire_of_body(at.checked_sub(start).filter(|at| *at > 0)?),
        }
    }

    /// Ends the body at the next point that looks complete: after the current
    /// chunk, followed by the last chunk; at once without chunks; after the head
    /// if that is still being sent. Later raw bytes are left out.
    pub fn end_body(&mut self) {
        let Some(at) = self.layout_offset() else {
            return;
        };
        let (end, tail) = self.layout.early_end(at);
        let begun = |index: usize, piece: &Piece| match &piece.source {
            Source::Layout(range) => range.start < end,
            Source::Raw(_) => index < self.current || piece.wire < self.sent,
        };
        let kept = (0..self.pieces.len())
            .rev()
            .find(|index| begun(*index, &self.pieces[*index]))
            .map_or(0, |last| last + 1);
        self.pieces.truncate(kept);
        (self.wire_len, self.body_len) = (0, 0);
        if let Some(last) = self.pieces.last_mut() {
            self.body_len = last.body;
            if let Source::Layout(range) = &mut last.source {
                range.end = range.end.min(end);
                self.body_len +=
                    self.layout.body_at_wire(range.end) - self.layout.body_at_wire(range.start);
            }
            self.wire_len = last.wire + last.len();
        }
        if self.sent == self.wire_len {
            self.current = kept;
        }
        if !tail.is_empty() {
            self.pieces.push(Piece {
                wire: self.wire_len,
                body: self.body_len,
                source: Source::Raw(Bytes::from_static(tail)),
            });
            self.wire_len += tail.len() as u64;
        }
    }

    /// The position of [`Script::next`] in the layout; `None` if only raw bytes
    /// are left.
    fn layout_offset(&self) -> Option<u64> {
        let mut left = self.pieces.get(self.current..)?.iter();
        left.find_map(|piece| match &piece.source {
            Source::Layout(range) => Some(range.start + self.sent.saturating_sub(piece.wire)),
            Source::Raw(_) => None,
        })
    }

    /// The wire offset just behind the byte before `at` of the layout; `None` if raw
    /// bytes stand in its place.
    fn wire_of_layout(&self, at: u64) -> Option<u64> {
        self.pieces.iter().find_map(|piece| match &piece.source {
            Source::Layout(range) if range.start < at && at <= range.end => {
                Some(piece.wire + (at - range.start))
            }
            Source::Layout(_) | Source::Raw(_) => None,
        })
    }

    /// The same script, of the object from this offset on.
    pub(super) fn starting_at(self, object_start: u64) -> Self {
        Self {
            object_start,
            ..self
        }
    }

    /// Wire bytes given out by [`Script::next`].
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Body bytes among them.
    pub fn body_sent(&self) -> u64 {
        self.body_at_wire(self.sent)
    }

    /// Wire bytes still to come.
    pub fn remaining(&self) -> u64 {
        self.wire_len - self.sent
    }

    /// Wire bytes of the head, including raw bytes in it.
    pub fn head_len(&self) -> u64 {
        self.head_len
    }
}

impl OffsetMap for Script {
    fn wire_of_body(&self, body: u64) -> Option<u64> {
        if body == 0 {
            return Some(self.head_len);
        }
        if body > self.body_len {
            return None;
        }
        // The last piece with fewer body bytes before it than that. No piece
        // begins with more than the one after it.
        let index = self.pieces.partition_point(|piece| piece.body < body);
        let piece = self.pieces.get(index.checked_sub(1)?)?;
        let Source::Layout(range) = &piece.source else {
            return None;
        };
        let before = self.layout.body_at_wire(range.start);
        let at = self.layout.wire_of_body(before + (body - piece.body))?;
        Some(piece.wire + (at - range.start))
    }

    fn body_at_wire(&self, wire: u64) -> u64 {
        let index = self.pieces.partition_point(|piece| piece.wire <= wire);
        let Some(piece) = index.checked_sub(1).and_then(|i| self.pieces.get(i)) else {
            return 0;
        };
        let Source::Layout(range) = &piece.source else {
            return piece.body;
        };
        let at = range.end.min(range.start.saturating_add(wire - piece.wire));
        piece.body + self.layout.body_at_wire(at) - self.layout.body_at_wire(range.start)
    }

    fn wire_len(&self) -> u64 {
        self.wire_len
    }

    fn body_len(&self) -> u64 {
        self.body_len
    }

    fn wire_of_place(&self, place: Landmark) -> Option<u64> {
        match place {
            Landmark::Head => Some(self.head_len),
            Landmark::Share(share) => self.wire_of_body(part(share, self.body_len)),
            Landmark::Chunk(..) | Landmark::LastChunk => {
                self.wire_of_layout(self.layout.chunk_place(place)?)
            }
            Landmark::Member(_) | Landmark::Trailer => match self.layout.payload() {
                Payload::Coded(coded, _) => self.wire_of_coded(coded.place(place)?),
                Payload::Pattern(..) | Payload::File(..) | Payload::Bytes(_) => None,
            },
        }
    }

    fn wire_of_object(&self, at: u64) -> Option<u64> {
        self.wire_of_coded(match self.layout.payload() {
            Payload::Coded(coded, _) => coded.of_object(at)?,
            Payload::Pattern(..) | Payload::File(..) | Payload::Bytes(_) => at,
        })
    }

    fn object_start(&self) -> u64 {
        self.object_start
    }
}

impl Piece {
    /// Never 0: empty pieces are left out.
    fn len(&self) -> u64 {
        match &self.source {
            Source::Layout(range) => range.end - range.start,
            Source::Raw(bytes) => bytes.len() as u64,
        }
    }
}

/// A script under construction.
struct Build {
    pieces: Vec<Piece>,
    /// The offset in the layout up to which it is copied or skipped.
    at: u64,
    wire: u64,
    body: u64,
}

impl Build {
    fn copy_to(&mut self, end: u64, layout: &Layout) {
        if end > self.at {
            self.push(Source::Layout(self.at..end));
            self.body += layout.body_at_wire(end) - layout.body_at_wire(self.at);
            self.at = end;
        }
    }

    fn insert(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.push(Source::Raw(bytes));
        }
    }

    fn skip(&mut self, bytes: u64, layout: &Layout) {
        self.at = self.at.saturating_add(bytes).min(layout.len());
    }

    fn push(&mut self, source: Source) {
        let piece = Piece {
            wire: self.wire,
            body: self.body,
            source,
        };
        self.wire += piece.len();
        self.pieces.push(piece);
    }

    /// Copies the rest of the head and returns its new length.
    fn reach_head_end(&mut self, layout: &Layout) -> u64 {
        self.copy_to(layout.head_len(), layout);
        self.wire
    }
}

#[cfg(test)]
#[path = "script_tests.rs"]
mod tests;
