//! Latency, memory, CPU and socket measurements of a trial.

pub mod heap;
mod histograms;
mod load;
pub mod process;
mod summary;
mod watch;

pub use histograms::Histograms;
pub use load::{Counters, Load};
pub use summary::{Recorder, Summary};
pub use watch::ClientSample;
pub(crate) use watch::Watch;
