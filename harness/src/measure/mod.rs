//! Latency, memory, CPU and socket measurements of a trial.

pub mod heap;
mod load;
pub mod process;
pub mod sock;
mod summary;

pub use load::{Counters, Load};
pub use summary::{Recorder, Summary};
