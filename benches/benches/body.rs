//! The payload: handing it out and checking it, 64 MiB at a time.
//!
//! `slices` only makes slices, without touching their bytes, and counts slices. `copied` copies
//! each into one buffer, as a kernel does at a send. `verifier/memory` compares
//! an object that lies in memory as a whole; `verifier/cache` compares the same
//! piece again and again, as a client does that reads into one buffer.

use std::hint::black_box;

use benches::{MIB, received};
use criterion::{BenchmarkId, Criterion, Throughput};
use shortread_server::body::{Pattern, Verifier};

const OBJECT: usize = 64 * MIB;
const PIECES: [(&str, usize); 2] = [("64KiB", 64 << 10), ("1MiB", MIB)];

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    pattern(&mut criterion);
    verifier(&mut criterion);
    criterion.final_summary();
}

fn pattern(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pattern");
    for (name, piece) in PIECES {
        group.throughput(Throughput::Elements((OBJECT / piece) as u64));
        group.bench_function(BenchmarkId::new("slices", name), |bencher| {
            bencher.iter(|| {
                for offset in (0..OBJECT).step_by(piece) {
                    black_box(Pattern::PLAIN.slice(offset as u64, piece));
                }
            });
        });
        group.throughput(Throughput::Bytes(OBJECT as u64));
        let mut buffer = vec![0; piece];
        group.bench_function(BenchmarkId::new("copied", name), |bencher| {
            bencher.iter(|| {
                for offset in (0..OBJECT).step_by(piece) {
                    // A slice ends with the pattern's period, 3 bytes below 1 MiB.
                    let slice = Pattern::PLAIN.slice(offset as u64, piece);
                    buffer[..slice.len()].copy_from_slice(&slice);
                    black_box(&mut buffer);
                }
            });
        });
    }
}

fn verifier(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("verifier");
    group.throughput(Throughput::Bytes(OBJECT as u64));
    let object = received(OBJECT);
    for (name, piece) in PIECES {
        group.bench_function(BenchmarkId::new("memory", name), |bencher| {
            bencher.iter(|| {
                let mut verifier = Verifier::new(OBJECT as u64);
                for bytes in object.chunks(piece) {
                    verifier.check(black_box(bytes));
                }
                assert!(verifier.is_whole());
            });
        });
        group.bench_function(BenchmarkId::new("cache", name), |bencher| {
            bencher.iter(|| {
                let mut verifier = Verifier::new(OBJECT as u64);
                for _ in 0..OBJECT / piece {
                    verifier.check_at(0, black_box(&object[..piece]));
                }
                assert_eq!(verifier.first_bad_offset(), None);
            });
        });
    }
}
