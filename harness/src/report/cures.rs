//! What each recipe changes in each scenario, against the same trial without remedies.

mod best;
mod cell;
mod csv;
mod effect;

use std::collections::{BTreeMap, BTreeSet};

use shortread_server::units::counted;

use super::RunView;
use crate::{
    outcome::Group,
    plan::KnownRecipe,
    results::{COSTS, Record, TrialKey},
};

pub use best::Best;
pub(in crate::report) use cell::Cell;
pub use csv::CuresCsv;
pub(in crate::report) use effect::Effect;

/// One trial without remedies, and with each recipe, all repetitions of each.
#[derive(Debug)]
pub(in crate::report) struct Line<'a> {
    /// That of its scenario, and where another line has that too, all that tells them apart.
    pub(in crate::report) name: String,
    /// The worst repetition of the trial without any.
    pub(in crate::report) plain: &'a Record,
    /// Repetitions of the trial without any, and those that ended as badly.
    pub(in crate::report) plain_of: (usize, usize),
    /// In the order of [`Cures::recipes`].
    pub(in crate::report) cells: Vec<Option<Cell<'a>>>,
    /// The index of the recipe that is the cheapest cure.
    pub(in crate::report) cheapest: Option<usize>,
}

/// The matrix of a run.
#[derive(Debug)]
pub(in crate::report) struct Cures<'a> {
    /// The recipes by name, in the order of the run.
    pub(in crate::report) recipes: Vec<&'a str>,
    /// In the order of the run.
    pub(in crate::report) lines: Vec<Line<'a>>,
}

/// The repetitions of each trial, in their order.
type Trials<'a> = BTreeMap<TrialKey<'a>, Vec<&'a Record>>;

impl<'a> Cures<'a> {
    /// That of a run with recipes.
    pub(in crate::report) fn of(run: &RunView<'a>) -> Option<Self> {
        let mut recipes: Vec<&str> = Vec::new();
        let mut trials: Trials<'a> = BTreeMap::new();
        let mut plain: Vec<TrialKey<'a>> = Vec::new();
        for record in run.records {
            let trial = trials.entry(record.key()).or_default();
            match record.recipe.as_deref() {
                Some(recipe) if !recipes.contains(&recipe) => recipes.push(recipe),
                None if trial.is_empty() => plain.push(record.key()),
                _ => {}
            }
            trial.push(record);
        }
        let mut of_scenario: BTreeMap<&str, usize> = BTreeMap::new();
        for key in &plain {
            *of_scenario.entry(key.scenario).or_default() += 1;
        }
        let lines = plain.iter().filter_map(|key| {
            let name = match of_scenario[key.scenario] {
                1 => key.scenario,
                _ => trials[key].first()?.trial(),
            };
            Line::of(name.to_owned(), *key, &recipes, &trials)
        });
        let lines: Vec<Line<'_>> = lines.collect();
        (!recipes.is_empty() && !lines.is_empty()).then_some(Self { recipes, lines })
    }

    /// What came of it, in a sentence or two.
    pub(in crate::report) fn summary(&self) -> String {
        let bad = self.lines.iter().filter(|line| line.is_bad()).count();
        let cured = self.lines.iter().filter(|line| line.cheapest.is_some());
        let some = format!(
            "Of {} ending badly, some remedy cures {}",
            counted(bad, "trial"),
            cured.count()
        );
        let each: Vec<String> = (0..self.recipes.len())
            .filter_map(|index| self.summary_of(index))
            .collect();
        match each.is_empty() {
            true => format!("{some}."),
            false => format!("{some}: {}.", each.join("; ")),
        }
    }

    /// The clause of one recipe; `None` if there is nothing to say.
    fn summary_of(&self, index: usize) -> Option<String> {
        let cells = || {
            let lines = self.lines.iter();
            lines.filter_map(|line| line.cells[index].as_ref())
        };
        let count = |is: &dyn Fn(&Cell<'_>) -> bool| cells().filter(|cell| is(cell)).count();
        let said: Vec<String> = [
            (count(&|cell| cell.effect == Effect::Cured), "cures N"),
            (count(&|cell| cell.effect == Effect::Worse), "makes N worse"),
            (
                count(&|cell| cell.effect == Effect::Wrong && cell.does_harm()),
                "newly ends with a wrong file in N",
            ),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, verb)| verb.replace('N', &count.to_string()))
        .collect();
        (!said.is_empty()).then(|| format!("`{}` {}", self.recipes[index], said.join(" and ")))
    }

    /// The words that its cells have, with their meanings.
    pub(in crate::report) fn words(&self) -> Vec<(&'static str, &'static str)> {
        let cells = self
            .lines
            .iter()
            .flat_map(|line| line.cells.iter().flatten());
        let used: BTreeSet<Effect> = cells
            .flat_map(|cell| cell.effects.keys().copied())
            .collect();
        let all = Effect::ALL.into_iter();
        all.filter(|(effect, _)| used.contains(effect))
            .map(|(effect, meaning)| match effect {
                Effect::Dear => ("whole, +", meaning),
                _ => (effect.word(), meaning),
            })
            .collect()
    }

    /// The recipe of this index in a line, and what it adds.
    pub(in crate::report) fn told(&self, line: &Line<'_>, index: usize) -> String {
        let price = line.cells[index].as_ref().map(Cell::price);
        format!("{}: {}", self.recipes[index], price.unwrap_or_default())
    }
}

