//! A hand-made run for the tests of the formats.

use std::sync::Arc;

use shortread_server::scenario::{Deadline, Kind, Party, Scenario, World};

use crate::{
    outcome::Outcome,
    results::{ClientSample, Mark, MarkKind, Record, ServerSample, Timeline, Timelines, samples},
};

const STRATEGIES: [&str; 6] = [
    "read-all",
    "readany",
    "fixed-chunk-8192",
    "fixed-chunk-65536",
    "fixed-chunk-1048576",
    "iter-any",
];

/// Nothing is known of any trial over time.
pub(super) fn no_timelines() -> &'static Timelines {
    static NONE: Timelines = Timelines::new();
    &NONE
}

/// Each of `records` over time: bytes come evenly, stop for the last third, and
/// then it ends as the record says.
pub(super) fn timelines(records: &[Record]) -> Timelines {
    let known = records.iter().filter(|record| record.downloads > 0);
    known
        .map(|record| (record.id.clone(), timeline(record)))
        .collect()
}

fn timeline(record: &Record) -> Timeline {
    const STEPS: u64 = 60;
    let mut timeline = Timeline::default();
    for step in 0..=STEPS {
        let at_ns = record.elapsed_ns * step / STEPS;
        let bytes = record.received_bytes * step.min(40) / 40;
        // Held for a while and then taken, again and again.
        let held = if step < 40 {
            bytes.min(step % 7 * 30_000)
        } else {
            0
        };
        timeline.server.push(ServerSample {
            at_ns,
            sent_bytes: bytes,
            unacked_bytes: Some(held / 2),
        });
        timeline.client.push(ClientSample {
            at_ns,
            queued_bytes: Some(held / 3),
            received_bytes: bytes - held / 2,
            delivered_bytes: if record.delivered_bytes == 0 {
                0
            } else {
                bytes - held
            },
            heap_bytes: record.peak_heap_bytes.map(|peak| peak / (1 + step % 3)),
        });
    }
    let outcome = &record.outcome;
    let mut mark = |kind, at_ns, text: &str| {
        timeline.marks.push(Mark {
            at_ns,
            kind,
            by: outcome.ended_by,
            text: text.into(),
            range: None,
        });
    };
    mark(MarkKind::Fault, record.elapsed_ns * 2 / 3, "stall:forever");
    if let Some(deadline) = outcome.deadline {
        mark(MarkKind::Deadline, record.elapsed_ns, deadline.word());
    }
    mark(MarkKind::End, record.elapsed_ns, outcome.kind.word());
    timeline
}

/// `name` read in all six ways to the same end; a failed read-all has nothing.
pub(super) fn all(name: &str, outcome: Outcome, delivered: u64, seconds: f64) -> Vec<Record> {
    STRATEGIES
        .iter()
        .map(|strategy| {
            let record = samples::record(name, strategy);
            let lost = *strategy == "read-all"
                && !matches!(outcome.kind, Kind::Complete | Kind::SilentTruncation);
            let bytes = if lost { 0 } else { delivered };
            samples::ended(record, outcome.clone(), bytes, seconds)
        })
        .collect()
}

pub(super) fn complete() -> Outcome {
    samples::outcome(Kind::Complete, None, None, None)
}

pub(super) fn silent() -> Outcome {
    samples::outcome(Kind::SilentTruncation, Some(Party::Server), None, None)
}

pub(super) fn total() -> Outcome {
    let client = Some(Party::Client);
    samples::outcome(
        Kind::TimedOut,
        client,
        Some(Deadline::Total),
        Some("TimeoutError('')"),
    )
}

pub(super) fn stalled() -> Outcome {
    samples::outcome(Kind::Stalled, None, None, None)
}

pub(super) fn out_of_memory() -> Outcome {
    samples::outcome(
        Kind::OutOfMemory,
        Some(Party::Client),
        None,
        Some("MemoryError"),
    )
}

