//! Whole trials in the virtual world, every byte compared, one thread.
//!
//! `2MBps-300s` is the case that a total timeout of five minutes ends: 600 MB
//! in segments of 64 KiB; the figure is the real time of one trial. `1GB` goes
//! over a link of 10 GB/s, so that the figure is what the simulation itself
//! carries. `50GB` over the same link is there to be compared with it: the time
//! grows with the bytes, the memory does not (a test asserts that).

use std::sync::Arc;

use benches::healthy;
use criterion::{Criterion, SamplingMode, Throughput};
use shortread::{
    plan::{Choice, Plan, Trial},
    results::Record,
    world::simulated::run_trial,
};
use shortread_server::{
    scenario::{Kind, Limit, Scenario, StrategyName},
    units::{ByteSize, Rate},
};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("simulated/2MBps-300s");
    group
        .throughput(Throughput::Bytes(600_000_000))
        .sampling_mode(SamplingMode::Flat);
    let mut slow = healthy(1_000_000_000, rate(2_000_000));
    slow.link.segment = Some(ByteSize::kib(64));
    slow.client.total = Limit::After(std::time::Duration::from_secs(300));
    for (name, trial) in trials(&slow) {
        group.bench_function(name, |bencher| {
            bencher.iter(|| expect(run_trial(&trial), Kind::TimedOut));
        });
    }
    group.finish();

    for (name, size) in [("1GB", 1_000_000_000), ("50GB", 50_000_000_000)] {
        let mut group = criterion.benchmark_group(format!("simulated/{name}"));
        group
            .throughput(Throughput::Bytes(size))
            .sampling_mode(SamplingMode::Flat)
            .sample_size(10);
        let fast = healthy(size, rate(10_000_000_000));
        for (name, trial) in trials(&fast) {
            group.bench_function(name, |bencher| {
                bencher.iter(|| expect(run_trial(&trial), Kind::Complete));
            });
        }
        group.finish();
    }
    criterion.final_summary();
}

fn rate(bytes: u64) -> Rate {
    Rate::per_second(bytes).expect("not zero")
}

/// `readany`, and `fixed-chunk` of 64 KiB.
fn trials(scenario: &Scenario) -> Vec<(String, Trial)> {
    let choice = Choice {
        strategies: vec![StrategyName::Readany, StrategyName::FixedChunk],
        chunk_sizes: vec![ByteSize::kib(64)],
        ..Choice::default()
    };
    let plan = Plan::resolve(&[Arc::new(scenario.clone())], &choice).expect("two trials");
    plan.trials
        .into_iter()
        .map(|trial| (trial.strategy.name.to_string(), trial))
        .collect()
}

fn expect(record: Record, kind: Kind) {
    assert_eq!(record.outcome.kind, kind, "{:?}", record.outcome);
    assert_eq!(record.first_bad_offset, None);
}
