//! A text of several pieces; the long ones are shared.

use bytes::Bytes;

/// A longer piece is shared, not copied: every connection may hold a response
/// that waits to be read, and a scenario's text may be as long as its file.
/// Shorter heads are one piece, which is written at once.
pub(super) const LONGEST_COPIED: usize = 1 << 10;

/// The pieces, none of them empty. Cheap to clone if they are few and long.
#[derive(Debug, Clone, Default)]
pub(super) struct Rope {
    pieces: Vec<Bytes>,
    len: u64,
}

/// A rope under construction.
#[derive(Debug, Default)]
pub(super) struct Braid {
    rope: Rope,
    /// Bytes that were copied and are not a piece yet.
    copied: Vec<u8>,
}

impl Rope {
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// At most `max` bytes from `at` on, of one piece; empty at the end.
    pub(super) fn bytes_at(&self, at: u64, max: u64) -> Bytes {
        let mut start = at;
        for piece in &self.pieces {
            let len = piece.len() as u64;
            if start < len {
                let end = start.saturating_add(max).min(len);
                // Both are within a piece in memory.
                return piece.slice(start as usize..end as usize);
            }
            start -= len;
        }
        Bytes::new()
    }

    fn push(&mut self, piece: Bytes) {
        if !piece.is_empty() {
            self.len += piece.len() as u64;
            self.pieces.push(piece);
        }
    }
}

impl From<Bytes> for Rope {
    fn from(bytes: Bytes) -> Self {
        let mut rope = Self::default();
        rope.push(bytes);
        rope
    }
}

impl Braid {
    pub(super) fn copy(&mut self, text: &str) {
        self.copied.extend_from_slice(text.as_bytes());
    }

    /// Adds `bytes`; long ones are shared with their other owners.
    pub(super) fn share(&mut self, bytes: &Bytes) {
        if bytes.len() <= LONGEST_COPIED {
            self.copied.extend_from_slice(bytes);
            return;
        }
        self.end_piece();
        self.rope.push(bytes.clone());
    }

    pub(super) fn finish(mut self) -> Rope {
        self.end_piece();
        self.rope
    }

    fn end_piece(&mut self) {
        self.rope.push(std::mem::take(&mut self.copied).into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rope_is_read_from_any_place_and_shares_what_is_long() {
        let long = Bytes::from(vec![b'x'; LONGEST_COPIED + 1]);
        let short = Bytes::from(vec![b'y'; LONGEST_COPIED]);
        let mut braid = Braid::default();
        braid.copy("head ");
        braid.share(&short);
        braid.share(&long);
        braid.copy("end");
        let rope = braid.finish();
        let whole = [b"head ".as_slice(), &short, &long, b"end"].concat();
        assert_eq!(rope.len(), whole.len() as u64);
        for at in 0..=rope.len() {
            let piece = rope.bytes_at(at, 9);
            let rest = &whole[at as usize..];
            assert!(rest.starts_with(&piece), "{at}");
            assert_eq!(piece.is_empty(), rest.is_empty(), "{at}");
        }
        let shared = rope.bytes_at(5 + short.len() as u64, u64::MAX);
        assert_eq!(shared.as_ptr(), long.as_ptr());
        assert!(Rope::from(Bytes::new()).bytes_at(0, 1).is_empty());
    }
}
