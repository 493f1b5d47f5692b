//! What has come from the client and was not used yet.

/// Most bytes read ahead: a request head must fit (RFC 9112 sets no limit).
pub(crate) const READ_AHEAD: usize = 64 << 10;

/// Bytes from the client, in order.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    pub(super) bytes: Vec<u8>,
    /// So many of those to come are thrown away: nobody wants them.
    unwanted: u64,
    /// The client has sent FIN.
    pub(super) finished: bool,
}

impl Inbox {
    /// What is there.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether nothing more will come.
    pub(crate) fn is_finished(&self) -> bool {
        self.finished
    }

    /// Whether nothing more is read before some of it was used.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes.len() >= READ_AHEAD
    }

    /// The first `used` bytes were used, and the next `unwanted` are not
    /// wanted.
    pub(crate) fn take(&mut self, used: usize, unwanted: u64) {
        self.bytes.drain(..used);
        self.unwanted = unwanted;
        self.skip();
    }

    /// Whether some of what comes next is thrown away.
    pub(crate) fn is_skipping(&self) -> bool {
        self.unwanted > 0
    }

    /// Throws away what has come of the unwanted.
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
