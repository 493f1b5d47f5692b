//! Two hand-made runs for the tests of comparisons.

use std::sync::Arc;

use shortread_server::scenario::{Deadline, Kind, Party, Scenario, World};

use crate::{
    outcome::Outcome,
    results::{Record, StoredRun, Timelines, samples},
};

/// A run of `records`, kept with `scenarios`.
pub(crate) fn run(name: &str, records: Vec<Record>, scenarios: &[Scenario]) -> StoredRun {
    let mut info = samples::run_info();
    info.planned_trials = records.len() as u64;
    info.worlds = [World::Virtual, World::Tcp]
        .into_iter()
        .filter(|world| records.iter().any(|record| record.world == *world))
        .collect();
    StoredRun {
        path: format!("results/{name}").into(),
        info,
        records,
        scenarios: scenarios.iter().cloned().map(Arc::new).collect(),
        timelines: Timelines::new(),
    }
}

/// Scenarios of these names, in which nothing is random.
pub(crate) fn scenarios(names: &[&str]) -> Vec<Scenario> {
    let named = |name: &&str| Scenario {
        name: (*name).into(),
        ..Scenario::default()
    };
    names.iter().map(named).collect()
}

/// A whole download in the virtual world; `seed` is also its repetition.
pub(crate) fn simulated(scenario: &str, strategy: &str, seed: u32) -> Record {
    let mut record = samples::record(scenario, strategy);
    record.world = World::Virtual;
    record.scaled = None;
    record.repetition = seed;
    record.seed = seed.into();
    record.id = format!("{scenario}/{strategy}/aiohttp-3.14.5/virtual/{seed}");
    record
}

/// `count` repetitions over TCP; each takes a little longer than the one before.
pub(crate) fn repeated(scenario: &str, strategy: &str, count: u32) -> Vec<Record> {
    (1..=count)
        .map(|repetition| {
            let mut record = samples::record(scenario, strategy);
            record.repetition = repetition;
            record.seed = repetition.into();
            record.id = format!("{scenario}/{strategy}/aiohttp-3.14.5/tcp/{repetition}");
            record.elapsed_ns += u64::from(repetition) * 10_000_000;
            record.gap_ns.count = 100;
            record
        })
        .collect()
}

/// The server's RST after half of it.
pub(crate) fn cut(record: Record) -> Record {
    let outcome: Outcome = samples::outcome(
        Kind::Reset,
        Some(Party::Server),
        None,
        Some("aiohttp.ClientPayloadError: Response payload is not completed"),
    );
    samples::ended(record, outcome, 500_000_000, 4.0)
}

/// Nothing had ended it after half of it.
pub(crate) fn hung(record: Record) -> Record {
    let outcome = samples::outcome(Kind::Stalled, None, None, None);
    samples::ended(record, outcome, 500_000_000, 600.0)
}

/// The tool could not play it.
pub(crate) fn failed(record: Record) -> Record {
    let outcome = samples::outcome(Kind::ToolError, None, None, None);
    samples::ended(record, outcome, 0, 0.0)
}

/// A short file without an error.
pub(crate) fn short(record: Record) -> Record {
    let outcome = samples::outcome(Kind::SilentTruncation, Some(Party::Server), None, None);
    samples::ended(record, outcome, 500_000_000, 4.0)
}

/// The client's total after half of it.
pub(crate) fn timed_out(record: Record) -> Record {
    let outcome = samples::outcome(
        Kind::TimedOut,
        Some(Party::Client),
        Some(Deadline::Total),
        Some("TimeoutError('')"),
    );
    samples::ended(record, outcome, 500_000_000, 300.0)
}
