//! What each recipe changes in each scenario, against the same trial without remedies.

use std::{cmp::Ordering, collections::BTreeMap};

use shortread_server::units::{ByteSize, counted, human_ns};

use super::RunView;
use crate::{
    client::Left,
    outcome::Group,
    results::{Record, TrialKey},
};

/// The effect of a recipe on one trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::report) enum Effect {
    /// The file is whole, and was not.
    Cured,
    /// The end is less bad, more arrived, or no half file has the name of the whole one.
    Partly,
    /// Nothing better came of it, at little cost.
    Same,
    /// The file was whole, and is.
    NotNeeded,
    /// A worse end, or the same for much more bytes or time.
    Worse,
}

impl Effect {
    /// All, with their meanings, for legends.
    pub(in crate::report) const ALL: [(Self, &'static str); 5] = [
        (Self::Cured, "the file is whole, and was not"),
        (
            Self::Partly,
            "a better end, or more bytes, or no half file left",
        ),
        (Self::Same, "no difference"),
        (Self::NotNeeded, "whole with it and without"),
        (
            Self::Worse,
            "a worse end, or the same for half as much again in bytes or time",
        ),
    ];

    /// The word in a table.
    pub(in crate::report) const fn word(self) -> &'static str {
        match self {
            Self::Cured => "cured",
            Self::Partly => "partly",
            Self::Same => "same",
            Self::NotNeeded => "whole",
            Self::Worse => "worse",
        }
    }
}

/// A recipe in one scenario. Costs are against the trial without it, and may be negative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::report) struct Cell {
    /// The effect.
    pub(in crate::report) effect: Effect,
    /// Body bytes taken off the transport.
    pub(in crate::report) extra_bytes: i128,
    /// Nanoseconds.
    pub(in crate::report) extra_ns: i128,
    /// Requests.
    pub(in crate::report) extra_requests: i128,
    /// Heap at the peak; `None` where it is not known.
    pub(in crate::report) extra_heap: Option<i128>,
}

/// One trial without remedies, and with each recipe.
#[derive(Debug)]
pub(in crate::report) struct Line<'a> {
    /// That of its scenario, and where another line has that too, all that tells them apart.
    pub(in crate::report) name: String,
    /// The trial without any.
    pub(in crate::report) plain: &'a Record,
    /// In the order of [`Cures::recipes`].
    pub(in crate::report) cells: Vec<Option<Cell>>,
    /// The index of the recipe that cures it for the fewest bytes, requests and time.
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

impl<'a> Cures<'a> {
    /// That of a run with recipes; of repetitions the first counts.
    pub(in crate::report) fn of(run: &RunView<'a>) -> Option<Self> {
        let mut recipes: Vec<&str> = Vec::new();
        for record in run.records {
            if let Some(recipe) = record.recipe.as_deref()
                && !recipes.contains(&recipe)
            {
                recipes.push(recipe);
            }
        }
        let firsts = run.records.iter().filter(|record| record.repetition == 1);
        let by_key: BTreeMap<TrialKey<'_>, &Record> = firsts
            .clone()
            .map(|record| (record.key(), record))
            .collect();
        let plain: Vec<&Record> = firsts.filter(|record| record.recipe.is_none()).collect();
        let mut of_scenario: BTreeMap<&str, usize> = BTreeMap::new();
        for record in &plain {
            *of_scenario.entry(&record.scenario).or_default() += 1;
        }
        let lines = plain.into_iter().map(|plain| {
            let name = match of_scenario[plain.scenario.as_str()] {
                1 => &plain.scenario,
                _ => plain.trial(),
            };
            Line::of(name.to_owned(), plain, &recipes, &by_key)
        });
        let lines: Vec<Line<'_>> = lines.collect();
        (!recipes.is_empty() && !lines.is_empty()).then_some(Self { recipes, lines })
    }

    /// What came of it, in a sentence or two.
    pub(in crate::report) fn summary(&self) -> String {
        let bad = self.lines.iter().filter(|line| line.is_bad()).count();
        let cured = self.lines.iter().filter(|line| line.cheapest.is_some());
        let cured = cured.count();
        let count = |recipe: usize, effect: Effect| {
            let cells = self
                .lines
                .iter()
                .filter_map(|line| line.cells[recipe].as_ref());
            cells.filter(|cell| cell.effect == effect).count()
        };
        let recipes = self.recipes.iter().enumerate();
        let each: Vec<String> = recipes
            .filter_map(|(index, recipe)| {
                match (count(index, Effect::Cured), count(index, Effect::Worse)) {
                    (0, 0) => None,
                    (cured, 0) => Some(format!("`{recipe}` cures {cured}")),
                    (0, worse) => Some(format!("`{recipe}` makes {worse} worse")),
                    (cured, worse) => {
                        Some(format!("`{recipe}` cures {cured} and makes {worse} worse"))
                    }
                }
            })
            .collect();
        let some = format!(
            "Of {} ending badly, some remedy cures {cured}",
            counted(bad, "trial")
        );
        match each.is_empty() {
            true => format!("{some}."),
            false => format!("{some}: {}.", each.join("; ")),
        }
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
        Group::of(self.plain.outcome.kind) != Group::Ok
    }

