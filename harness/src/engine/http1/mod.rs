//! HTTP/1.1 responses as clients read them, without I/O and for any engine. The head
//! and the count of body bytes are for an engine whose library does not tell them,
//! which is hyper; aiohttp has parsers of its own. The content codings are for
//! both, and each engine passes in the rules that clients differ in.

mod br;
mod coding;
mod count;
mod head;
mod member;
mod output;
mod zlib;
mod zstd;

pub use crate::client::Head;
pub use coding::{BehindBr, CodingError, ContentCoding, Decoding, Inflate, Members, ZstdPieces};
pub use count::BodyCounter;
pub use head::{HeadReader, NoHead};
pub use member::MemberError;
