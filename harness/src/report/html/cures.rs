//! The matrix of remedies on the page.

use super::{matrix::Mark, prose};
use crate::{
    outcome::Group,
    report::cures::{Cell, Cures, Effect, Line},
};

/// The table.
#[derive(Debug)]
pub(super) struct CuresTable {
    pub(super) summary: String,
    pub(super) recipes: Vec<String>,
    pub(super) lines: Vec<CuresLine>,
    /// The words of its cells, with their meanings.
    pub(super) words: Vec<(&'static str, &'static str)>,
}

/// One scenario.
#[derive(Debug)]
pub(super) struct CuresLine {
    pub(super) name: String,
    /// The end without any remedy.
    pub(super) mark: Mark,
    /// How much there is without any.
    pub(super) without: String,
    /// A class and a word for each recipe, and its account.
    pub(super) cells: Vec<(&'static str, String, String)>,
    pub(super) cheapest: String,
}

impl CuresTable {
    pub(super) fn of(cures: &Cures<'_>) -> Self {
        Self {
            summary: prose::code(&cures.summary()),
            recipes: cures.recipes.iter().map(|one| (*one).to_owned()).collect(),
            lines: cures
                .lines
                .iter()
                .map(|line| CuresLine::of(cures, line))
                .collect(),
            words: cures.words(),
        }
    }
}

impl CuresLine {
    fn of(cures: &Cures<'_>, line: &Line<'_>) -> Self {
        let cells = line.cells.iter().map(|cell| match cell {
            Some(cell) => (class(cell), cell.text(), cell.account()),
            None => ("soft", "not run".into(), String::new()),
        });
        Self {
            name: line.name.clone(),
            mark: Mark::of(Group::of(line.plain.outcome.kind)),
            without: line.without(),
            cells: cells.collect(),
            cheapest: match line.cheapest {
                Some(index) => cures.told(line, index),
                None => "-".into(),
            },
        }
    }
}

/// The class of the style sheet that has the colour.
fn class(cell: &Cell<'_>) -> &'static str {
    match cell.effect {
        Effect::Cured if cell.whole == cell.trials() => "word ok",
        Effect::Cured | Effect::Partly | Effect::Noticed | Effect::Tidy => "word cut",
        Effect::Worse => "word hang",
        Effect::Wrong => "word silent",
        Effect::NotMeasured => "word tool",
        Effect::Dear | Effect::Same | Effect::Whole => "soft",
    }
}
