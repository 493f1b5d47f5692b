//! Latency, memory, CPU and socket measurements of a trial.

pub mod heap;
mod histograms;
pub mod process;
pub mod sock;
mod summary;
mod watch;

pub use histograms::Histograms;
pub use summary::{Recorder, Summary};
pub use watch::ClientSample;
pub(crate) use watch::Watch;