pub(super) fn reset() -> Outcome {
    let exception = Some("aiohttp.ClientPayloadError: Response payload is not completed");
    samples::outcome(Kind::Reset, Some(Party::Network), None, exception)
}

/// One scenario for each group, and one whose strategies differ.
pub(super) fn records() -> Vec<Record> {
    let mut records = all("healthy", complete(), 1_000_000_000, 8.0);
    records.extend(all("total-2MBps", total(), 600_000_000, 300.2));
    let mut memory = all("memory-budget", complete(), 1_000_000_000, 8.0);
    memory[0] = samples::ended(memory[0].clone(), out_of_memory(), 0, 4.1);
    records.extend(memory);
    records.extend(all("close-delimited", silent(), 12_582_912, 6.29));
    records.extend(all("blackhole", stalled(), 500_000_000, 1_200.0));
    records
}

/// The files behind [`records`], if a report needs them.
pub(super) fn scenarios() -> Vec<Arc<Scenario>> {
    let named = |name: &str, title: &str, why: &str| {
        let mut scenario = Scenario {
            name: name.into(),
            title: title.into(),
            why: why.into(),
            ..Scenario::default()
        };
        scenario.body.size = shortread_server::units::ByteSize(1_000_000_000);
        scenario
    };
    let mut total = named(
        "total-2MBps",
        "every download that takes longer than five minutes fails",
        "The total limits the whole exchange, however well the bytes flow.",
    );
    total.link.rate = "2MB/s".parse().unwrap();
    total.sources = vec!["https://docs.aiohttp.org/en/stable/client_quickstart.html".into()];
    total.tcp.time = 0.02;
    total.tcp.size = 0.02;
    [
        named("healthy", "a download that works", ""),
        total,
        named(
            "memory-budget",
            "the process is killed",
            "The whole body is kept.",
        ),
        named(
            "close-delimited",
            "a short file without an error",
            "Nothing tells the end.",
        ),
        named(
            "blackhole",
            "the download never ends",
            "A firewall forgot the flow.",
        ),
    ]
    .map(Arc::new)
    .to_vec()
}

/// Three scenarios in both worlds: in one they agree, in one a single way to
/// read differs in bytes, in one all end otherwise.
pub(super) fn two_worlds() -> Vec<Record> {
    let mut records = Vec::new();
    for (name, outcome, delivered, seconds) in [
        ("healthy", complete(), 1_000_000_000, 8.0),
        ("total-2MBps", total(), 600_000_000, 300.2),
        ("blackhole", stalled(), 500_000_000, 1_200.0),
    ] {
        let real = all(name, outcome, delivered, seconds);
        records.extend(real.iter().cloned().map(|mut record| {
            record.world = World::Virtual;
            record.id = record.id.replace("/tcp/", "/virtual/");
            record
        }));
        records.extend(real);
    }
    // The kernels held half a megabyte more: within what buffers explain.
    records[7].delivered_bytes -= 500_000;
    // readany() over TCP, and all of blackhole over TCP.
    records[19].delivered_bytes = 550_000_000;
    for record in &mut records[30..] {
        *record = samples::ended(record.clone(), reset(), record.delivered_bytes, 1_200.0);
    }
    records
}

/// `records` of a finished run, as `exporter` tells them.
pub(super) fn export(exporter: &dyn super::Exporter, records: &[Record]) -> String {
    let mut out = Vec::new();
    export_into(exporter, records, &mut out);
    String::from_utf8(out).unwrap()
}

/// The same, as bytes.
pub(super) fn export_into(exporter: &dyn super::Exporter, records: &[Record], out: &mut Vec<u8>) {
    let info = samples::run_info();
    let scenarios = scenarios();
    let run = super::RunView {
        info: &info,
        records,
        scenarios: &scenarios,
        folder: None,
        timelines: no_timelines(),
        agreement: None,
        check: true,
    };
    exporter.export(&run, out).unwrap();
}
