//! The parts of a trial kept beside its record.

use super::Timeline;
use crate::measure::Histograms;

/// A trial over time, and the values behind its percentiles.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Detail {
    /// Empty where neither side has anything to tell.
    pub timeline: Timeline,
    /// Without values where the client has no report.
    pub histograms: Histograms,
}
