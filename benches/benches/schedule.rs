//! One step of the fault schedule, which the server takes for each piece that
//! it sends, with 0, 1 and 8 faults pending.

use std::{hint::black_box, time::Duration};

use criterion::{BenchmarkId, Criterion, Throughput};
use shortread_server::{
    clock::Instant,
    fault::{FlowState, OffsetMap, Schedule},
    scenario::{Action, Counts, Fault, Landmark, Trigger},
    units::ByteSize,
};

/// Steps in a row, each 64 KiB and 1 ms behind the one before.
const STEPS: u64 = 1_000;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("schedule");
    group.throughput(Throughput::Elements(STEPS));
    let faults = pending();
    for count in [0, 1, 8] {
        let mut schedule = Schedule::new(&faults[..count], 1, 1);
        schedule.begin_response(&Identity);
        group.bench_function(BenchmarkId::new("next", count), |bencher| {
            bencher.iter(|| {
                for n in 0..STEPS {
                    let step = black_box(schedule.next(black_box(&flow(n))));
                    debug_assert_eq!(step.act, None);
                }
            });
        });
    }
    group.finish();
    criterion.final_summary();
}

/// One of each trigger; none fires within the steps.
fn pending() -> [Fault; 8] {
    let hour = Duration::from_secs(3600);
    [
        Trigger::Body(ByteSize(1 << 40)),
        Trigger::Elapsed(hour),
        Trigger::Idle {
            after: hour,
            counts: Counts::Segments,
        },
        Trigger::Blocked(hour),
        Trigger::Wire(ByteSize(1 << 41)),
        Trigger::Request(2),
        Trigger::Connection(2),
        Trigger::Idle {
            after: hour,
            counts: Counts::Payload,
        },
    ]
    .map(|when| Fault::new(when, Action::Reset))
}

fn flow(n: u64) -> FlowState {
    let now = Instant(n * 1_000_000);
    FlowState {
        now,
        connection: 1,
        request: 1,
        requested: Some(Instant(0)),
        sent: n * (64 << 10),
        last_segment: now,
        last_payload: now,
        blocked_since: None,
    }
}

/// A response that is all body.
struct Identity;

impl OffsetMap for Identity {
    fn wire_of_body(&self, body: u64) -> Option<u64> {
        Some(body)
    }

    fn body_at_wire(&self, wire: u64) -> u64 {
        wire
    }

    fn wire_len(&self) -> u64 {
        1 << 50
    }

    fn body_len(&self) -> u64 {
        1 << 50
    }

    fn wire_of_place(&self, _: Landmark) -> Option<u64> {
        None
    }

    fn wire_of_object(&self, at: u64) -> Option<u64> {
        Some(at)
    }

    fn object_start(&self) -> u64 {
        0
    }
}
