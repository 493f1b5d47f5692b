//! Finds the causes that a few numbers from a user's log allow.
//!
//! The way: the typed numbers become [`Evidence`]. Each of [`causes::ALL`] weighs
//! it and notes clues; [`rank::rank`] orders the causes; a report prints them.
//! Nothing is measured, sent or written.

pub mod causes;
mod clues;
pub mod errors;
pub mod evidence;
pub mod presets;
pub mod rank;
pub mod report;

pub use clues::{Clue, Fit};
pub use errors::last_known;
pub use evidence::{Evidence, EvidenceError, Pattern, ReportedDownload, Told};
pub use rank::Ranked;

/// All causes, the most fitting first.
pub fn diagnose(evidence: &Evidence) -> Vec<Ranked> {
    rank::rank(causes::ALL, evidence)
}

#[cfg(test)]
#[path = "catalogue_tests.rs"]
mod catalogue_tests;
