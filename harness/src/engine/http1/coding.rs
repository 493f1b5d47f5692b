//! Content decoding, by rules: the most bytes of one call, the members of a
//! concatenated body that count, and the fate of the rest. `zlib`, `br` and `zstd`
//! decode.

use bytes::Bytes;

use super::{
    br::Br,
    member::MemberError,
    output::Output,
    zlib::Zlib,
    zstd::{Frames, Pieces},
};
use crate::measure::heap::OverBudget;

/// A content coding that aiohttp decodes, given the packages for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentCoding {
    /// RFC 1952. `x-gzip` is passed through undecoded.
    Gzip,
    /// RFC 1950, or RFC 1951 where the first byte is no zlib header's.
    Deflate,
    /// RFC 7932.
    Br(BehindBr),
    /// RFC 8878.
    Zstd(ZstdPieces),
}

/// The bytes behind the end of a brotli stream, which has no second member. The
/// releases are aiohttp's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BehindBr {
    /// Dropped silently, by the package brotlipy: 3.7.
    Dropped,
    /// An error, of the package Brotli: from 3.8.0.
    Refused,
}

/// A body of zstd in pieces. The releases are aiohttp's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZstdPieces {
    /// Each has to be a whole frame that says its length; more in the same piece is
    /// dropped: 3.13.0, by `ZstdDecompressor.decompress` of the package zstandard.
    EachWhole,
    /// They are one stream: from 3.13.1, with the package backports.zstd.
    Stream,
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
    /// between them as needed: from 3.14.0. Of br, the package's blocks are whole.
    Stepwise,
}

/// The members of a concatenated gzip body, or frames of a zstd one, that are
/// decoded. The releases are aiohttp's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Members {
    /// The first; before 3.14.0 (#7157). The rest of gzip is dropped silently. Of
    /// zstd it is where it comes in the same piece, and else fails.
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
    /// It is no brotli stream, or more follows it.
    #[error("the brotli stream is broken, or not all of the body")]
    Br,
    /// It is no zstd frame, or a piece is not a whole one that says its length.
    #[error("the zstd frame is broken")]
    Zstd,
    /// A piece came behind the only frame that counts.
    #[error("more follows the zstd frame")]
    BehindFrame,
    /// More concatenated members in one call than the release allows.
    #[error("more than {0} members at once")]
    Members(u32),
    /// One call's output is larger than the release allows, in bytes.
    #[error("one piece inflates to more than {0} bytes")]
    TooLarge(usize),
    /// The coded body ends before its own end; all but deflate are let pass.
    #[error("the deflate stream is cut")]
    Cut,
    /// The memory budget is used up.
    #[error(transparent)]
    Memory(#[from] OverBudget),
}

/// Decodes one body.
#[derive(Debug)]
pub struct Decoding {
    decoder: Decoder,
    inflate: Inflate,
    /// Compressed bytes that wait for the next call.
    input: Bytes,
    more: bool,
}

#[derive(Debug)]
enum Decoder {
    Zlib(Box<Zlib>),
    Br(Br),
    Frames(Frames),
    Pieces(Pieces),
}

impl Decoding {
    /// Decodes `coding`, by these rules.
    pub(crate) fn new(coding: ContentCoding, inflate: Inflate, members: Members) -> Self {
        Self {
            decoder: match coding {
                ContentCoding::Gzip => Decoder::Zlib(Box::new(Zlib::gzip(members))),
                ContentCoding::Deflate => Decoder::Zlib(Box::new(Zlib::deflate(members))),
                ContentCoding::Br(behind) => Decoder::Br(Br::new(behind)),
                ContentCoding::Zstd(ZstdPieces::Stream) => Decoder::Frames(Frames::new(members)),
                ContentCoding::Zstd(ZstdPieces::EachWhole) => Decoder::Pieces(Pieces),
            },
            inflate,
            input: Bytes::new(),
            more: false,
        }
    }

    /// Takes it for zlib whatever its first byte says, and for whole wherever it ends.
    pub(crate) fn zlib(inflate: Inflate, members: Members) -> Self {
        Self {
            decoder: Decoder::Zlib(Box::new(Zlib::unchecked(members))),
            ..Self::new(ContentCoding::Deflate, inflate, members)
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
        if self.input.is_empty() {
            self.input = bytes;
        } else if !bytes.is_empty() {
            self.input = [&self.input[..], &bytes].concat().into();
        }
        let most = match self.inflate {
            Inflate::Unbounded => usize::MAX,
            Inflate::Refused { above } => above.saturating_add(1),
            Inflate::Stepwise => step,
        };
        let mut output = self.decoder.output(most, afford);
        self.decoder.call(&mut self.input, &mut output)?;
        if let Inflate::Refused { above } = self.inflate
            && output.len() > above
        {
            return Err(CodingError::TooLarge(above));
        }
        self.more =
            self.inflate == Inflate::Stepwise && self.decoder.has_more(&self.input, &output);
        Ok(output.join()?)
    }

    /// The framing is complete. All but deflate may end anywhere.
    ///
    /// # Errors
    /// [`CodingError::Cut`]
    pub(crate) fn end(&self) -> Result<(), CodingError> {
        match &self.decoder {
            Decoder::Zlib(zlib) => zlib.end(),
            Decoder::Br(_) | Decoder::Frames(_) | Decoder::Pieces(_) => Ok(()),
        }
    }
}

impl Decoder {
    /// For a call that is to bring `most` bytes.
    fn output<'a>(
        &self,
        most: usize,
        afford: &'a dyn Fn(usize) -> Result<(), OverBudget>,
    ) -> Output<'a> {
        match self {
            Self::Br(_) => Output::new(Br::room(most), afford).in_blocks(Br::block_size),
            Self::Zlib(_) | Self::Frames(_) | Self::Pieces(_) => Output::new(most, afford),
        }
    }

    fn call(&mut self, input: &mut Bytes, output: &mut Output<'_>) -> Result<(), CodingError> {
        match self {
            Self::Zlib(zlib) => zlib.call(input, output),
            Self::Br(br) => br.call(input, output),
            Self::Frames(frames) => frames.call(input, output),
            Self::Pieces(pieces) => pieces.call(input, output),
        }
    }

    /// `data_available`, by which the parser calls again without bytes.
    fn has_more(&self, input: &Bytes, output: &Output<'_>) -> bool {
        match self {
            // Only an empty output tells that nothing is left.
            Self::Zlib(_) => output.len() > 0 || !input.is_empty(),
            Self::Br(br) => output.len() > 0 && !br.is_finished(),
            Self::Frames(frames) => frames.has_more(input),
            Self::Pieces(_) => false,
        }
    }
}

#[cfg(test)]
#[path = "package_tests.rs"]
mod package_tests;
#[cfg(test)]
#[path = "coding_tests.rs"]
mod tests;
