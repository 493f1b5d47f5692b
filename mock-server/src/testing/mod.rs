//! The server in a test suite, as a development dependency: started in one line
//! with or without a runtime, asked for downloads that break, and for its word on
//! what it did.
//!
//! ```
//! use shortread_server::testing::{Fault, Server};
//!
//! let server = Server::spawn()?;
//! let cut = server.download(1_000_000).fault(Fault::fin().at(400_000)).key("cut");
//! # fn download(url: String) -> std::io::Result<()> {
//! #     use std::{io::{Read, Write}, net::TcpStream};
//! #     let (host, path) = url["http://".len()..].split_once('/').unwrap();
//! #     let mut stream = TcpStream::connect(host)?;
//! #     write!(stream, "GET /{path} HTTP/1.1\r\nHost: x\r\n\r\n")?;
//! #     stream.read_to_end(&mut Vec::new()).map(drop)
//! # }
//! let got = download(cut.url()); // your client
//! # drop(got);
//! server.journal("cut").assert_fault_fired();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The server runs on a thread of its own. It prints nothing, installs no handler
//! of signals, no logger and no allocator, and ends when it is dropped.

mod action;
mod download;
mod fault;
mod journal;
pub mod kind;
#[cfg(test)]
mod panics;
#[cfg(doctest)]
mod refused;
mod requests;
mod server;

pub use self::{
    action::FaultAction, download::Download, fault::Fault, journal::Journal, requests::Requests,
    server::Server,
};
pub use crate::scenario::{ChunkPart, Party};
