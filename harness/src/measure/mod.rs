//! Latency, memory, CPU and socket measurements of a trial.

pub mod heap;
pub mod process;
pub mod sock;
mod summary;

pub use summary::{Recorder, Summary};
