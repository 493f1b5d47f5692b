//! The plan: the trials of a run, their order, and their ids.
//!
//! It resolves every choice of the command line once. Later code walks the list
//! and decides nothing.

mod recipes;
mod repetition;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use shortread_server::{
    scenario::{ScaleError, Scenario, StrategyName, World},
    units::ByteSize,
};

pub use recipes::{KnownRecipe, draws_waits};
pub use repetition::draws;

use crate::{
    engine::aiohttp::reader::{Profile, ProfileError},
    remedy::Recipe,
    strategy::Strategy,
};

/// The chunk sizes that `fixed-chunk` runs with unless told otherwise: a small
/// one, the size of a common read buffer, and one above every buffer on the way.
pub const CHUNK_SIZES: [ByteSize; 3] = [ByteSize::kib(8), ByteSize::kib(64), ByteSize::mib(1)];

/// The most trials of one run. Each takes some 3 kB from its record to the
/// report, and as much on disk several times over: 300 MB here.
pub const MOST_TRIALS: u128 = 100_000;

/// The trials of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// In the order in which they are reported.
    pub trials: Vec<Trial>,
    /// The requested repetitions. In the virtual world a trial without anything
    /// random runs once anyway.
    pub repetitions: u32,
}

/// One scenario x strategy x chunk size x profile x repetition, in one world.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// Names it within its run, and in any other run of the same choice:
    /// `total-timeout-2MBps/fixed-chunk-65536/aiohttp-3.14.5/tcp/1`.
    pub id: String,
    /// The scenario as its file says it, not scaled.
    pub scenario: Arc<Scenario>,
    /// The way to read the body.
    pub strategy: Strategy,
    /// The release to imitate; `None` for `frames`.
    pub profile: Option<Profile>,
    /// The client around the library; `None` asks once.
    pub recipe: Option<Arc<Recipe>>,
    /// The world of the trial.
    pub world: World,
    /// With the smaller numbers of `[tcp]`: always on real sockets, and in
    /// memory where the same run compares both.
    pub scaled: bool,
    /// Counts from 1.
    pub repetition: u32,
    /// Every random draw of the trial depends on this alone. Repetitions differ
    /// in it, strategies do not: they are to meet the same faults.
    pub seed: u64,
}

/// The choices for a run. The default is that of the command line.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// The ways to read; an empty list is none.
    pub strategies: Vec<StrategyName>,
    /// Item sizes for `fixed-chunk`. Empty: those of the scenario's `[plan]`,
    /// else [`CHUNK_SIZES`].
    pub chunk_sizes: Vec<ByteSize>,
    /// Exact releases. Empty: those of the scenario's `[plan]`, else the newest.
    pub profiles: Vec<Profile>,
    /// The clients around the library, `None` for none; an empty list is that.
    pub recipes: Vec<Option<Arc<Recipe>>>,
    /// The worlds to run in.
    pub worlds: Vec<World>,
    /// The repetitions of each trial, at least one; only one in the virtual world
    /// if nothing in it is random.
    pub repetitions: u32,
    /// Of the first repetition; each further one adds 1.
    pub seed: u64,
}

/// The reasons why a plan cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Two different scenarios would share their ids.
    #[error("two different scenarios are named `{0}`; rename one of the files")]
    SameName(String),
    /// Reading items of no bytes never ends.
    #[error("a chunk size of 0 B reads nothing; give at least 1")]
    ZeroChunk,
    /// A release of a scenario's `[plan]` cannot be followed.
    #[error("[plan] of `{scenario}`: {reason}")]
    Profile {
        /// The scenario's name.
        scenario: String,
        /// The mistake in the release.
        reason: ProfileError,
    },
    /// There is too much to run: a run keeps its records until its report.
    #[error(
        "these choices make {planned} trials, but a run has at most {MOST_TRIALS}; lower \
         --repeat, or name fewer scenarios, strategies, chunk sizes or profiles"
    )]
    TooMany {
        /// Trials.
        planned: u128,
    },
    /// There is nothing to run.
    #[error("no trial is left to run; name at least one scenario and one strategy")]
    Nothing,
}

impl Default for Choice {
    fn default() -> Self {
        Self {
            strategies: vec![
                StrategyName::ReadAll,
                StrategyName::Readany,
                StrategyName::FixedChunk,
                StrategyName::IterAny,
            ],
            chunk_sizes: Vec::new(),
            profiles: Vec::new(),
            recipes: Vec::new(),
            worlds: vec![World::Virtual],
            repetitions: 1,
            seed: 1,
        }
    }
}

