//! HTTP/1.1 on a [`Flow`](crate::flow): requests in, responses out.
//!
//! [`origin`] turns a request into a script of bytes, [`Router`] chooses the
//! scenario that it plays, and [`serve_connection`] drives a connection.

mod connection;
pub mod origin;
mod requests;
mod responding;
mod route;

pub use self::{
    connection::serve_connection,
    route::{Played, Routed, Router, Unplayable},
};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod waiting_tests;
