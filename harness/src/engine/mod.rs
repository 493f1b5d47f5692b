//! Client libraries, re-implemented or used, behind one trait (`client::Engine`),
//! and the choice of one for a trial.

pub mod aiohttp;
pub mod http1;
mod hyper;

use std::{path::PathBuf, rc::Rc};

use serde::{Deserialize, Serialize};
use shortread_server::{
    clock::Clock,
    scenario::{Scenario, StrategyName},
};

use self::{
    aiohttp::{Aiohttp, Read, reader::Profile},
    hyper::Hyper,
};
use crate::{
    client::{self, Around, ClientReport, DeliveryProgress, Manner, Network, Work},
    remedy::{Careful, Recipe, Segmented},
    sink::Target,
    strategy::Strategy,
};

/// The input of the client side of a trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrialSpec {
    /// The scenario, already scaled to its world.
    pub scenario: Scenario,
    /// The factor by which its durations were scaled; 1 if they were not.
    pub time_scale: f64,
    /// The way to read.
    pub strategy: Strategy,
    /// The release that the stream reader follows, `aiohttp-3.14.5`; absent for
    /// the newest.
    #[serde(default, with = "profile_text")]
    pub profile: Option<Profile>,
    /// The trial's seed, which decides the waits of a recipe.
    pub seed: u64,
    /// The client around the library, already scaled to its world; absent where a trial
    /// asks once.
    #[serde(default)]
    pub recipe: Option<Recipe>,
    /// The path of the sink's file, if it has one. The second download's name
    /// ends in `.2`, and so on.
    pub file: Option<PathBuf>,
    /// The path of the file that the user has asked for, in place of the sink's; named
    /// likewise. With `atomic` in the recipe it is there only when it is whole.
    #[serde(default)]
    pub save: Option<PathBuf>,
}

/// Runs the trial on a current-thread runtime with I/O and time. The report has
/// whatever happens to a download. Memory does not grow with the length of the
/// trial.
///
/// # Panics
/// Without such a runtime.
pub async fn run<N: Network + Clone + 'static>(
    spec: TrialSpec,
    network: &N,
    clock: Clock,
    progress: impl FnMut(DeliveryProgress) + 'static,
) -> ClientReport {
    let atomic = spec.recipe.as_ref().is_some_and(|one| one.atomic.is_some());
    let work = Work {
        scenario: spec.scenario,
        time_scale: spec.time_scale,
        file: spec.file,
        save: spec.save.map(|path| Target { path, atomic }),
        around: around(spec.recipe, spec.seed),
    };
    match Library::of(&spec.strategy) {
        Library::Aiohttp(read) => {
            let rules = spec.profile.unwrap_or_else(Profile::newest).rules;
            client::run(work, Aiohttp { rules, read }, network, clock, progress).await
        }
        Library::Hyper => client::run(work, Hyper, network, clock, progress).await,
    }
}

/// The client around the library.
fn around(recipe: Option<Recipe>, seed: u64) -> Around {
    let Some(recipe) = recipe else {
        return Around::nothing();
    };
    let segments = recipe.segments;
    Around {
        side_by_side: segments.map_or(1, |segments| segments.at_a_time as usize),
        course: Rc::new(move |index| {
            let (recipe, seed) = (recipe.clone(), seed.wrapping_add(index as u64));
            match segments {
                None => Manner::Whole(Box::new(Careful::new(recipe, seed))),
                Some(segments) => Manner::Parts(Box::new(Segmented::new(recipe, segments, seed))),
            }
        }),
        any_version: true,
    }
}

/// The library that a strategy is a call of, and the call where it has several.
enum Library {
    Aiohttp(Read),
    Hyper,
}

impl Library {
    fn of(strategy: &Strategy) -> Self {
        match strategy.name {
            StrategyName::ReadAll => Self::Aiohttp(Read::All),
            StrategyName::Readany => Self::Aiohttp(Read::Any),
            StrategyName::FixedChunk => Self::Aiohttp(Read::FixedChunk {
                bytes: strategy.chunk_bytes(),
            }),
            StrategyName::IterAny => Self::Aiohttp(Read::IterAny),
            StrategyName::IterChunks => Self::Aiohttp(Read::IterChunks),
            StrategyName::Frames => Self::Hyper,
        }
    }
}

/// A profile as written on the command line.
mod profile_text {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer, de::Error as _};

    use super::Profile;

    pub(super) fn serialize<S: Serializer>(
        profile: &Option<Profile>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        profile
            .map(|profile| profile.to_string())
            .serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Profile>, D::Error> {
        Option::<String>::deserialize(deserializer)?
            .map(|text| Profile::parse(&text).map(|(profile, _)| profile))
            .transpose()
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
#[path = "trial_tests.rs"]
mod tests;
