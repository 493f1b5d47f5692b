//! The comparison for programs.

use serde::Serialize;
use shortread_server::text::json_lines;

use crate::compare::Comparison;

/// The printed object: the comparison and its results.
#[derive(Serialize)]
struct Printed<'a> {
    /// Of this format; it grows when a reader of the old one would be misled.
    schema_version: u32,
    regression: bool,
    repetitions_needed: Option<u32>,
    #[serde(flatten)]
    comparison: &'a Comparison,
}

/// One JSON object with the line's end behind it. docs/COMPARE.md has its fields.
///
/// # Errors
/// A figure that JSON has no way to write.
pub fn json(comparison: &Comparison) -> serde_json::Result<String> {
    let printed = Printed {
        schema_version: 1,
        regression: comparison.has_regression(),
        repetitions_needed: comparison
            .is_undecided()
            .then(|| comparison.repetitions_needed()),
        comparison,
    };
    let json = serde_json::to_string_pretty(&printed)?;
    Ok(json_lines(&json).into_owned() + "\n")
}