    fn of(
        name: String,
        plain: &'a Record,
        recipes: &[&str],
        by_key: &BTreeMap<TrialKey<'_>, &'a Record>,
    ) -> Self {
        let cells: Vec<Option<Cell>> = recipes
            .iter()
            .map(|recipe| {
                let key = TrialKey {
                    recipe: Some(recipe),
                    ..plain.key()
                };
                let with = by_key.get(&key)?;
                Some(Cell::of(plain, with))
            })
            .collect();
        let cured = cells.iter().enumerate().filter_map(|(index, cell)| {
            let cell = cell.as_ref().filter(|cell| cell.effect == Effect::Cured)?;
            Some((cell.extra_bytes, cell.extra_requests, cell.extra_ns, index))
        });
        let cheapest = cured.min().map(|(.., index)| index);
        Self {
            name,
            plain,
            cells,
            cheapest,
        }
    }
}

impl Cell {
    /// The costs in words: `+3 requests, +12 MB, +3 s`; `nothing` for none of them.
    pub(in crate::report) fn price(&self) -> String {
        let sign = |value: i128| if value < 0 { "-" } else { "+" };
        let amount = |value: i128| u64::try_from(value.unsigned_abs()).unwrap_or(u64::MAX);
        let mut parts = Vec::new();
        if self.extra_requests != 0 {
            let count = usize::try_from(amount(self.extra_requests)).unwrap_or(usize::MAX);
            parts.push(format!(
                "{}{}",
                sign(self.extra_requests),
                counted(count, "request")
            ));
        }
        if self.extra_bytes != 0 {
            let bytes = ByteSize(amount(self.extra_bytes)).human();
            parts.push(format!("{}{bytes}", sign(self.extra_bytes)));
        }
        if self.extra_ns != 0 {
            parts.push(format!(
                "{}{}",
                sign(self.extra_ns),
                human_ns(amount(self.extra_ns))
            ));
        }
        match parts.is_empty() {
            true => "nothing".into(),
            false => parts.join(", "),
        }
    }

    fn of(plain: &Record, with: &Record) -> Self {
        let difference = |a: u64, b: u64| i128::from(b) - i128::from(a);
        let heap = plain.peak_heap_bytes.zip(with.peak_heap_bytes);
        Self {
            effect: effect(plain, with),
            extra_bytes: difference(plain.received_bytes, with.received_bytes),
            extra_ns: difference(plain.elapsed_ns, with.elapsed_ns),
            extra_requests: difference(plain.server.requests, with.server.requests),
            extra_heap: heap.map(|(a, b)| difference(a, b)),
        }
    }
}

/// Half as much again.
fn is_much_more(before: u64, after: u64) -> bool {
    u128::from(after) * 2 > u128::from(before) * 3
}

fn effect(plain: &Record, with: &Record) -> Effect {
    let (before, after) = (Group::of(plain.outcome.kind), Group::of(with.outcome.kind));
    match (before, after) {
        (Group::Ok, Group::Ok) => return Effect::NotNeeded,
        (_, Group::Ok) => return Effect::Cured,
        _ => {}
    }
    match before.cmp(&after) {
        // Groups are ordered from the worst on.
        Ordering::Less => return Effect::Partly,
        Ordering::Greater => return Effect::Worse,
        Ordering::Equal => {}
    }
    let more = is_much_more(plain.received_bytes, with.received_bytes)
        || is_much_more(plain.elapsed_ns, with.elapsed_ns);
    let file = with.remedy.as_ref().map(|remedy| remedy.file);
    let half_file_gone = plain.delivered_bytes > 0 && file.is_some_and(|file| file != Left::Target);
    // Less than a hundredth of the object is not a better end.
    let further = with.delivered_bytes.saturating_sub(plain.delivered_bytes);
    if further > plain.expected_bytes / 100 || half_file_gone {
        Effect::Partly
    } else if more {
        Effect::Worse
    } else {
        Effect::Same
    }
}

#[cfg(test)]
#[path = "cures_tests.rs"]
mod tests;
