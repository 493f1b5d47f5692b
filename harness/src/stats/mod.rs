//! Statistics of few repetitions: exact where that can be, by resampling where
//! it cannot. Pure functions; what they are used for, and why with these
//! numbers, is in docs/COMPARE.md.

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
