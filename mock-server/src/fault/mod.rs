//! The fault schedule: pure, no I/O. One schedule serves the simulated link
//! and the TCP socket; both only obey.

mod schedule;

pub use schedule::{Fired, FlowState, Schedule, Step};
