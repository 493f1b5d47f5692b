//! One compressed member, in bounded steps and without I/O: gzip (RFC 1952), zlib
//! (RFC 1950) or bare deflate (RFC 1951).
//!
//! flate2 inflates. Gzip's header and trailer are read here, since flate2 only
//! does so behind an interface that either waits for its input or inflates
//! without a bound.

use bytes::{Buf as _, Bytes};
use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::{coding::CodingError, output::Output};

const RESERVED: u8 = 0b1110_0000;
const HEADER_CRC: u8 = 0b0000_0010;
const EXTRA: u8 = 0b0000_0100;
const NAME: u8 = 0b0000_1000;
const COMMENT: u8 = 0b0001_0000;

/// The format around the deflate stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Gzip,
    Zlib,
    Raw,
}

/// Inflates one member, in the pieces it comes in.
#[derive(Debug)]
pub(super) struct Member {
    format: Format,
    at: MemberAt,
    inflate: Decompress,
    crc: Crc,
}

/// The bytes are not what the coding produces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MemberError {
    /// A member begins otherwise.
    #[error("a gzip member does not begin with 1f 8b 08")]
    Magic,
    /// A flag that RFC 1952 keeps for the future.
    #[error("a gzip header has a reserved flag")]
    Flags,
    /// The compressed data are broken.
    #[error("the deflate stream is broken")]
    Deflate,
    /// The data are not those that were compressed.
    #[error("the checksum or the length of a gzip member is wrong")]
    Trailer,
}

/// The next byte is ...
#[derive(Debug, Clone, Copy)]
enum MemberAt {
    /// ... this one of the ten fixed bytes.
    Fixed(usize, u8),
    /// ... in the extra field: bytes of its length read, its length.
    ExtraLength(u8, u8, u16),
    Extra(u8, u16),
    /// ... in a text that ends in zero; the flags behind it.
    Text(u8),
    /// ... one of two bytes of the header's checksum.
    HeaderCrc(u8),
    /// ... compressed.
    Data,
    /// ... this one of the trailer.
    Trailer(usize, [u8; 8]),
    /// ... behind the member.
    Done,
}

impl Member {
    pub(super) fn new(format: Format) -> Self {
        Self {
            format,
            at: Self::start(format),
            inflate: Decompress::new(format == Format::Zlib),
            crc: Crc::new(),
        }
    }

    /// The next member of the same format begins.
    pub(super) fn reset(&mut self) {
        self.at = Self::start(self.format);
        self.inflate.reset(self.format == Format::Zlib);
        self.crc.reset();
    }

    /// True if the member has ended.
    pub(super) fn is_done(&self) -> bool {
        matches!(self.at, MemberAt::Done)
    }

    /// Inflates off the front of `input`, until that is used up, the output
    /// has its fill, or the member ends.
    ///
    /// # Errors
    /// [`CodingError`]; the member is of no use then.
    pub(super) fn inflate(
        &mut self,
        input: &mut Bytes,
        output: &mut Output<'_>,
    ) -> Result<(), CodingError> {
        loop {
            match self.at {
                MemberAt::Done => return Ok(()),
                MemberAt::Data => {
                    let Some(block) = output.block()? else {
                        return Ok(());
                    };
                    let (read, written) = (self.inflate.total_in(), block.len());
                    let status = self
                        .inflate
                        .decompress_vec(input, block, FlushDecompress::None)
                        .map_err(|_| MemberError::Deflate)?;
                    let (fresh, full) = (&block[written..], block.len() == block.capacity());
                    let grown = fresh.len();
                    if self.format == Format::Gzip {
                        self.crc.update(fresh);
                    }
                    output.grew(grown);
                    let used = usize::try_from(self.inflate.total_in() - read);
                    let used = used.unwrap_or(usize::MAX).min(input.len());
                    input.advance(used);
                    if status == Status::StreamEnd {
                        self.at = match self.format {
                            Format::Gzip => MemberAt::Trailer(0, [0; 8]),
                            Format::Zlib | Format::Raw => MemberAt::Done,
                        };
                    } else if (input.is_empty() && !full) || (used == 0 && grown == 0) {
                        return Ok(());
                    }
                }
                _ if input.is_empty() => return Ok(()),
                _ => self.at = self.header_or_trailer(input.get_u8())?,
            }
        }
    }

