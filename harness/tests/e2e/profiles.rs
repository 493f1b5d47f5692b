//! The profile on the command line: in the ids, the records, the report.

use crate::support::Folder;

const OLD: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/interpreters/with-3.12.15"
);

#[test]
fn releases_by_name_and_by_interpreter_multiply_the_trials() {
    let folder = Folder::new();
    let ended = folder.run(&[
        "run",
        "empty-reply",
        "--strategy=readany",
        "--strategy=frames",
        "--profile=aiohttp-3.8",
        "--profile-from",
        OLD,
    ]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.out.contains(
            "Profiles: aiohttp-3.12.15 (rules of 3.12.14-3.12.15), \
             aiohttp-3.8.6 (rules of 3.8.0-3.8.6).\n"
        ),
        "{ended:?}"
    );
    let records = folder.records();
    let profiles: Vec<_> = records.iter().map(|record| &record.profile).collect();
    let named = |name: &str| Some(name.to_owned());
    assert!(profiles.contains(&&named("aiohttp-3.8.6")), "{profiles:?}");
    assert!(
        profiles.contains(&&named("aiohttp-3.12.15")),
        "{profiles:?}"
    );
    assert!(profiles.contains(&&None), "frames has none: {profiles:?}");
    assert_eq!(records.len(), 3);
    let report = std::fs::read_to_string(folder.latest().join("report.md")).unwrap();
    assert!(
        report.contains("- Profiles: aiohttp-3.12.15 (rules of 3.12.14-3.12.15), "),
        "{report}"
    );
    let info = std::fs::read_to_string(folder.latest().join("run.json")).unwrap();
    assert!(info.contains("3.12.14-3.12.15"), "{info}");
}

#[test]
fn a_release_that_is_newer_than_the_program_is_followed_with_a_warning() {
    let folder = Folder::new();
    let ended = folder.run(&[
        "run",
        "empty-reply",
        "--strategy=readany",
        "--profile=aiohttp-3.15",
    ]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.err.contains("warning: aiohttp-3.15.0 is newer"),
        "{ended:?}"
    );
    assert!(
        ended
            .out
            .contains("Profiles: aiohttp-3.15.0 (rules of 3.14.4-3.14.5).\n"),
        "{ended:?}"
    );
}
