//! The value of a run after one of its processes, or the run itself, was killed.

use shortread::results::{Record, StoredRun, read_run};
use shortread_server::scenario::Kind;

use crate::support::{Ended, Folder, Program, signal, until};

/// It is over at once.
const QUICK: &str = r#"
title = "a small download"
cause = "a test"

[body]
size = "10KB"

[[expect.trial]]
kind = "complete"
delivered = ["10KB", "10KB"]
"#;

/// It waits until somebody ends it, with a file open.
const WAITS: &str = r#"
title = "a download that waits"
cause = "a test"

[body]
size = "100KB"

[[fault]]
when = { body = "50KB" }
then = { stall = "forever" }

[client]
total = "off"
give_up = "1000s"

[sink]
file = true

[[expect.trial]]
kind = "stalled"
delivered = ["50KB", "50KB"]
"#;

/// The same in a black hole.
const DARK: &str = r#"
title = "a download that waits in a black hole"
cause = "a test"

[body]
size = "100KB"

[[fault]]
when = { body = "50KB" }
then = "blackhole"

[client]
total = "off"
give_up = "1000s"

[[expect.trial]]
kind = "stalled"
delivered = ["50KB", "50KB"]
"#;

/// A run with some of these scenarios.
struct Run {
    folder: Folder,
    program: Program,
}

impl Run {
    fn start(scenarios: &[(&str, &str)], more: &[&str]) -> Self {
        let folder = Folder::new();
        let files: Vec<String> = scenarios
            .iter()
            .map(|(name, text)| folder.scenario(name, text))
            .collect();
        let mut args = vec!["run", "--world", "tcp", "--check"];
        args.extend(files.iter().map(String::as_str));
        args.extend(more);
        let program = folder.start(&args);
        Self { folder, program }
    }

    /// Waits until so many trials have ended and so many wait.
    fn wait_for(&self, ended: usize, waiting: usize) -> Vec<u32> {
        until(&format!("{ended} records and {waiting} trials"), || {
            let trials = self.folder.processes("trial");
            (self.folder.records().len() == ended && trials.len() == waiting).then_some(trials)
        })
    }

    fn end(self) -> (Folder, Ended) {
        (self.folder, self.program.end())
    }
}

fn kinds(records: &[Record]) -> Vec<(&str, Kind)> {
    records
        .iter()
        .map(|record| (record.scenario.as_str(), record.outcome.kind))
        .collect()
}

fn said(record: &Record) -> &str {
    &record.outcome.error[0].message
}

/// The files in the folder of the run.
fn files(folder: &Folder) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder.latest())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_server_that_is_killed_costs_the_trials_under_way_and_no_other() {
    let both = ["--strategy", "readany", "--strategy", "iter-any"];
    let run = Run::start(
        &[("quick", QUICK), ("waits", WAITS), ("after", QUICK)],
        &[&both[..], &["--jobs", "2"]].concat(),
    );
    run.wait_for(2, 2);
    let servers = run.folder.processes("serve");
    assert_eq!(servers.len(), 1);
    signal("KILL", servers[0]);
    let (folder, ended) = run.end();
    assert_eq!(ended.code, Some(10), "{ended:?}");
    let mut records = folder.records();
    // They are written as they end.
    records.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(
        kinds(&records),
        [
            ("after", Kind::Complete),
            ("after", Kind::Complete),
            ("quick", Kind::Complete),
            ("quick", Kind::Complete),
            ("waits", Kind::ToolError),
            ("waits", Kind::ToolError),
        ]
    );
    assert!(
        said(&records[4]).contains("the server process ended"),
        "{:?}",
        records[4].outcome
    );
    folder.wait_until_deserted();
}

