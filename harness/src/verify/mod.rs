//! What `verify` and a run of clients add to comparing bytes with the object
//! ([`shortread_server::verify`]): the file that a client saved, and what the server
//! says of the download.

mod saved;
mod server;

pub use saved::{Place, Saved, examine};
pub use server::{AskError, ServerSide};
pub use shortread_server::verify::{Examiner, FileVerdict, Finding, Stands, verify, verify_file};
