//! The server: listener in, shutdown in, handle out.
//!
//! [`Trial`] is what the connections of one scenario share;
//! `connection` drives one of them; `listener` accepts. [`Standalone`] is
//! the server for anybody's client, [`supervised()`] the one that a harness
//! commands over its standard input.

mod allowed;
mod background;
mod close;
mod connection;
mod control;
mod ending;
mod faults;
mod listener;
mod log;
mod output;
pub mod protocol;
mod requests;
mod room;
mod route;
mod sending;
mod signal;
mod site;
mod standalone;
mod supervised;
mod switch;
mod tasks;
mod trial;
mod waiting;
mod worker;

pub use background::Background;
pub use connection::serve_connection;
pub use control::{Token, TokenError};
pub use listener::{Listening, MAX_CONNECTIONS, listen};
pub use room::MOST_HELD;
pub use route::{Played, Routed, Router, Unplayable};
pub use site::{MOST_KEPT, MOST_KEPT_BYTES};
pub use standalone::{Ready, Serving, Standalone, StandaloneError};
pub use supervised::supervised;
pub use switch::{Reach, Switch, TooManyOrders};
pub use trial::{Closing, Trial};

#[cfg(test)]
mod tests;
