//! Checks docs/SERVER.md: its examples run with curl, as they are written.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use shortread_server::{scenario::query::PARAMETERS, serve::Ready};

use crate::{
    curl::Served,
    support::{Folder, Program, is_there, until},
};

const SERVER: &str = include_str!("../../../docs/SERVER.md");

/// The blocks in `language`, without their fences.
fn blocks(language: &str) -> Vec<&'static str> {
    let mark = format!("```{language}\n");
    let rest = SERVER.split(mark.as_str()).skip(1);
    rest.filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn every_example_with_curl_prints_what_the_document_says() {
    if !is_there("curl") {
        return;
    }
    let folder = Folder::new();
    let server = Served::start(&folder, &[]);
    let examples = blocks("console");
    assert!(examples.len() > 5, "the examples are not found");
    for example in examples {
        // `> ` goes on with the command of the line before it, as in a shell.
        let (commands, expected): (Vec<&str>, Vec<&str>) = example
            .lines()
            .partition(|line| line.starts_with("$ ") || line.starts_with("> "));
        let commands: Vec<_> = commands.iter().map(|line| &line[2..]).collect();
        let script = commands
            .join("\n")
            .replace("http://127.0.0.1:8080", server.base())
            .replace("http://127.0.0.1:8081", server.control());
        let printed = sh(&folder, &script);
        let expected: String = expected.iter().map(|line| format!("{line}\n")).collect();
        assert!(
            in_other_words(&printed) == in_other_words(&expected),
            "{example}\nprints:\n{printed}"
        );
    }
}

/// Releases of curl word their errors differently, their numbers are the same.
fn in_other_words(printed: &str) -> String {
    let lines = printed.replace('\r', "");
    let word = |line: &str| match line.strip_prefix("curl: (") {
        Some(rest) => format!("curl: ({}", rest.split(')').next().unwrap_or_default()),
        None => line.trim().to_owned(),
    };
    lines.lines().map(word).collect::<Vec<_>>().join("\n")
}

/// The output of a script, both streams, in the order of printing.
fn sh(folder: &Folder, script: &str) -> String {
    let built = Path::new(env!("CARGO_BIN_EXE_shortread")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", built.display());
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("exec 2>&1\n{script}")])
        .current_dir(folder.path())
        .env("PATH", path)
        .env("CURL_HOME", folder.path())
        .env("no_proxy", "*");
    Program::start(folder.path(), command).end().out
}

#[test]
fn the_ready_line_has_the_fields_of_the_document() {
    let folder = Folder::new();
    let [command, ..] = blocks("sh")
        .into_iter()
        .filter(|block| block.contains("--exit-with-stdin"))
        .collect::<Vec<_>>()[..]
    else {
        panic!("the command is not found");
    };
    let arguments: Vec<_> = command.split_whitespace().skip(1).collect();
    let mut child = folder
        .command(&arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    let shown = blocks("json")[0];
    let fields = |text: &str| -> Vec<String> {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        value.as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(fields(&line), fields(shown));
    let ready: Ready = serde_json::from_str(&line).unwrap();
    assert!(ready.ready && ready.pid == child.id(), "{ready:?}");
    let mut said = String::new();
    let mut err = BufReader::new(child.stderr.take().unwrap());
    err.read_line(&mut said).unwrap();
    assert!(said.contains(&ready.url), "{said}");

    drop(child.stdin.take());
    let status = until("the server ends with its input", || {
        child.try_wait().unwrap()
    });
    assert_eq!(status.code(), Some(0));
    line.clear();
    assert_eq!(out.read_line(&mut line).unwrap(), 0, "{line}");
}

#[test]
fn every_parameter_is_in_the_document() {
    for parameter in PARAMETERS {
        let name = format!("`{}`", parameter.name);
        assert!(SERVER.contains(&name), "{name}");
    }
}

#[test]
fn an_address_that_others_can_reach_needs_leave_and_is_announced() {
    let folder = Folder::new();
    let ended = folder.run(&["serve", "healthy", "--listen", "0.0.0.0:0"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.err.contains("--allow-remote"), "{ended:?}");

    let args = [
        "serve",
        "healthy",
        "--listen",
        "0.0.0.0:0",
        "--allow-remote",
    ];
    let server = folder.start(&args);
    let url = server.ready().url;
    crate::support::signal("TERM", server.pid());
    let ended = server.end();
    assert!(
        ended.err.contains("other machines can reach "),
        "{url}: {ended:?}"
    );
}

#[test]
fn the_control_interface_stays_on_this_machine_without_leave_and_a_token() {
    let folder = Folder::new();
    std::fs::write(folder.path().join("token"), "0123456789abcdef\n").unwrap();
    let serve = ["serve", "healthy", "--control", "0.0.0.0:0"];
    let (leave, token) = ("--allow-remote", ["--control-token-file", "token"]);
    for half in [&[leave][..], &token[..]] {
        let ended = folder.run(&[&serve[..], half].concat());
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.err.contains("--control-token-file FILE"), "{ended:?}");
    }
    let server = folder.start(&[&serve[..], &[leave], &token[..]].concat());
    let control = server.ready().control.unwrap();
    crate::support::signal("TERM", server.pid());
    let ended = server.end();
    let note = format!(
        "other machines can reach {}",
        control.trim_start_matches("http://")
    );
    assert!(ended.err.contains(&note), "{ended:?}");
}

#[test]
fn a_file_is_verified_with_what_the_server_did_for_it() {
    let folder = Folder::new();
    let server = Served::start(&folder, &[]);
    std::fs::write(folder.path().join("file"), []).unwrap();
    let verify = |control: &str, more: &[&str]| {
        let args = ["verify", "file", "--size", "1KB", "--control", control];
        folder.run(&[&args[..], more].concat())
    };
    // No request came with this key.
    let ended = verify(server.base(), &["--key", "t"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.err.contains("refused the request: 404"), "{ended:?}");
    let ended = verify("localhost:1", &["--key", "t"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let ended = verify(server.control(), &[]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.err.contains("--key"), "{ended:?}");
}
