//! The content of a trial's record.

use std::{sync::Arc, time::Duration};

use shortread_server::{
    journal::{CloseReason, Progress, SocketFacts},
    scenario::{Action, Deadline, ExpectTrial, Framing, Limit, Party, Success, World},
    units::ByteSize,
};

use super::*;
use crate::{
    client::{Basis, Download, ErrorLink, Failure, FailureCause, Verdict},
    measure::Histograms,
    plan::{Choice, Plan},
    results::{ServerSample, samples, timeline},
};

const ZERO: u64 = 5_000_000_000;

fn trial(scenario: Scenario) -> Trial {
    let choice = Choice {
        worlds: vec![World::Tcp],
        ..Choice::default()
    };
    let plan = Plan::resolve(&[Arc::new(scenario)], &choice).unwrap();
    plan.trials[1].clone()
}

fn scenario() -> Scenario {
    let mut scenario = Scenario {
        name: "total".into(),
        ..Scenario::default()
    };
    scenario.body.size = ByteSize(1_000_000_000);
    scenario.tcp.time = 0.01;
    scenario.tcp.size = 0.01;
    scenario.expect.trials = vec![ExpectTrial {
        strategy: vec![],
        chunk_size: vec![],
        profile: vec!["aiohttp-3.14".into()],
        world: vec![],
        kind: Kind::TimedOut,
        ended_by: Some(Party::Client),
        deadline: Some(Deadline::Total),
        delivered: [ByteSize(5_900_000), ByteSize(6_100_000)],
        lost: None,
    }];
    scenario
}

/// The scenario as scaled for the TCP world.
fn scaled() -> Scenario {
    let mut scaled = scenario();
    scaled.body.size = ByteSize(10_000_000);
    scaled
}

fn download(verdict: Verdict, delivered_bytes: u64) -> Download {
    Download {
        verdict,
        status: Some(200),
        framing: Some(Framing::ContentLength),
        declared_bytes: Some(10_000_000),
        received_bytes: delivered_bytes + 500,
        delivered_bytes,
        kernel_unread_bytes: Some(40),
        first_bad_offset: None,
        earlier_bytes: 0,
        object_bytes: None,
        account: None,
        arrived_offset: None,
        started: Instant(ZERO),
        ended: Instant(ZERO + 3_000_000_000),
        first_byte: Some(Instant(ZERO + 2_000_000)),
        head: None,
        last_progress: Some(Instant(ZERO + 2_990_000_000)),
        connection: Some(1),
        reused: false,
    }
}

fn report(downloads: Vec<Download>) -> ClientReport {
    ClientReport {
        downloads,
        started: Instant(ZERO),
        ended: Instant(ZERO + 3_000_000_000),
        gap_ns: Summary::default(),
        read_call_ns: Summary::default(),
        chunk_bytes: Summary::default(),
        flowing_ns: 0,
        transport_reads: 7,
        sink_writes: 5,
        cpu_ns: Some(9),
        peak_heap_bytes: None,
        vm_hwm_bytes: None,
        max_receive_queue_bytes: Some(65_536),
        sockets: SocketFacts::default(),
        samples: Vec::new(),
        histograms: Histograms::default(),
    }
}

fn timed_out() -> Verdict {
    Verdict::Failure(Failure {
        cause: FailureCause::Deadline(Deadline::Total),
        error: vec![ErrorLink {
            message: "the total deadline of 3 s passed".into(),
            errno: None,
        }],
        exception: Some("TimeoutError".into()),
    })
}

fn journal() -> Vec<Event> {
    let at = |ns, fact| Event {
        at_ns: Instant(ZERO + ns),
        utc: None,
        connection: 1,
        key: None,
        fact,
    };
    vec![
        at(
            1_000,
            Fact::Accepted {
                peer: None,
                local: None,
                sockets: SocketFacts {
                    send_buffer: Some(32_768),
                    ..SocketFacts::default()
                },
            },
        ),
        at(
            2_000,
            Fact::Fault {
                index: 0,
                action: Action::Stall(Limit::After(Duration::from_millis(300))),
                by: Party::Server,
                at_bytes: 4_000,
                at_wire_bytes: 4_200,
                in_flight_bytes: 12,
                error_bound_ns: 0,
            },
        ),
        at(
            3_000,
            Fact::Closed {
                reason: CloseReason::PeerReset,
                sent_bytes: 6_100_000,
                acked_bytes: Some(6_050_000),
                max_unsent_bytes: 16_384,
            },
        ),
    ]
}

