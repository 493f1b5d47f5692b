//! From what both sides know of a trial to its record.

use std::collections::BTreeMap;

use mock_server::{
    clock::Instant,
    journal::{Event, Fact},
    scenario::{Action, Kind, Limit, Scenario, World},
    units,
};

use super::{
    Buffers, Expected, FaultRecord, Memory, Record, Scaled, ServerFacts, difference, expectation,
};
use crate::{
    client::{ClientReport, ErrorLink},
    measure::Summary,
    outcome::{FiredFault, Outcome, classify, classify_download},
    plan::Trial,
};

/// The record of `trial`, which ran `scaled`, its scenario as the world scaled
/// it. `report` is what the client side says, or why the tool has no such
/// report; `events` is the server's journal of this trial.
pub fn build(
    trial: &Trial,
    scaled: &Scenario,
    report: Result<&ClientReport, &str>,
    events: &[Event],
) -> Record {
    let mut record = empty(trial, scaled);
    let zero = match report {
        Ok(report) => {
            fill(&mut record, scaled, report, events);
            report.started
        }
        Err(why) => {
            record.outcome.error.push(ErrorLink {
                message: why.into(),
                errno: None,
            });
            // Without the client's zero, the journal's own.
            events.first().map_or(Instant(0), |event| event.at_ns)
        }
    };
    record.server = server_facts(events, zero);
    record.buffers.server = events
        .iter()
        .find_map(|event| match &event.fact {
            Fact::Accepted { sockets, .. } => Some(sockets.clone()),
            _ => None,
        })
        .unwrap_or_default();

    let profile = record.profile.as_deref();
    record.expected =
        expectation(scaled, trial.strategy.name, profile, trial.world).map(Expected::from);
    if let Some(expected) = &record.expected {
        record.difference = difference(expected, &record.outcome, record.delivered_bytes);
        record.as_expected = Some(record.difference.is_none());
    }
    record
}

/// The trial's identity, and a tool error for an outcome.
fn empty(trial: &Trial, scaled: &Scenario) -> Record {
    let parallel = u64::from(scaled.client.parallel);
    let factors = &trial.scenario.tcp;
    let is_scaled = trial.world == World::Tcp && (factors.time != 1.0 || factors.size != 1.0);
    Record {
        id: trial.id.clone(),
        scenario: trial.scenario.name.clone(),
        strategy: trial.strategy.name,
        chunk_size: trial.strategy.chunk_size.map(|size| size as u64),
        profile: trial.profile.map(|profile| profile.to_string()),
        world: trial.world,
        repetition: trial.repetition,
        seed: trial.seed,
        outcome: Outcome {
            kind: Kind::ToolError,
            ended_by: None,
            deadline: None,
            cause: None,
            error: Vec::new(),
            exception: None,
        },
        expected: None,
        as_expected: None,
        difference: None,
        expected_bytes: scaled.body.size.0.saturating_mul(parallel),
        received_bytes: 0,
        delivered_bytes: 0,
        kernel_unread_bytes: None,
        first_bad_offset: None,
        arrived_offset: None,
        elapsed_ns: 0,
        time_to_first_byte_ns: None,
        last_progress_ns: None,
        gap_ns: Summary::default(),
        read_call_ns: Summary::default(),
        chunk_bytes: Summary::default(),
        transport_reads: 0,
        sink_writes: 0,
        cpu_ns: None,
        peak_heap_bytes: None,
        vm_hwm_bytes: None,
        memory: match trial.world {
            World::Tcp => Memory::Measured,
            World::Virtual => Memory::Modelled,
        },
        max_receive_queue_bytes: None,
        downloads: 0,
        downloads_by_kind: BTreeMap::new(),
        server: ServerFacts::default(),
        buffers: Buffers::default(),
        scaled: is_scaled.then_some(Scaled {
            time: factors.time,
            size: factors.size,
        }),
    }
}

fn fill(record: &mut Record, scaled: &Scenario, report: &ClientReport, events: &[Event]) {
    let since_start = |at: Instant| nanos(at, report.started);
    let downloads = &report.downloads;
    let faults: Vec<FiredFault> = events.iter().filter_map(FiredFault::from_event).collect();
    let size = scaled.body.size.0;
    record.outcome = classify(report, size, &faults);
    for (download, connection) in downloads.iter().zip(1..) {
        let outcome = classify_download(download, connection, size, &faults);
        *record.downloads_by_kind.entry(outcome.kind).or_default() += 1;
    }
    record.downloads = downloads.len() as u64;
    record.received_bytes = downloads.iter().map(|d| d.received_bytes).sum();
    record.delivered_bytes = downloads.iter().map(|d| d.delivered_bytes).sum();
    record.kernel_unread_bytes = downloads
        .iter()
        .filter_map(|d| d.kernel_unread_bytes)
        .reduce(|sum, bytes| sum + bytes);
    if let Some(bad) = downloads.iter().find(|d| d.first_bad_offset.is_some()) {
        record.first_bad_offset = bad.first_bad_offset;
        record.arrived_offset = bad.arrived_offset;
    }
    record.elapsed_ns = since_start(report.ended);
    let first_byte = downloads.iter().filter_map(|d| d.first_byte).min();
    record.time_to_first_byte_ns = first_byte.map(since_start);
    let last_progress = downloads.iter().filter_map(|d| d.last_progress).max();
    record.last_progress_ns = last_progress.map(since_start);
    record.gap_ns = report.gap_ns;
    record.read_call_ns = report.read_call_ns;
    record.chunk_bytes = report.chunk_bytes;
    record.transport_reads = report.transport_reads;
    record.sink_writes = report.sink_writes;
    record.cpu_ns = report.cpu_ns;
    record.peak_heap_bytes = report.peak_heap_bytes;
    record.vm_hwm_bytes = report.vm_hwm_bytes;
    record.max_receive_queue_bytes = report.max_receive_queue_bytes;
    record.buffers.client = report.sockets.clone();
}

