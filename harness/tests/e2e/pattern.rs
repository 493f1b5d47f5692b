//! The programs of docs/PATTERN.md, and this one, on the same files.

use std::{fs, process::Command};

use shortread_server::body::Pattern;

use crate::support::{Folder, Program, is_there};

const DOCUMENT: &str = include_str!("../../../docs/PATTERN.md");

/// The block behind `<!-- NAME -->`.
fn program(name: &str) -> &'static str {
    let (_, rest) = DOCUMENT
        .split_once(&format!("<!-- {name} -->\n```"))
        .expect(name);
    let (_, code) = rest.split_once('\n').unwrap();
    code.split_once("\n```\n").unwrap().0
}

/// `interpreter` runs the document's `name` on files that are whole, cut, wrong
/// and too long, and says what `shortread verify` says.
fn agrees(interpreter: &str, name: &str) {
    for ratio in [1, 10] {
        agrees_on(interpreter, name, ratio);
    }
}

fn agrees_on(interpreter: &str, name: &str, ratio: u32) {
    if !is_there(interpreter) {
        return;
    }
    const SIZE: u64 = 1_500_000;
    let folder = Folder::new();
    fs::write(folder.path().join(name), program(name)).unwrap();
    let object: Vec<u8> = Pattern::repeating(ratio)
        .slices(0..SIZE)
        .collect::<Vec<_>>()
        .concat();
    let ratio = ratio.to_string();
    let mut wrong = object.clone();
    wrong[1_234_567] ^= 1;
    for (bytes, bad) in [
        (object.clone(), None),
        (object[..1_234_567].to_vec(), Some(1_234_567)),
        (wrong, Some(1_234_567)),
        ([&object[..], b"!"].concat(), Some(SIZE)),
        (Vec::new(), Some(0)),
    ] {
        fs::write(folder.path().join("file"), &bytes).unwrap();
        let size = SIZE.to_string();
        let mut command = Command::new(interpreter);
        command
            .args([name, "file", &size, &ratio])
            .current_dir(folder.path());
        let theirs = Program::start(folder.path(), command).end();
        let ours = folder.run(&[
            "verify", "file", "--size", &size, "--ratio", &ratio, "--json",
        ]);
        let ours_says: serde_json::Value = serde_json::from_str(&ours.out).unwrap();
        let (codes, says) = match bad {
            None => ((Some(0), Some(0)), "whole".to_owned()),
            Some(bad) => ((Some(1), Some(10)), format!("bad from {bad}")),
        };
        assert_eq!((theirs.code, ours.code), codes, "{bad:?}: {theirs:?}");
        let said = [theirs.out.trim(), theirs.err.trim()].concat();
        assert_eq!(said, says);
        let prefix = ours_says["true_prefix_bytes"].as_u64();
        assert_eq!(prefix, Some(bad.unwrap_or(SIZE)));
    }
}

#[test]
fn the_python_of_the_document_agrees_with_verify() {
    agrees("python3", "check.py");
}

#[test]
fn the_javascript_of_the_document_agrees_with_verify() {
    agrees("node", "check.mjs");
}

#[test]
fn the_programs_of_the_document_are_about_ten_lines() {
    for name in ["check.py", "check.mjs"] {
        let lines = program(name).lines().filter(|line| !line.is_empty());
        assert!(lines.count() <= 11, "{name}");
    }
}
