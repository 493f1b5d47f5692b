//! Suites: what is asked of any client with one behaviour, case by case. A case is a
//! scenario beside the catalogue, with what the client has before it starts and what
//! RFC 9110 says of it. There is one suite, for clients that resume.

mod breach;
mod cases;
mod part;
mod verdict;

pub use cases::{Case, FIRST_PART, Has, NAMES, named};
pub use part::{FirstPart, PartError};
pub use verdict::{Left, ResumeFacts, Seen, Verdict, judge, object_at_the_end};
