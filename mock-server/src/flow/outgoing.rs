//! What a flow carries to the client.

use bytes::Bytes;

use crate::{clock::Instant, fault::OffsetMap};

/// A response as a protocol has laid it out: bytes in order, which of them are
/// the body's, and from when on they may be sent.
pub(crate) trait Outgoing: OffsetMap {
    /// The next bytes, at most `max`, perhaps fewer; empty at the end, and for
    /// a `max` of 0.
    fn next(&mut self, max: usize) -> Bytes;

    /// Bytes that [`Outgoing::next`] has given out.
    fn sent(&self) -> u64;

    /// Ends the body as soon as that looks complete.
    fn end_body(&mut self);

    /// Up to which byte it may be sent by `now`, and when that changes; the
    /// link, the path and the schedule may allow less.
    fn ready(&self, now: Instant) -> (u64, Instant);
}
