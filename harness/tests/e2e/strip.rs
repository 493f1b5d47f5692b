//! The catalogue's expectations prove something: take away what a scenario
//! names as its cause, and its own check fails.

use std::collections::BTreeMap;

use shortread::{
    engine::aiohttp::reader::Profile,
    results::{Record, expectation},
    strategy::Strategy,
};
use shortread_server::scenario::{Kind, Scenario, StrategyName, World, catalogue, parse};

use crate::support::Folder;

#[test]
fn without_its_cause_no_failing_scenario_is_as_expected() {
    let folder = Folder::new();
    let mut files: BTreeMap<(StrategyName, String), Vec<String>> = BTreeMap::new();
    for (name, text) in catalogue() {
        let scenario = read(name, text);
        for cause in &scenario.decisive {
            // Each alone: where two are named, either is needed.
            let stripped = without(text, name, cause);
            let name = format!("{name}.without.{cause}");
            read(&name, &stripped);
            files
                .entry(what_fails(&scenario))
                .or_default()
                .push(folder.scenario(&name, &stripped));
        }
    }
    let mut records: Vec<Record> = Vec::new();
    for ((strategy, profile), files) in &files {
        let mut args = vec!["run", "--world", "tcp", "--check", "--jobs", "8", "--quiet"];
        args.extend(["--strategy", strategy.word(), "--profile", profile]);
        args.extend(files.iter().map(String::as_str));
        let ended = folder.run(&args);
        assert_eq!(ended.code, Some(10), "{ended:?}");
        records.extend(folder.records());
    }
    assert_eq!(
        records.len(),
        files.values().map(Vec::len).sum::<usize>(),
        "a record each"
    );
    for record in records {
        let what = format!("{}: {:?}", record.scenario, record.outcome);
        assert_eq!(record.as_expected, Some(false), "{what}");
        // The cause made it fail, not a broken copy.
        assert_eq!(record.outcome.kind, Kind::Complete, "{what}");
    }
}

#[test]
fn what_fails_names_its_cause_and_what_does_not_has_none() {
    for (name, text) in catalogue() {
        let scenario = read(name, text);
        let fails = |kind| kind != Kind::Complete;
        assert_eq!(
            !scenario.decisive.is_empty(),
            scenario.expect.trials.iter().any(|trial| fails(trial.kind)),
            "{name}"
        );
    }
}

#[test]
fn a_range_of_bytes_has_its_closed_form_above_it() {
    let mut ranges = 0;
    for (name, text) in catalogue() {
        let lines: Vec<&str> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let Some(bounds) = line.strip_prefix("delivered = ") else {
                continue;
            };
            let (least, most) = bounds.split_once(", ").expect("two bounds");
            if least.trim_start_matches('[') == most.trim_end_matches(']') {
                continue;
            }
            ranges += 1;
            let place = format!("{name}, line {}", index + 1);
            let table = lines[..index]
                .iter()
                .rposition(|line| *line == "[[expect.trial]]")
                .expect(&place);
            let comment: String = lines[..table]
                .iter()
                .rev()
                .map_while(|line| line.strip_prefix("# "))
                .collect();
            // A number, and something that is done with it.
            let computes = [" x ", " + ", " - ", " / ", " = ", " < ", " > ", " %"];
            assert!(
                comment.contains(|c: char| c.is_ascii_digit())
                    && computes.iter().any(|sign| comment.contains(sign)),
                "{place}: {bounds} needs a comment above its table that derives it"
            );
        }
    }
    assert!(ranges > 5, "only {ranges} ranges were found");
}

fn read(name: &str, text: &str) -> Scenario {
    parse(name, name, text).unwrap_or_else(|errors| panic!("{errors}"))
}

/// What the cause concerns: a strategy that is expected not to complete, and the release
/// of which that is expected. The newest where it is one of these, else one of the plan.
fn what_fails(scenario: &Scenario) -> (StrategyName, String) {
    let newest = Profile::newest().to_string();
    let planned = scenario.plan.profile.iter().map(ToString::to_string);
    let profiles: Vec<String> = std::iter::once(newest).chain(planned).collect();
    profiles
        .iter()
        .flat_map(|profile| {
            [StrategyName::Readany, StrategyName::ReadAll].map(|strategy| (strategy, profile))
        })
        .find(|(name, profile)| {
            let strategy = Strategy {
                name: *name,
                chunk_size: None,
            };
            expectation(scenario, strategy, Some(profile), World::Tcp)
                .is_some_and(|expect| expect.kind != Kind::Complete)
        })
        .map(|(strategy, profile)| (strategy, profile.clone()))
        .unwrap_or_else(|| panic!("{}: readany and read-all complete", scenario.name))
}

/// The file `text` without the setting or the tables `cause`, and otherwise as
/// it was but for what would contradict that.
fn without(text: &str, name: &str, cause: &str) -> String {
    let mut kept = Vec::new();
    let (mut table, mut found) = (String::new(), false);
    for line in text.lines() {
        if let Some(header) = line.strip_prefix('[') {
            table = header.trim_matches(['[', ']']).to_owned();
        }
        let key = line.split_once(" = ").map_or("", |(key, _)| key);
        let path = format!("{table}.{key}");
        if table == cause || path == cause {
            found = true;
            // An expectation that names a limit needs one to be there.
            match path.as_str() {
                "client.total" => kept.push("total = \"10000000s\"".to_owned()),
                "client.memory" => kept.push("memory = \"1TB\"".to_owned()),
                _ => {}
            }
        } else if name == "one-byte-trickle" && path == "body.size" {
            // 10 B/s x 300 s = 3 kB is where the cause ends it; all of 100 kB
            // would take three minutes, even scaled.
            kept.push("size = \"5KB\"".to_owned());
        } else if cause == "sink.capacity" && line == r#"kind = "disk-full""# {
            // Without a capacity this kind is refused, and so is one that is never reached.
            kept.push(r#"kind = "truncated""#.to_owned());
        } else if name == "chunk-one-too-long" && line == r#"delivered = ["30001", "30001"]"# {
            // The body alone does not have the byte that the chunk's size made one.
            kept.push(r#"delivered = ["30000", "30000"]"#.to_owned());
        } else if !line.starts_with("decisive = ") && table != "expect.any" {
            kept.push(line.to_owned());
        }
    }
    assert!(found, "{name}: `{cause}` is decisive, but not in the file");
    kept.push(String::new());
    kept.join("\n")
}
