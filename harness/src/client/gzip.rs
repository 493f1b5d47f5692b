//! The gzip content coding (RFC 1952), in bounded steps and without I/O.
//!
//! flate2 inflates; the header and the trailer are read here, since flate2
//! does so only behind an interface that either waits for its input or
//! inflates without a bound.

use bytes::{Buf as _, Bytes};
use flate2::{Crc, Decompress, FlushDecompress, Status};

const RESERVED: u8 = 0b1110_0000;
const HEADER_CRC: u8 = 0b0000_0010;
const EXTRA: u8 = 0b0000_0100;
const NAME: u8 = 0b0000_1000;
const COMMENT: u8 = 0b0001_0000;

/// Inflates a gzip stream of any number of members, in the pieces it comes in.
/// That the stream is cut is nobody's concern here: who closes the body
/// before its end gets what there was, as in aiohttp.
#[derive(Debug)]
pub struct Inflater {
    at: At,
    inflate: Decompress,
    crc: Crc,
}

/// The body is not what the gzip coding produces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GzipError {
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
enum At {
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
}

impl Default for Inflater {
    fn default() -> Self {
        Self {
            at: At::Fixed(0, 0),
            inflate: Decompress::new(false),
            crc: Crc::new(),
        }
    }
}

impl Inflater {
    /// The next output of at most `most` bytes (at least 1), taken off the
    /// front of `input`. `None` when the input is used up and nothing is left
    /// to come of it.
    ///
    /// # Errors
    /// [`GzipError`]; the inflater is of no use then.
    pub fn next(&mut self, input: &mut Bytes, most: usize) -> Result<Option<Bytes>, GzipError> {
        loop {
            if let At::Data = self.at {
                let before = input.len();
                if let Some(output) = self.inflate(input, most)? {
                    return Ok(Some(output));
                }
                if matches!(self.at, At::Data) && (input.is_empty() || input.len() == before) {
                    return Ok(None);
                }
            } else if input.is_empty() {
                return Ok(None);
            } else {
                self.at = self.header_or_trailer(input.get_u8())?;
            }
        }
    }

    /// One call of inflate. `None`: it gave nothing.
    fn inflate(&mut self, input: &mut Bytes, most: usize) -> Result<Option<Bytes>, GzipError> {
        // A little input gives a little output in most streams: room for all of
        // `most` would be touched for nothing.
        let room = most.min(input.len().saturating_mul(4).max(4096)).max(1);
        let mut output = Vec::with_capacity(room);
        let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
        let status = self
            .inflate
            .decompress_vec(input, &mut output, FlushDecompress::None)
            .map_err(|_| GzipError::Deflate)?;
        let used = usize::try_from(self.inflate.total_in() - read).unwrap_or(usize::MAX);
        input.advance(used.min(input.len()));
        debug_assert_eq!(self.inflate.total_out() - written, output.len() as u64);
        self.crc.update(&output);
        if status == Status::StreamEnd {
            self.at = At::Trailer(0, [0; 8]);
        }
        if output.len() < room / 2 {
            output.shrink_to_fit();
        }
        Ok((!output.is_empty()).then(|| output.into()))
    }

    fn header_or_trailer(&mut self, byte: u8) -> Result<At, GzipError> {
        Ok(match self.at {
            At::Fixed(index, _) if index < 3 => {
                if byte != [0x1f, 0x8b, 8][index] {
                    return Err(GzipError::Magic);
                }
                At::Fixed(index + 1, 0)
            }
            At::Fixed(3, _) => {
                if byte & RESERVED != 0 {
                    return Err(GzipError::Flags);
                }
                At::Fixed(4, byte)
            }
            At::Fixed(9, flags) => optional(flags),
            At::Fixed(index, flags) => At::Fixed(index + 1, flags),
            At::ExtraLength(flags, 0, _) => At::ExtraLength(flags, 1, u16::from(byte)),
            At::ExtraLength(flags, _, low) => match u16::from(byte) << 8 | low {
                0 => optional(flags),
                length => At::Extra(flags, length),
            },
            At::Extra(flags, 1) => optional(flags),
            At::Extra(flags, left) => At::Extra(flags, left - 1),
            At::Text(flags) if byte == 0 => optional(flags),
            At::Text(flags) => At::Text(flags),
            At::HeaderCrc(0) => At::HeaderCrc(1),
            At::HeaderCrc(_) => At::Data,
            At::Trailer(index, mut trailer) => {
                trailer[index] = byte;
                if index == 7 {
                    return self.end_member(u64::from_le_bytes(trailer));
                }
                At::Trailer(index + 1, trailer)
            }
            // Inflate takes these.
            At::Data => At::Data,
        })
    }

