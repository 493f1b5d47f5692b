//! The server: takes a listener and a shutdown signal, returns a handle.
//!
//! `listener` accepts connections. [`Standalone`] serves any client;
//! [`supervised()`] takes commands from a harness over its standard input.

mod allowed;
mod control;
mod ending;
mod listener;
mod log;
mod output;
pub mod protocol;
mod site;
mod standalone;
mod supervised;
mod tasks;
mod worker;

pub use control::{Token, TokenError};
pub use listener::{Listening, MAX_CONNECTIONS, listen};
pub use site::{MOST_KEPT, MOST_KEPT_BYTES};
pub use standalone::{Ready, Serving, Standalone, StandaloneError};
pub use supervised::supervised;

pub use crate::held::MOST_HELD;
