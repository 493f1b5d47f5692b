//! A valid scenario, and the way to read it.

use std::{io, sync::Arc};

use shortread::plan::{Choice, Plan, Trial};
use shortread_server::scenario::{Scenario, StrategyName, World, parse};

use crate::{
    dice::Dice,
    draft::Draft,
    draw::{Scope, draft},
};

/// Most drafts contradict themselves in nothing; so many in a row never do.
const MOST_DRAFTS: u64 = 1000;

/// A scenario that is valid, with its strategy.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) seed: u64,
    pub(crate) draft: Draft,
    pub(crate) scenario: Arc<Scenario>,
    pub(crate) strategy: StrategyName,
}

impl Case {
    /// The case of `seed`: the first of its drafts that the reader takes.
    pub(crate) fn drawn(seed: u64, scope: Scope) -> Option<Self> {
        let mut dice = Dice::new(seed);
        let strategy = dice.pick(StrategyName::ALL);
        (0..MOST_DRAFTS).find_map(|_| {
            let draft = draft(dice.between(0, u64::MAX), scope);
            Self::of(seed, draft, strategy)
        })
    }

    /// A case of `draft`, if that is valid.
    pub(crate) fn of(seed: u64, draft: Draft, strategy: StrategyName) -> Option<Self> {
        let name = format!("random-{seed}");
        let scenario = parse(&name, &format!("{name}.toml"), &draft.to_string()).ok()?;
        Some(Self {
            seed,
            draft,
            scenario: Arc::new(scenario),
            strategy,
        })
    }

    /// Its one trial in `world`, with the smaller numbers of `[tcp]` where
    /// `scaled`.
    pub(crate) fn trial(&self, world: World, scaled: bool) -> io::Result<Trial> {
        let choice = Choice {
            strategies: vec![self.strategy],
            worlds: vec![world],
            seed: self.seed,
            ..Choice::default()
        };
        let plan = Plan::resolve(&[Arc::clone(&self.scenario)], &choice);
        let mut trials = plan.map_err(io::Error::other)?.trials;
        let nothing = || io::Error::other("the plan is empty");
        let mut trial = trials.pop().ok_or_else(nothing)?;
        trial.scaled = scaled;
        Ok(trial)
    }

    /// Its file, which says how it is run.
    pub(crate) fn text(&self, world: &str) -> String {
        format!(
            "# shortread run random-{seed}.toml --world {world} --strategy {} --seed {seed}\n{}",
            self.strategy,
            self.draft,
            seed = self.seed,
        )
    }
}