    const fn start(format: Format) -> MemberAt {
        match format {
            Format::Gzip => MemberAt::Fixed(0, 0),
            Format::Zlib | Format::Raw => MemberAt::Data,
        }
    }

    fn header_or_trailer(&mut self, byte: u8) -> Result<MemberAt, MemberError> {
        Ok(match self.at {
            // By two, as zlib looks at them: one byte alone is never wrong.
            MemberAt::Fixed(index @ (0 | 2), _) => MemberAt::Fixed(index + 1, byte),
            MemberAt::Fixed(1, first) => {
                if [first, byte] != [0x1f, 0x8b] {
                    return Err(MemberError::Magic);
                }
                MemberAt::Fixed(2, 0)
            }
            MemberAt::Fixed(3, method) => {
                if method != 8 {
                    return Err(MemberError::Magic);
                }
                if byte & RESERVED != 0 {
                    return Err(MemberError::Flags);
                }
                MemberAt::Fixed(4, byte)
            }
            MemberAt::Fixed(9, flags) => optional(flags),
            MemberAt::Fixed(index, flags) => MemberAt::Fixed(index + 1, flags),
            MemberAt::ExtraLength(flags, 0, _) => MemberAt::ExtraLength(flags, 1, u16::from(byte)),
            MemberAt::ExtraLength(flags, _, low) => match u16::from(byte) << 8 | low {
                0 => optional(flags),
                length => MemberAt::Extra(flags, length),
            },
            MemberAt::Extra(flags, 1) => optional(flags),
            MemberAt::Extra(flags, left) => MemberAt::Extra(flags, left - 1),
            MemberAt::Text(flags) if byte == 0 => optional(flags),
            MemberAt::Text(flags) => MemberAt::Text(flags),
            MemberAt::HeaderCrc(0) => MemberAt::HeaderCrc(1),
            MemberAt::HeaderCrc(_) => MemberAt::Data,
            MemberAt::Trailer(index, mut trailer) => {
                trailer[index] = byte;
                let [a, b, c, d, ..] = trailer;
                // zlib does not wait for the length.
                if index == 3 && u32::from_le_bytes([a, b, c, d]) != self.crc.sum() {
                    return Err(MemberError::Trailer);
                }
                if index == 7 {
                    return self.end_member(u64::from_le_bytes(trailer));
                }
                MemberAt::Trailer(index + 1, trailer)
            }
            // Inflate takes these, or nobody.
            MemberAt::Data | MemberAt::Done => self.at,
        })
    }

    fn end_member(&mut self, trailer: u64) -> Result<MemberAt, MemberError> {
        let (sum, amount) = (trailer as u32, (trailer >> 32) as u32);
        if sum != self.crc.sum() || amount != self.crc.amount() {
            return Err(MemberError::Trailer);
        }
        Ok(MemberAt::Done)
    }
}

/// The field that comes next of those which `flags` promise; each clears its
/// own flag.
fn optional(flags: u8) -> MemberAt {
    if flags & EXTRA != 0 {
        MemberAt::ExtraLength(flags & !EXTRA, 0, 0)
    } else if flags & NAME != 0 {
        MemberAt::Text(flags & !NAME)
    } else if flags & COMMENT != 0 {
        MemberAt::Text(flags & !COMMENT)
    } else if flags & HEADER_CRC != 0 {
        MemberAt::HeaderCrc(0)
    } else {
        MemberAt::Data
    }
}
