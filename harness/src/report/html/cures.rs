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
    /// For each recipe.
    pub(super) cells: Vec<CuresCell>,
    pub(super) cheapest: String,
}

/// A recipe in one scenario.
#[derive(Debug)]
pub(super) struct CuresCell {
    /// The class of its colour.
    pub(super) class: &'static str,
    pub(super) word: String,
    /// What the word hides; may be empty.
    pub(super) detail: String,
    /// All that is known of it.
    pub(super) account: String,
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
            Some(cell) => CuresCell {
                class: class(cell),
                word: cell.word(),
                detail: cell.detail().unwrap_or_default(),
                account: cell.account(),
            },
            None => CuresCell {
                class: "soft",
                word: "not run".into(),
                detail: String::new(),
                account: String::new(),
            },
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
