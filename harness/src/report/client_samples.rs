//! A hand-made run of two clients for the tests of the formats.

use std::path::Path;

use shortread_server::scenario::Kind;

use super::{RunView, samples::no_timelines};
use crate::{
    command::Stopped,
    outcome::Judgement,
    results::{ClientFacts, PlannedClient, Record, RunInfo, samples},
    verify::Place,
};

/// `client` in `scenario`, come to `kind`, which is a violation where there is
/// a `why`.
fn record(scenario: &str, client: &str, kind: Kind, why: Option<&str>) -> Record {
    let mut record = samples::record(scenario, "readany");
    record.id = format!("{scenario}/client/{client}/tcp/1");
    record.strategy = None;
    record.profile = None;
    record.outcome = samples::outcome(kind, None, None, None);
    record.any = Some(Judgement {
        kind,
        accepted: why.is_none(),
        why: why.map(Into::into),
    });
    record.as_expected = Some(why.is_none());
    record.difference = why.map(Into::into);
    record.peak_heap_bytes = None;
    record.vm_hwm_bytes = Some(9_400_000);
    let failed = kind == Kind::Truncated;
    record.client = Some(ClientFacts {
        name: client.into(),
        command: format!("{client} -o {{out}} {{url}}"),
        exit_status: Some(if failed { 18 } else { 0 }),
        saved: Some(Place::File),
        stderr_tail: match failed {
            true => vec![format!("{client}: (18) the end | came early")],
            false => Vec::new(),
        },
        ..ClientFacts::default()
    });
    if kind != Kind::Complete {
        record.delivered_bytes = 600_000_000;
        record.elapsed_ns = 4_200_000_000;
    }
    record
}

/// Two clients: every sign, a known failure, repetitions that differ, a cell
/// without a trial.
pub(super) fn clients() -> (RunInfo, Vec<Record>) {
    let mut records = vec![
        record("healthy", "curl", Kind::Complete, None),
        record("healthy", "mine", Kind::Complete, None),
        record("fin-chunked", "curl", Kind::Truncated, None),
        record(
            "fin-chunked",
            "mine",
            Kind::SilentTruncation,
            Some("it reports success with 600 MB right bytes of 1 GB"),
        ),
        record("fin-close-delimited", "curl", Kind::SilentTruncation, None),
        record(
            "fin-close-delimited",
            "mine",
            Kind::Corrupt,
            Some("it reports success with 600 MB right bytes, and 700 MB came"),
        ),
        record("stall-forever", "curl", Kind::Stalled, None),
        record("stall-forever", "mine", Kind::Stalled, None),
        record("slow-head", "curl", Kind::Complete, None),
        record(
            "slow-head",
            "curl",
            Kind::Truncated,
            Some("it reports failure, and the whole object was to be had"),
        ),
    ];
    // Listed as a known failure.
    records[5].as_expected = Some(true);
    records[5].difference = None;
    if let Some(client) = &mut records[5].client {
        client.known = Some("it overwrites what it has".into());
    }
    // Stopped in the middle of its attempts.
    records[7].any = None;
    records[7].as_expected = None;
    for record in &mut records[6..8] {
        if let Some(client) = &mut record.client {
            client.exit_status = None;
            client.signal = Some(15);
            client.stopped = Some(Stopped::Term);
        }
    }
    records[9].repetition = 2;
    records[9].id = "slow-head/client/curl/tcp/2".into();
    let planned = |name: &str| PlannedClient {
        name: name.into(),
        command: format!("{name} -o {{out}} {{url}}"),
    };
    let info = RunInfo {
        profiles: Vec::new(),
        versions: [("shortread".into(), "0.1.0".into())].into(),
        clients: vec![planned("curl"), planned("mine")],
        planned_trials: records.len() as u64,
        ..samples::run_info()
    };
    (info, records)
}

/// Of that run, checked.
pub(super) fn view<'a>(info: &'a RunInfo, records: &'a [Record]) -> RunView<'a> {
    RunView {
        info,
        records,
        scenarios: &[],
        folder: Some(Path::new("results/2026-11-22T16-03-00Z-tcp")),
        timelines: no_timelines(),
        agreement: None,
        check: true,
    }
}
