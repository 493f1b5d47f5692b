//! The parts of a comparison: the findings about single trials.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use shortread_server::scenario::World;

use super::pairs::Group;
use crate::{
    explain::quoted,
    report::recipe_option,
    results::{ClientFacts, Quantity, Record, RunInfo, StoredRun},
    stats::Interval,
};

/// One of the two runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// The name of its folder.
    pub run: String,
    /// UTC, as in `run.json`.
    pub started: String,
    /// The version of the program.
    pub version: String,
    /// Records that it has.
    pub records: usize,
    /// Trials that it planned.
    pub planned: u64,
}

/// A trial, its repetitions together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Name {
    /// Its id without the repetition.
    pub id: String,
    /// Its scenario.
    pub scenario: String,
    /// The way to read, as the call that people type.
    pub call: String,
    /// The release that was imitated; null for `frames`.
    pub profile: Option<String>,
    /// The name of the recipe; null without remedies.
    pub recipe: Option<String>,
    /// The client of one's own that ran, as `--client` takes it; null for a
    /// strategy.
    pub client: Option<String>,
    /// The world of the trial.
    pub world: World,
}

/// The traits that distinguish the trials of two runs: the profiles of each
/// scenario, and the worlds. A trait with one value needs no name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    profiles: BTreeSet<(String, String)>,
    worlds: BTreeSet<&'static str>,
    /// The options for recipes, of the new run before the old one.
    recipes: BTreeMap<String, String>,
    /// Scenarios as they were typed for the new run, where that was a path.
    typed: BTreeMap<String, String>,
}

impl Seen {
    pub(super) fn of(old: &StoredRun, new: &StoredRun) -> Self {
        let mut seen = Self::default();
        for record in old.records.iter().chain(&new.records) {
            seen.worlds.insert(record.world.word());
            if let Some(recipe) = &record.recipe {
                let has = |run: &&StoredRun| run.info.typed_recipe(recipe).is_some();
                let run = [new, old].into_iter().find(has).unwrap_or(new);
                let option = recipe_option(&run.info, recipe);
                seen.recipes.insert(recipe.clone(), option);
            }
            if let Some(profile) = &record.profile {
                let pair = (record.scenario.clone(), profile.clone());
                seen.profiles.insert(pair);
            }
            seen.typed
                .entry(record.scenario.clone())
                .or_insert_with(|| new.info.typed(&record.scenario));
        }
        seen
    }

    /// The word for `scenario` in a command.
    pub(crate) fn typed(&self, scenario: &str) -> String {
        quoted(self.typed.get(scenario).map_or(scenario, String::as_str))
    }

    /// The option that plays a recipe of this name.
    pub(super) fn typed_recipe(&self, name: &str) -> &str {
        self.recipes.get(name).map_or("", String::as_str)
    }

    /// True if trials of `scenario` follow several profiles.
    pub(crate) fn has_profiles(&self, scenario: &str) -> bool {
        let same = self.profiles.iter().filter(|(name, _)| name == scenario);
        same.count() > 1
    }

    /// True if there are trials of both worlds.
    pub(crate) fn has_worlds(&self) -> bool {
        self.worlds.len() > 1
    }
}

/// The meaning of a difference for a reader who wants the new run to be no worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeVerdict {
    /// The new run is worse.
    Regression,
    /// The new run is better.
    Improvement,
    /// Another figure, and real, but too small or of no direction.
    Changed,
    /// There may be a difference; the repetitions are too few to tell.
    Undecided,
}

impl ChangeVerdict {
    /// The meaning of a change of `quantity` that is real and matters.
    pub(super) fn of(quantity: &Quantity, old: f64, new: f64) -> Self {
        match quantity.is_worse(old, new) {
            true => Self::Regression,
            false => Self::Improvement,
        }
    }
}

/// One of the two runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Which {
    /// The one that is held against.
    Old,
    /// The one that is held against it.
    New,
}

/// A trial that ends in another way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EndFinding {
    /// The trial.
    pub trial: Name,
    /// The meaning.
    pub verdict: ChangeVerdict,
    /// The run with the end that the scenario expects, if it expects one of the
    /// two. It then decides, not the effect on the user.
    pub expected: Option<Which>,
    /// The ends of the old run's repetitions, the most frequent first.
    pub old: Vec<Ends>,
    /// The ends of the new run's.
    pub new: Vec<Ends>,
    /// The p-value of Fisher's exact test; null in the virtual world, where
    /// nothing is left to chance.
    pub p: Option<f64>,
    /// Other differences between the two, as in [`NotCompared`].
    pub although: Vec<String>,
}

/// Repetitions that ended alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ends {
    /// Kind, who ended it, deadline and exception.
    pub end: String,
    /// Their count.
    pub count: usize,
}

/// A figure that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FigureFinding {
    /// The trial.
    pub trial: Name,
    /// The measured quantity, a name of [`QUANTITIES`](super::QUANTITIES).
    pub quantity: &'static str,
    /// The meaning.
    pub verdict: ChangeVerdict,
    /// The old run's value, over TCP the median of its repetitions.
    pub old: f64,
    /// The new run's.
    pub new: f64,
    /// Of the difference of the medians; null in the virtual world, where the
    /// difference is exact.
    pub interval: Option<Interval>,
    /// The p-value of the exact rank-sum test; null in the virtual world.
    pub p: Option<f64>,
    /// The repetition in the virtual world; null over TCP.
    pub repetition: Option<u32>,
}

/// A recipe that one run alone has of a trial, against the other run's trial without any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecipeFinding {
    /// The trial with the recipe.
    pub trial: Name,
    /// The run that has it.
    pub which: Which,
    /// What it changes, as in the matrix of remedies: `cured (length)`.
    pub effect: String,
    /// What it adds: `+5 requests, +13.63 MB, +4.48 s`.
    pub adds: String,
    /// The ends of the other run's repetitions, without the recipe.
    pub without: Vec<Ends>,
    /// The ends of its repetitions.
    pub with: Vec<Ends>,
}

/// A pair of the virtual world that differs otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OtherFinding {
    /// The trial.
    pub trial: Name,
    /// The repetition.
    pub repetition: u32,
    /// The fields of the record that differ.
    pub fields: Vec<String>,
}

/// A trial, or a repetition of one in the virtual world, without a counterpart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alone {
    /// The trial.
    pub trial: Name,
    /// The seed of the repetition; null where the other run has none of them.
    pub seed: Option<u64>,
}

/// A trial whose circumstances differ, so that its figures say nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotCompared {
    /// The trial.
    pub trial: Name,
    /// The differences, as fragments.
    pub why: Vec<String>,
}

impl Side {
    pub(super) fn of(run: &StoredRun) -> Self {
        let info: &RunInfo = &run.info;
        let folder = run.path.file_name().unwrap_or(run.path.as_os_str());
        Self {
            run: folder.to_string_lossy().into_owned(),
            started: info.started.clone(),
            version: info.versions.get("shortread").cloned().unwrap_or_default(),
            records: run.records.len(),
            planned: info.planned_trials,
        }
    }
}

impl Alone {
    /// All repetitions of a trial.
    pub(super) fn all(group: &Group<'_>) -> Self {
        Self {
            trial: group.name(),
            seed: None,
        }
    }
}

impl Name {
    pub(super) fn of(record: &Record) -> Self {
        Self {
            id: record.trial().into(),
            scenario: record.scenario.clone(),
            call: record.reader(),
            profile: record.profile.clone(),
            recipe: record.recipe.clone(),
            client: record.client.as_ref().map(ClientFacts::argument),
            world: record.world,
        }
    }
}
