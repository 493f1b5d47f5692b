//! A trial with a recipe in the virtual world, for the tests of this module.

use std::sync::Arc;

use shortread_server::scenario::{Scenario, StrategyName, World};

use super::Recipe;
use crate::{
    engine::aiohttp::reader::Profile, plan::Trial, results::Record, strategy::Strategy,
    world::simulated::run_trial,
};

/// What a scenario file begins with.
pub(super) const HEAD: &str =
    "title = \"t\"\ncause = \"c\"\nwhy = \"w\"\nsources = [\"https://example.com\"]\n";

/// The record of `scenario`, read so with `recipe`.
pub(super) fn play(
    scenario: &Arc<Scenario>,
    recipe: Recipe,
    name: StrategyName,
    seed: u64,
) -> Record {
    run_trial(&Trial {
        id: "x/1".into(),
        scenario: Arc::clone(scenario),
        strategy: Strategy {
            name,
            chunk_size: None,
        },
        profile: Some(Profile::newest()),
        recipe: Some(recipe.into()),
        world: World::Virtual,
        scaled: false,
        repetition: 1,
        seed,
    })
}
