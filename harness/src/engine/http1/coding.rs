//! Content decoding, by rules: the most bytes of one call, the members of a
//! concatenated body that count, and the fate of the rest.

use bytes::Bytes;

use super::member::{Format, Member, MemberError};
use crate::measure::heap::OverBudget;

/// The first block of one call's output; each further one is twice as large.
const FIRST_BLOCK: usize = 32 << 10;
/// The largest block.
const LARGEST_BLOCK: usize = 32 << 20;

/// A content coding that a plain installation of aiohttp decodes. It asks for
/// br and zstd only with further packages installed, and never decodes them
/// without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentCoding {
    /// RFC 1952. `x-gzip` is passed through undecoded.
    Gzip,
    /// RFC 1950, or RFC 1951 where the first byte is no zlib header's.
    Deflate,
}

/// The limit on decompressing one feed. The releases are aiohttp's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inflate {
    /// Anything, as one piece: up to 3.13.2.
    Unbounded,
    /// At most so many bytes, else the payload fails: 3.13.3 to 3.13.5 (#11898).
    Refused {
        /// The most that passes.
        above: usize,
    },
    /// Steps of at most max(limit, low watermark), with the parser paused
    /// between them as needed: from 3.14.0.
    Stepwise,
}

/// The members of a concatenated gzip body that are decoded. The releases are
/// aiohttp's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GzipMembers {
    /// The first; the rest is dropped silently: before 3.14.0 (#7157).
    First,
    /// All: 3.14.0 to 3.14.3.
    All,
    /// All, up to this number: from 3.14.4 (#13362).
    AtMost(u32),
}

