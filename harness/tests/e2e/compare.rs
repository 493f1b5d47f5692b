//! Two runs of the built program, compared: exit codes and what is named.

use std::fs;

use shortread::results::read_run;

use crate::support::{Ended, Folder};

const WHOLE: &str = r#"
title = "a download"
cause = "a test"

[body]
size = "100KB"

[link]
rate = "10MB/s"
"#;

const FAULT: &str = r#"
[[fault]]
when = { body = "50KB" }
then = "reset"
"#;

fn run(folder: &Folder, more: &[&str]) {
    let file = folder.path().join("one.toml");
    let args = [&["run", file.to_str().unwrap(), "--quiet"], more].concat();
    let ended = folder.run(&args);
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

/// Two runs; the file is `first` in the one, `second` in the other.
fn twice(first: &str, second: &str, more: &[&str]) -> Folder {
    let folder = Folder::new();
    for text in [first, second] {
        folder.scenario("one", text);
        run(&folder, more);
    }
    folder
}

fn compared(folder: &Folder, more: &[&str]) -> Ended {
    folder.run(&[&["compare"], more].concat())
}

#[test]
fn two_runs_of_the_same_are_identical_and_exit_with_0() {
    let folder = twice(WHOLE, WHOLE, &[]);
    let ended = compared(&folder, &["previous", "latest"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let first = ended.out.lines().next().unwrap();
    assert_eq!(
        first,
        "Nothing differs: 6 trials of the virtual world came to the same records."
    );
}

/// The scenario's file, as it was typed.
fn one(folder: &Folder) -> String {
    folder.path().join("one.toml").display().to_string()
}

#[test]
fn a_changed_scenario_exits_with_12_and_what_changed_is_named() {
    let folder = twice(WHOLE, &format!("{WHOLE}{FAULT}"), &[]);
    // The same without names: previous against latest.
    let ended = compared(&folder, &[]);
    assert_eq!(ended.code, Some(12), "{ended:?}");
    for said in [
        "6 trials end worse.",
        "one (6 ways to read): complete -> reset by the server, ClientPayloadError",
        "not the same experiment: fault",
        "Exit code 12: a regression.",
        // The file, and not a scenario of the catalogue.
        &format!("Next: shortread explain {}", one(&folder)),
    ] {
        assert!(ended.out.contains(said), "{said}: {ended:?}");
    }
    // The other way round it is better.
    let ended = compared(&folder, &["latest", "previous"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.out.contains("6 trials end better."), "{ended:?}");
}

#[test]
fn every_format_goes_to_stdout_and_has_the_same_exit_code() {
    let folder = twice(WHOLE, &format!("{WHOLE}{FAULT}"), &["--strategy=readany"]);
    for (format, begins) in [
        ("text", "1 trial ends worse."),
        ("markdown", "# 1 trial ends worse\n"),
        ("html", "<!doctype html>"),
        ("json", "{\n"),
    ] {
        let ended = compared(&folder, &["--format", format]);
        assert_eq!(ended.code, Some(12), "{ended:?}");
        assert!(ended.out.starts_with(begins), "{format}: {ended:?}");
    }
}

#[test]
fn over_tcp_once_is_undecided_and_says_how_often() {
    let folder = twice(WHOLE, WHOLE, &["--world=tcp", "--strategy=readany"]);
    let ended = compared(&folder, &[]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    for said in [
        "Undecided: ",
        "the ends of 1 trial over TCP: use --repeat 4",
        &format!(
            "Next: shortread run {} --world tcp --repeat 5",
            one(&folder)
        ),
    ] {
        assert!(ended.out.contains(said), "{said}: {ended:?}");
    }
}

#[test]
fn over_tcp_four_that_all_differ_are_a_regression() {
    let more = ["--world=tcp", "--strategy=readany", "--repeat=4"];
    let folder = twice(WHOLE, &format!("{WHOLE}{FAULT}"), &more);
    let ended = compared(&folder, &[]);
    assert_eq!(ended.code, Some(12), "{ended:?}");
    let said = "4 of 4 complete -> 4 of 4 reset by the server, ClientPayloadError (p = 0.0286)";
    assert!(ended.out.contains(said), "{ended:?}");
}

#[test]
fn what_is_no_run_is_wrong_usage() {
    let folder = twice(WHOLE, WHOLE, &["--strategy=readany"]);
    for (args, says) in [
        (vec!["nowhere", "latest"], "no run is at `nowhere`"),
        (vec!["--out", "elsewhere"], "no run in `elsewhere`"),
        (vec!["previous", "latest", "more"], "unexpected argument"),
    ] {
        let ended = compared(&folder, &args);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.err.contains(says), "{ended:?}");
        assert_eq!(ended.out, "");
    }
    // A later format, and another choice of trials.
    let path = folder.latest().join("run.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replacen("\"schema_version\": 1", "\"schema_version\": 99", 1),
    )
    .unwrap();
    let ended = compared(&folder, &[]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.err.contains("version 99"), "{ended:?}");
    assert_eq!(folder.run(&["report"]).code, Some(2));
    run(&folder, &["--strategy=frames"]);
    let previous = folder.latest();
    run(&folder, &["--strategy=iter-any"]);
    let ended = compared(&folder, &["latest", previous.to_str().unwrap()]);
    // The link points at the newest run, so both are the same one.
    assert!(ended.out.contains("Both are the same run."), "{ended:?}");
    let ended = compared(&folder, &[]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.err.contains("have no trial in common"), "{ended:?}");
}

#[test]
fn what_is_not_random_runs_once_in_memory_and_the_run_says_so() {
    let folder = Folder::new();
    folder.scenario("one", WHOLE);
    run(&folder, &["--strategy=readany", "--repeat=3"]);
    assert_eq!(folder.records().len(), 1);
    let info = read_run(&folder.latest()).unwrap();
    assert_eq!((info.repetitions, info.ran_once), (3, vec!["one".into()]));
    assert_eq!(info.load, None);
    let report = fs::read_to_string(folder.latest().join("report.md")).unwrap();
    let said = "- Repetitions: 3 of each trial; in the virtual world each scenario ran once";
    assert!(report.contains(said), "{report}");
    // With loss it is random, and each repetition has a seed of its own.
    folder.scenario("one", &WHOLE.replace("[link]", "[link]\nloss = 0.1"));
    run(&folder, &["--strategy=readany", "--repeat=3"]);
    let seeds: Vec<u64> = folder.records().iter().map(|record| record.seed).collect();
    assert_eq!(seeds, [1, 2, 3]);
}

#[test]
fn over_tcp_all_first_repetitions_run_before_the_second_ones() {
    let folder = Folder::new();
    folder.scenario("one", WHOLE);
    // One at a time: the order of the ends is that of the starts.
    let more = [
        "--world=tcp",
        "--strategy=readany",
        "--strategy=iter-any",
        "--repeat=2",
        "--jobs=1",
    ];
    run(&folder, &more);
    let records = folder.records();
    let order: Vec<_> = records
        .iter()
        .map(|record| (record.strategy.map(|one| one.word()), record.repetition))
        .collect();
    // The load of the machine is only known for real sockets.
    let load = read_run(&folder.latest()).unwrap().load.unwrap();
    assert!(load.cpus > 0 && load.real_ns > 0, "{load:?}");
    assert_eq!(
        order,
        [
            (Some("readany"), 1),
            (Some("iter-any"), 1),
            (Some("readany"), 2),
            (Some("iter-any"), 2)
        ]
    );
}
