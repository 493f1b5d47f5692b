//! The number of repetitions of a trial, and the order in which they start.

use shortread_server::scenario::{Scenario, Trigger, World};

use super::{Trial, draws_waits};
use crate::remedy::Recipe;

/// True if anything in `scenario` is random (jitter, loss, or a fault by chance),
/// so that another seed may lead to another end.
pub fn draws(scenario: &Scenario) -> bool {
    let link = &scenario.link;
    let by_chance = |trigger| matches!(trigger, Trigger::Chance(_));
    !link.jitter.is_zero()
        || link.loss > 0.0
        || scenario.faults.iter().any(|fault| by_chance(fault.when))
}

/// The number of times that a trial of `scenario` with `recipe` runs in `world`, of the
/// `asked` times. Without anything random, the virtual world gives the same record every
/// time, so once is enough.
pub(super) fn repetitions(
    scenario: &Scenario,
    recipe: Option<&Recipe>,
    world: World,
    asked: u32,
) -> u32 {
    match world {
        World::Virtual if !draws(scenario) && !recipe.is_some_and(draws_waits) => 1,
        World::Virtual | World::Tcp => asked.max(1),
    }
}

/// Puts trials into the order in which they start over TCP: all first
/// repetitions, then all second ones. A machine that grows slower or busier
/// while the run goes on then slows every trial alike, and not the last ones.
pub(super) fn interleave(trials: &mut [(usize, Trial)]) {
    // Stable: within a repetition the order is the plan's.
    trials.sort_by_key(|(_, trial)| trial.repetition);
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use shortread_server::scenario::{Action, Fault, StrategyName};

    use super::*;
    use crate::plan::{Choice, Plan};

    fn scenario(name: &str) -> Scenario {
        Scenario {
            name: name.into(),
            ..Scenario::default()
        }
    }

    fn jittery(name: &str) -> Scenario {
        let mut scenario = scenario(name);
        scenario.link.jitter = Duration::from_millis(1);
        scenario
    }

    fn planned(scenarios: [Scenario; 2], worlds: &[World]) -> Plan {
        let choice = Choice {
            strategies: vec![StrategyName::Readany],
            worlds: worlds.to_vec(),
            repetitions: 3,
            ..Choice::default()
        };
        Plan::resolve(&scenarios.map(Arc::new), &choice).unwrap()
    }

    fn short(trials: &[(usize, Trial)]) -> Vec<String> {
        let short = |trial: &Trial| format!("{}{}", trial.scenario.name, trial.repetition);
        trials.iter().map(|(_, trial)| short(trial)).collect()
    }

    #[test]
    fn jitter_loss_and_chance_are_drawn_and_nothing_else_is() {
        assert!(!draws(&scenario("a")));
        assert!(draws(&jittery("a")));
        let mut lossy = scenario("a");
        lossy.link.loss = 0.1;
        assert!(draws(&lossy));
        let mut chancy = scenario("a");
        chancy.faults = vec![Fault::new(Trigger::Chance(0.5), Action::Reset)];
        assert!(draws(&chancy));
        chancy.faults = vec![Fault::new(Trigger::Request(1), Action::Reset)];
        assert!(!draws(&chancy));
    }

    #[test]
    fn in_the_virtual_world_only_what_is_random_is_repeated() {
        let plan = planned([scenario("a"), jittery("b")], &[World::Virtual]);
        assert_eq!(short(&plan.of(World::Virtual)), ["a1", "b1", "b2", "b3"]);
        assert_eq!(plan.ran_once(), ["a"]);
        let seeds: Vec<u64> = plan.trials.iter().map(|trial| trial.seed).collect();
        assert_eq!(seeds, [1, 1, 2, 3]);
    }

    #[test]
    fn a_recipe_whose_waits_are_drawn_is_repeated_where_its_scenario_is_not() {
        let recipes = ["resume", "verify"].map(|name| Some(Arc::new(name.parse().unwrap())));
        let choice = Choice {
            strategies: vec![StrategyName::Readany],
            recipes: std::iter::once(None).chain(recipes).collect(),
            repetitions: 3,
            ..Choice::default()
        };
        let plan = Plan::resolve(&[Arc::new(scenario("a"))], &choice).unwrap();
        let recipe = |trial: &Trial| trial.recipe.as_ref().map(|one| one.name.clone());
        let count = |name: Option<&str>| {
            let same = |trial: &&Trial| recipe(trial).as_deref() == name;
            plan.trials.iter().filter(same).count()
        };
        assert_eq!([None, Some("resume"), Some("verify")].map(count), [1, 3, 1]);
    }

    #[test]
    fn over_tcp_everything_is_repeated_and_starts_round_by_round() {
        let plan = planned([scenario("a"), jittery("b")], &[World::Tcp]);
        let trials = plan.of(World::Tcp);
        assert_eq!(short(&trials), ["a1", "b1", "a2", "b2", "a3", "b3"]);
        // Their places are those of the plan, in which reports tell them.
        let places: Vec<usize> = trials.iter().map(|(place, _)| *place).collect();
        assert_eq!(places, [0, 3, 1, 4, 2, 5]);
        assert!(plan.ran_once().is_empty());
    }

    #[test]
    fn what_runs_once_anyway_did_not_run_once_in_spite_of_anything() {
        let choice = Choice::default();
        let plan = Plan::resolve(&[Arc::new(scenario("a"))], &choice).unwrap();
        assert!(plan.ran_once().is_empty());
    }
}
