//! Turns arguments into a plan.

use std::sync::Arc;

use shortread_server::{
    scenario::{Scenario, StrategyName, World, catalogue, load},
    units::ByteSize,
};

use super::{
    args::{RunArgs, WorldArg},
    failure::Failure,
    interpreter, save,
};
use crate::{
    command::{ClientCommand, ClientPlan, Known, clock_library},
    engine::aiohttp::reader::{Profile, Warning},
    plan::{Choice, Plan},
    suite,
};

/// The named scenarios, or the whole catalogue. Reports all invalid ones
/// together.
pub(super) fn scenarios(named: &[String]) -> Result<Vec<Arc<Scenario>>, Failure> {
    let all: Vec<String> = match named {
        [] => catalogue().iter().map(|(name, _)| (*name).into()).collect(),
        named => named.to_vec(),
    };
    let mut found = Vec::new();
    let mut invalid = Vec::new();
    for name in all {
        match load(&name).map_err(Failure::from) {
            Ok(scenario) => found.push(Arc::new(scenario)),
            Err(Failure::Invalid(diagnostics)) => invalid.extend(diagnostics),
            Err(other) => return Err(other),
        }
    }
    match invalid.is_empty() {
        true => Ok(found),
        false => Err(Failure::Invalid(invalid)),
    }
}

/// The plan for `shortread run`, and warnings about it.
pub(super) fn plan(args: &RunArgs) -> Result<(Plan, Vec<Warning>), Failure> {
    save::check(args)?;
    let (profiles, warnings) = profiles(args)?;
    let mut choice = Choice {
        worlds: match args.world {
            WorldArg::Virtual => vec![World::Virtual],
            WorldArg::Tcp => vec![World::Tcp],
            WorldArg::Both => vec![World::Virtual, World::Tcp],
        },
        repetitions: args.repeat,
        seed: args.seed,
        profiles,
        ..Choice::default()
    };
    let recipes = super::recipes::resolve(&args.remedies, &args.recipes)?;
    if !recipes.is_empty() {
        let recipes = recipes.into_iter().map(|recipe| Some(Arc::new(recipe)));
        // Without any too, to compare with.
        choice.recipes = std::iter::once(None).chain(recipes).collect();
        choice.strategies = vec![StrategyName::FixedChunk];
        choice.chunk_sizes = vec![ByteSize::kib(64)];
    }
    if !args.strategies.is_empty() {
        choice.strategies.clone_from(&args.strategies);
    }
    let imitates = choice.strategies.iter().any(|name| name.has_profiles());
    if !choice.recipes.is_empty() && choice.profiles.is_empty() && imitates {
        choice.profiles = vec![Profile::newest()];
    }
    seeds(args)?;
    let has_profiles = choice.strategies.iter().any(|name| name.has_profiles());
    if !choice.profiles.is_empty() && !has_profiles {
        return Err(Failure::usage(
            "--profile applies to strategies that imitate aiohttp, and `frames` uses hyper",
            "leave it out, or add another --strategy",
        ));
    }
    if !args.chunk_sizes.is_empty() {
        if !choice.strategies.iter().any(|name| name.has_size()) {
            return Err(Failure::usage(
                "--chunk-size applies to the strategy fixed-chunk, which was not chosen",
                "add --strategy fixed-chunk",
            ));
        }
        choice.chunk_sizes.clone_from(&args.chunk_sizes);
    }
    Ok((Plan::resolve(&chosen(args)?, &choice)?, warnings))
}

/// The plan for the clients of `shortread run`, and their accepted failures.
pub(super) fn client_plan(args: &RunArgs) -> Result<(ClientPlan, Known), Failure> {
    if args.world != WorldArg::Tcp {
        return Err(Failure::usage(
            format!(
                "--client runs a program over real sockets, so it cannot use --world {}",
                args.world.word()
            ),
            "leave out --world; clients run over TCP",
        ));
    }
    seeds(args)?;
    let mut clients = Vec::new();
    for text in &args.clients {
        clients.push(Arc::new(ClientCommand::parse(text)?));
    }
    let suite = args.suite.as_deref().and_then(suite::named);
    let scenarios = match suite {
        Some((_, cases)) => {
            lacks_out(&clients)?;
            let names: Vec<String> = cases.iter().map(|case| case.name.into()).collect();
            self::scenarios(&names)?
        }
        None => chosen(args)?,
    };
    let mut plan = ClientPlan::resolve(&scenarios, &clients, args.repeat, args.seed, args.limit)?;
    if let Some((name, cases)) = suite {
        plan.set_suite(name, cases);
    }
    plan.set_clocks(args.clock.into(), args.shortest_limit, clock_library)?;
    if suite.is_none() && args.scenarios.is_empty() && !args.all {
        plan.leave_out_slow();
    }
    let names: Vec<&str> = scenarios.iter().map(|one| one.name.as_str()).collect();
    let known = match &args.known {
        Some(file) => Known::load(file, &names)?,
        None => Known::default(),
    };
    Ok((plan, known))
}

