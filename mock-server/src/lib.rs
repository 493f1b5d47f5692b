//! The wire side of Shortread: a throttleable HTTP/1.1 server that breaks its
//! responses on purpose, exactly where a scenario says, and keeps a journal of
//! what it sent and did.
//!
//! The way of the data: [`scenario`] reads files into plain data. [`http1`] turns
//! a request into a script of bytes. [`fault`] says how far to send and what
//! happens then. [`link`] paces the bytes and owns the sockets. [`flow`] combines
//! these three to carry a response. [`serve`] accepts connections and commands.
//! [`journal`] writes down the events, and [`sampler`] keeps series small.
//! [`body`] is the payload, [`units`] parses quantities, [`input`] reads files,
//! [`clock`] tells the time, and [`text`] makes foreign text safe to show.

pub mod body;
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
pub mod text;
pub mod units;
