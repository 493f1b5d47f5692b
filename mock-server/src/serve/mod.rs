//! The server: listener in, shutdown in, handle out.
//!
//! [`Trial`] is what the connections of one scenario share;
//! `connection` drives one of them; `listener` accepts. [`Standalone`] is
//! the server for anybody's client, [`supervised()`] the one that a harness
//! commands over its standard input.

mod background;
mod close;
mod connection;
mod control;
mod ending;
mod faults;
mod listener;
pub mod protocol;
mod requests;
mod route;
mod sending;
mod site;
mod standalone;
mod supervised;
mod switch;
mod tasks;
mod trial;
mod waiting;

pub use background::Background;
pub use connection::serve_connection;
pub use listener::{Listening, MAX_CONNECTIONS, listen};
pub use route::{Played, Routed, Router};
pub use site::{MOST_KEPT, MOST_KEPT_BYTES};
pub use standalone::{Ready, Serving, Standalone, StandaloneError};
pub use supervised::supervised;
pub use switch::{Reach, Switch};
pub use trial::{Closing, Trial};

#[cfg(test)]
mod tests;
