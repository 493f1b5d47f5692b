//! The wire side of Shortread: a throttleable HTTP/1.1 server that breaks its
//! responses on purpose, exactly where a scenario says, and keeps a journal of
//! what it sent and did.
//!
//! A test suite needs [`testing`] alone: [`testing::Server`] starts it,
//! [`testing::Download`] and [`testing::Fault`] say what goes wrong, and
//! [`testing::Journal`] what was done. [`verify`] compares bytes with the object. These
//! two, [`serve::Standalone`] and [`scenario::load`] follow Semantic Versioning. The
//! other modules are for the harness of Shortread, and may change in any version.
//!
//! The feature `cli`, on by default, is the command line; a test suite leaves it out.
//!
//! The way of the data: [`scenario`] reads files into plain data. [`http1`] turns
//! a request into a script of bytes. [`fault`] says how far to send and what
//! happens then. [`link`] paces the bytes and owns the sockets. [`flow`] combines
//! these three to carry a response. [`serve`] accepts connections and commands.
//! [`journal`] writes down the events, and [`sampler`] keeps series small.
//! [`body`] is the payload, [`units`] parses quantities, [`input`] reads files,
//! [`clock`] tells the time, and [`text`] makes foreign text safe to show.

pub mod body;
#[cfg(feature = "cli")]
pub mod cli;
pub mod clock;
pub mod descriptors;
pub mod fault;
pub mod flow;
mod held;
pub mod http1;
pub mod input;
pub mod journal;
pub mod link;
pub mod sampler;
pub mod scenario;
pub mod serve;
pub mod testing;
pub mod text;
pub mod units;
pub mod verify;
