//! The run of version 1 that is kept: later versions read it, and what it says
//! agrees with itself.

use std::{fs, path::Path};

use serde_json::Value;
use shortread::results::{MarkKind, SCHEMA_VERSION, StoredRun};

use super::results;

fn reference() -> StoredRun {
    let path = results().join("reference-v1");
    StoredRun::open(path.to_str().unwrap(), Path::new("elsewhere")).unwrap()
}

#[test]
fn the_run_of_version_1_is_read_whole() {
    let run = reference();
    assert_eq!(run.info.schema_version, 1);
    assert!(run.info.schema_version <= SCHEMA_VERSION);
    assert_eq!(run.info.planned_trials, run.records.len() as u64);
    assert!(run.info.finished.is_some() && !run.info.interrupted);
    for record in &run.records {
        assert!(run.timelines.get(&record.id).is_some(), "{}", record.id);
        assert!(
            run.scenarios
                .iter()
                .any(|scenario| scenario.name == record.scenario),
            "{}",
            record.scenario
        );
    }
    let kept = fs::read_dir(run.path.join("timeline")).unwrap();
    assert_eq!(kept.count(), run.records.len());
}

#[test]
fn nothing_in_it_is_about_the_machine_that_it_was_made_on_but_the_host() {
    let info = reference().info;
    assert_eq!(info.command_line[..2], ["shortread", "run"]);
    for word in &info.command_line {
        assert!(!word.contains('/'), "{word}");
    }
}

#[test]
fn its_timelines_end_where_its_records_do() {
    let run = reference();
    for record in &run.records {
        let timeline = run.timelines.get(&record.id).unwrap();
        let last = timeline.client.last().unwrap();
        assert_eq!(last.received_bytes, record.received_bytes, "{}", record.id);
        assert_eq!(
            last.delivered_bytes, record.delivered_bytes,
            "{}",
            record.id
        );
        let sent = timeline.server.last().unwrap();
        assert_eq!(sent.sent_bytes, record.server.sent_bytes, "{}", record.id);
        let queued = timeline.client.iter().map(|sample| sample.queued_bytes);
        let queued = queued.max().flatten();
        assert!(
            queued >= record.max_receive_queue_bytes,
            "{}: {queued:?}",
            record.id
        );
        let count = |kind| {
            let marks = timeline.marks.iter();
            marks.filter(|mark| mark.kind == kind).count() as u64
        };
        assert_eq!(count(MarkKind::End), record.downloads, "{}", record.id);
        assert_eq!(
            count(MarkKind::Fault),
            record.server.faults.len() as u64,
            "{}",
            record.id
        );
        let end = timeline.marks.iter().map(|mark| mark.at_ns).max();
        assert!(end >= Some(record.elapsed_ns), "{}", record.id);
        for side in [
            timeline
                .client
                .iter()
                .map(|sample| (sample.at_ns, sample.received_bytes, sample.delivered_bytes))
                .collect::<Vec<_>>(),
            timeline
                .server
                .iter()
                .map(|sample| (sample.at_ns, sample.sent_bytes, 0))
                .collect(),
        ] {
            for pair in side.windows(2) {
                let ((at, one, other), (later, more, also)) = (pair[0], pair[1]);
                let grows = at <= later && one <= more && other <= also;
                assert!(grows, "{}: {pair:?}", record.id);
            }
        }
    }
}

/// As a version wrote them that did not have these fields yet.
#[test]
fn records_without_what_was_added_later_are_read() {
    let path = results().join("reference-v1");
    let text = fs::read_to_string(path.join("trials.jsonl")).unwrap();
    let root = tempfile::tempdir().unwrap();
    let older: String = text
        .lines()
        .map(|line| {
            let mut record: Value = serde_json::from_str(line).unwrap();
            let fields = record.as_object_mut().unwrap();
            for added in ["any", "each"] {
                assert!(fields.remove(added).is_some(), "{added}");
            }
            format!("{record}\n")
        })
        .collect();
    fs::write(root.path().join("trials.jsonl"), older).unwrap();
    let mut info: Value =
        serde_json::from_str(&fs::read_to_string(path.join("run.json")).unwrap()).unwrap();
    info.as_object_mut().unwrap().remove("profiles").unwrap();
    fs::write(root.path().join("run.json"), info.to_string()).unwrap();

    let run = StoredRun::open(root.path().to_str().unwrap(), root.path()).unwrap();
    let mut want = reference().records;
    for record in &mut want {
        record.any = None;
        record.each.clear();
    }
    for (read, want) in run.records.iter().zip(&want) {
        assert_eq!(read, want);
    }
    assert_eq!(run.records.len(), want.len());
    let known = |record: &shortread::results::Record| run.timelines.contains_key(&record.id);
    assert!(!run.records.iter().any(known));
}
