//! The schema in the repository follows from the types, and written files obey
//! it.

use std::{fs, io::Read as _, path::Path, sync::Arc};

use flate2::read::GzDecoder;
use jsonschema::Validator;
use serde_json::Value;
use shortread::{
    plan::{Choice, Plan},
    results::{RunFolder, RunInfo, RunSummary, schema},
    world::simulated,
};
use shortread_server::scenario::{StrategyName, load};

use super::results;

/// Set to anything, it makes the test write the schemas instead.
const UPDATE: &str = "UPDATE_SCHEMA";

#[test]
fn the_schemas_are_those_of_the_types() {
    let folder = results().join("schema");
    for (name, text) in schema::all() {
        let path = folder.join(name);
        if std::env::var_os(UPDATE).is_some() {
            fs::write(&path, &text).unwrap();
        }
        let checked_in = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            checked_in == text,
            "{} is not what the types say; {UPDATE}=1 cargo test -p shortread --test format \
             writes it, and its difference belongs into the review",
            path.display()
        );
    }
    let mut there: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    there.sort();
    let mut named: Vec<_> = schema::all().map(|(name, _)| name.to_owned()).into();
    named.sort();
    assert_eq!(there, named);
}

fn validator(name: &str) -> Validator {
    let text = fs::read_to_string(results().join("schema").join(name)).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

fn check(validator: &Validator, text: &str, place: &str) {
    let value: Value = serde_json::from_str(text).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&value)
        .map(|error| format!("{place}: {error} at {}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

/// Every line of a run; how many lines of timelines there were.
fn check_run(run: &Path) -> usize {
    let read = |name: &str| fs::read_to_string(run.join(name)).unwrap();
    check(&validator("run.schema.json"), &read("run.json"), "run.json");
    let summary = validator("summary.schema.json");
    check(&summary, &read("summary.json"), "summary.json");
    let trial = validator("trial.schema.json");
    for line in read("trials.jsonl").lines() {
        check(&trial, line, "trials.jsonl");
    }
    let header = validator("timeline-header.schema.json");
    let event = validator("timeline-line.schema.json");
    let mut count = 0;
    for entry in fs::read_dir(run.join("timeline")).unwrap() {
        let path = entry.unwrap().path();
        let place = path.display().to_string();
        let mut text = String::new();
        GzDecoder::new(fs::File::open(&path).unwrap())
            .read_to_string(&mut text)
            .unwrap();
        let (first, lines) = text.split_once('\n').unwrap();
        check(&header, first, &place);
        for line in lines.lines() {
            check(&event, line, &place);
            count += 1;
        }
    }
    count
}

#[test]
fn what_a_run_writes_keeps_to_the_schema() {
    let scenarios = ["total-timeout-2mbps", "shared-link-parts", "gzip-cut"]
        .map(|name| Arc::new(load(name).unwrap()));
    let choice = Choice {
        strategies: vec![StrategyName::ReadAll, StrategyName::Frames],
        ..Choice::default()
    };
    let plan = Plan::resolve(&scenarios, &choice).unwrap();
    let root = tempfile::tempdir().unwrap();
    let mut info = RunInfo::starting(vec!["shortread".into()], &plan);
    let mut folder = RunFolder::create(root.path(), &info.started, "virtual").unwrap();
    folder.write_run(&info).unwrap();
    let mut records = Vec::new();
    for trial in &plan.trials {
        let (record, detail) = simulated::play(trial);
        folder
            .write_detail(&trial.file_name(), &record, &detail)
            .unwrap();
        folder.append(&record).unwrap();
        records.push(record);
    }
    info.finish(&records, 1, false);
    folder.write_run(&info).unwrap();
    folder.write_summary(&RunSummary::of(&records)).unwrap();
    assert_eq!(records.len(), 6);
    assert!(check_run(folder.path()) > 6 * 20);
}

#[test]
fn the_reference_run_keeps_to_the_schema_of_today() {
    assert!(check_run(&results().join("reference-v1")) > 100);
}

#[test]
fn a_record_that_lacks_what_version_1_always_had_does_not() {
    let trial = validator("trial.schema.json");
    let path = results().join("reference-v1/trials.jsonl");
    let text = fs::read_to_string(path).unwrap();
    let mut record: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert!(trial.is_valid(&record));
    record["delivered_bytes"] = "many".into();
    assert!(!trial.is_valid(&record));
    record.as_object_mut().unwrap().remove("delivered_bytes");
    assert!(!trial.is_valid(&record));
}