impl Plan {
    /// Every combination of `scenarios` and `choice`: scenario by scenario in
    /// the given order, within it world, strategy, chunk size, profile,
    /// recipe, repetition. A value named twice counts once.
    ///
    /// # Errors
    /// Two scenarios of one name, a chunk size of zero, a release that there is
    /// none of, or nothing to run.
    pub fn resolve(scenarios: &[Arc<Scenario>], choice: &Choice) -> Result<Self, PlanError> {
        if choice.chunk_sizes.contains(&ByteSize(0)) {
            return Err(PlanError::ZeroChunk);
        }
        let mut trials = Vec::new();
        let scaled = choice.worlds.contains(&World::Tcp);
        let scenarios = distinct(scenarios);
        few_enough(planned(&scenarios, choice)?)?;
        for scenario in scenarios {
            let releases = releases(&scenario, choice)?;
            for world in distinct(&choice.worlds) {
                for strategy in strategies(&scenario, choice) {
                    for profile in profiles(strategy, &releases) {
                        for recipe in recipes(choice) {
                            let repetitions = repetition::repetitions(
                                &scenario,
                                recipe.as_deref(),
                                world,
                                choice.repetitions,
                            );
                            let first = Trial {
                                id: String::new(),
                                scenario: Arc::clone(&scenario),
                                strategy,
                                profile,
                                recipe,
                                world,
                                scaled,
                                repetition: 1,
                                seed: choice.seed,
                            };
                            trials.extend((1..=repetitions).map(|number| first.repeated(number)));
                        }
                    }
                }
            }
        }
        if trials.is_empty() {
            return Err(PlanError::Nothing);
        }
        let mut seen = BTreeSet::new();
        match trials.iter().find(|trial| !seen.insert(trial.file_name())) {
            Some(twice) => Err(PlanError::SameName(twice.scenario.name.clone())),
            None => Ok(Self {
                trials,
                repetitions: choice.repetitions.max(1),
            }),
        }
    }
}

/// The number of trials in `scenarios`, without making them.
fn planned(scenarios: &[Arc<Scenario>], choice: &Choice) -> Result<u128, PlanError> {
    let mut count = 0u128;
    for scenario in scenarios {
        let releases = releases(scenario, choice)?;
        let ways: usize = strategies(scenario, choice)
            .into_iter()
            .map(|strategy| profiles(strategy, &releases).len())
            .sum();
        for world in distinct(&choice.worlds) {
            for recipe in recipes(choice) {
                let recipe = recipe.as_deref();
                let repetitions =
                    repetition::repetitions(scenario, recipe, world, choice.repetitions);
                count += ways as u128 * u128::from(repetitions);
            }
        }
    }
    Ok(count)
}

/// # Errors
/// [`PlanError::TooMany`].
fn few_enough(planned: u128) -> Result<(), PlanError> {
    match planned <= MOST_TRIALS {
        true => Ok(()),
        false => Err(PlanError::TooMany { planned }),
    }
}

impl Plan {
    /// The names of the scenarios, in the order of their first trials.
    pub fn scenarios(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for trial in &self.trials {
            if !names.contains(&trial.scenario.name) {
                names.push(trial.scenario.name.clone());
            }
        }
        names
    }

    /// The names of the recipes, in the order of their first trials.
    pub fn recipes(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for recipe in self.trials.iter().filter_map(|trial| trial.recipe.as_ref()) {
            if !names.contains(&recipe.name) {
                names.push(recipe.name.clone());
            }
        }
        names
    }

    /// The trials of `world`, each with its place in the plan, in the order of
    /// their start: that of the plan in memory; over TCP all first repetitions,
    /// then all second ones, and so on.
    pub fn of(&self, world: World) -> Vec<(usize, Trial)> {
        let trials = self.trials.iter().cloned().enumerate();
        let mut trials: Vec<_> = trials.filter(|(_, trial)| trial.world == world).collect();
        if world == World::Tcp {
            repetition::interleave(&mut trials);
        }
        trials
    }

    /// The scenarios that run once in the virtual world although more
    /// repetitions were asked for, since nothing in them is random.
    pub fn ran_once(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        if self.repetitions == 1 {
            return names;
        }
        let in_memory = |trial: &&Trial| trial.world == World::Virtual;
        let again = self.trials.iter().filter(in_memory);
        let again = again.filter(|trial| trial.repetition > 1);
        let again: BTreeSet<&str> = again.map(|trial| trial.scenario.name.as_str()).collect();
        for trial in self.trials.iter().filter(in_memory) {
            let name = &trial.scenario.name;
            if !again.contains(name.as_str()) && !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }
}

impl Trial {
    /// Its repetition of this number, from 1; `self` is the first.
    fn repeated(&self, repetition: u32) -> Self {
        let mut trial = Self {
            repetition,
            seed: self.seed.wrapping_add(u64::from(repetition - 1)),
            ..self.clone()
        };
        trial.id = id(&trial);
        trial
    }

    /// The id as one component of a path: `/` becomes `__`, and whatever a file
    /// system may object to becomes `_`.
    pub fn file_name(&self) -> String {
        path_component(&self.id)
    }

    /// The scenario with the numbers to play.
    ///
    /// # Errors
    /// Scaling would change its meaning.
    pub fn played(&self) -> Result<Scenario, ScaleError> {
        let mut scenario = Scenario::clone(&self.scenario);
        if let Some(recipe) = &self.recipe {
            recipe.set_deadlines(&mut scenario);
            // The connections of one client share the way to it: parts side by side do not
            // make a link faster.
            scenario.link.shared |= recipe.segments.is_some();
        }
        match self.scaled {
            true => scenario.scaled(),
            false => Ok(scenario),
        }
    }