impl<'a> Line<'a> {
    /// True if its file is not whole without remedies.
    pub(in crate::report) fn is_bad(&self) -> bool {
        Group::of(self.plain.outcome.kind).is_failure()
    }

    /// True if something was wrong, or became so.
    pub(in crate::report) fn is_telling(&self) -> bool {
        let cells = || self.cells.iter().flatten();
        let calm = |cell: &Cell<'_>| cell.effects.keys().all(|one| *one == Effect::Whole);
        Group::of(self.plain.outcome.kind) != Group::Ok || !cells().all(calm)
    }

    /// The cell of the cheapest cure, else of what comes closest; `None` if no remedy makes
    /// it better.
    pub(in crate::report) fn most_help(&self) -> Option<&Cell<'a>> {
        if let Some(index) = self.cheapest {
            return self.cells[index].as_ref();
        }
        let steps = [Effect::Partly, Effect::Noticed, Effect::Tidy];
        steps.into_iter().find_map(|step| {
            let mut cells = self.cells.iter().flatten();
            cells.find(|cell| cell.effect == step)
        })
    }

    /// The end without any remedy: `CUT 600 of 1000 MB`, `HANG 2 of 5 trials`.
    pub(in crate::report) fn without(&self) -> String {
        let (all, alike) = self.plain_of;
        match alike < all {
            true => format!("{alike} of {}", counted(all, "trial")),
            false => match Group::of(self.plain.outcome.kind) {
                Group::Ok | Group::Tool => String::new(),
                _ => cell::there(self.plain),
            },
        }
    }

    fn of(
        name: String,
        key: TrialKey<'a>,
        recipes: &[&'a str],
        trials: &Trials<'a>,
    ) -> Option<Self> {
        let plains = &trials[&key];
        let cells: Vec<Option<Cell<'a>>> = recipes
            .iter()
            .map(|recipe| {
                let key = TrialKey {
                    recipe: Some(recipe),
                    ..key
                };
                Cell::of(&pairs(plains, trials.get(&key)?))
            })
            .collect();
        let group = |record: &Record| Group::of(record.outcome.kind);
        // Of as bad ones the first.
        let plain = plains.iter().min_by_key(|record| group(record))?;
        let alike = plains.iter().filter(|one| group(one) == group(plain));
        Some(Self {
            name,
            plain,
            plain_of: (plains.len(), alike.count()),
            cheapest: cheapest(recipes, &cells),
            cells,
        })
    }
}

/// Each repetition with a recipe, beside that without one of the same number. A trial in
/// which nothing is random ran once without, and is the same beside each.
fn pairs<'a>(plains: &[&'a Record], withs: &[&'a Record]) -> Vec<(&'a Record, &'a Record)> {
    let beside = |with: &&'a Record| {
        let same = plains.iter().find(|one| one.repetition == with.repetition);
        let only = plains.first().filter(|_| plains.len() == 1);
        same.or(only).map(|plain| (*plain, *with))
    };
    withs.iter().filter_map(beside).collect()
}

/// What a recipe changes, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cure {
    /// Its cell in the matrix.
    pub(crate) text: String,
    /// What it adds.
    pub(crate) adds: String,
}

impl Cure {
    /// Of the repetitions of one trial without the recipe and with it; `None` where none
    /// of one has its counterpart.
    pub(crate) fn of(plains: &[&Record], withs: &[&Record]) -> Option<Self> {
        let cell = Cell::of(&pairs(plains, withs))?;
        Some(Self {
            text: cell.text(),
            adds: cell.price(),
        })
    }
}

/// The index of the cheapest cure: one that cures most often, then for the fewest bytes,
/// then in the least time. Of those that no difference in these tells apart, the one of
/// fewer remedies, then of fewer requests, then the first of the catalogue.
fn cheapest(recipes: &[&str], cells: &[Option<Cell<'_>>]) -> Option<usize> {
    let cells = || {
        let all = cells.iter().enumerate();
        all.filter_map(|(index, cell)| Some((index, cell.as_ref()?)))
            .filter(|(_, cell)| cell.effect == Effect::Cured)
    };
    let share = |cell: &Cell<'_>| cell.whole as f64 / cell.trials() as f64;
    let best = cells()
        .map(|(_, cell)| share(cell))
        .max_by(f64::total_cmp)?;
    let mut left: Vec<(usize, &Cell<'_>)> = cells().filter(|(_, c)| share(c) >= best).collect();
    let figures: [fn(&Cell<'_>) -> u64; 2] = [|cell| cell.received, |cell| cell.elapsed];
    for (cost, figure) in COSTS.iter().zip(figures) {
        let least = left.iter().map(|(_, cell)| figure(cell)).min()?;
        left.retain(|(_, cell)| !cost.matters(least as f64, figure(cell) as f64));
    }
    let order = |(index, cell): &(usize, &Cell<'_>)| {
        let known = KnownRecipe::called(recipes[*index]);
        let place = known.as_ref().map(KnownRecipe::place);
        let remedies = known.as_ref().map_or(usize::MAX, KnownRecipe::remedies);
        (
            remedies,
            cell.extra_requests,
            place,
            recipes[*index].to_owned(),
        )
    };
    left.into_iter().min_by_key(order).map(|(index, _)| index)
}

#[cfg(test)]
mod document_tests;
#[cfg(test)]
mod tests;