    fn end_member(&mut self, trailer: u64) -> Result<At, GzipError> {
        let (sum, amount) = (trailer as u32, (trailer >> 32) as u32);
        if sum != self.crc.sum() || amount != self.crc.amount() {
            return Err(GzipError::Trailer);
        }
        self.inflate.reset(false);
        self.crc.reset();
        Ok(At::Fixed(0, 0))
    }
}

/// The field that comes next of those which `flags` promise; each clears its
/// own flag.
fn optional(flags: u8) -> At {
    if flags & EXTRA != 0 {
        At::ExtraLength(flags & !EXTRA, 0, 0)
    } else if flags & NAME != 0 {
        At::Text(flags & !NAME)
    } else if flags & COMMENT != 0 {
        At::Text(flags & !COMMENT)
    } else if flags & HEADER_CRC != 0 {
        At::HeaderCrc(0)
    } else {
        At::Data
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, GzBuilder};
    use proptest::prelude::*;

    use super::*;

    fn member(data: &[u8]) -> Vec<u8> {
        let mut writer = GzBuilder::new()
            .extra(b"extra".to_vec())
            .filename("name")
            .comment("comment")
            .write(Vec::new(), Compression::default());
        writer.write_all(data).unwrap();
        writer.finish().unwrap()
    }

    fn inflate(pieces: &[&[u8]], most: usize) -> Result<Vec<u8>, GzipError> {
        let (mut inflater, mut data) = (Inflater::default(), Vec::new());
        for piece in pieces {
            let mut input = Bytes::copy_from_slice(piece);
            while let Some(output) = inflater.next(&mut input, most)? {
                assert!(!output.is_empty() && output.len() <= most);
                data.extend_from_slice(&output);
            }
            assert!(input.is_empty());
        }
        Ok(data)
    }

    proptest! {
        #[test]
        fn any_split_of_several_members_gives_their_data(
            cuts in prop::collection::vec(any::<usize>(), 0..12), most in 1usize..2000,
        ) {
            let data: Vec<u8> = (0..3000u32).map(|n| (n / 7) as u8).collect();
            let wire = [member(&data), member(b""), member(b"more")].concat();
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % wire.len()).collect();
            cuts.extend([0, wire.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &wire[pair[0]..pair[1]]).collect();
            prop_assert_eq!(inflate(&pieces, most).unwrap(), [&data[..], b"more"].concat());
        }

        #[test]
        fn no_input_panics(wire in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = inflate(&[&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0], &wire], 64);
        }
    }

    #[test]
    fn what_a_cut_stream_still_says_is_given_out() {
        let data: Vec<u8> = (0..100_000u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 13 & 15) as u8)
            .collect();
        let wire = member(&data);
        let given = inflate(&[&wire[..wire.len() / 2]], 1 << 18).unwrap();
        assert!(
            given.len() > data.len() / 4,
            "{} bytes came out",
            given.len()
        );
        assert!(data.starts_with(&given));
    }

    #[test]
    fn a_bomb_comes_out_in_bounded_pieces() {
        let wire = member(&vec![0; 4 << 20]);
        assert!(wire.len() < 8 << 10);
        assert_eq!(inflate(&[&wire], 1 << 18).unwrap().len(), 4 << 20);
    }

    #[test]
    fn garbage_is_named() {
        assert_eq!(inflate(&[b"<html>"], 64), Err(GzipError::Magic));
        assert_eq!(
            inflate(&[&[0x1f, 0x8b, 8, 0x80]], 64),
            Err(GzipError::Flags)
        );
        let mut wire = member(b"payload");
        let end = wire.len();
        wire[end - 6] ^= 1;
        assert_eq!(inflate(&[&wire], 64), Err(GzipError::Trailer));
        let garbage = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0], [0xff; 20].as_slice()].concat();
        assert_eq!(inflate(&[&garbage], 64), Err(GzipError::Deflate));
    }
}
