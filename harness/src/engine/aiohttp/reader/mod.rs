//! The stream reader of aiohttp as a state machine without I/O. Bytes and marks
//! go in on one side, reads come out on the other. The commands of both sides to
//! the transport (pause, resume) are returned, never carried out.
//!
//! Every release from 3.7.0 to 3.14.5 is here. Each difference between them is a
//! field of [`Rules`]; a [`Profile`] names a release and carries its rules. The
//! reader follows the library's observable state exactly: the tests replay
//! operation sequences recorded from two real releases.
//!
//! Sockets, HTTP framing and timers are not here. Their owner feeds the reader
//! and tells it if the connection was lost ([`StreamReader::connection_lost`]) or
//! the total deadline passed ([`StreamReader::expire_total`]). From 3.14 on the
//! library parses the rest of its input while it resumes, in the middle of a
//! read; an owner that needs this gives the read an [`Upstream`].

mod changes;
mod consume;
mod flow;
mod profile;
mod release;
mod rules;
mod stream;

#[cfg(test)]
mod properties;

pub use changes::{RuleSet, rule_sets};
pub use consume::join;
pub use flow::{Chunk, FlowCommand, MarkError, Polled, ReadError, ReadSize, Upstream};
pub use profile::{Profile, Warning};
pub use release::{ProfileError, Release};
pub use rules::{ChunkSplits, Rules};
pub use stream::{StreamReader, TRANSPORT_READ};
