//! Hand-made records for tests.

use shortread_server::{
    scenario::{Deadline, Kind, Party, Scenario, StrategyName, World},
    units::ByteSize,
};

use super::{
    ClientSample, Host, Mark, MarkKind, Memory, PlannedProfile, Record, RunInfo, SCHEMA_VERSION,
    ServerSample, Timeline, build,
};
use crate::{
    engine::aiohttp::reader::Profile,
    outcome::{Judgement, Outcome},
    plan::Trial,
    strategy::Strategy,
};

/// A complete download of 1 GB in 8 s; `strategy` as in an id
/// (`fixed-chunk-65536`).
pub(crate) fn record(scenario: &str, strategy: &str) -> Record {
    let (name, chunk_size) = match strategy.strip_prefix("fixed-chunk-") {
        Some(size) => (StrategyName::FixedChunk, size.parse().ok()),
        None => (StrategyName::from_word(strategy).unwrap(), None),
    };
    let mut data = Scenario {
        name: scenario.into(),
        ..Scenario::default()
    };
    data.body.size = ByteSize(1_000_000_000);
    let trial = Trial {
        id: format!("{scenario}/{strategy}/aiohttp-3.14.5/tcp/1"),
        scenario: data.clone().into(),
        strategy: Strategy { name, chunk_size },
        profile: Some(Profile::newest()),
        recipe: None,
        world: World::Tcp,
        scaled: true,
        repetition: 1,
        seed: 1,
    };
    let mut record = build(&trial, &data, Err("not run"), &[]);
    record.outcome = outcome(Kind::Complete, None, None, None);
    record.delivered_bytes = 1_000_000_000;
    record.received_bytes = 1_000_000_000;
    record.elapsed_ns = 8_000_000_000;
    record.peak_heap_bytes = Some(1_200_000);
    record.gap_ns.count = 1;
    record.gap_ns.p99 = 2_100_000;
    record.memory = Memory::Measured;
    record.downloads = 1;
    record.downloads_by_kind = [(Kind::Complete, 1)].into();
    record.as_expected = Some(true);
    record
}

/// The same with another end.
pub(crate) fn ended(
    mut record: Record,
    outcome: Outcome,
    delivered_bytes: u64,
    seconds: f64,
) -> Record {
    record.downloads_by_kind = [(outcome.kind, 1)].into();
    record.outcome = outcome;
    record.delivered_bytes = delivered_bytes;
    record.received_bytes = delivered_bytes;
    record.elapsed_ns = (seconds * 1e9) as u64;
    record
}

/// An outcome without error chain.
pub(crate) fn outcome(
    kind: Kind,
    ended_by: Option<Party>,
    deadline: Option<Deadline>,
    exception: Option<&str>,
) -> Outcome {
    Outcome {
        kind,
        ended_by,
        deadline,
        cause: None,
        error: Vec::new(),
        exception: exception.map(Into::into),
    }
}

/// The header of a finished run.
pub(crate) fn run_info() -> RunInfo {
    RunInfo {
        schema_version: SCHEMA_VERSION,
        command_line: vec!["shortread".into(), "run".into()],
        seed: 1,
        repetitions: 1,
        ran_once: Vec::new(),
        left_out: Vec::new(),
        scenarios: Vec::new(),
        worlds: vec![World::Tcp],
        versions: [
            ("shortread".into(), "0.1.0".into()),
            ("profiles".into(), "aiohttp-3.14.5".into()),
        ]
        .into(),
        profiles: vec![PlannedProfile::of(&Profile::newest())],
        clients: Vec::new(),
        recipes: Vec::new(),
        host: Host {
            kernel: Some("6.12.0".into()),
            cpus: Some(2),
            congestion_control: Some("cubic".into()),
        },
        planned_trials: 30,
        started: "2026-11-22T16:03:00Z".into(),
        finished: Some("2026-11-22T16:06:12Z".into()),
        real_ns: Some(192_000_000_000),
        simulated_ns: None,
        load: None,
        interrupted: false,
    }
}

/// A reset in the middle, and what waited then.
pub(crate) fn timeline() -> Timeline {
    let client = |at_ns, queued, received_bytes, delivered_bytes| ClientSample {
        at_ns,
        queued_bytes: Some(queued),
        received_bytes,
        delivered_bytes,
        heap_bytes: Some(received_bytes - delivered_bytes),
    };
    let server = |at_ns, sent_bytes, unacked| ServerSample {
        at_ns,
        sent_bytes,
        unacked_bytes: Some(unacked),
    };
    let mark = |at_ns, kind, by, text: &str| Mark {
        at_ns,
        kind,
        by,
        text: text.into(),
        range: None,
    };
    Timeline {
        server: vec![server(1_000, 0, 0), server(2_000_000, 600, 200)],
        client: vec![
            client(0, 0, 0, 0),
            client(2_000_000, 100, 300, 100),
            client(3_000_000, 0, 400, 100),
        ],
        marks: vec![
            mark(1_000, MarkKind::Accepted, None, "connection 1"),
            mark(2_000_000, MarkKind::Fault, Some(Party::Network), "reset"),
            mark(3_000_000, MarkKind::End, Some(Party::Network), "reset"),
        ],
    }
}

/// The rule for any client has nothing against it.
pub(crate) fn judgement() -> Judgement {
    Judgement {
        kind: Kind::Complete,
        accepted: true,
        why: None,
    }
}