/// Refuses clients of a suite that cannot have the first part.
fn lacks_out(clients: &[Arc<ClientCommand>]) -> Result<(), Failure> {
    match clients.iter().find(|client| !client.writes_file()) {
        Some(client) => Err(Failure::usage(
            format!(
                "the command of the client `{}` has no {{out}}, where the suite saves the first part",
                client.name
            ),
            "put {out} in the place of its file: --client 'curl -fsS -C - -o {out} {url}'",
        )),
        None => Ok(()),
    }
}

/// Checks the seeds: the first repetition has `--seed`, each further one the next
/// number.
fn seeds(args: &RunArgs) -> Result<(), Failure> {
    let further = u64::from(args.repeat.saturating_sub(1));
    match args.seed.checked_add(further) {
        Some(_) => Ok(()),
        None => Err(Failure::usage(
            format!(
                "--seed {} plus {further} for --repeat {} exceeds the largest seed, {}",
                args.seed,
                args.repeat,
                u64::MAX
            ),
            "choose a smaller --seed",
        )),
    }
}

/// The chosen scenarios of `shortread run`.
fn chosen(args: &RunArgs) -> Result<Vec<Arc<Scenario>>, Failure> {
    let mut scenarios = scenarios(&args.scenarios)?;
    // A named scenario runs, whatever its size.
    if args.scenarios.is_empty() && !args.all {
        scenarios.retain(|scenario| !scenario.is_large());
    }
    Ok(scenarios)
}

