//! Clients on a clock as fast as their scenario is scaled: a limit of minutes ends
//! a download of seconds where it would end the one of minutes. Clients that cannot
//! run on such a clock are named.

use std::{fs, path::Path, process::Command};

use shortread::{
    command::{ClientClock, ClockKind},
    results::Record,
};
use shortread_server::scenario::Kind;

use crate::support::{Ended, Folder, is_there};

/// A scenario with so much silence in production, and a fiftieth of it here.
fn silent_for(time: &str) -> String {
    format!(
        r#"
title = "a silence"
cause = "a test"

[body]
size = "100KB"

[[fault]]
when = {{ body = "40KB" }}
then = {{ stall = "{time}" }}

[tcp]
time = 0.02

[expect.any]
success = "required"
"#
    )
}

/// 10 s here.
const LONG: &str = "500s";

/// 400 ms here.
const SHORT: &str = "20s";

/// A client in Python that waits for 100 s at most.
const PYTHON: &str = "python3 -c 'import shutil, sys, urllib.request; \
    shutil.copyfileobj(urllib.request.urlopen(sys.argv[1], timeout=100), open(sys.argv[2], \"wb\"))' \
    {url} {out}";

fn run(folder: &Folder, silence: &str, clients: &[&str], more: &[&str]) -> Ended {
    let file = folder.scenario("mine", &silent_for(silence));
    let mut args = vec!["run", &file];
    for client in clients {
        args.extend(["--client", client]);
    }
    args.extend(more);
    let ended = folder.run(&args);
    folder.wait_until_deserted();
    ended
}

fn clock(record: &Record) -> &ClientClock {
    &record
        .client
        .as_ref()
        .expect("the record of a client")
        .clock
}

/// The record of a client, by its name.
fn record(folder: &Folder, name: &str) -> Record {
    let records = folder.records();
    let of = |record: &&Record| record.client.as_ref().is_some_and(|one| one.name == name);
    records.iter().find(of).expect(name).clone()
}

#[test]
fn a_limit_of_minutes_ends_a_download_of_seconds_where_it_would_end_the_long_one() {
    if !["faketime", "curl", "python3"].into_iter().all(is_there) {
        return;
    }
    let folder = Folder::new();
    // One starts its program in a child.
    let forks = "forks=sh -c 'curl -qfsS -m 100 -o \"$2\" \"$1\"; exit $?' - {url} {out}";
    let curl = "curl -qfsS -m 100 -o {out} {url}";
    let python = format!("python={PYTHON}");
    let ended = run(
        &folder,
        LONG,
        &[curl, forks, &python],
        &["--clock", "scaled"],
    );
    assert_eq!(ended.code, Some(0), "{ended:?}");
    for (name, exit_status) in [("curl", 28), ("forks", 28), ("python", 1)] {
        let record = record(&folder, name);
        assert_eq!(record.outcome.kind, Kind::Truncated, "{record:?}");
        let client = record.client.as_ref().unwrap();
        assert_eq!(client.exit_status, Some(exit_status), "{client:?}");
        // Python may hold what it has not handed over.
        assert!(record.delivered_bytes <= 40_000, "{record:?}");
        let clock = clock(&record);
        assert_eq!((clock.kind, clock.factor), (ClockKind::Scaled, 50.0));
        assert_eq!(clock.library_seen, Some(true), "{clock:?}");
        // From its request on, at least its limit passed on its own clock.
        let own = (record.elapsed_ns - clock.start_up_ns.unwrap()) as f64 * clock.factor;
        assert!(own >= 90e9, "{own}");
    }
}

#[test]
fn on_the_real_clock_a_whole_file_is_not_judged_and_the_cell_says_why() {
    if !is_there("curl") {
        return;
    }
    let folder = Folder::new();
    let curl = "curl -qfsS -m 10 -o {out} {url}";
    let ended = run(&folder, SHORT, &[curl], &["--clock", "real", "--check"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let record = record(&folder, "curl");
    assert_eq!(record.outcome.kind, Kind::Complete);
    assert_eq!((&record.any, record.as_expected), (&None, None));
    assert_eq!(clock(&record).kind, ClockKind::Real);
    let report = fs::read_to_string(folder.latest().join("report.md")).unwrap();
    assert!(
        report.contains("own limits not scaled (--clock real)"),
        "{report}"
    );
}

#[test]
fn a_client_that_drops_the_library_is_found_out_while_it_runs() {
    if !["faketime", "curl"].into_iter().all(is_there) {
        return;
    }
    let folder = Folder::new();
    let drops = "drops=env -u LD_PRELOAD curl -qfsS -m 10 -o {out} {url}";
    run(&folder, SHORT, &[drops], &[]);
    let record = record(&folder, "drops");
    assert_eq!(record.outcome.kind, Kind::Complete, "{record:?}");
    let clock = clock(&record);
    assert_eq!(
        (clock.kind, clock.library_seen),
        (ClockKind::Real, Some(false))
    );
    assert_eq!(record.any, None);
}

#[test]
fn a_static_program_is_recognised_before_anything_runs() {
    if !["faketime", "cc"].into_iter().all(is_there) {
        return;
    }
    let folder = Folder::new();
    let program = folder.path().join("static");
    if !made_static(&folder, &program) {
        println!("skipped: this test needs the static library of C, and there is none");
        return;
    }
    let command = format!("{} {{url}}", program.display());
    let ended = run(&folder, SHORT, &[&command], &["--clock", "scaled"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended.err.contains("a static program loads no library"),
        "{ended:?}"
    );
    assert!(!folder.path().join("results").exists());

    let ended = run(&folder, SHORT, &[&command], &[]);
    let line = "own limits not scaled: 1 (a static program loads no library)";
    assert!(ended.err.contains(line), "{ended:?}");
    assert_eq!(clock(&record(&folder, "static")).kind, ClockKind::Real);
}

/// Compiles a static program that does nothing.
fn made_static(folder: &Folder, program: &Path) -> bool {
    let source = folder.path().join("static.c");
    fs::write(&source, "int main(void) { return 0; }\n").unwrap();
    let made = Command::new("cc")
        .arg("-static")
        .arg(&source)
        .arg("-o")
        .arg(program)
        .output();
    made.is_ok_and(|made| made.status.success())
}
