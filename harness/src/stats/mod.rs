//! Statistics of few repetitions: exact if possible, otherwise by resampling. The
//! functions are pure; docs/COMPARE.md says how they are used, and why with these
//! numbers.

mod bootstrap;
mod discovery;
mod fisher;
mod quantile;
mod rank;

pub use bootstrap::{Interval, difference_of_medians};
pub use discovery::discoveries;
pub use fisher::fisher_exact;
pub use quantile::{median, median_of, quantile};
pub use rank::{least_p, rank_sum};