/// The chosen releases, by name or by interpreter.
fn profiles(args: &RunArgs) -> Result<(Vec<Profile>, Vec<Warning>), Failure> {
    let mut all = args.profiles.clone();
    for python in &args.interpreters {
        let asked = interpreter::profile(python).map_err(|error| {
            Failure::usage(
                error.to_string(),
                "--profile-from takes a Python interpreter that has aiohttp, by path or name; \
                 --profile names a release",
            )
        })?;
        all.push(asked);
    }
    let mut warnings: Vec<Warning> = Vec::new();
    for warning in all.iter().filter_map(|(_, warning)| *warning) {
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
    Ok((
        all.into_iter().map(|(profile, _)| profile).collect(),
        warnings,
    ))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{
        args::{Cli, Command},
        exit,
    };

    fn planned(line: &str) -> Result<Plan, Failure> {
        match Cli::try_parse_from(line.split_whitespace())
            .unwrap()
            .command
        {
            Command::Run(args) => plan(&args).map(|(plan, _)| plan),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn without_names_all_of_the_catalogue_runs() {
        let plan = planned("shortread run --all").unwrap();
        let of = |plan: &Plan, name: &str| {
            let trials = plan.trials.iter();
            trials.filter(|trial| trial.scenario.name == name).count()
        };
        for (name, _) in catalogue() {
            assert!(of(&plan, name) > 0, "{name}");
        }
        assert_eq!(of(&plan, "healthy"), 6);
    }

    #[test]
    fn with_remedies_each_trial_runs_without_any_too() {
        let line = "shortread run healthy --remedy resume --remedy safe";
        let ids = |line: &str| {
            let plan = planned(line).unwrap();
            let ids = plan.trials.iter().map(|trial| trial.id.clone());
            ids.collect::<Vec<_>>()
        };
        let start = format!("healthy/fixed-chunk-65536/{}", Profile::newest());
        let rest = ["", "/resume", "/safe"];
        assert_eq!(
            ids(line),
            rest.map(|recipe| format!("{start}{recipe}/virtual/1"))
        );
        // The same in another order, and once more, is the same.
        let again = format!("{line} --remedy safe --remedy resume+retry --remedy resume");
        assert_eq!(ids(&again), ids(line));
        let frames = ids(&format!("{line} --strategy frames"));
        assert_eq!(
            frames,
            rest.map(|recipe| format!("healthy/frames/hyper{recipe}/virtual/1"))
        );
    }

    #[test]
    fn large_bodies_run_only_when_they_are_asked_for() {
        let has = |line: &str| {
            let plan = planned(line).unwrap();
            let mut trials = plan.trials.iter();
            trials.any(|trial| trial.scenario.name == "fifty-gigabytes")
        };
        assert!(!has("shortread run"));
        assert!(has("shortread run --all"));
        assert!(has("shortread run fifty-gigabytes"));
    }

    #[test]
    fn arguments_narrow_the_plan() {
        let line = "shortread run healthy --strategy fixed-chunk --chunk-size 512 --seed 9";
        let plan = planned(line).unwrap();
        assert_eq!(plan.trials.len(), 1);
        assert_eq!(
            plan.trials[0].id,
            "healthy/fixed-chunk-512/aiohttp-3.14.5/virtual/1"
        );
        assert_eq!(plan.trials[0].seed, 9);
    }

    #[test]
    fn profiles_multiply_the_trials_and_newer_ones_are_warned_of() {
        let line = "shortread run healthy --strategy readany --profile aiohttp-3.9 \
                    --profile aiohttp-3.99 --profile aiohttp-3.9.5 --profile aiohttp-3.99";
        let args = match Cli::try_parse_from(line.split_whitespace())
            .unwrap()
            .command
        {
            Command::Run(args) => args,
            other => panic!("{other:?}"),
        };
        let (plan, warnings) = plan(&args).unwrap();
        let ids: Vec<&str> = plan.trials.iter().map(|trial| trial.id.as_str()).collect();
        assert_eq!(
            ids,
            [
                "healthy/readany/aiohttp-3.9.5/virtual/1",
                "healthy/readany/aiohttp-3.99.0/virtual/1",
            ]
        );
        assert_eq!(warnings.len(), 1);
    }

    #[test]
    fn what_cannot_be_run_is_wrong_usage() {
        for line in [
            "shortread run heathy",
            "shortread run healthy --strategy readany --chunk-size 512",
            "shortread run healthy --chunk-size 0",
            "shortread run healthy --strategy frames --profile aiohttp-3.8",
            "shortread run healthy --repeat 2 --seed 18446744073709551615",
            "shortread run healthy --profile-from no/such/python",
            "shortread run no/such/file.toml",
        ] {
            assert_eq!(planned(line).unwrap_err().code(), exit::USAGE, "{line}");
        }
    }

    #[test]
    fn clients_are_resolved_before_anything_runs() {
        let planned = |args: &[&str]| {
            let line = [&["shortread", "run"], args].concat();
            match Cli::try_parse_from(line).unwrap().command {
                Command::Run(args) => client_plan(&args),
                other => panic!("{other:?}"),
            }
        };
        let sh = ["--client", "one=sh {url}", "--client", "sh {out} {url}"];
        let (plan, _) = planned(&[&sh[..], &["healthy", "fin-chunked"]].concat()).unwrap();
        let ids: Vec<&str> = plan.trials.iter().map(|trial| trial.id.as_str()).collect();
        assert_eq!(
            ids,
            [
                "healthy/client/one/tcp/1",
                "healthy/client/sh/tcp/1",
                "fin-chunked/client/one/tcp/1",
                "fin-chunked/client/sh/tcp/1",
            ]
        );
        for wrong in [
            &["--client", "sh"][..],
            &["--client", "no-such-program {url}"],
            &["--client", "sh {url}", "--client", "sh {url} {out}"],
            &["--client", "sh {url}", "--world", "virtual"],
            &["--client", "sh {url}", "--world", "both"],
            &["--client", "sh {url}", "--known", "no/such/file"],
            &["--client", "sh {url}", "heathy"],
            &["--client", "sh {url}", "--suite", "resume"],
        ] {
            assert_eq!(planned(wrong).unwrap_err().code(), exit::USAGE, "{wrong:?}");
        }
        let (plan, _) = planned(&["--client", "sh {out} {url}", "--suite", "resume"]).unwrap();
        let cases = suite::named("resume").unwrap().1;
        assert_eq!(plan.trials.len(), cases.len());
        for (trial, case) in plan.trials.iter().zip(cases) {
            assert_eq!(trial.case, Some(("resume", case)));
        }
        let slow = |args: &[&str]| {
            let (plan, _) = planned(&[&sh[..2], args].concat()).unwrap();
            let mut trials = plan.trials.iter();
            trials.any(|trial| trial.scenario.name == "one-byte-trickle")
        };
        assert!(!slow(&[]), "it takes minutes without a limit");
        assert!(slow(&["--all"]) && slow(&["one-byte-trickle"]));
    }

    #[test]
    fn the_errors_of_all_files_are_reported_together() {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<String> = ["one.toml", "two.toml"]
            .iter()
            .map(|name| {
                let path = folder.path().join(name);
                std::fs::write(&path, "tilte = 1").unwrap();
                path.to_str().unwrap().into()
            })
            .collect();
        match scenarios(&paths) {
            Err(Failure::Invalid(files)) => assert_eq!(files.len(), 2),
            other => panic!("{other:?}"),
        }
    }
}
