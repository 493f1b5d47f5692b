//! Responses as scripts of bytes: what hyper's server cannot play.
//!
//! [`Request`] is what a client asks, [`Origin`] what a scenario's server would
//! answer, [`Response`] that answer: a [`Script`] of literal bytes, ranges of
//! the pattern and encoder output, which gives out the bytes and maps between
//! offsets in the body and on the wire. Nothing here waits, sends or fails.

mod gzip;
mod head;
mod layout;
mod range;
mod request;
mod respond;
mod rope;
mod script;

pub use request::{BadRequest, Request};
pub use respond::{Origin, OriginError, Response, text_response};
pub use script::Script;

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
