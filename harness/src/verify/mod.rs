//! `verify` and runs of clients compare bytes with the object by
//! [`shortread_server::verify`]. This module adds the file that a client saved, and
//! the server's account of the download.

mod coded;
mod saved;
mod server;

pub use saved::{Place, Saved, examine};
pub use server::{AskError, ServerSide};
pub use shortread_server::verify::{Examiner, FileVerdict, Finding, Stands, verify, verify_file};