fn server_facts(events: &[Event], zero: Instant) -> ServerFacts {
    let mut facts = ServerFacts::default();
    for event in events {
        match &event.fact {
            Fact::Accepted { .. } => facts.connections += 1,
            Fact::Request { .. } => facts.requests += 1,
            Fact::Fault {
                index,
                action,
                by,
                at_bytes,
                at_wire_bytes,
                in_flight_bytes,
                error_bound_ns,
            } => facts.faults.push(FaultRecord {
                index: *index,
                connection: event.connection,
                action: action_text(*action),
                by: *by,
                at_bytes: *at_bytes,
                at_wire_bytes: *at_wire_bytes,
                at_ns: nanos(event.at_ns, zero),
                in_flight_bytes: *in_flight_bytes,
                error_bound_ns: *error_bound_ns,
            }),
            Fact::Closed {
                sent_bytes,
                acked_bytes,
                max_unsent_bytes,
                ..
            } => {
                facts.sent_bytes += sent_bytes;
                facts.acked_bytes += acked_bytes;
                facts.max_unsent_bytes = facts.max_unsent_bytes.max(*max_unsent_bytes);
            }
            Fact::BadRequest { .. } | Fact::ResponseEnd { .. } => {}
        }
    }
    facts
}

fn action_text(action: Action) -> String {
    match action {
        Action::Fin => "fin".into(),
        Action::Reset => "reset".into(),
        Action::Blackhole => "blackhole".into(),
        Action::Forget => "forget".into(),
        Action::Stall(Limit::Never) => "stall:forever".into(),
        Action::Stall(Limit::After(time)) => format!("stall:{}", units::print_duration(time)),
        Action::Throttle(rate) => format!("throttle:{rate}"),
    }
}

fn nanos(at: Instant, zero: Instant) -> u64 {
    at.0.saturating_sub(zero.0)
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use mock_server::{
        journal::{CloseReason, SocketFacts},
        scenario::{Deadline, ExpectTrial, Framing, Party},
        units::ByteSize,
    };

    use super::*;
    use crate::{
        client::{Download, Failure, FailureCause, Verdict},
        plan::{Choice, Plan},
        results::samples,
    };

    const ZERO: u64 = 5_000_000_000;

    fn trial(scenario: Scenario) -> Trial {
        let plan = Plan::resolve(&[Arc::new(scenario)], &Choice::default()).unwrap();
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
            profile: vec!["aiohttp-3.14".into()],
            world: vec![],
            kind: Kind::TimedOut,
            ended_by: Some(Party::Client),
            deadline: Some(Deadline::Total),
            delivered: [ByteSize(5_900_000), ByteSize(6_100_000)],
        }];
        scenario
    }

    /// What the TCP world makes of it.
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
            arrived_offset: None,
            started: Instant(ZERO),
            ended: Instant(ZERO + 3_000_000_000),
            first_byte: Some(Instant(ZERO + 2_000_000)),
            last_progress: Some(Instant(ZERO + 2_990_000_000)),
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
            transport_reads: 7,
            sink_writes: 5,
            cpu_ns: Some(9),
            peak_heap_bytes: None,
            vm_hwm_bytes: None,
            max_receive_queue_bytes: Some(65_536),
            sockets: SocketFacts::default(),
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
            connection: 1,
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
                    acked_bytes: 6_050_000,
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
        assert_eq!(record.server.acked_bytes, 6_050_000);
        assert_eq!(record.buffers.server.send_buffer, Some(32_768));
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
    fn the_names_of_the_format_are_fixed() {
        let json = serde_json::to_value(samples::record("a", "readany")).unwrap();
        // Sorted, as serde_json's map is.
        let names = |value: &serde_json::Value| {
            let names: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
            names.join("\n")
        };
        insta::assert_snapshot!(names(&json), @r"
            arrived_offset
            as_expected
            buffers
            chunk_bytes
            chunk_size
            cpu_ns
            delivered_bytes
            difference
            downloads
            downloads_by_kind
            elapsed_ns
            expected
            expected_bytes
            first_bad_offset
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
}
