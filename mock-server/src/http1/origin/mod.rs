//! Responses as scripts of bytes, which hyper's server cannot play.
//!
//! A [`Request`] comes from a client, an [`Origin`] is the server of a scenario,
//! and a [`Response`] is its answer: a [`Script`] of literal bytes, ranges of the
//! pattern and of coded bodies, which are coded as they are sent. A script gives out the bytes, and maps offsets in
//! the body to offsets on the wire. Nothing here waits, sends or fails.

mod accepted;
mod coded_body;
mod coding;
mod compose;
mod conditions;
mod decoding;
mod digest;
mod entity;
mod head;
mod http_date;
mod layout;
mod partial;
mod range;
mod request;
mod respond;
mod response;
mod rope;
mod say;
mod script;

pub use conditions::Conditions;
pub(crate) use request::MAX_TARGET;
pub use request::{BadRequest, Request};
pub use respond::{Chosen, Origin, OriginError};
pub use response::{Response, text_response};
pub(crate) use response::{file_response, file_text};
pub use script::Script;