#[test]
fn a_trial_that_is_killed_is_one_tool_error() {
    let run = Run::start(
        &[("waits", WAITS), ("quick", QUICK), ("after", QUICK)],
        &["--strategy", "readany", "--jobs", "2"],
    );
    // Its neighbours have ended well beside it.
    let trials = run.wait_for(2, 1);
    signal("KILL", trials[0]);
    let (folder, ended) = run.end();
    assert_eq!(ended.code, Some(10), "{ended:?}");
    let records = folder.records();
    assert_eq!(
        kinds(&records),
        [
            ("quick", Kind::Complete),
            ("after", Kind::Complete),
            ("waits", Kind::ToolError),
        ]
    );
    assert!(
        said(&records[2]).contains("signal: 9"),
        "{:?}",
        records[2].outcome
    );
    // The server goes on counting for a trial whose client is gone.
    assert_eq!(records[2].server.sent_bytes, 50_000);
    // The kept timeline of a trial comes from both sides, or from the server
    // alone.
    let stored = StoredRun::open("latest", &folder.path().join("results")).unwrap();
    let whole = stored.timelines.get(&records[0].id).unwrap();
    let (last, sent) = (whole.client.last().unwrap(), whole.server.last().unwrap());
    assert_eq!(last.delivered_bytes, records[0].delivered_bytes);
    assert_eq!(last.received_bytes, records[0].received_bytes);
    assert_eq!(sent.sent_bytes, records[0].server.sent_bytes);
    let alone = stored.timelines.get(&records[2].id).unwrap();
    assert!(alone.client.is_empty(), "{alone:?}");
    assert_eq!(alone.server.last().unwrap().sent_bytes, 50_000);
    folder.wait_until_deserted();
}

#[test]
fn a_run_that_is_killed_leaves_whole_lines_and_no_process() {
    let run = Run::start(
        &[("quick", QUICK), ("waits", WAITS), ("dark", DARK)],
        &["--strategy", "readany", "--jobs", "3"],
    );
    run.wait_for(1, 2);
    signal("KILL", run.program.pid());
    let (folder, ended) = run.end();
    assert_eq!(ended.code, None);
    folder.wait_until_deserted();
    assert_eq!(kinds(&folder.records()), [("quick", Kind::Complete)]);
    let text = std::fs::read_to_string(folder.latest().join("trials.jsonl")).unwrap();
    assert!(text.ends_with('\n'), "{text:?}");
    // It has not ended in order, and says so.
    assert_eq!(read_run(&folder.latest()).unwrap().finished, None);
    // The file that a trial wrote to is gone with it.
    assert_eq!(
        files(&folder),
        [
            "chunk_bytes.hlog",
            "gap_ns.hlog",
            "read_call_ns.hlog",
            "run.json",
            "scenarios",
            "timeline",
            "trials.jsonl"
        ]
    );
}

#[test]
fn a_run_that_is_interrupted_keeps_what_has_ended() {
    for interrupt in ["INT", "TERM"] {
        let run = Run::start(
            &[("quick", QUICK), ("waits", WAITS), ("dark", DARK)],
            &["--strategy", "readany", "--jobs", "3"],
        );
        run.wait_for(1, 2);
        signal(interrupt, run.program.pid());
        let (folder, ended) = run.end();
        assert_eq!(ended.code, Some(130), "{interrupt}: {ended:?}");
        assert!(
            ended.out.contains("interrupted; 1 of 3 trials"),
            "{interrupt}: {ended:?}"
        );
        assert_eq!(kinds(&folder.records()), [("quick", Kind::Complete)]);
        let info = read_run(&folder.latest()).unwrap();
        assert!(info.interrupted && info.finished.is_some(), "{info:?}");
        folder.wait_until_deserted();
        assert_eq!(
            files(&folder),
            [
                "chunk_bytes.hlog",
                "chunk_sizes.csv",
                "gap_ns.hlog",
                "junit.xml",
                "read_call_ns.hlog",
                "remedies.csv",
                "report.html",
                "report.md",
                "run.json",
                "scenarios",
                "summary.json",
                "timeline",
                "trials.csv",
                "trials.jsonl"
            ]
        );
    }
}
