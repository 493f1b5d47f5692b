//! The comparison as Markdown, for issues and pull requests.

use std::fmt::Write as _;

use super::{
    rows::ComparedRow,
    rows::word,
    told::{ComparisonText, tell},
};
use crate::compare::Comparison;

/// Tells `comparison` as GitHub renders it.
pub fn markdown(comparison: &Comparison) -> String {
    let mut text = String::new();
    // Writing into memory does not fail.
    let _ = write_all(&tell(comparison), &mut text);
    text
}

fn write_all(told: &ComparisonText, out: &mut String) -> std::fmt::Result {
    writeln!(out, "# {}\n", told.headline)?;
    for (which, run) in &told.runs {
        writeln!(out, "- {which}: {run}")?;
    }
    for sentence in &told.closing {
        writeln!(out, "- {sentence}")?;
    }
    for section in &told.sections {
        writeln!(out, "\n## {}\n", section.title)?;
        let named = |row: &ComparedRow| !row.subject.is_empty();
        if section.rows.iter().any(named) {
            writeln!(out, "| | trial | what |\n| --- | --- | --- |")?;
        }
        for row in section.rows.iter().filter(|row| named(row)) {
            let mark = row.verdict.map_or("", word);
            writeln!(
                out,
                "| {mark} | {} | {} |",
                cell(&row.subject),
                cell(&row.text)
            )?;
        }
        if section.rows.iter().any(named) && !section.rows.iter().all(named) {
            writeln!(out)?;
        }
        for row in section.rows.iter().filter(|row| !named(row)) {
            writeln!(out, "- {}", row.text)?;
        }
    }
    if !told.next.is_empty() {
        writeln!(out, "\n## Next\n\n```sh")?;
        for command in &told.next {
            writeln!(out, "{command}")?;
        }
        writeln!(out, "```")?;
    }
    Ok(())
}

/// Text that neither ends a table's cell nor begins a tag.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}
