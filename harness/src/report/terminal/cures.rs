//! The matrix of remedies, below the table or in its place.

use super::paint;
use crate::{
    explain::wrap::paragraph,
    outcome::Group,
    report::cures::{Cures, Effect, Line},
};

/// Between two columns.
const GAP: &str = "  ";

/// The matrix, without the lines in which nothing was wrong and nothing became so, and
/// what its words mean.
pub(super) fn lines(cures: &Cures<'_>, columns: usize) -> Vec<String> {
    let mut table = vec![head(cures)];
    let telling = |line: &&Line<'_>| {
        line.is_bad()
            || line
                .cells
                .iter()
                .flatten()
                .any(|cell| cell.effect == Effect::Worse)
    };
    let told: Vec<&Line<'_>> = cures.lines.iter().filter(telling).collect();
    table.extend(told.iter().map(|line| cells(cures, line)));
    let width = |column: usize| {
        let cells = table.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..table[0].len()).map(width).collect();
    let mut lines: Vec<String> = table
        .iter()
        .map(|row| {
            let cells = row.iter().zip(&widths);
            let cells: Vec<String> = cells
                .map(|(cell, width)| format!("{cell:<width$}"))
                .collect();
            cells.join(GAP).trim_end().to_owned()
        })
        .collect();
    lines[0] = paint("2", &lines[0]);
    let calm = cures.lines.len() - told.len();
    if calm > 0 {
        lines.push(format!("{calm} more: whole without any, and with each."));
    }
    let words = Effect::ALL.map(|(effect, meaning)| format!("{}: {meaning}", effect.word()));
    for text in [
        cures.summary().replace('`', ""),
        format!("{}.", words.join("; ")),
    ] {
        lines.extend(paragraph(&text, "", columns).lines().map(str::to_owned));
    }
    lines
}

fn head(cures: &Cures<'_>) -> Vec<String> {
    let mut head = vec!["scenario".to_owned(), "without".to_owned()];
    head.extend(cures.recipes.iter().map(|recipe| (*recipe).to_owned()));
    head.push("cheapest cure, and what it adds".to_owned());
    head
}

fn cells(cures: &Cures<'_>, line: &Line<'_>) -> Vec<String> {
    let group = Group::of(line.plain.outcome.kind);
    let mut row = vec![line.name.clone(), group.heading().to_owned()];
    row.extend(line.cells.iter().map(|cell| match cell {
        Some(cell) => cell.effect.word().to_owned(),
        None => "not run".to_owned(),
    }));
    row.push(match line.cheapest {
        Some(index) => cures.told(line, index),
        None => "-".to_owned(),
    });
    row
}
