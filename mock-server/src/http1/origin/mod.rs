//! Responses as scripts of bytes, which hyper's server cannot play.
//!
//! A [`Request`] comes from a client, an [`Origin`] is the server of a scenario,
//! and a [`Response`] is its answer: a [`Script`] of literal bytes, ranges of the
//! pattern and encoder output. A script gives out the bytes, and maps offsets in
//! the body to offsets on the wire. Nothing here waits, sends or fails.

mod accepted;
mod coding;
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
