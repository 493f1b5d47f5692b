//! From a few numbers of a user's log to the causes that they allow.
//!
//! The way: what was typed becomes [`Evidence`]; each of [`causes::ALL`] weighs
//! it and notes clues; [`rank::rank`] orders them; a report tells the order.
//! Nothing is measured, sent or written.

pub mod causes;
mod clues;
pub mod errors;
pub mod evidence;
pub mod presets;
pub mod rank;
pub mod report;

pub use clues::{Clue, Fit};
pub use evidence::{Attempt, Evidence, EvidenceError, Pattern, Told};
pub use rank::Ranked;

/// All causes, the most fitting first.
pub fn diagnose(evidence: &Evidence) -> Vec<Ranked> {
    rank::rank(causes::ALL, evidence)
}

#[cfg(test)]
#[path = "catalogue_tests.rs"]
mod catalogue_tests;
