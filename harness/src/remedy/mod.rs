//! Remedies: what a client does around the library to get the file in spite of all, and
//! what it says of the result.
//!
//! A [`Recipe`] is a set of remedies with their settings. Its course ([`Careful`]) joins
//! them: it decides after each head and each attempt, and does no I/O, so that a
//! download goes the same way over TCP and in the virtual world.

mod backoff;
mod content_range;
mod course;
mod digest;
mod file;
mod least_rate;
mod named;
mod presets;
mod recipe;
mod resume;
mod retry;
mod retry_after;
mod segments;
mod stall;
mod unknown;
mod validator;

pub use backoff::{Backoff, Growth, Jitter};
pub use content_range::ContentRange;
pub use course::Careful;
pub use digest::{Algorithm, Expected, NotADigest};
pub use file::{LARGEST_RECIPE, MOST_ATTEMPTS, RecipeFileError};
pub use least_rate::LeastRate;
pub use named::Named;
pub use presets::{PRESETS, Preset};
pub use recipe::{Atomic, Deadlines, Progress, Recipe, RecipeError, Verify};
pub use resume::{Fit, Held, On200, OnUnfit, Resume, Unfit, Without};
pub use retry::{Budget, Retry};
pub use retry_after::retry_after;
pub use segments::{MOST_AT_A_TIME, Segmented, Segments};
pub use stall::{Slow, Stall};
pub use unknown::UnknownName;
pub use validator::{Compared, Validators};

#[cfg(test)]
mod course_tests;
#[cfg(test)]
mod never_wrong_tests;
#[cfg(test)]
mod trials_for_tests;
