//! The comparison on a terminal. It always writes colours; the stream in front of
//! the terminal removes unwanted ones.

use std::fmt::Write as _;

use super::{
    rows::ComparedRow,
    rows::{left_out, word},
    told::{ComparisonText, tell},
};
use crate::compare::{ChangeVerdict, Comparison};

/// The most rows of one section.
const ROWS: usize = 20;

/// Tells `comparison` to people.
pub fn text(comparison: &Comparison) -> String {
    let told = tell(comparison);
    let mut text = String::new();
    // Writing into memory does not fail.
    let _ = write_all(&told, comparison, &mut text);
    text
}

fn write_all(told: &ComparisonText, comparison: &Comparison, out: &mut String) -> std::fmt::Result {
    let colour = match comparison.has_regression() {
        true => "1;31",
        false if comparison.is_undecided() => "1;33",
        false => "1;32",
    };
    writeln!(out, "{}", paint(colour, &format!("{}.", told.headline)))?;
    for (which, run) in &told.runs {
        writeln!(out, "{which}  {run}")?;
    }
    for section in &told.sections {
        writeln!(out, "\n{}", paint("1", section.title))?;
        for row in section.rows.iter().take(ROWS) {
            writeln!(out, "  {}", line(row))?;
        }
        if section.rows.len() > ROWS {
            writeln!(out, "  {}", left_out(section.rows.len() - ROWS))?;
        }
    }
    writeln!(out)?;
    for sentence in &told.closing {
        writeln!(out, "{sentence}")?;
    }
    for command in &told.next {
        writeln!(out, "Next: {}", paint("1", command))?;
    }
    Ok(())
}

fn line(row: &ComparedRow) -> String {
    let mark = row.verdict.map_or(String::new(), |verdict| {
        paint(colour(verdict), &format!("{:7}", word(verdict))) + " "
    });
    match (row.subject.is_empty(), row.text.is_empty()) {
        (true, _) => format!("{mark}{}", row.text),
        (_, true) => format!("{mark}{}", row.subject),
        _ => format!("{mark}{}: {}", row.subject, row.text),
    }
}

fn colour(verdict: ChangeVerdict) -> &'static str {
    match verdict {
        ChangeVerdict::Regression => "1;31",
        ChangeVerdict::Improvement => "32",
        ChangeVerdict::Changed => "36",
        ChangeVerdict::Undecided => "33",
    }
}

/// `text` in a colour (SGR, ECMA-48 section 8.3.117).
fn paint(code: &str, text: &str) -> String {
    format!("\x1b[{code}m{text}\x1b[0m")
}
