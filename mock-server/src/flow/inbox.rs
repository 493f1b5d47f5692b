//! Bytes that have come from the client and were not used yet.

/// Most bytes that are kept until the protocol uses them.
pub(crate) const READ_AHEAD: usize = 64 << 10;

/// Bytes from the client, in order.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    pub(super) bytes: Vec<u8>,
    /// Bytes still to come that will be thrown away.
    unwanted: u64,
    /// The client has sent FIN.
    pub(super) finished: bool,
}

impl Inbox {
    /// The unused bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// True if nothing more will come.
    pub(crate) fn is_finished(&self) -> bool {
        self.finished
    }

    /// True if reading pauses until some bytes are used.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes.len() >= READ_AHEAD
    }

    /// Uses up the first `used` bytes, and throws away the `unwanted` bytes that
    /// follow.
    pub(crate) fn take(&mut self, used: usize, unwanted: u64) {
        self.bytes.drain(..used);
        self.unwanted = unwanted;
        self.skip();
    }

    /// True if bytes to come will be thrown away.
    pub(crate) fn is_skipping(&self) -> bool {
        self.unwanted > 0
    }

    /// Throws away the unwanted bytes that have come so far.
    pub(super) fn skip(&mut self) {
        let n = self.unwanted.min(self.bytes.len() as u64);
        self.bytes.drain(..usize::try_from(n).unwrap_or(usize::MAX));
        self.unwanted -= n;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_wanted_is_thrown_away_as_it_comes() {
        let mut inbox = Inbox::default();
        inbox.bytes.extend(b"HEADbo");
        inbox.take(4, 5);
        assert_eq!((inbox.bytes(), inbox.is_skipping()), (&b""[..], true));
        inbox.bytes.extend(b"dy!NEXT");
        inbox.skip();
        assert_eq!((inbox.bytes(), inbox.is_skipping()), (&b"NEXT"[..], false));
    }
}
