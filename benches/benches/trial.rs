//! A whole trial over TCP, connect to close, with the server on another thread.
//!
//! `64MiB` goes over a link of 10 GB/s, faster than loopback, so that the
//! figure is what the code and the kernel can do. `1KiB` is the time of a trial
//! in which hardly a byte moves. Every byte is compared with the pattern.

use benches::{MIB, Server, healthy};
use criterion::{Criterion, SamplingMode, Throughput};
use shortread::{
    client::{ClientReport, Tcp, Verdict},
    engine::{TrialSpec, run},
    strategy::Strategy,
};
use shortread_server::{
    clock::Clock,
    scenario::{Scenario, StrategyName},
    units::Rate,
};
use tokio::runtime::Runtime;

const LARGE: u64 = 64 * MIB as u64;
const SMALL: u64 = 1 << 10;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");

    let mut group = criterion.benchmark_group("trial/64MiB");
    group
        .throughput(Throughput::Bytes(LARGE))
        .sample_size(20)
        .sampling_mode(SamplingMode::Flat);
    let large = Bed::new(LARGE);
    for (name, strategy) in strategies() {
        group.bench_function(name, |bencher| {
            bencher.iter(|| large.trial(&runtime, strategy));
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("trial/1KiB");
    group.throughput(Throughput::Elements(1));
    let small = Bed::new(SMALL);
    for (name, strategy) in strategies() {
        group.bench_function(name, |bencher| {
            bencher.iter(|| small.trial(&runtime, strategy));
        });
    }
    group.finish();
    criterion.final_summary();
}

fn strategies() -> [(&'static str, Strategy); 7] {
    let of = |name, chunk_size| Strategy { name, chunk_size };
    [
        ("read-all", of(StrategyName::ReadAll, None)),
        ("readany", of(StrategyName::Readany, None)),
        (
            "fixed-chunk-8KiB",
            of(StrategyName::FixedChunk, Some(8 << 10)),
        ),
        (
            "fixed-chunk-64KiB",
            of(StrategyName::FixedChunk, Some(64 << 10)),
        ),
        ("fixed-chunk-1MiB", of(StrategyName::FixedChunk, Some(MIB))),
        ("iter-any", of(StrategyName::IterAny, None)),
        ("frames", of(StrategyName::Frames, None)),
    ]
}

/// A server and what it serves.
struct Bed {
    server: Server,
    scenario: Scenario,
}

impl Bed {
    fn new(size: u64) -> Self {
        let rate = Rate::per_second(10_000_000_000).expect("not zero");
        let scenario = healthy(size, rate);
        let server = Server::start(scenario.clone()).expect("a server");
        Self { server, scenario }
    }

    fn trial(&self, runtime: &Runtime, strategy: Strategy) -> ClientReport {
        let spec = TrialSpec {
            scenario: self.scenario.clone(),
            time_scale: 1.0,
            strategy,
            profile: None,
            recipe: None,
            seed: 1,
            file: None,
            save: None,
        };
        let report = runtime.block_on(run(spec, &Tcp(self.server.addr()), Clock::real(), |_| {}));
        let download = &report.downloads[0];
        assert_eq!(download.verdict, Verdict::Success);
        assert_eq!(download.delivered_bytes, self.scenario.body.size.0);
        assert_eq!(download.first_bad_offset, None);
        report
    }
}
