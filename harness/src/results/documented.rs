//! Checks that `results/README.md` names every field that is written, and no
//! other.

use std::collections::BTreeSet;

use serde::Serialize;
use shortread_server::{
    journal::SocketFacts,
    scenario::{Kind, Party},
};

use super::interval_log::LOGS;
use super::{
    Buffers, ClientFacts, ClientSample, DownloadRecord, Expected, FaultRecord, Host, Line, Mark,
    MarkKind, PlannedClient, Record, RemedyFacts, RunSummary, Scaled, ServerFacts, ServerSample,
    TimelineHeader, Totals, samples,
};
use crate::{
    client::{ErrorLink, Left},
    measure::{Load, Summary},
    outcome::Outcome,
    results::warning::{Bottleneck, BuffersHide, Hidden, MachineBusy, Slow, Warning, WithinNoise},
    suite,
    verify::{Examiner, ServerSide},
};

const DOCUMENT: &str = include_str!("../../../results/README.md");

/// The names in the first column of the table behind `<!-- fields: NAME -->`.
fn documented(name: &str) -> BTreeSet<String> {
    let mark = format!("<!-- fields: {name} -->\n");
    let (_, table) = DOCUMENT.split_once(&mark).expect(name);
    table
        .lines()
        .take_while(|line| line.starts_with('|'))
        // Two lines of heading.
        .skip(2)
        .map(|row| row.split('`').nth(1).expect(row).to_owned())
        .collect()
}

/// The names that `value` is written with.
fn written(value: &impl Serialize) -> BTreeSet<String> {
    let json = serde_json::to_value(value).unwrap();
    json.as_object().unwrap().keys().cloned().collect()
}

fn error_link() -> ErrorLink {
    ErrorLink {
        message: "reset".into(),
        errno: Some(104),
    }
}

fn fault() -> FaultRecord {
    FaultRecord {
        index: 0,
        connection: 1,
        action: "reset".into(),
        by: Party::Server,
        at_bytes: 0,
        at_wire_bytes: 0,
        at_ns: 0,
        in_flight_bytes: 0,
        error_bound_ns: 0,
    }
}

fn download() -> DownloadRecord {
    DownloadRecord {
        kind: Kind::Complete,
        ended_by: None,
        deadline: None,
        delivered_bytes: 0,
        received_bytes: 0,
        elapsed_ns: 0,
        connection: None,
        reused: false,
    }
}

fn planned_client() -> PlannedClient {
    PlannedClient {
        name: "curl".into(),
        command: "curl -o {out} {url}".into(),
    }
}

fn header() -> TimelineHeader {
    TimelineHeader {
        schema_version: 1,
        id: "a".into(),
    }
}

fn mark() -> Mark {
    Mark {
        at_ns: 0,
        kind: MarkKind::Fault,
        by: None,
        text: "reset".into(),
        range: Some("bytes=5-".into()),
    }
}

fn remedy() -> RemedyFacts {
    RemedyFacts {
        attempts: 0,
        resumed: 0,
        waited_ns: 0,
        rests_on: None,
        file: Left::Nothing,
        parts: 0,
        at_a_time: 0,
    }
}

fn resume() -> suite::ResumeFacts {
    suite::ResumeFacts {
        suite: "resume".into(),
        verdict: suite::Verdict::Whole,
        left: suite::Left::Whole,
        offset_bytes: 0,
        ranges: 0,
        rule: String::new(),
        breach: None,
    }
}

fn expected() -> Expected {
    Expected {
        kind: Kind::Complete,
        ended_by: None,
        deadline: None,
        delivered_bytes: [0, 0],
        lost_bytes: None,
    }
}

fn machine_busy() -> MachineBusy {
    MachineBusy {
        load: Load::default(),
    }
}

fn within_noise() -> WithinNoise {
    WithinNoise {
        quantity: String::new(),
        trials: Vec::new(),
        of: 0,
        worst: String::new(),
        least: 0,
        median: 0,
        most: 0,
    }
}

