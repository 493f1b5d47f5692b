//! Chunk sizes against each other, as the last section of the report.

use std::io::{self, Write};

use super::escape::text;
use crate::report::{
    RunView,
    chunk_table::{WHOSE, chunk_table},
};

/// The most rows that stand open; a longer table waits to be unfolded.
const OPEN: usize = 12;

/// The section; nothing where a run compares no chunk sizes.
pub(super) fn export(run: &RunView<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Some(table) = chunk_table(run) else {
        return Ok(());
    };
    writeln!(out, "\n## Chunk sizes\n")?;
    writeln!(out, "What `iter_chunked(n)` came to, against n.")?;
    if table.timed {
        writeln!(out, "{WHOSE}")?;
    }
    if let Some(alike) = table.without_effect() {
        writeln!(out, "\n{alike}")?;
    }
    if table.rows.is_empty() {
        return Ok(());
    }
    let folded = table.rows.len() > OPEN;
    if folded {
        let rows = table.rows.len();
        writeln!(out, "\n<details><summary>{rows} rows</summary>")?;
    }
    writeln!(out, "\n| {} |", table.head.join(" | "))?;
    writeln!(out, "| ---{} |", " | ---:".repeat(table.head.len() - 1))?;
    for row in &table.rows {
        let cells: Vec<String> = row.iter().map(|one| text(one)).collect();
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    if folded {
        writeln!(out, "\n</details>")?;
    }
    Ok(())
}
