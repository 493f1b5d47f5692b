//! The fault schedule: pure, no I/O. One schedule serves the simulated link
//! and the TCP socket; both only obey.

mod schedule;

use std::time::Duration;

pub use schedule::{Fired, FlowState, Schedule, Step};

/// The map between offsets in a response's body and offsets on the wire.
pub trait OffsetMap {
    /// The wire offset right behind byte `body - 1` of the body: the fewest
    /// wire bytes that carry `body` body bytes. For 0, the end of the head.
    /// `None` beyond the body's end.
    fn wire_of_body(&self, body: u64) -> Option<u64>;
    /// How many body bytes the first `wire` bytes of the response carry.
    fn body_at_wire(&self, wire: u64) -> u64;
    /// Bytes of the whole response.
    fn wire_len(&self) -> u64;
    /// Bytes of its body.
    fn body_len(&self) -> u64;
}

/// How much later than it should an idle timer of `after` may fire: so far
/// apart a connection's counters are read.
pub(crate) fn idle_error_bound(after: Duration) -> Duration {
    (after / 100).clamp(Duration::from_millis(1), Duration::from_millis(50))
}