fn bottleneck() -> Bottleneck {
    Bottleneck {
        side: Slow::Client,
        trials: Vec::new(),
        worst: String::new(),
        bytes_per_second: 0,
        link_bytes_per_second: 0,
        client_cpu_percent: None,
        receive_queue_bytes: None,
    }
}

fn buffers_hide() -> BuffersHide {
    BuffersHide {
        hidden: Hidden::Fault,
        trials: Vec::new(),
        worst: String::new(),
        held_bytes: 0,
        of_bytes: 0,
    }
}

#[test]
fn every_field_is_documented_and_every_documented_field_is_written() {
    let record: Record = samples::record("healthy", "readany");
    let outcome: &Outcome = &record.outcome;
    let lines = [
        Line::Server(ServerSample::default()),
        Line::Client(ClientSample::default()),
        Line::Mark(mark()),
    ];
    let scaled = Scaled {
        time: 0.1,
        size: 0.1,
    };
    for (name, written) in [
        ("RunInfo", written(&samples::run_info())),
        ("PlannedProfile", written(&samples::run_info().profiles[0])),
        ("PlannedClient", written(&planned_client())),
        ("Host", written(&Host::default())),
        ("Record", written(&record)),
        ("Outcome", written(outcome)),
        ("ClientFacts", written(&ClientFacts::default())),
        ("ResumeFacts", written(&resume())),
        ("DownloadRecord", written(&download())),
        ("RemedyFacts", written(&remedy())),
        ("ErrorLink", written(&error_link())),
        ("Expected", written(&expected())),
        ("Judgement", written(&samples::judgement())),
        ("Finding", written(&Examiner::new(0).finish())),
        ("ServerSide", written(&ServerSide::of(&[]))),
        ("Summary", written(&Summary::default())),
        ("ServerFacts", written(&ServerFacts::default())),
        ("FaultRecord", written(&fault())),
        ("Buffers", written(&Buffers::default())),
        ("SocketFacts", written(&SocketFacts::default())),
        ("Scaled", written(&scaled)),
        ("TimelineHeader", written(&header())),
        ("Line", lines.iter().flat_map(written).collect()),
        ("ServerSample", written(&ServerSample::default())),
        ("ClientSample", written(&ClientSample::default())),
        ("Mark", written(&mark())),
        ("Load", written(&Load::default())),
        (
            "MachineBusy",
            written(&Warning::MachineBusy(machine_busy())),
        ),
        (
            "WithinNoise",
            written(&Warning::WithinNoise(within_noise())),
        ),
        ("Bottleneck", written(&Warning::Bottleneck(bottleneck()))),
        (
            "BuffersHide",
            written(&Warning::BuffersHide(buffers_hide())),
        ),
        ("RunSummary", written(&RunSummary::default())),
        ("Totals", written(&Totals::default())),
    ] {
        assert_eq!(documented(name), written, "{name}");
    }
}

#[test]
fn every_group_and_the_folders_files_are_documented() {
    for group in crate::outcome::Group::ALL {
        let word = serde_json::to_value(group).unwrap();
        let word = word.as_str().unwrap();
        assert!(DOCUMENT.contains(&format!("`{word}`")), "{word}");
    }
    for file in [
        "run.json",
        "trials.jsonl",
        "summary.json",
        "report.md",
        "timeline/",
        "trials.csv",
        "chunk_sizes.csv",
        "remedies.csv",
        "junit.xml",
    ] {
        assert!(DOCUMENT.contains(file), "{file}");
    }
    for (log, _) in LOGS {
        assert!(DOCUMENT.contains(&format!("`{log}`")), "{log}");
    }
    for (schema, _) in super::schema::all() {
        assert!(DOCUMENT.contains(&format!("`{schema}`")), "{schema}");
    }
    for kind in MarkKind::ALL {
        let word = serde_json::to_value(kind).unwrap();
        let word = word.as_str().unwrap();
        assert!(DOCUMENT.contains(&format!("`{word}`")), "{word}");
    }
}
