//! The matrix of remedies.

use std::io::{self, Write};

use super::escape::text;
use crate::report::cures::{Cures, Effect};

/// The section; nothing where a run has no remedies.
pub(super) fn export(cures: Option<&Cures<'_>>, out: &mut dyn Write) -> io::Result<()> {
    let Some(cures) = cures else {
        return Ok(());
    };
    writeln!(out, "\n## Remedies\n")?;
    writeln!(out, "{}\n", cures.summary())?;
    let words = Effect::ALL.map(|(effect, meaning)| format!("{}: {meaning}", effect.word()));
    writeln!(
        out,
        "Against the same trial without any. {}.\n",
        words.join("; ")
    )?;
    writeln!(
        out,
        "| Scenario | without | {} | cheapest cure, and what it adds |",
        cures.recipes.join(" | ")
    )?;
    writeln!(
        out,
        "| --- | ---{} | --- |",
        " | ---".repeat(cures.recipes.len())
    )?;
    for line in &cures.lines {
        let effects = line.cells.iter().map(|cell| match cell {
            Some(cell) => cell.effect.word(),
            None => "not run",
        });
        let effects: Vec<&str> = effects.collect();
        let cheapest = line.cheapest.map(|index| cures.told(line, index));
        writeln!(
            out,
            "| {} | {} | {} | {} |",
            text(&line.name),
            line.plain.outcome.kind,
            effects.join(" | "),
            cheapest.as_deref().unwrap_or("-"),
        )?;
    }
    Ok(())
}
