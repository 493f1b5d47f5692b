//! HTTP/1.1 responses as clients read them, without I/O and for any engine: the
//! head, the transfer framing, and the content codings. What clients differ in is
//! a rule that the engine passes in; aiohttp has parsers of its own.

mod coding;
mod decode;
mod head;
mod member;

pub use coding::{CodingError, ContentCoding, Decoding, GzipMembers, Inflate};
pub use decode::{DecodeError, Decoder, Item};
pub use head::{Head, HeadError, HeadReader};
pub use member::MemberError;
