//! A diagnosis for people and for programs.

mod json;
mod text;

pub use json::json;
pub use text::text;

use super::evidence::Evidence;

/// The sentence about `--error`, if it was given.
fn error_sentence(evidence: &Evidence) -> Option<String> {
    let reported = evidence.error.as_ref()?;
    Some(match (reported.known, reported.nearest) {
        (Some(known), _) => format!(
            "`{}` ({}): {}.",
            reported.text,
            known.client,
            known.end.meaning()
        ),
        (None, Some(nearest)) => format!(
            "`{}` is an unknown error, so it decides nothing; the nearest known one is `{nearest}`.",
            reported.text
        ),
        (None, None) => format!(
            "`{}` is an unknown error, so it decides nothing.",
            reported.text
        ),
    })
}
