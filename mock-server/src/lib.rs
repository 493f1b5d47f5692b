//! The wire side of Shortread: a throttleable HTTP/1.1 server that breaks its
//! responses on purpose, exactly where a scenario says, and keeps a journal of
//! what it sent and did.
//!
//! The way of the data: [`scenario`] files are read into plain data; [`http1`]
//! turns a request into a script of bytes; [`fault`] says how far one may send
//! and what happens then; [`link`] paces the bytes and owns the sockets;
//! [`flow`] carries a response by all three; [`serve`] accepts connections and
//! is commanded; [`journal`] is what is written down, and [`sampler`] keeps it
//! small. [`body`] is the payload, [`units`] the quantities, [`input`] files of
//! others, [`clock`] the time, [`text`] what makes foreign words safe to show.

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
