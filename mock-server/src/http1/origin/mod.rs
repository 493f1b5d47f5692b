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
mod script;

pub use request::{BadRequest, Request};
pub use respond::{Origin, OriginError, Response, text_response};
pub use script::Script;