#[test]
fn times_count_from_the_clients_start_of_connect() {
    let report = report(vec![download(timed_out(), 6_000_000)]);
    let record = build(&trial(scenario()), &scaled(), Ok(&report), &journal());
    assert_eq!(record.elapsed_ns, 3_000_000_000);
    assert_eq!(record.time_to_first_byte_ns, Some(2_000_000));
    assert_eq!(record.last_progress_ns, Some(2_990_000_000));
    let fault = &record.server.faults[0];
    assert_eq!((fault.at_ns, fault.action.as_str()), (2_000, "stall:300ms"));
    assert_eq!((fault.at_bytes, fault.at_wire_bytes), (4_000, 4_200));
    assert_eq!(record.server.acked_bytes, Some(6_050_000));
    assert_eq!(record.buffers.server.send_buffer, Some(32_768));
}

#[test]
fn acknowledged_bytes_are_null_if_a_connection_did_not_count_them() {
    let mut events = journal();
    let mut another = events.last().unwrap().clone();
    another.connection += 1;
    let Fact::Closed { acked_bytes, .. } = &mut another.fact else {
        panic!("{another:?}");
    };
    *acked_bytes = None;
    events.push(another);
    let report = report(vec![download(timed_out(), 6_000_000)]);
    let record = build(&trial(scenario()), &scaled(), Ok(&report), &events);
    assert_eq!(record.server.sent_bytes, 2 * 6_100_000);
    let json = serde_json::to_value(&record).unwrap();
    assert_eq!(json["server"]["acked_bytes"], serde_json::Value::Null);
}

#[test]
fn expectations_are_compared_with_the_scaled_bytes() {
    let report = |bytes| report(vec![download(timed_out(), bytes)]);
    let trial = trial(scenario());
    let record = build(&trial, &scaled(), Ok(&report(6_000_000)), &[]);
    assert_eq!(record.expected_bytes, 10_000_000);
    assert_eq!(record.as_expected, Some(true));
    assert_eq!(
        record.scaled,
        Some(Scaled {
            time: 0.01,
            size: 0.01
        })
    );

    let record = build(&trial, &scaled(), Ok(&report(6_100_001)), &[]);
    assert_eq!(record.as_expected, Some(false));
    insta::assert_snapshot!(
        record.difference.unwrap(),
        @"6.1 MB (6100001 bytes) were delivered, 5.9 MB to 6.1 MB are expected"
    );
}

#[test]
fn of_parallel_downloads_the_worst_stands_for_all() {
    let mut scaled = scaled();
    scaled.client.parallel = 2;
    let report = report(vec![
        download(Verdict::Success, 10_000_000),
        download(Verdict::Success, 4_000_000),
    ]);
    let record = build(&trial(scenario()), &scaled, Ok(&report), &[]);
    assert_eq!(record.outcome.kind, Kind::SilentTruncation);
    assert_eq!(record.downloads, 2);
    assert_eq!(
        record.downloads_by_kind,
        BTreeMap::from([(Kind::Complete, 1), (Kind::SilentTruncation, 1)])
    );
    let each: Vec<_> = record
        .each
        .iter()
        .map(|d| (d.kind, d.delivered_bytes))
        .collect();
    assert_eq!(
        each,
        [
            (Kind::Complete, 10_000_000),
            (Kind::SilentTruncation, 4_000_000)
        ]
    );
    assert_eq!(record.delivered_bytes, 14_000_000);
    assert_eq!(record.expected_bytes, 20_000_000);
    assert_eq!(record.kernel_unread_bytes, Some(80));
}

#[test]
fn a_trial_that_died_is_a_tool_error_that_says_why() {
    let record = build(
        &trial(scenario()),
        &scaled(),
        Err("the trial process was killed by signal 9"),
        &journal(),
    );
    assert_eq!(record.outcome.kind, Kind::ToolError);
    assert_eq!(
        record.outcome.error[0].message,
        "the trial process was killed by signal 9"
    );
    assert_eq!(record.as_expected, Some(false));
    // The journal is kept, on its own zero.
    assert_eq!(record.server.faults[0].at_ns, 1_000);
}

#[test]
fn a_record_of_before_there_were_clients_is_still_read() {
    let record = samples::record("a", "readany");
    let mut json = serde_json::to_value(&record).unwrap();
    let names = json.as_object_mut().unwrap();
    assert!(names.remove("client").is_some() && names.remove("any").is_some());
    assert_eq!(serde_json::from_value::<Record>(json).unwrap(), record);
}

