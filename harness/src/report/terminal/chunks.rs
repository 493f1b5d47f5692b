//! Chunk sizes against each other, below the table of a wide page.

use super::paint;
use crate::report::{
    RunView,
    chunk_table::{ChunkTable, WHOSE, chunk_table},
};

/// Between two columns.
const GAP: &str = "  ";

/// An empty line, the table and what belongs to it; nothing where a run
/// compares no chunk sizes.
pub(super) fn lines(run: &RunView<'_>) -> Vec<String> {
    let Some(table) = chunk_table(run) else {
        return Vec::new();
    };
    let mut lines = vec![String::new()];
    if !table.rows.is_empty() {
        lines.extend(drawn(&table));
    }
    lines.extend(table.timed.then(|| WHOSE.into()));
    lines.extend(table.without_effect());
    lines
}

/// Facts of the line above are not repeated.
fn drawn(table: &ChunkTable<'_>) -> Vec<String> {
    let width = |column: usize| {
        let cells = table.rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0).max(table.head[column].len())
    };
    let widths: Vec<usize> = (0..table.head.len()).map(width).collect();
    let line = |name: &str, figures: &mut dyn Iterator<Item = &str>| {
        let mut line = format!("{name:<width$}", width = widths[0]);
        for (figure, width) in figures.zip(&widths[1..]) {
            line.push_str(&format!("{GAP}{figure:>width$}"));
        }
        line
    };
    let head = line(table.head[0], &mut table.head[1..].iter().copied());
    let mut lines = vec![paint("2", &head)];
    let mut above = "";
    for row in &table.rows {
        let name = if row[0] == above { "" } else { &row[0] };
        lines.push(line(name, &mut row[1..].iter().map(String::as_str)));
        above = &row[0];
    }
    lines
}
