//! Cases with a warning, and cases without.

use std::time::Duration;

use shortread_server::{
    scenario::{Action, Fault, Kind, Limit, Party},
    units::ByteSize,
};

use super::*;
use crate::{
    measure::Load,
    results::{FaultRecord, Scaled, samples, warning::Slow},
};

/// A download of 1 GB in 8 s over a link of 125 MB/s. Its file asks for slightly
/// less, so that it is not the default.
fn trial(name: &str) -> Record {
    let mut record = samples::record(name, "readany");
    record.flowing_ns = 8_000_000_000;
    record.cpu_ns = Some(800_000_000);
    record.max_receive_queue_bytes = Some(65_536);
    record.gap_ns.count = 100;
    record
}

fn scenario(name: &str) -> Scenario {
    let mut scenario = Scenario {
        name: name.into(),
        ..Scenario::default()
    };
    scenario.body.size = ByteSize(1_000_000_000);
    scenario.link.rate = "124999999B/s".parse().unwrap();
    scenario
}

fn found(records: &[Record], scenario: Scenario) -> Vec<Warning> {
    warnings(&samples::run_info(), records, &[Arc::new(scenario)])
}

fn repeated(change: impl Fn(u32, &mut Record)) -> Vec<Record> {
    let repetition = |repetition| {
        let mut record = trial("a");
        record.repetition = repetition;
        record.id = format!("a/readany/aiohttp-3.14.5/tcp/{repetition}");
        change(repetition, &mut record);
        record
    };
    (1..=5).map(repetition).collect()
}

#[test]
fn a_quiet_run_has_no_warnings() {
    assert_eq!(found(&repeated(|_, _| {}), scenario("a")), []);
}

#[test]
fn in_the_virtual_world_there_is_nothing_to_warn_of() {
    let slow = |repetition: u32, record: &mut Record| {
        record.world = World::Virtual;
        record.flowing_ns *= u64::from(repetition) * 4;
        record.elapsed_ns *= u64::from(repetition) * 4;
    };
    assert_eq!(found(&repeated(slow), scenario("a")), []);
}

fn loaded(others: u64, stolen: u64, cpus: u64) -> Option<Warning> {
    let second = 1_000_000_000;
    let mut info = samples::run_info();
    info.load = Some(Load {
        real_ns: 10 * second,
        cpus,
        own_cpu_ns: 5 * second,
        others_cpu_ns: others * second,
        stolen_ns: stolen * second / 10,
        waiting_ns: Some(second),
    });
    warnings(&info, &[], &[]).pop()
}

#[test]
fn a_machine_is_busy_where_less_than_three_quarters_of_two_cpus_were_free() {
    assert_eq!(loaded(5, 0, 2), None);
    assert_eq!(loaded(60, 0, 8), None);
    assert!(loaded(66, 0, 8).is_some());
    let warning = loaded(6, 0, 2).unwrap();
    insta::assert_snapshot!(warning.sentence(), @"the machine was busy: in 10 s others used 60 % of one of its 2 CPUs, this run 50 %; in 10 % of the time something waited for a CPU");
    insta::assert_snapshot!(warning.remedy(), @"run it again when nothing else does; outcomes hold, figures may not");
}

#[test]
fn what_the_host_took_away_counts_too() {
    assert_eq!(loaded(0, 9, 2), None);
    let warning = loaded(0, 10, 2).unwrap();
    insta::assert_snapshot!(warning.sentence(), @"the machine was busy: in 10 s others used 0 % of one of its 2 CPUs, this run 50 %, and its host took 10 %; in 10 % of the time something waited for a CPU");
    assert!(warning.remedy().contains("host"), "{}", warning.remedy());
}

#[test]
fn a_figure_is_noise_where_repetitions_differ_by_a_fifth() {
    let spread = |by: u64| {
        found(
            &repeated(|repetition, record| {
                record.peak_heap_bytes = Some(10_000_000 + u64::from(repetition - 1) * by);
            }),
            scenario("a"),
        )
    };
    assert_eq!(spread(500_000), []);
    let [Warning::WithinNoise(noise)] = &spread(700_000)[..] else {
        panic!("{:?}", spread(700_000));
    };
    assert_eq!(noise.quantity, "peak heap");
    assert_eq!(
        (noise.least, noise.median, noise.most),
        (10_000_000, 11_400_000, 12_800_000)
    );
    insta::assert_snapshot!(noise.sentence(), @"peak heap differs between repetitions by more than 20 % of its median in 1 of 1 trial, most in a/readany/aiohttp-3.14.5/tcp: 10 MB to 12.8 MB");
}

#[test]
fn two_repetitions_and_different_ends_say_nothing_of_noise() {
    let records = repeated(|repetition, record| {
        record.peak_heap_bytes = Some(u64::from(repetition) * 10_000_000);
    });
    assert_eq!(found(&records[..2], scenario("a")), []);
    assert_eq!(found(&records[..3], scenario("a")).len(), 1);
    let mut mixed = records;
    mixed[4].outcome = samples::outcome(Kind::Reset, Some(Party::Server), None, None);
    assert_eq!(found(&mixed, scenario("a")), []);
}

