//! The bytes that a flow carries to the client.

use bytes::Bytes;

use crate::{clock::Instant, fault::OffsetMap};

/// A response as laid out by a protocol: bytes in order, the part of them that is
/// body, and the earliest time to send each.
pub(crate) trait Outgoing: OffsetMap {
    /// The next bytes, at most `max`, perhaps fewer; empty at the end, for a `max` of 0,
    /// where they have to be prepared first, and where what is sent is not there any more.
    fn next(&mut self, max: usize) -> Bytes;

    /// Does a part of the work that the next bytes take, some milliseconds of it. True if
    /// they are there.
    fn prepare(&mut self) -> bool;

    /// The number of bytes given out by [`Outgoing::next`].
    fn sent(&self) -> u64;

    /// True if nothing but the end of the connection tells where its body ends: then FIN
    /// says that it is whole.
    fn is_open_ended(&self) -> bool;

    /// Ends the body at the next point that looks complete.
    fn end_body(&mut self);

    /// The offset up to which bytes may be sent by `now`, and the time when that
    /// changes. The link, the path and the schedule may allow less.
    fn ready(&self, now: Instant) -> (u64, Instant);
}
