//! What the remedies of a run were measured to do for one scenario, as advice.

use super::play_trial;
use crate::report::{
    RunView,
    cures::{Cell, Cures, Effect, Line},
};

/// A piece of advice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::report) struct Advice {
    /// In words, with code between backticks.
    pub(in crate::report) text: String,
    /// The command that shows it.
    pub(in crate::report) command: Option<String>,
}

impl From<String> for Advice {
    fn from(text: String) -> Self {
        Self {
            text,
            command: None,
        }
    }
}

/// For each trial of `scenario` without remedies that ended badly: its cheapest cure or
/// what comes closest, the others, and those that leave a wrong file.
pub(in crate::report) fn advice(
    run: &RunView<'_>,
    cures: &Cures<'_>,
    scenario: &str,
) -> Vec<Advice> {
    let lines = || {
        let all = cures.lines.iter();
        all.filter(|line| line.plain.scenario == scenario)
    };
    let several = lines().count() > 1;
    let bad = lines().filter(|line| line.is_bad() && line.cells.iter().any(Option::is_some));
    bad.flat_map(|line| {
        let read = match several {
            true => format!("`{}`: ", line.name),
            false => String::new(),
        };
        let said = [helps(run, cures, line), harms(cures, line)];
        said.into_iter().flatten().map(move |advice| Advice {
            text: format!("{read}{}", advice.text),
            ..advice
        })
    })
    .collect()
}

/// The best of the measured ones, with the command that plays it again.
fn helps(run: &RunView<'_>, cures: &Cures<'_>, line: &Line<'_>) -> Option<Advice> {
    let command = |cell: &Cell<'_>| Some(play_trial(run, cell.example.1));
    if let Some(index) = line.cheapest {
        let cell = line.cells[index].as_ref()?;
        let often = match cell.whole < cell.trials() {
            true => format!(" in {} of {} trials", cell.whole, cell.trials()),
            false => String::new(),
        };
        let cured = |at, cell: &Cell<'_>| at != index && cell.effect == Effect::Cured;
        let others = match named(cures, line, cured) {
            others if others.is_empty() => String::new(),
            others => format!(" Other cures: {}.", others.join(", ")),
        };
        return Some(Advice {
            text: format!(
                "Measured: `{}` is the cheapest cure{often}: {}.{others}",
                cures.recipes[index],
                cell.account(),
            ),
            command: command(cell),
        });
    }
    let Some(best) = line.most_help() else {
        let none = "Measured: no remedy of this run makes it better.";
        return Some(none.to_owned().into());
    };
    let who = named(cures, line, |_, cell| cell.effect == best.effect);
    Some(Advice {
        text: format!(
            "Measured: no remedy of this run cures it. Closest: {} ({}).",
            who.join(", "),
            best.text(),
        ),
        command: command(best),
    })
}

/// The recipes that end with a wrong file.
fn harms(cures: &Cures<'_>, line: &Line<'_>) -> Option<Advice> {
    let wrong = named(cures, line, |_, cell| cell.effect == Effect::Wrong);
    (!wrong.is_empty()).then(|| {
        let who = wrong.join(", ");
        format!("Measured: with {who} the file is short or wrong, and nobody is told.").into()
    })
}

/// The recipes whose cells are such, as code.
fn named(cures: &Cures<'_>, line: &Line<'_>, is: impl Fn(usize, &Cell<'_>) -> bool) -> Vec<String> {
    let all = cures.recipes.iter().zip(&line.cells).enumerate();
    all.filter(|(index, (_, cell))| cell.as_ref().is_some_and(|cell| is(*index, cell)))
        .map(|(_, (recipe, _))| format!("`{recipe}`"))
        .collect()
}
