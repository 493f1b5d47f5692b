//! The stream reader under each strategy: 64 MiB go in as blocks of 64 KiB and
//! of 256 KiB (what one read of the transport brings at most).
//!
//! `eager`: the consumer reads after each block until it would have to wait.
//! `behind`: it reads only once the reader has paused the transport, so that
//! blocks have piled up and a read may have to join them. The newest release's
//! rules hold. `read-all` collects all blocks and joins them at the end; it is
//! never paused.

use std::task::Poll;

use benches::{MIB, received};
use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput};
use shortread::engine::aiohttp::reader::{FlowCommand, Profile, ReadSize, StreamReader, join};

const BODY: usize = 64 * MIB;

/// Nothing fails here.
type Reader = StreamReader<()>;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for (block_name, block_size) in [("64KiB", 64 << 10), ("256KiB", 256 << 10)] {
        let block = received(block_size);
        let mut group = criterion.benchmark_group(format!("reader/{block_name}-blocks"));
        group
            .throughput(Throughput::Bytes(BODY as u64))
            .sample_size(20);
        for (pace, eager) in [("eager", true), ("behind", false)] {
            group.bench_function(BenchmarkId::new("readany", pace), |bencher| {
                bencher.iter(|| piecewise(&block, eager, None));
            });
            for (size_name, n) in [("8KiB", 8 << 10), ("64KiB", 64 << 10), ("1MiB", MIB)] {
                let name = format!("fixed-chunk-{size_name}");
                group.bench_function(BenchmarkId::new(name, pace), |bencher| {
                    bencher.iter(|| piecewise(&block, eager, Some(n)));
                });
            }
        }
        group.bench_function("read-all", |bencher| bencher.iter(|| whole(&block)));
        group.finish();
    }
    criterion.final_summary();
}

/// `readany`, or reads of at most `n` bytes.
fn piecewise(block: &Bytes, eager: bool, n: Option<usize>) {
    let mut reader = fresh();
    if let Some(n) = n {
        reader.begin_iter_chunked(n);
    }
    let mut left = BODY / block.len();
    let mut read = 0;
    while read < BODY {
        while left > 0 {
            left -= 1;
            if reader.feed(block.clone()) == FlowCommand::Pause || eager {
                break;
            }
        }
        while let Poll::Ready(chunk) = match n {
            Some(n) => reader.poll_read(ReadSize::UpTo(n)).poll,
            None => reader.poll_readany().poll,
        } {
            read += chunk.expect("the stream is sound").len();
        }
    }
}

fn whole(block: &Bytes) -> Bytes {
    let mut reader = fresh();
    reader.begin_read_all();
    let mut blocks = Vec::new();
    let mut collect = |reader: &mut Reader| {
        while let Poll::Ready(Ok(block)) = reader.poll_readany().poll
            && !block.is_empty()
        {
            blocks.push(block);
        }
    };
    for _ in 0..BODY / block.len() {
        let _ = reader.feed(block.clone());
        collect(&mut reader);
    }
    let _ = reader.feed_eof();
    collect(&mut reader);
    let body = join(&blocks);
    assert_eq!(body.len(), BODY);
    body
}

fn fresh() -> Reader {
    let rules = Profile::newest().rules;
    StreamReader::new(&rules, rules.read_bufsize)
}
