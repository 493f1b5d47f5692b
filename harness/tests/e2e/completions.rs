//! Completions in a real bash, and manual pages as groff reads them.

use std::process::Command;

use super::support::{Folder, is_there};

/// The completions that bash offers for the last of `words`.
fn offered(words: &[&str]) -> Option<Vec<String>> {
    if !is_there("bash") {
        return None;
    }
    let folder = Folder::new();
    let file = folder.path().join("shortread");
    std::fs::write(&file, folder.run(&["completions", "bash"]).out).unwrap();
    let (last, before) = words.split_last().unwrap();
    let code = format!(
        "source {file}; COMP_WORDS=({words}); COMP_CWORD={at}; \
         _shortread shortread '{last}' '{before}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        file = file.display(),
        words = words.join(" "),
        at = words.len() - 1,
        before = before.last().unwrap(),
    );
    let output = Command::new("bash")
        .args(["--norc", "-c", &code])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.lines().map(str::to_owned).collect())
}

#[test]
fn bash_completes_commands_scenarios_and_values() {
    let Some(commands) = offered(&["shortread", "ru"]) else {
        return;
    };
    assert_eq!(commands, ["run"]);
    let explained = offered(&["shortread", "explain", "total-timeout-2m"]).unwrap();
    assert_eq!(explained, ["total-timeout-2mbps"]);
    let served = offered(&["shortread", "serve", "total-timeout-2m"]).unwrap();
    assert_eq!(served, ["total-timeout-2mbps"]);
    let strategies = offered(&["shortread", "run", "--strategy", "iter"]).unwrap();
    assert_eq!(strategies, ["iter-any", "iter-chunks"]);
    let formats = offered(&["shortread", "report", "--format", "ju"]).unwrap();
    assert_eq!(formats, ["junit"]);
}

#[test]
fn groff_has_nothing_against_the_manual_pages() {
    if !is_there("man") {
        return;
    }
    let folder = Folder::new();
    for command in ["", "run", "serve", "schema"] {
        let args: Vec<&str> = ["man", command]
            .into_iter()
            .filter(|arg| !arg.is_empty())
            .collect();
        let file = folder.path().join("page.1");
        std::fs::write(&file, folder.run(&args).out).unwrap();
        let output = Command::new("man")
            .args(["--warnings", "-E", "UTF-8", "-l"])
            .arg(&file)
            .env("MANWIDTH", "80")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && said.is_empty(),
            "{command}: {said}"
        );
        let name = if command.is_empty() {
            "shortread"
        } else {
            "shortread-"
        };
        assert!(
            String::from_utf8_lossy(&output.stdout).contains(name),
            "{command}"
        );
    }
}

#[test]
fn the_schema_that_is_printed_is_the_one_beside_the_catalogue() {
    assert_eq!(
        Folder::new().run(&["schema"]).out,
        include_str!("../../../scenarios/scenario.schema.json")
    );
}
