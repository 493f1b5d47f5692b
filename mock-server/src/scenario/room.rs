//! The largest response, and the most of it that a link can hold. The origin and
//! the path are built for these limits, and a scenario must keep to them.

/// Bytes on their way, at most: no TCP window is larger (RFC 7323, section 2.3).
pub const MOST_BYTES: u64 = 1 << 30;

/// Pieces on their way or with their acknowledgement on its way back, at most.
/// Each takes some fifty bytes: what it points to is the script's.
pub const MOST_PIECES: usize = 1 << 16;

/// Bytes of a framed body, at most: 2^63, so that head and raw bytes still fit
/// into 64 bits.
const MAX_FRAMED: u128 = 1 << 63;

/// True if a body of `body` bytes, in chunks of `chunk` bytes if it has any, can
/// be sent.
pub(crate) fn fits(body: u64, chunk: Option<u64>) -> bool {
    framed_len(body, chunk) <= MAX_FRAMED
}

/// Bytes of a body in its transfer coding; they may not fit into 64 bits.
pub(crate) fn framed_len(body: u64, chunk: Option<u64>) -> u128 {
    let Some(chunk) = chunk else {
        return u128::from(body);
    };
    let (full, rest) = (body / chunk, body % chunk);
    let frame = |len: u64| match len {
        0 => 0,
        _ => u128::from(len) + u128::from(hex_digits(len)) + 4,
    };
    u128::from(full) * frame(chunk) + frame(rest) + LAST_CHUNK.len() as u128
}

/// The chunk of size zero and the empty trailer section (RFC 9112, section 7.1).
pub(crate) const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// Digits of a chunk's size line.
pub(crate) fn hex_digits(n: u64) -> u32 {
    n.checked_ilog2().map_or(1, |log| log / 4 + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_length_of_a_size_line_is_what_printing_it_gives(n in any::<u64>(), shift in 0..64) {
            let n = n >> shift;
            prop_assert_eq!(hex_digits(n) as usize, format!("{n:x}").len());
        }
    }

    #[test]
    fn one_byte_chunks_of_the_largest_body_do_not_fit() {
        let body = i64::MAX as u64;
        assert_eq!(framed_len(body, Some(1)), 6 * u128::from(body) + 5);
        assert_eq!(framed_len(body, None), u128::from(body));
        assert_eq!(framed_len(0, Some(1)), 5);
        assert_eq!(
            framed_len(17, Some(16)),
            (2 + 2 + 16 + 2) + (1 + 2 + 1 + 2) + 5
        );
    }
}
