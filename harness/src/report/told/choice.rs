//! The options that choose the trials of a scenario again, where they are not the default.

use shortread_server::{
    scenario::{Scenario, StrategyName},
    units::ByteSize,
};

use crate::{
    engine::aiohttp::reader::Profile,
    explain::quoted,
    plan::{CHUNK_SIZES, Choice, KnownRecipe, planned_profiles},
    remedy::Recipe,
    report::RunView,
    results::{Record, RunInfo},
};

/// The option that plays a recipe of this name, which `info` may have from a file.
pub(crate) fn recipe(info: &RunInfo, name: &str) -> String {
    let file = info.typed_recipe(name);
    let known = KnownRecipe::called(name).filter(|_| file.is_none());
    let option = known.map_or("--recipe", |known| known.option);
    format!("{option} {}", quoted(file.unwrap_or(name)))
}

/// The options for these records of one scenario.
pub(super) fn of(run: &RunView<'_>, records: &[&Record]) -> Vec<String> {
    let clients = distinct(records, |record| {
        record.client.as_ref().map(|one| one.argument())
    });
    if !clients.is_empty() {
        let option = |client: &String| format!("--client {}", quoted(client));
        return clients.iter().map(option).collect();
    }
    let recipes = distinct(records, |record| record.recipe.clone());
    let scenario = records.first().and_then(|one| run.scenario(&one.scenario));
    let usual = Usual::of(scenario, !recipes.is_empty());
    let mut words = Vec::new();
    let strategies = distinct(records, |record| record.strategy);
    if strategies != usual.strategies {
        let option = |name: &StrategyName| format!("--strategy {}", name.word());
        words.extend(strategies.iter().map(option));
    }
    let sizes = distinct(records, |record| record.chunk_size.map(ByteSize));
    if !sizes.is_empty() && sizes != usual.chunk_sizes {
        words.extend(sizes.iter().map(|size| format!("--chunk-size {size}")));
    }
    let profiles = distinct(records, |record| record.profile.clone());
    if !profiles.is_empty() && !same(&profiles, &usual.profiles) {
        words.extend(profiles.iter().map(|one| format!("--profile {one}")));
    }
    let all: Vec<String> = Recipe::all().into_iter().map(|one| one.name).collect();
    match recipes == all {
        true => words.push("--remedy all".into()),
        false => words.extend(recipes.iter().map(|name| recipe(run.info, name))),
    }
    words
}

/// What runs unless told otherwise.
struct Usual {
    strategies: Vec<StrategyName>,
    chunk_sizes: Vec<ByteSize>,
    profiles: Vec<String>,
}

impl Usual {
    /// Of `scenario`; with recipes there are fewer.
    fn of(scenario: Option<&Scenario>, recipes: bool) -> Self {
        let newest = || vec![Profile::newest().to_string()];
        if recipes {
            return Self {
                strategies: vec![StrategyName::FixedChunk],
                chunk_sizes: vec![ByteSize::kib(64)],
                profiles: newest(),
            };
        }
        let sizes = scenario.map_or(&[][..], |scenario| &scenario.plan.chunk_size);
        let profiles = scenario.and_then(|scenario| planned_profiles(scenario).ok());
        let profiles = profiles.unwrap_or_default();
        Self {
            strategies: Choice::default().strategies,
            chunk_sizes: match sizes {
                [] => CHUNK_SIZES.to_vec(),
                sizes => sizes.to_vec(),
            },
            profiles: match profiles.is_empty() {
                true => newest(),
                false => profiles.iter().map(Profile::to_string).collect(),
            },
        }
    }
}

/// The values of these records, each once, in their order.
fn distinct<T: PartialEq>(records: &[&Record], of: impl Fn(&Record) -> Option<T>) -> Vec<T> {
    let mut all = Vec::new();
    for value in records.iter().filter_map(|record| of(record)) {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    all
}

/// True if both name the same, in whatever order: a report tells the newest first.
fn same(a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && a.iter().all(|one| b.contains(one))
}
