//! Real files as objects: served, broken, and compared with what arrived.

use std::fs;

use shortread_server::scenario::Kind;

use crate::support::{Folder, is_there};

/// Bytes of no pattern: a count.
fn bytes() -> Vec<u8> {
    (0..25_000u32).flat_map(u32::to_be_bytes).collect()
}

const HEAD: &str = "title = 'a real file'\ncause = 'a test'\nbody.file = 'served.bin'\n";

const CUT: &str = "[[fault]]\nwhen = { body = '40KB' }\nthen = 'fin'\n";

/// A folder with that file, and a scenario of it.
fn folder(rest: &str) -> (Folder, String) {
    let folder = Folder::new();
    fs::write(folder.path().join("served.bin"), bytes()).unwrap();
    let scenario = folder.scenario("real", &format!("{HEAD}{rest}"));
    (folder, scenario)
}

#[test]
fn trials_in_both_worlds_are_judged_by_the_bytes_of_the_file() {
    for (rest, kind) in [("", Kind::Complete), (CUT, Kind::Truncated)] {
        let (folder, scenario) = folder(rest);
        let ended = folder.run(&["run", &scenario, "--world", "both", "--strategy", "readany"]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let records = folder.records();
        assert_eq!(records.len(), 2);
        for record in records {
            assert_eq!(record.outcome.kind, kind, "{}", record.id);
            assert_eq!(record.first_bad_offset, None, "{}", record.id);
            assert_eq!(record.expected_bytes, 100_000, "{}", record.id);
        }
    }
}

#[test]
fn a_client_is_judged_by_the_bytes_of_the_file() {
    if !is_there("curl") {
        return;
    }
    let (folder, scenario) = folder("[expect.any]\nsuccess = 'required'\n");
    let client = "curl -qfsS -o {out} {url}";
    let ended = folder.run(&["run", &scenario, "--client", client, "--check"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(folder.records()[0].outcome.kind, Kind::Complete);
}

#[test]
fn verify_compares_with_a_file_or_with_that_of_a_scenario() {
    let (folder, scenario) = folder("");
    let mut wrong = bytes();
    wrong[70_000] ^= 1;
    for (name, saved, says) in [
        ("whole", bytes(), None),
        ("short", bytes()[..60_000].to_vec(), Some("60000")),
        ("wrong", wrong, Some("70000")),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, saved).unwrap();
        for against in [["--against", "served.bin"], ["--scenario", &scenario]] {
            let args = ["verify", name, "--json", against[0], against[1]];
            let ended = folder.run(&args);
            let code = if says.is_some() { 10 } else { 0 };
            assert_eq!(ended.code, Some(code), "{args:?}: {ended:?}");
            assert!(
                says.is_none_or(|says| ended.out.contains(says)),
                "{ended:?}"
            );
        }
    }
    let gone = folder.run(&["verify", "whole", "--against", "gone"]);
    assert_eq!(gone.code, Some(1), "{gone:?}");
    let both = folder.run(&["verify", "whole", "--against", "served.bin", "--size", "1"]);
    assert_eq!(both.code, Some(2), "{both:?}");
}

#[test]
fn explain_names_the_file_and_validate_says_what_is_missing() {
    let (folder, scenario) = folder("");
    let ended = folder.run(&["explain", &scenario]);
    assert!(ended.out.contains("served.bin"), "{ended:?}");
    fs::remove_file(folder.path().join("served.bin")).unwrap();
    let ended = folder.run(&["validate", &scenario]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.err.contains("cannot read `served.bin`"), "{ended:?}");
}
