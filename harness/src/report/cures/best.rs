//! What the remedies of a run of one scenario come to, in short.

use super::{Cures, Effect};
use crate::{
    outcome::Group,
    report::{RunView, told},
};

/// The remedy that helps most, and what is to say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Best {
    /// Its name; `None` if there is nothing to cure, or none makes it better.
    pub recipe: Option<String>,
    /// True if it cures. Otherwise it comes closest.
    pub cures: bool,
    /// A sentence or two each, with code between backticks.
    pub said: Vec<String>,
}

impl Best {
    /// That of the first trial without remedies in `run`; `None` if there is none, or the
    /// tool failed in it.
    pub fn of(run: &RunView<'_>) -> Option<Self> {
        let cures = Cures::of(run)?;
        let line = cures.lines.first()?;
        if Group::of(line.plain.outcome.kind) == Group::Tool {
            return None;
        }
        if !line.is_bad() {
            let said = "Measured: the file is whole without any remedy.";
            return Some(Self {
                recipe: None,
                cures: false,
                said: vec![said.into()],
            });
        }
        let help = line.most_help();
        let said = told::measured(run, &cures, &line.plain.scenario);
        Some(Self {
            recipe: help.and_then(|cell| cell.example.1.recipe.clone()),
            cures: help.is_some_and(|cell| cell.effect == Effect::Cured),
            said: said.into_iter().map(|advice| advice.text).collect(),
        })
    }
}
