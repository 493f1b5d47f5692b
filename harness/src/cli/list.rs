//! `shortread list`: the catalogue, sorted by what happens to the user and by
//! cause; or the sets of rules.

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};

use shortread_server::scenario::Scenario;

use super::{Done, Out, args::ListArgs, exit, resolve};
use crate::{
    engine::aiohttp::reader::rule_sets,
    outcome::Group,
    plan::{Choice, Plan},
    results::expectation,
    suite,
};

pub(super) fn run(args: &ListArgs, out: Out<'_>) -> Done {
    if args.profiles {
        print_profiles(out)?;
        return Ok(exit::DONE);
    }
    print(&resolve::scenarios(&[])?, out)?;
    for (name, cases) in suite::NAMES.into_iter().filter_map(suite::named) {
        writeln!(
            out,
            "`shortread run --client 'CMD' --suite {name}` asks {} cases of a client of your own.",
            cases.len()
        )?;
    }
    Ok(exit::DONE)
}

fn print(scenarios: &[Arc<Scenario>], out: Out<'_>) -> std::io::Result<()> {
    let width = scenarios
        .iter()
        .map(|s| s.name.chars().count())
        .max()
        .unwrap_or_default();
    // Sorted by group, scenarios without one last; then by cause; then in the
    // order of the catalogue.
    let mut groups: BTreeMap<(bool, Option<Group>), ByCause<'_>> = BTreeMap::new();
    for scenario in scenarios {
        let group = group(scenario);
        groups
            .entry((group.is_none(), group))
            .or_default()
            .entry(&scenario.cause)
            .or_default()
            .push(scenario);
    }
    let mut first = true;
    for ((_, group), causes) in groups {
        if !std::mem::take(&mut first) {
            writeln!(out)?;
        }
        match group {
            Some(group) => writeln!(out, "\x1b[1m{group}\x1b[0m: {}", group.meaning())?,
            None => writeln!(out, "\x1b[1mOPEN\x1b[0m: the file states no expectation")?,
        }
        // The causes with the most scenarios come first.
        let mut causes: Vec<_> = causes.into_iter().collect();
        causes.sort_by_key(|(_, scenarios)| Reverse(scenarios.len()));
        for (cause, scenarios) in causes {
            writeln!(out, "  {cause}")?;
            for scenario in scenarios {
                let asked = match scenario.is_large() {
                    true => " (runs with --all, or by name)",
                    false => "",
                };
                writeln!(
                    out,
                    "    {:<width$}  {}{asked}",
                    scenario.name, scenario.title
                )?;
            }
        }
    }
    writeln!(
        out,
        "\n`shortread explain NAME` tells more; `shortread run NAME` runs it."
    )
}

/// A line for each set of rules.
fn print_profiles(out: Out<'_>) -> std::io::Result<()> {
    let sets = rule_sets();
    let width = sets.iter().map(|set| set.releases.len()).max();
    for set in &sets {
        let width = width.unwrap_or_default();
        writeln!(out, "{:<width$}  {}", set.releases, set.changes.join("; "))?;
    }
    writeln!(
        out,
        "\nEach set has the rules of the one before it, plus the changes on its line. \
         `shortread run --profile aiohttp-X.Y.Z` follows a release."
    )
}

type ByCause<'a> = BTreeMap<&'a str, Vec<&'a Scenario>>;

/// The worst group that the file expects of any trial in a default run.
fn group(scenario: &Arc<Scenario>) -> Option<Group> {
    let plan = Plan::resolve(std::slice::from_ref(scenario), &Choice::default()).ok()?;
    plan.trials
        .iter()
        .filter_map(|trial| {
            let profile = trial.profile.map(|profile| profile.to_string());
            let expect = expectation(scenario, trial.strategy, profile.as_deref(), trial.world)?;
            Some(Group::of(expect.kind))
        })
        .min()
}

#[cfg(test)]
mod tests {
    use shortread_server::{
        scenario::{ExpectTrial, Kind, StrategyName},
        units::ByteSize,
    };

    use super::*;

    fn named(name: &str, cause: &str, kinds: &[(Option<StrategyName>, Kind)]) -> Arc<Scenario> {
        let mut scenario = Scenario {
            name: name.into(),
            title: format!("What the user sees of {name}"),
            cause: cause.into(),
            ..Scenario::default()
        };
        scenario.expect.trials = kinds
            .iter()
            .map(|(strategy, kind)| ExpectTrial {
                strategy: strategy.iter().copied().collect(),
                chunk_size: vec![],
                profile: vec![],
                world: vec![],
                kind: *kind,
                ended_by: None,
                deadline: None,
                delivered: [ByteSize(0), ByteSize(0)],
                lost: None,
            })
            .collect();
        Arc::new(scenario)
    }

    #[test]
    fn the_worst_group_comes_first_and_causes_stand_together() {
        let read_all = Some(StrategyName::ReadAll);
        let scenarios = [
            named("cut-a", "the server closes", &[(None, Kind::Truncated)]),
            named("fine", "none", &[(None, Kind::Complete)]),
            named(
                "memory",
                "size",
                &[(read_all, Kind::OutOfMemory), (None, Kind::Complete)],
            ),
            named("open", "unknown", &[]),
            named("cut-b-long", "the server closes", &[(None, Kind::Reset)]),
            named("silent", "no length", &[(None, Kind::SilentTruncation)]),
        ];
        let mut out = Vec::new();
        print(&scenarios, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        insta::assert_snapshot!(anstream::adapter::strip_str(&text).to_string(), @r"
            SILENT: the client reports success, and the file is short or wrong
              no length
                silent      What the user sees of silent

            CUT: the download ends early, and the client says so
              the server closes
                cut-a       What the user sees of cut-a
                cut-b-long  What the user sees of cut-b-long
              size
                memory      What the user sees of memory

            OK: the file is whole
              none
                fine        What the user sees of fine

            OPEN: the file states no expectation
              unknown
                open        What the user sees of open

            `shortread explain NAME` tells more; `shortread run NAME` runs it.
            ");
    }

    #[test]
    fn what_no_default_trial_meets_does_not_count() {
        // Only `frames` stalls, and it is not in a default run.
        let frames = Some(StrategyName::Frames);
        let scenario = named("a", "b", &[(frames, Kind::Stalled), (None, Kind::Complete)]);
        assert_eq!(group(&scenario), Some(Group::Ok));
    }
}
