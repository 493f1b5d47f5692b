//! Latency, memory and socket measurements of a trial.

mod summary;

pub use summary::{Recorder, Summary};
