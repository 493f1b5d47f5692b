//! `shortread run --remedy`: in both worlds, and what the reports say of it.

use std::{collections::BTreeSet, fs, path::Path};

use shortread::results::Record;

use crate::support::Folder;

/// What stands in `column` of the row of `scenario` and `recipe` in remedies.csv.
fn cell(folder: &Folder, scenario: &str, recipe: &str, column: &str) -> String {
    let table = fs::read_to_string(folder.latest().join("remedies.csv")).unwrap();
    let mut lines = table
        .lines()
        .map(|line| line.split(',').collect::<Vec<_>>());
    let head = lines.next().unwrap();
    let place = |name: &str| head.iter().position(|one| *one == name).unwrap();
    let row = lines
        .find(|row| row[place("scenario")] == scenario && row[place("recipe")] == recipe)
        .unwrap_or_else(|| panic!("{table}"));
    row[place(column)].to_owned()
}

#[test]
fn what_a_remedy_cures_stands_in_every_report() {
    let folder = Folder::new();
    let scenarios = ["cut-every-3mib", "busy-twice", "cut-then-same-etag"];
    let mut line = vec!["run"];
    line.extend(scenarios);
    line.extend([
        "--remedy", "resume", "--remedy", "safe", "--check", "--quiet",
    ]);
    let ended = folder.run(&line);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.out.contains("some remedy cures 2"), "{ended:?}");
    let effect = |scenario| cell(&folder, scenario, "resume", "effect");
    assert_eq!(scenarios.map(effect), ["cured", "cured", "wrong"]);
    assert_eq!(
        cell(&folder, "cut-every-3mib", "safe", "extra_requests"),
        "5"
    );
    let markdown = fs::read_to_string(folder.latest().join("report.md")).unwrap();
    assert!(
        markdown.contains("| Scenario | without | resume | safe |"),
        "{markdown}"
    );
    let page = fs::read_to_string(folder.latest().join("report.html")).unwrap();
    assert!(page.contains("What each remedy changes"));
}

/// The commands that `text` names behind `word`.
fn commands(text: &str, word: &str) -> Vec<String> {
    let start = format!("{word}: `shortread ");
    let behind = text.split(&start).skip(1);
    behind
        .map(|rest| rest.split('`').next().unwrap().to_owned())
        .collect()
}

/// Runs `command` elsewhere, and returns the records of the first run that it plays again.
fn played_again(folder: &Folder, command: &str) -> Vec<Record> {
    let again = Folder::new();
    let words: Vec<&str> = command.split_whitespace().chain(["--quiet"]).collect();
    let ended = again.run(&words);
    assert_eq!(ended.code, Some(0), "{command}: {ended:?}");
    let before = folder.records();
    let same = again.records().into_iter().filter(|record| {
        let known = before.iter().find(|one| one.id == record.id);
        known.is_none_or(|known| known != record)
    });
    assert_eq!(
        same.map(|record| record.id).collect::<Vec<_>>(),
        [""; 0],
        "{command}"
    );
    again.records()
}

#[test]
fn the_commands_of_a_report_play_its_trials_again() {
    let folder = Folder::new();
    let own = folder.scenario("mine", "[retry]\nattempts = 2\n");
    let ended = folder.run(&[
        "run",
        "--recipe",
        &own,
        "cut-every-3mib",
        "fin-close-delimited",
        "--remedy",
        "verify+retry",
        "--remedy",
        "resume",
        "--recipe",
        "curl",
        "--strategy",
        "readany",
        "--seed",
        "3",
        "--quiet",
    ]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let markdown = fs::read_to_string(folder.latest().join("report.md")).unwrap();
    let all = commands(&markdown, "Reproduce");
    assert_eq!(all.len(), 2, "{markdown}");
    let again: Vec<Record> = all
        .iter()
        .flat_map(|command| played_again(&folder, command))
        .collect();
    assert_eq!(
        again.len(),
        folder.records().len(),
        "each trial, with each recipe"
    );
    let measured = commands(&markdown, "Again");
    assert_eq!(measured.len(), 2, "{markdown}");
    for command in measured {
        let records = played_again(&folder, &command);
        assert_eq!(records.len(), 2, "the trial, and that without: {command}");
    }
}

#[test]
fn repetitions_of_a_recipe_that_draws_differ_and_are_one_cell() {
    let folder = Folder::new();
    let line = "run cut-every-3mib --remedy resume --remedy verify --repeat 3 --quiet";
    let ended = folder.run(&line.split_whitespace().collect::<Vec<_>>());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let records = folder.records();
    let waits = |recipe: &str| {
        let with = records
            .iter()
            .filter(|one| one.recipe.as_deref() == Some(recipe));
        with.map(|one| one.remedy.as_ref().unwrap().waited_ns)
            .collect::<BTreeSet<_>>()
    };
    assert_eq!((waits("resume").len(), waits("verify").len()), (3, 1));
    assert_eq!(records.len(), 1 + 3 + 1);
    assert_eq!(cell(&folder, "cut-every-3mib", "resume", "trials"), "3");
    assert_eq!(
        cell(&folder, "cut-every-3mib", "resume", "trials_whole"),
        "3"
    );
}

#[test]
fn a_comparison_tells_what_a_recipe_of_one_run_changes() {
    let folder = Folder::new();
    let run = |more: &str| {
        let line = format!("run cut-every-3mib --strategy readany --quiet {more}");
        let ended = folder.run(&line.split_whitespace().collect::<Vec<_>>());
        assert_eq!(ended.code, Some(0), "{ended:?}");
        folder.latest().canonicalize().unwrap()
    };
    let [plain, with, again] = ["", "--remedy resume", "--remedy resume --seed 2"].map(run);
    let compared = |old: &Path, new: &Path| {
        let ended = folder.run(&["compare", old.to_str().unwrap(), new.to_str().unwrap()]);
        ended.out
    };
    let told = compared(&plain, &with);
    assert!(
        told.contains("cured (validator) (only in the new run)"),
        "{told}"
    );
    assert!(!told.contains("Only in the new run"), "{told}");
    let told = compared(&with, &plain);
    assert!(
        told.contains("cured (validator) (only in the old run)"),
        "{told}"
    );
    let told = compared(&with, &with);
    assert!(told.contains("Nothing differs: 2 trials"), "{told}");
    let told = compared(&with, &again);
    assert!(told.contains("seed"), "its waits are drawn: {told}");
}

#[test]
fn a_remedy_does_the_same_over_tcp() {
    let folder = Folder::new();
    let line = "run cut-every-3mib --remedy safe --world tcp --quiet";
    let line: Vec<&str> = line.split_whitespace().collect();
    let ended = folder.run(&line);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(cell(&folder, "cut-every-3mib", "safe", "effect"), "cured");
    assert_eq!(
        cell(&folder, "cut-every-3mib", "safe", "extra_requests"),
        "5"
    );
}

#[test]
fn a_word_that_is_no_remedy_is_refused_with_one_that_is() {
    let folder = Folder::new();
    let ended = folder.run(&["run", "healthy", "--remedy", "resum"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.err.contains("did you mean `resume`?"), "{ended:?}");
}
