//! The matrix of remedies.

use std::io::{self, Write};

use super::escape::text;
use crate::report::cures::{Cell, Cures};

/// The section; nothing where a run has no remedies.
pub(super) fn export(cures: Option<&Cures<'_>>, out: &mut dyn Write) -> io::Result<()> {
    let Some(cures) = cures else {
        return Ok(());
    };
    writeln!(out, "\n## Remedies\n")?;
    writeln!(out, "{}\n", cures.summary())?;
    let words = cures.words().into_iter();
    let words: Vec<String> = words
        .map(|(word, meaning)| format!("{word}: {meaning}"))
        .collect();
    writeln!(
        out,
        "Against the same trial without any. {}.\n",
        words.join("; ")
    )?;
    let recipes: Vec<_> = cures.recipes.iter().map(|one| text(one)).collect();
    writeln!(
        out,
        "| Scenario | without | {} | cheapest cure, and what it adds |",
        recipes.join(" | ")
    )?;
    writeln!(
        out,
        "| --- | ---{} | --- |",
        " | ---".repeat(cures.recipes.len())
    )?;
    for line in &cures.lines {
        let cells = line.cells.iter().map(|cell| {
            let told = cell.as_ref().map(Cell::text);
            told.unwrap_or_else(|| "not run".into())
        });
        let cells: Vec<String> = cells.collect();
        let cheapest = line.cheapest.map(|index| cures.told(line, index));
        let without = format!("{} {}", line.plain.outcome.kind, line.without());
        writeln!(
            out,
            "| {} | {} | {} | {} |",
            text(&line.name),
            without.trim_end(),
            cells.join(" | "),
            cheapest.as_deref().unwrap_or("-"),
        )?;
    }
    Ok(())
}
