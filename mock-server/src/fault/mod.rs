//! The fault schedule: pure, no I/O. The simulated link and the TCP socket both
//! obey the same schedule.

mod schedule;

use std::time::Duration;

use crate::scenario::Landmark;

pub use schedule::{Fired, FlowState, Schedule, Step, wire_offset};

/// The map between offsets in a response's body and offsets on the wire.
pub trait OffsetMap {
    /// The wire offset just after byte `body - 1` of the body: the fewest wire
    /// bytes that carry `body` body bytes. For 0, the end of the head. `None`
    /// beyond the end of the body.
    fn wire_of_body(&self, body: u64) -> Option<u64>;
    /// The number of body bytes among the first `wire` bytes of the response.
    fn body_at_wire(&self, wire: u64) -> u64;
    /// Bytes of the whole response.
    fn wire_len(&self) -> u64;
    /// Bytes of its body.
    fn body_len(&self) -> u64;
    /// The wire offset of a place; `None` if this response does not have it.
    fn wire_of_place(&self, place: Landmark) -> Option<u64>;
    /// The wire offset behind which a decoder can have `at` bytes of the object, the least;
    /// without a coding, that of byte `at`. `None` beyond the end, and for a response that
    /// begins there or behind: it has lost nothing before it, and a client that resumes
    /// would never get further.
    fn wire_of_object(&self, at: u64) -> Option<u64>;
    /// The offset of the object, as it is coded, at which the body begins: other than 0 in
    /// the answer to a Range request.
    fn object_start(&self) -> u64;
}

/// The largest delay of an idle timer of `after`, which is the pause between two
/// looks at the connection's counters.
pub(crate) fn idle_error_bound(after: Duration) -> Duration {
    (after / 100).clamp(Duration::from_millis(1), Duration::from_millis(50))
}
