//! `shortread run --remedy`: in both worlds, and what the reports say of it.

use std::fs;

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
    assert_eq!(scenarios.map(effect), ["cured", "cured", "worse"]);
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
