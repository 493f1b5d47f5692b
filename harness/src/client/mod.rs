//! The downloading side, for any client library: connecting, deadlines, delivery
//! to the application, and measurement.
//!
//! A download connects, lets an engine talk over the connection, and requests
//! again if the engine does. `run` plays all downloads of a trial.

mod connect;
mod course;
pub(crate) mod delivery;
pub(crate) mod download;
mod engine;
pub(crate) mod event_loop;
mod failure;
mod head;
mod kept;
mod limits;
mod network;
mod parts;
mod report;
mod settle;
mod traffic;
mod transport;
mod trial;
mod truth;

pub use connect::{connect, facts};
pub use course::{Account, Ask, Attempted, Basis, Course, Left, Next, Once, Part, Parts, Place};
pub use delivery::DeliveryProgress;
pub(crate) use delivery::{Delivery, Watched};
pub(crate) use engine::{Call, Engine};
pub use failure::Phase;
pub(crate) use failure::{cause_of, links};
pub(crate) use head::digits;
pub use head::{Fields, Head};
pub use network::{Network, Tcp};
pub use report::{ClientReport, Download, ErrorLink, Failure, FailureCause, Verdict};
pub(crate) use traffic::guarded;
pub use traffic::{Guard, Traffic};
pub(crate) use transport::ConnectionEnd;
pub use transport::Transport;
pub(crate) use trial::{Around, Manner, Work, run};
#[cfg(test)]
pub(crate) use truth::Truth;