#[test]
fn the_names_of_the_format_are_fixed() {
    let json = serde_json::to_value(samples::record("a", "readany")).unwrap();
    // Sorted, as serde_json's map is.
    let names = |value: &serde_json::Value| {
        let names: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
        names.join("\n")
    };
    insta::assert_snapshot!(names(&json), @r"
        any
        arrived_offset
        as_expected
        buffers
        chunk_bytes
        chunk_size
        client
        cpu_ns
        delivered_bytes
        difference
        downloads
        downloads_by_kind
        each
        elapsed_ns
        expected
        expected_bytes
        first_bad_offset
        flowing_ns
        gap_ns
        id
        kernel_unread_bytes
        last_progress_ns
        max_receive_queue_bytes
        memory
        outcome
        peak_heap_bytes
        profile
        read_call_ns
        received_bytes
        recipe
        remedy
        repetition
        scaled
        scenario
        seed
        server
        sink_writes
        strategy
        time_to_first_byte_ns
        transport_reads
        vm_hwm_bytes
        world
        ");
    insta::assert_snapshot!(names(&json["outcome"]), @r"
        cause
        deadline
        ended_by
        error
        exception
        kind
        ");
    insta::assert_snapshot!(names(&json["server"]), @r"
        acked_bytes
        connections
        faults
        max_unsent_bytes
        requests
        sent_bytes
        ");
}

#[test]
fn a_wrong_file_on_a_digest_is_unexpected_and_one_on_a_length_is_not() {
    let mut trial = trial(scenario());
    trial.recipe = Some(Arc::new(crate::remedy::Recipe::safe()));
    let record = |rests_on| {
        let mut wrong = download(Verdict::Success, 10_000_000);
        wrong.first_bad_offset = Some(7);
        wrong.account = Some(Account {
            attempts: 1,
            rests_on: Some(rests_on),
            file: crate::client::Left::Target,
            ..Account::default()
        });
        build(&trial, &scaled(), Ok(&report(vec![wrong])), &[])
    };
    let broken = record(Basis::Digest);
    assert_eq!(broken.outcome.kind, Kind::Corrupt);
    assert_eq!(broken.passed(), Some(false));
    insta::assert_snapshot!(broken.why(), @"success is reported on a digest, and the file is wrong (corrupt)");
    assert_eq!(
        record(Basis::Validator).passed(),
        None,
        "nothing is expected of it"
    );
}

#[test]
fn a_violated_rule_is_unexpected_unless_an_entry_foretells_it() {
    let mut scaled = scaled();
    scaled.expect.any = Some(Success::Forbidden.into());
    let report = report(vec![download(Verdict::Success, 6_000_000)]);
    let trial = trial(scenario());
    let record = |scaled: &Scenario| build(&trial, scaled, Ok(&report), &[]);

    scaled.expect.trials.clear();
    let open = record(&scaled);
    assert_eq!(open.as_expected, Some(false));
    insta::assert_snapshot!(open.difference.unwrap(), @"it reports success with 6 MB right bytes of 10 MB");

    scaled.expect.trials = vec![ExpectTrial {
        kind: Kind::SilentTruncation,
        ended_by: None,
        deadline: None,
        ..scenario().expect.trials[0].clone()
    }];
    let foretold = record(&scaled);
    assert_eq!(foretold.as_expected, Some(true));
    assert!(!foretold.any.unwrap().accepted);

    scaled.expect.trials.clear();
    scaled.expect.any = Some(Success::Undetectable.into());
    let kept = record(&scaled);
    assert!(kept.any.unwrap().accepted);
    assert_eq!(kept.as_expected, None);
}

#[test]
fn a_limit_of_the_clients_own_violates_nothing() {
    let mut scaled = scaled();
    scaled.expect.any = Some(Success::Required.into());
    let any = |verdict| {
        let report = report(vec![download(verdict, 6_000_000)]);
        build(&trial(scenario()), &scaled, Ok(&report), &[]).any
    };
    assert_eq!(any(timed_out()), None);
    assert!(!any(Verdict::Success).unwrap().accepted);
}

#[test]
fn a_timeline_marks_what_both_sides_know_in_the_order_of_time() {
    let mut one = download(timed_out(), 6_000_000);
    one.head = Some(Instant(ZERO + 2_000_000));
    let timeline = timeline(&scaled(), Some(&report(vec![one])), &journal(), &[]);
    let marks: Vec<String> = timeline
        .marks
        .iter()
        .map(|mark| {
            let by = mark.by.map_or("-", Party::word);
            format!("{} {:?} {by} {}", mark.at_ns, mark.kind, mark.text)
        })
        .collect();
    insta::assert_snapshot!(marks.join("\n"), @r"
    1000 Accepted - connection 1
    2000 Fault server stall:300ms
    3000 Closed - reset by the client, or it is gone
    2000000 Head - 200
    3000000000 Deadline client total
    3000000000 End client timed-out
    ");
}

#[test]
fn without_a_client_a_timeline_counts_from_the_servers_first_event() {
    let progress = [Progress {
        at_ns: Instant(ZERO + 5_000),
        sent_bytes: 7,
        unacked_bytes: None,
    }];
    let timeline = timeline(&scaled(), None, &journal(), &progress);
    assert!(timeline.client.is_empty());
    let want = ServerSample {
        at_ns: 4_000,
        sent_bytes: 7,
        unacked_bytes: None,
    };
    assert_eq!(timeline.server, [want]);
    assert_eq!(timeline.marks[0].at_ns, 0);
}
