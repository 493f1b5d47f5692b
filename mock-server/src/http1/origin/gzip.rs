//! Content coding: the object as gzip.

use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, GzBuilder};

use crate::body::Object;

/// More than the largest encoded body (`origin::respond`, MAX_ENCODED) with the
/// overhead of the coding.
const LARGEST: usize = 257 << 20;

/// An upper bound for the gzip coding of `size` bytes: deflate stores
/// incompressible data in blocks of some 16 KiB with 5 bytes each, and header and
/// trailer take 18 bytes.
pub(super) fn longest(size: u64) -> u64 {
    size.saturating_add(size / 1000).saturating_add(64 << 10)
}

/// The first `limit` bytes of the gzip coding of `object`, or all of it if it is
/// shorter. Encodes no more of the object than that takes.
///
/// The header carries no time (RFC 1952: MTIME 0) and no operating system (255),
/// so the bytes depend only on the object.
pub(super) fn encode(object: impl Into<Object>, limit: u64) -> Bytes {
    let Object { size, pattern } = object.into();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let longest = usize::try_from(longest(size)).unwrap_or(usize::MAX);
    let sink = CutBuffer {
        // A buffer that grows while it is filled takes up to three times as much.
        bytes: Vec::with_capacity(longest.min(limit).min(LARGEST)),
        limit,
    };
    let mut encoder = GzBuilder::new()
        .mtime(0)
        .operating_system(255)
        .write(sink, Compression::fast());
    for slice in pattern.slices(0..size) {
        if encoder.get_ref().is_full() || encoder.write_all(&slice).is_err() {
            break;
        }
    }
    // The sink takes everything, so this cannot fail.
    encoder
        .finish()
        .map_or_else(|_| Bytes::new(), |sink| sink.bytes.into())
}

/// Keeps the first `limit` bytes and forgets the rest.
struct CutBuffer {
    bytes: Vec<u8>,
    limit: usize,
}

impl CutBuffer {
    fn is_full(&self) -> bool {
        self.bytes.len() >= self.limit
    }
}

impl Write for CutBuffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let room = self.limit - self.bytes.len();
        self.bytes
            .extend_from_slice(&bytes[..room.min(bytes.len())]);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{ErrorKind, Read};

    use flate2::read::GzDecoder;

    use super::*;
    use crate::body::Pattern;

    #[test]
    fn it_decodes_to_the_object() {
        for size in [0, 1, 100_000, 2_500_000] {
            let mut decoded = Vec::new();
            GzDecoder::new(&encode(size, u64::MAX)[..])
                .read_to_end(&mut decoded)
                .unwrap();
            assert!(decoded == Pattern::PLAIN.slices(0..size).collect::<Vec<_>>().concat());
        }
    }

    #[test]
    fn no_encoding_is_longer_than_was_said() {
        for size in [0, 1, 100_000, 2_500_000] {
            assert!(encode(size, u64::MAX).len() as u64 <= longest(size));
        }
    }

    #[test]
    fn two_encodings_are_equal_and_carry_no_time() {
        let encoded = encode(100_000, u64::MAX);
        assert_eq!(encoded, encode(100_000, u64::MAX));
        assert_eq!(encoded[..4], [0x1f, 0x8b, 8, 0]);
        assert_eq!(encoded[4..8], [0; 4]);
        assert_eq!(encoded[9], 255);
    }

    #[test]
    fn a_limit_cuts_the_encoding_and_the_decoder_misses_the_end() {
        let whole = encode(1_000_000, u64::MAX);
        let cut = encode(1 << 62, 300_000);
        assert_eq!(cut, whole[..300_000]);
        let mut decoded = Vec::new();
        let error = GzDecoder::new(&cut[..])
            .read_to_end(&mut decoded)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
        assert!(decoded == Pattern::PLAIN.slice(0, decoded.len()));
        assert_eq!(encode(1_000_000, u64::MAX - 1), whole);
        assert!(encode(1_000_000, 0).is_empty());
    }
}