    /// The recipe with the numbers to play.
    pub fn played_recipe(&self) -> Option<Recipe> {
        let recipe = self.recipe.as_deref()?;
        let factors = &self.scenario.tcp;
        Some(match self.scaled {
            true => recipe.scaled(factors.time, factors.size),
            false => recipe.clone(),
        })
    }

    /// The likely time of the trial, for the remaining time of a run.
    pub fn likely_duration(&self) -> Duration {
        let played = self.played().ok();
        let played = played.as_ref().unwrap_or(&self.scenario);
        let one = played.likely_duration(played.give_up());
        one.saturating_mul(played.client.requests)
    }
}

/// `id` with `__` for each `/`, and `_` for whatever a file system may object to.
pub(crate) fn path_component(id: &str) -> String {
    let safe = |c: char| match c {
        c if c.is_ascii_alphanumeric() => c,
        '.' | '-' | '/' => c,
        _ => '_',
    };
    let text: String = id.chars().map(safe).collect();
    text.replace('/', "__").trim_start_matches('.').into()
}

/// A strategy as the call that people type, short enough for a table:
/// `iter_chunked(65536)`.
pub fn call(name: StrategyName, chunk_size: Option<u64>) -> String {
    let chunk_size = chunk_size.and_then(|size| usize::try_from(size).ok());
    let call = Strategy { name, chunk_size }.call();
    call.trim_start_matches("await ")
        .trim_start_matches("content.")
        .into()
}

fn id(trial: &Trial) -> String {
    let strategy = trial.strategy;
    let size = strategy
        .chunk_size
        .map_or(String::new(), |size| format!("-{size}"));
    let profile = match trial.profile {
        Some(profile) => profile.to_string(),
        None => "hyper".into(),
    };
    let recipe = match &trial.recipe {
        Some(recipe) => format!("/{}", recipe.name),
        None => String::new(),
    };
    format!(
        "{}/{}{size}/{profile}{recipe}/{}/{}",
        trial.scenario.name, strategy.name, trial.world, trial.repetition
    )
}

/// The recipes of a choice, without any the plain client.
fn recipes(choice: &Choice) -> Vec<Option<Arc<Recipe>>> {
    match choice.recipes.is_empty() {
        true => vec![None],
        false => distinct(&choice.recipes),
    }
}

/// The first list that names something.
fn told<'a, T>(choice: &'a [T], scenario: &'a [T], default: &'a [T]) -> &'a [T] {
    match (choice, scenario) {
        ([], []) => default,
        ([], scenario) => scenario,
        (choice, _) => choice,
    }
}

fn strategies(scenario: &Scenario, choice: &Choice) -> Vec<Strategy> {
    let chunk_sizes = told(&choice.chunk_sizes, &scenario.plan.chunk_size, &CHUNK_SIZES);
    let sizes = |name: StrategyName| match name.has_size() {
        true => distinct(chunk_sizes)
            .into_iter()
            // On a machine with 32 bits no chunk is larger than its memory.
            .map(|size| Some(usize::try_from(size.0).unwrap_or(usize::MAX)))
            .collect(),
        false => vec![None],
    };
    distinct(&choice.strategies)
        .into_iter()
        .flat_map(|name| {
            sizes(name)
                .into_iter()
                .map(move |chunk_size| Strategy { name, chunk_size })
        })
        .collect()
}

/// The releases that `scenario` is tried as.
fn releases(scenario: &Scenario, choice: &Choice) -> Result<Vec<Profile>, PlanError> {
    let planned = planned_profiles(scenario)?;
    let newest = [Profile::newest()];
    Ok(distinct(told(&choice.profiles, &planned, &newest)))
}

/// The releases of the `[plan]` of `scenario`, as they are written there.
///
/// # Errors
/// One that cannot be followed.
pub fn planned_profiles(scenario: &Scenario) -> Result<Vec<Profile>, PlanError> {
    let read = |text: &String| match Profile::parse(text) {
        Ok((profile, _)) => Ok(profile),
        Err(reason) => Err(PlanError::Profile {
            scenario: scenario.name.clone(),
            reason,
        }),
    };
    scenario.plan.profile.iter().map(read).collect()
}

fn profiles(strategy: Strategy, releases: &[Profile]) -> Vec<Option<Profile>> {
    if strategy.name.has_profiles() {
        releases.iter().copied().map(Some).collect()
    } else {
        vec![None]
    }
}

/// `items` without repetitions, each at its first place.
fn distinct<T: Clone + PartialEq>(items: &[T]) -> Vec<T> {
    let mut kept: Vec<T> = Vec::new();
    for item in items {
        if !kept.contains(item) {
            kept.push(item.clone());
        }
    }
    kept
}

#[cfg(test)]
mod tests;
