use super::*;

fn named(name: &str) -> Arc<Scenario> {
    Arc::new(Scenario {
        name: name.into(),
        ..Scenario::default()
    })
}

fn ids(plan: &Plan) -> Vec<&str> {
    plan.trials.iter().map(|trial| trial.id.as_str()).collect()
}

#[test]
fn by_default_each_scenario_is_read_in_six_ways_in_a_fixed_order() {
    let plan = Plan::resolve(&[named("b"), named("a")], &Choice::default()).unwrap();
    assert_eq!(
        ids(&plan)[..7],
        [
            "b/read-all/aiohttp-3.14.5/virtual/1",
            "b/readany/aiohttp-3.14.5/virtual/1",
            "b/fixed-chunk-8192/aiohttp-3.14.5/virtual/1",
            "b/fixed-chunk-65536/aiohttp-3.14.5/virtual/1",
            "b/fixed-chunk-1048576/aiohttp-3.14.5/virtual/1",
            "b/iter-any/aiohttp-3.14.5/virtual/1",
            "a/read-all/aiohttp-3.14.5/virtual/1",
        ]
    );
    assert_eq!(plan.trials.len(), 12);
}

#[test]
fn the_chunk_sizes_without_a_plan_are_those_of_the_reference() {
    let sizes = CHUNK_SIZES.map(|size| size.to_string()).join(", ");
    let row = format!("| `chunk_size` | size or list | {sizes} |");
    assert!(
        include_str!("../../../docs/SCENARIOS.md").contains(&row),
        "{row}"
    );
}

#[test]
fn frames_has_neither_profile_nor_chunk_size() {
    let choice = Choice {
        strategies: vec![StrategyName::Frames],
        ..Choice::default()
    };
    let plan = Plan::resolve(&[named("a")], &choice).unwrap();
    assert_eq!(ids(&plan), ["a/frames/hyper/virtual/1"]);
    assert_eq!(plan.trials[0].profile, None);
    assert_eq!(plan.trials[0].strategy.chunk_size, None);
}

#[test]
fn what_a_scenario_plans_is_tried_unless_the_choice_says_otherwise() {
    let mut scenario = (*named("a")).clone();
    scenario.plan.chunk_size = vec![ByteSize::mib(4)];
    scenario.plan.profile = vec!["aiohttp-3.9".into(), "aiohttp-3.14.0".into()];
    let scenarios = [Arc::new(scenario), named("b")];
    let mut choice = Choice {
        strategies: vec![StrategyName::Frames, StrategyName::FixedChunk],
        ..Choice::default()
    };
    let plan = Plan::resolve(&scenarios, &choice).unwrap();
    assert_eq!(
        ids(&plan)[..4],
        [
            "a/frames/hyper/virtual/1",
            "a/fixed-chunk-4194304/aiohttp-3.9.5/virtual/1",
            "a/fixed-chunk-4194304/aiohttp-3.14.0/virtual/1",
            "b/frames/hyper/virtual/1",
        ]
    );
    assert_eq!(plan.trials.len(), 3 + 4, "`b` has the defaults");
    choice.chunk_sizes = vec![ByteSize(512)];
    choice.profiles = vec![Profile::newest()];
    let plan = Plan::resolve(&scenarios[..1], &choice).unwrap();
    assert_eq!(
        ids(&plan)[1..],
        ["a/fixed-chunk-512/aiohttp-3.14.5/virtual/1"]
    );
}

#[test]
fn a_planned_release_that_there_is_none_of_is_an_error() {
    let mut scenario = (*named("a")).clone();
    scenario.plan.profile = vec!["aiohttp-3.8.9".into()];
    let error = Plan::resolve(&[Arc::new(scenario)], &Choice::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "[plan] of `a`: aiohttp-3.8.9 does not exist: the last patch of its minor is aiohttp-3.8.6"
    );
}

#[test]
fn repetitions_draw_differently_and_strategies_alike() {
    let choice = Choice {
        strategies: vec![StrategyName::Readany, StrategyName::IterAny],
        worlds: vec![World::Tcp],
        repetitions: 2,
        seed: 7,
        ..Choice::default()
    };
    let plan = Plan::resolve(&[named("a")], &choice).unwrap();
    let seeds: Vec<_> = plan.trials.iter().map(|t| (t.repetition, t.seed)).collect();
    assert_eq!(seeds, [(1, 7), (2, 8), (1, 7), (2, 8)]);
}

#[test]
fn what_is_named_twice_runs_once() {
    let choice = Choice {
        strategies: vec![StrategyName::FixedChunk, StrategyName::FixedChunk],
        chunk_sizes: vec![ByteSize(512), ByteSize::kib(64), ByteSize(512)],
        ..Choice::default()
    };
    let plan = Plan::resolve(&[named("a"), named("a")], &choice).unwrap();
    assert_eq!(
        ids(&plan),
        [
            "a/fixed-chunk-512/aiohttp-3.14.5/virtual/1",
            "a/fixed-chunk-65536/aiohttp-3.14.5/virtual/1",
        ]
    );
}

#[test]
fn two_scenarios_of_one_name_are_refused() {
    let other = Arc::new(Scenario {
        title: "another".into(),
        ..(*named("a")).clone()
    });
    assert_eq!(
        Plan::resolve(&[named("a"), other], &Choice::default()),
        Err(PlanError::SameName("a".into()))
    );
    // Names that differ only in what a file system objects to.
    assert_eq!(
        Plan::resolve(&[named("a b"), named("a_b")], &Choice::default()),
        Err(PlanError::SameName("a_b".into()))
    );
}

#[test]
fn a_choice_of_nothing_is_an_error() {
    assert_eq!(
        Plan::resolve(&[], &Choice::default()),
        Err(PlanError::Nothing)
    );
    let choice = Choice {
        chunk_sizes: vec![ByteSize(0)],
        ..Choice::default()
    };
    assert_eq!(
        Plan::resolve(&[named("a")], &choice),
        Err(PlanError::ZeroChunk)
    );
}

#[test]
fn an_id_becomes_one_harmless_path_component() {
    let plan = Plan::resolve(&[named("../é x")], &Choice::default()).unwrap();
    assert_eq!(
        plan.trials[0].file_name(),
        "____x__read-all__aiohttp-3.14.5__virtual__1"
    );
}

#[test]
fn more_trials_than_a_run_keeps_are_refused_before_any_is_planned() {
    let choice = |repetitions| Choice {
        strategies: vec![StrategyName::Readany],
        worlds: vec![World::Tcp],
        repetitions,
        ..Choice::default()
    };
    let scenarios = [Arc::new(Scenario::default())];
    let refused = Plan::resolve(&scenarios, &choice(u32::MAX)).unwrap_err();
    let planned = u128::from(u32::MAX);
    assert_eq!(refused, PlanError::TooMany { planned });
    assert!(refused.to_string().contains("lower --repeat"), "{refused}");
    let most = u32::try_from(MOST_TRIALS).unwrap();
    let plan = Plan::resolve(&scenarios, &choice(most)).unwrap();
    assert_eq!(plan.trials.len() as u128, MOST_TRIALS);
    assert!(Plan::resolve(&scenarios, &choice(most + 1)).is_err());
}
