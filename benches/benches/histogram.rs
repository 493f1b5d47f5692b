//! Recording one value: three are recorded for each chunk of a trial.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use shortread::measure::Recorder;

const VALUES: u64 = 1_000;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("histogram");
    group.throughput(Throughput::Elements(VALUES));
    for (name, mut recorder) in [
        ("nanoseconds", Recorder::nanoseconds()),
        ("bytes", Recorder::bytes()),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                for n in 0..VALUES {
                    // From 1 to a thousand million, at no regular distance.
                    recorder.record(black_box(n * n * n + 1));
                }
            });
        });
    }
    group.finish();
    criterion.final_summary();
}
