//! What the numbers of a scenario lead to, worked out on paper: how fast its
//! body can come, how long that takes, which fault can fire, whether it ever
//! ends, and when to stop waiting. Each of these questions is answered here and
//! nowhere else: the server, the plan, the explanation and the advice all ask.
//!
//! Estimates, not a simulation: buffers and slow start are left out.

mod ends;
mod fires;
mod likely;
mod pace;
mod patience;
mod transfer;

pub use ends::Suffices;
pub use pace::{Bound, Pace};
