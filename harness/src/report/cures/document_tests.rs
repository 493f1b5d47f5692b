//! The table of docs/REMEDIES.md: the whole catalogue with every remedy, in the virtual
//! world.

use std::{sync::Arc, thread};

use shortread_server::{
    scenario::{Scenario, StrategyName, catalogue, load},
    units::ByteSize,
};

use super::*;
use crate::{
    plan::{Choice, Plan},
    remedy::Recipe,
    report::samples::no_timelines,
    results::RunInfo,
    world::simulated::run_trial,
};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/REMEDIES.md");
const BEGIN: &str = "<!-- cures -->\n";
const END: &str = "<!-- end of cures -->";
const UPDATE: &str = "UPDATE_CURES";

/// Every scenario but those with tens of gigabytes, with the numbers of its `[tcp]`, which
/// are smaller.
fn plan() -> (Plan, Vec<Arc<Scenario>>) {
    let all = catalogue().iter().map(|(name, _)| load(name).unwrap());
    let all: Vec<Arc<Scenario>> = all.filter(|one| !one.is_large()).map(Arc::new).collect();
    let recipes = Recipe::all().into_iter();
    let recipes = recipes.map(|recipe| Some(Arc::new(recipe)));
    let choice = Choice {
        strategies: vec![StrategyName::FixedChunk],
        chunk_sizes: vec![ByteSize::kib(64)],
        profiles: vec![crate::engine::aiohttp::reader::Profile::newest()],
        recipes: std::iter::once(None).chain(recipes).collect(),
        ..Choice::default()
    };
    let mut plan = Plan::resolve(&all, &choice).unwrap();
    for trial in &mut plan.trials {
        trial.scaled = true;
    }
    (plan, all)
}

/// The records of `plan` in its order.
fn played(plan: &Plan) -> Vec<Record> {
    let half = plan.trials.len().div_ceil(2);
    thread::scope(|scope| {
        let parts = plan.trials.chunks(half);
        let parts: Vec<_> = parts
            .map(|part| scope.spawn(|| part.iter().map(run_trial).collect::<Vec<_>>()))
            .collect();
        let parts = parts.into_iter().map(|part| part.join().unwrap());
        parts.flatten().collect()
    })
}

/// The rows, by cause in the order of the alphabet.
fn table(cures: &Cures<'_>, scenarios: &[Arc<Scenario>]) -> String {
    let mut rows: Vec<(String, String)> = Vec::new();
    for line in cures.lines.iter().filter(|line| has_row(line)) {
        let scenario = scenarios.iter().find(|one| one.name == line.plain.scenario);
        let cause = scenario.unwrap().cause.clone();
        let end = Group::of(line.plain.outcome.kind).heading();
        let cured = match cured(cures, line) {
            cured if cured.is_empty() => "-".to_owned(),
            cured => cured.join(", "),
        };
        let noticed = with(cures, line, Effect::Noticed);
        let wrong = match line.is_bad() {
            true => with(cures, line, Effect::Wrong),
            false => format!("{} (it fails)", with(cures, line, Effect::Worse)),
        };
        let row = format!(
            "| {cause} | `{}` | {end} | {cured} | {noticed} | {wrong} |\n",
            line.name
        );
        rows.push((cause, row));
    }
    rows.sort();
    let head = "| failure | scenario | without | cured by | noticed by | wrong file with |\n\
                | --- | --- | --- | --- | --- | --- |\n";
    let rows: String = rows.into_iter().map(|(_, row)| row).collect();
    format!("{head}{rows}\n{}\n", cures.summary())
}

/// True if it fails without remedies, or because of one.
fn has_row(line: &Line<'_>) -> bool {
    let mut cells = line.cells.iter().flatten();
    line.is_bad() || cells.any(Cell::does_harm)
}

/// The recipes that cure a line, the cheapest first.
fn cured(cures: &Cures<'_>, line: &Line<'_>) -> Vec<String> {
    let all = line.cells.iter().enumerate();
    let cured = all.filter(|(_, cell)| {
        let cell = cell.as_ref();
        cell.is_some_and(|cell| cell.effect == Effect::Cured)
    });
    let mut cured: Vec<usize> = cured.map(|(index, _)| index).collect();
    cured.sort_by_key(|index| line.cheapest != Some(*index));
    let name = |index: usize| format!("`{}`", cures.recipes[index]);
    cured.into_iter().map(name).collect()
}

fn with(cures: &Cures<'_>, line: &Line<'_>, effect: Effect) -> String {
    let cells = cures.recipes.iter().zip(&line.cells);
    let such = cells.filter(|(_, cell)| cell.as_ref().is_some_and(|cell| cell.effect == effect));
    let names: Vec<String> = such.map(|(recipe, _)| format!("`{recipe}`")).collect();
    match names.len() {
        0 => "-".into(),
        all if all == cures.recipes.len() => "all".into(),
        _ => names.join(", "),
    }
}

#[test]
fn the_table_of_cures_is_what_a_run_comes_to_and_no_remedy_breaks_its_word() {
    let (plan, scenarios) = plan();
    let records = played(&plan);
    // What [tcp] cannot scale is not measured, and breaks no word.
    let measured = |one: &&Record| Group::of(one.outcome.kind) != Group::Tool;
    let broken = records.iter().filter(measured);
    let broken = broken.filter(|one| one.recipe.is_some());
    let broken: Vec<String> = broken
        .filter(|record| record.passed() == Some(false))
        .map(|record| format!("{}: {}", record.id, record.why()))
        .collect();
    assert_eq!(broken, [""; 0]);
    let info = RunInfo::starting(Vec::new(), &plan);
    let run = RunView {
        info: &info,
        records: &records,
        scenarios: &scenarios,
        folder: None,
        timelines: no_timelines(),
        agreement: None,
        check: true,
    };
    let made = table(&Cures::of(&run).unwrap(), &scenarios);
    let document = std::fs::read_to_string(DOCUMENT).unwrap();
    let (before, rest) = document.split_once(BEGIN).unwrap();
    let (written, behind) = rest.split_once(END).unwrap();
    if std::env::var_os(UPDATE).is_some() {
        let text = format!("{before}{BEGIN}{made}{END}{behind}");
        return std::fs::write(DOCUMENT, text).unwrap();
    }
    for (is, should) in written.lines().zip(made.lines()) {
        assert_eq!(is, should, "{UPDATE}=1 writes it anew");
    }
    assert_eq!(written, made, "{UPDATE}=1 writes it anew");
}
