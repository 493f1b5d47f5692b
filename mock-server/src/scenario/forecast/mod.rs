//! The effect of a scenario's numbers, worked out on paper: the speed of the
//! body, its time, the faults that can fire, its end if it has one, and the time
//! to stop waiting. Each of these questions is answered only here, for the
//! server, the plan, the explanation and the advice.
//!
//! These are estimates, not a simulation: buffers and slow start are left out.

mod ends;
mod fires;
mod likely;
mod pace;
mod patience;
#[cfg(test)]
mod samples;
mod transfer;

pub use ends::Suffices;
pub use pace::{Bound, Pace};