#[test]
fn a_client_that_computes_or_lets_bytes_wait_is_the_bottleneck() {
    let slow = |change: fn(&mut Record)| {
        let mut record = trial("a");
        record.flowing_ns = 16_000_000_000;
        change(&mut record);
        found(&[record], scenario("a"))
    };
    for change in [
        (|record| record.cpu_ns = Some(13_000_000_000)) as fn(&mut Record),
        |record| record.max_receive_queue_bytes = Some(3_125_000),
    ] {
        let found = slow(change);
        let [Warning::Bottleneck(one)] = &found[..] else {
            panic!("{found:?}");
        };
        assert_eq!(one.side, Slow::Client);
    }
    let all = slow(|_| {});
    insta::assert_snapshot!(all[0].sentence(), @"the server was slower than the link in 1 trial, most in a/readany/aiohttp-3.14.5/tcp/1: 62.5 MB/s of 125 MB/s (the client computed 5 % of the time, at most 65.54 kB waited for it)");
    insta::assert_snapshot!(all[0].remedy(), @"run fewer at a time (--jobs 1), or lower link.rate");
}

#[test]
fn what_is_slow_on_purpose_has_no_bottleneck() {
    let mut slow = trial("a");
    slow.flowing_ns = 16_000_000_000;
    let changes: [fn(&mut Scenario); 5] = [
        |scenario| scenario.link = shortread_server::scenario::Link::default(),
        |scenario| scenario.sink.rate = Some("1MB/s".parse().unwrap()),
        |scenario| scenario.sink.pause = Duration::from_millis(1),
        |scenario| scenario.link.latency = Duration::from_millis(1),
        |scenario| {
            let when = shortread_server::scenario::Trigger::Body(ByteSize(1));
            scenario.faults = vec![Fault::new(when, Action::Stall(Limit::Never))];
        },
    ];
    for change in changes {
        let mut scenario = scenario("a");
        change(&mut scenario);
        assert_eq!(found(std::slice::from_ref(&slow), scenario), []);
    }
    // A very short download gets no warning either.
    slow.flowing_ns = 99_999_999;
    slow.received_bytes = 2_000_000;
    assert_eq!(found(&[slow], scenario("a")), []);
}

/// A scaled trial with a slow sink that did not end as expected.
fn slow_sink() -> (Record, Scenario) {
    let mut scenario = scenario("a");
    scenario.sink.rate = Some("1MB/s".parse().unwrap());
    let mut record = trial("a");
    record.scaled = Some(Scaled {
        time: 1.0,
        size: 1.0,
    });
    record.as_expected = Some(false);
    (record, scenario)
}

#[test]
fn buffers_hide_a_slow_reader_where_they_take_in_most_of_the_body() {
    let (mut record, scenario) = slow_sink();
    record.server.max_unsent_bytes = 400_000_000;
    assert_eq!(found(std::slice::from_ref(&record), scenario.clone()), []);
    record.max_receive_queue_bytes = Some(600_000_000);
    let all = found(std::slice::from_ref(&record), scenario.clone());
    insta::assert_snapshot!(all[0].sentence(), @"kernel buffers hid the slow reader from the server in 1 trial, most in a/readany/aiohttp-3.14.5/tcp/1: they take 600 MB of a body of 1 GB");
    insta::assert_snapshot!(all[0].remedy(), @"raise [tcp] size, or set server_send and client_receive of [sockets]");
    // The capacity of the kernels counts even if nobody saw it in use: half of
    // the figure that Linux reports, and never more than the body.
    let mut roomy = record.clone();
    roomy.max_receive_queue_bytes = None;
    roomy.buffers.server.send_buffer = Some(3_000_000_000);
    let all = found(std::slice::from_ref(&roomy), scenario.clone());
    let [Warning::BuffersHide(one)] = &all[..] else {
        panic!("{all:?}");
    };
    assert_eq!(one.held_bytes, one.of_bytes);
    // An expected outcome has missed nothing.
    record.as_expected = Some(true);
    assert_eq!(found(&[record], scenario), []);
}

#[test]
fn buffers_hide_a_fault_that_could_not_wait_for_them() {
    let mut scenario = scenario("a");
    let when = shortread_server::scenario::Trigger::Body(ByteSize(12 << 20));
    scenario.faults = vec![Fault::new(when, Action::Reset)];
    let outcome = samples::outcome(Kind::Reset, Some(Party::Server), None, None);
    let mut record = samples::ended(trial("a"), outcome, 0, 1.0);
    record.outcome.cause = Some(0);
    record.as_expected = None;
    record.server.faults = vec![FaultRecord {
        index: 0,
        connection: 1,
        action: "reset".into(),
        by: Party::Server,
        at_bytes: 12 << 20,
        at_wire_bytes: 12 << 20,
        at_ns: 0,
        in_flight_bytes: 6 << 20,
        error_bound_ns: 0,
    }];
    assert_eq!(found(std::slice::from_ref(&record), scenario.clone()), []);
    record.server.faults[0].in_flight_bytes = 9 << 20;
    let all = found(std::slice::from_ref(&record), scenario.clone());
    insta::assert_snapshot!(all[0].sentence(), @"kernel buffers hid the fault from the client in 1 trial, most in a/readany/aiohttp-3.14.5/tcp/1: 9.44 MB of the 12.58 MB before it had not arrived");
    // A fault that does not wait is about the bytes on the way.
    scenario.faults[0].drain = false;
    assert_eq!(found(&[record], scenario), []);
}
