//! The things that a library must leave to the program that uses it.

use std::{fs, path::Path};

use shortread_server::testing::Server;

/// The sources below `folder` that are not a program's.
fn sources(folder: &Path, into: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("main.rs") {
            let text = fs::read_to_string(&path).unwrap();
            into.push((path.display().to_string(), text));
        }
    }
}

#[test]
fn no_library_chooses_the_allocator_or_the_logger() {
    let mut all = Vec::new();
    for folder in ["src", "../harness/src"] {
        sources(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
            &mut all,
        );
    }
    assert!(all.len() > 200, "{} files", all.len());
    for (path, text) in all {
        let own = text.split("#[cfg(test)]").next().unwrap_or_default();
        let code = |line: &&str| !line.trim_start().starts_with("//");
        let text: String = own.lines().filter(code).collect();
        for word in ["#[global_allocator]", "set_logger", "set_global_default"] {
            assert!(!text.contains(word), "{path} has {word}");
        }
    }
}

/// The caught signals of this process (proc(5), SigCgt).
#[cfg(shortread_linux)]
fn caught() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("SigCgt"));
    line.unwrap().to_owned()
}

#[cfg(shortread_linux)]
#[test]
fn a_server_in_a_test_leaves_signals_alone() {
    let before = caught();
    let server = Server::spawn().unwrap();
    assert_eq!(caught(), before);
    drop(server);
}

#[cfg(not(shortread_linux))]
#[test]
fn a_server_in_a_test_starts() {
    drop(Server::spawn().unwrap());
}
