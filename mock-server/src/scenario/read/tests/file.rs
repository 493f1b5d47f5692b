//! `body.file`

use std::path::Path;

use super::*;
use crate::scenario::{LoadError, load, load_file};

const HEAD: &str = "title = 't'\ncause = 'c'\n";

fn loaded(folder: &Path, rest: &str) -> Result<Scenario, String> {
    let path = folder.join("it.toml");
    std::fs::write(&path, format!("{HEAD}{rest}\n")).unwrap();
    load_file(&path).map_err(|error| error.to_string())
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("below")).unwrap();
    std::fs::write(folder.path().join("below/data.json"), "{}").unwrap();
    folder
}

#[test]
fn a_file_is_the_object_and_has_its_size() {
    let folder = folder();
    let scenario = loaded(folder.path(), "body.file = 'below/data.json'").unwrap();
    assert_eq!(scenario.body.size, ByteSize(2));
    let file = scenario.body.file.unwrap();
    assert_eq!(file.path, folder.path().join("below/data.json"));
    // The name of the scenario may be a path from somewhere else.
    let named = folder.path().join("it.toml");
    assert_eq!(
        load(named.to_str().unwrap()).unwrap().body.size,
        ByteSize(2)
    );
}

#[test]
fn what_is_no_file_of_this_machine_cannot_read_one() {
    let folder = folder();
    let path = folder.path().join("below/data.json");
    let text = format!("{HEAD}body.file = {:?}\n", path.to_str().unwrap());
    let refused = parse("name", "it.toml", &text).unwrap_err().to_string();
    assert!(refused.contains("it.toml:3:"), "{refused}");
    assert!(
        refused.contains("a stranger must not read files"),
        "{refused}"
    );
}

#[test]
fn what_cannot_be_read_is_said_with_its_line() {
    let folder = folder();
    for wrong in ["'other'", "'below'", "''", "7"] {
        let refused = loaded(folder.path(), &format!("body.file = {wrong}")).unwrap_err();
        assert!(refused.contains("it.toml:3:"), "{wrong}: {refused}");
    }
    let gone = load_file(&folder.path().join("gone.toml"));
    assert!(matches!(gone, Err(LoadError::Read { .. })));
}

#[test]
fn a_file_has_neither_another_size_nor_the_pattern_of_one() {
    let folder = folder();
    for (rest, says) in [
        ("body.size = 2", "the size is the file's"),
        ("body.ratio = 2", "a file has bytes of its own"),
        ("body.version = 2", "a file has bytes of its own"),
        ("version = [{}]", "a file has no versions"),
        ("tcp.size = 0.5", "a file cannot be made smaller"),
    ] {
        let text = format!("body.file = 'below/data.json'\n{rest}");
        let refused = loaded(folder.path(), &text).unwrap_err();
        assert!(refused.contains(says), "{rest}: {refused}");
    }
    assert!(
        loaded(
            folder.path(),
            "body.file = 'below/data.json'\ntcp.time = 0.5"
        )
        .is_ok()
    );
}