/// The reasons why a body could not be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodingError {
    /// It is not what the coding produces.
    #[error(transparent)]
    Member(#[from] MemberError),
    /// More concatenated members in one call than the release allows.
    #[error("more than {0} gzip members at once")]
    Members(u32),
    /// One call's output is larger than the release allows, in bytes.
    #[error("one piece inflates to more than {0} bytes")]
    TooLarge(usize),
    /// The coded body ends before its own end; gzip bodies are let pass.
    #[error("the deflate stream is cut")]
    Cut,
    /// The memory budget is used up.
    #[error(transparent)]
    Memory(#[from] OverBudget),
}

/// Decodes one body.
#[derive(Debug)]
pub struct Decoding {
    coding: ContentCoding,
    inflate: Inflate,
    members: GzipMembers,
    member: Member,
    /// Compressed bytes that wait for the next call.
    input: Bytes,
    begun: bool,
    /// Neither its first byte nor its end decides anything.
    unchecked: bool,
    /// The last call's output was cut short, or brought something at all: only
    /// an empty one tells that nothing is left.
    more: bool,
}

impl Decoding {
    /// Decodes `coding`, by these rules.
    pub(crate) fn new(coding: ContentCoding, inflate: Inflate, members: GzipMembers) -> Self {
        Self {
            coding,
            inflate,
            members,
            member: Member::new(match coding {
                ContentCoding::Gzip => Format::Gzip,
                ContentCoding::Deflate => Format::Zlib,
            }),
            input: Bytes::new(),
            begun: false,
            unchecked: false,
            more: false,
        }
    }

    /// Takes it for zlib whatever its first byte says, and for whole wherever it ends.
    pub(crate) fn into_zlib(self) -> Self {
        Self {
            unchecked: true,
            ..self
        }
    }

    /// True if a further call without new bytes is due.
    pub(crate) fn has_more(&self) -> bool {
        self.more
    }

    /// Decodes `bytes` behind what waits. `step` is the most that one call may
    /// bring where the release works in steps; `afford` is asked before each
    /// allocation. An error loses the call's whole output.
    ///
    /// # Errors
    /// [`CodingError`]; the decoding is of no use then.
    pub(crate) fn feed(
        &mut self,
        bytes: Bytes,
        step: usize,
        afford: &dyn Fn(usize) -> Result<(), OverBudget>,
    ) -> Result<Bytes, CodingError> {
        if !bytes.is_empty() {
            let checked = self.coding == ContentCoding::Deflate && !self.unchecked;
            if !self.begun && checked && bytes[0] & 0xf != 8 {
                self.member = Member::new(Format::Raw);
            }
            self.begun = true;
            self.input = if self.input.is_empty() {
                bytes
            } else {
                [&self.input[..], &bytes].concat().into()
            };
        }
        let most = match self.inflate {
            Inflate::Unbounded => usize::MAX,
            Inflate::Refused { above } => above.saturating_add(1),
            Inflate::Stepwise => step,
        };
        let mut output = Output::new(most, afford);
        self.call(&mut output)?;
        if let Inflate::Refused { above } = self.inflate
            && output.len > above
        {
            return Err(CodingError::TooLarge(above));
        }
        let stepwise = self.inflate == Inflate::Stepwise;
        self.more = stepwise && (output.len > 0 || !self.input.is_empty());
        Ok(output.join()?)
    }

    /// The framing is complete. A gzip body may end anywhere.
    ///
    /// # Errors
    /// [`CodingError::Cut`]
    pub(crate) fn end(&self) -> Result<(), CodingError> {
        let checked = self.coding == ContentCoding::Deflate && !self.unchecked;
        if checked && self.begun && !self.member.is_done() {
            return Err(CodingError::Cut);
        }
        Ok(())
    }

    fn call(&mut self, output: &mut Output<'_>) -> Result<(), CodingError> {
        let mut members = 1;
        loop {
            if self.member.is_done() {
                match self.members {
                    // Bytes after the first member are dropped unseen.
                    GzipMembers::First => self.input.clear(),
                    GzipMembers::All | GzipMembers::AtMost(_) => {}
                }
                if self.input.is_empty() {
                    return Ok(());
                }
                members += 1;
                if let GzipMembers::AtMost(most) = self.members
                    && members > most
                {
                    return Err(CodingError::Members(most));
                }
                self.member.reset();
            }
            if output.is_full() {
                return Ok(());
            }
            self.member.inflate(&mut self.input, output)?;
            if !self.member.is_done() {
                return Ok(());
            }
            // A gzip member that ends with the input leaves a fresh one, a
            // deflate stream keeps the knowledge that it ended.
            if self.input.is_empty()
                && self.coding == ContentCoding::Gzip
                && self.members != GzipMembers::First
            {
                self.member.reset();
                return Ok(());
            }
        }
    }
}

/// The output of one call, in blocks that are joined at its end; during the join
/// the bytes exist twice.
pub(super) struct Output<'a> {
    blocks: Vec<Vec<u8>>,
    len: usize,
    most: usize,
    afford: &'a dyn Fn(usize) -> Result<(), OverBudget>,
}

impl<'a> Output<'a> {
    pub(super) fn new(most: usize, afford: &'a dyn Fn(usize) -> Result<(), OverBudget>) -> Self {
        Self {
            blocks: Vec::new(),
            len: 0,
            most: most.max(1),
            afford,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.len >= self.most
    }

    /// The block that is being filled; none when the call has its fill.
    pub(super) fn block(&mut self) -> Result<Option<&mut Vec<u8>>, OverBudget> {
        if self.is_full() {
            return Ok(None);
        }
        let spare = |block: &Vec<u8>| block.capacity() > block.len();
        if !self.blocks.last().is_some_and(spare) {
            let doubled = FIRST_BLOCK << self.blocks.len().min(16);
            let size = doubled.min(LARGEST_BLOCK).min(self.most - self.len);
            (self.afford)(size)?;
            // Not one byte more, or the call would pass its bound.
            let mut block = Vec::new();
            block.reserve_exact(size);
            self.blocks.push(block);
        }
        Ok(self.blocks.last_mut())
    }

    /// The block grew by so many bytes.
    pub(super) fn grew(&mut self, bytes: usize) {
        self.len += bytes;
    }

    fn join(self) -> Result<Bytes, OverBudget> {
        if let [block] = &self.blocks[..]
            && block.len() * 2 >= block.capacity()
        {
            return Ok(self.blocks.into_iter().next().unwrap_or_default().into());
        }
        (self.afford)(self.len)?;
        Ok(self.blocks.concat().into())
    }
}

#[cfg(test)]
#[path = "coding_tests.rs"]
mod tests;
