//! A reader that comes late, `sink.first_pause`: it finds what the library has
//! buffered by then.

use super::*;
use crate::engine::aiohttp::reader::Profile;

/// The marks of back-pressure: twice `read_bufsize`, which is 64 KiB, and 256 KiB
/// from 3.14 on (`StreamReader.__init__` in aiohttp/streams.py).
const MARKS: [(&str, u64); 6] = [
    ("aiohttp-3.7.0", 128 << 10),
    ("aiohttp-3.8.6", 128 << 10),
    ("aiohttp-3.9.5", 128 << 10),
    ("aiohttp-3.13.5", 128 << 10),
    ("aiohttp-3.14.0", 512 << 10),
    ("aiohttp-3.14.5", 512 << 10),
];

/// What comes at a time, and so what comes above a mark at most.
const SEGMENT: u64 = 1024;

/// A reader that comes after ten seconds, when 3 MB at 1 MB/s are long there.
fn late(strategy: StrategyName, profile: &str, more: &str) -> Record {
    let scenario = scenario(&format!(
        "[body]\nsize = \"3MB\"\n[link]\nrate = \"1MB/s\"\nsegment = \"{SEGMENT}B\"\n{more}"
    ));
    let choice = Choice {
        strategies: vec![strategy],
        profiles: vec![Profile::parse(profile).unwrap().0],
        worlds: vec![World::Virtual],
        ..Choice::default()
    };
    let plan = Plan::resolve(&[scenario], &choice).unwrap();
    run_trial(&plan.trials[0])
}

#[test]
fn a_late_reader_finds_what_its_release_buffers() {
    // The harness gives up while the application pauses behind its first chunk.
    let more = "[client]\ntotal = \"off\"\ngive_up = \"15s\"\n\
                [sink]\nfirst_pause = \"10s\"\npause = \"10s\"\n";
    for (profile, mark) in MARKS {
        for strategy in [StrategyName::Readany, StrategyName::IterAny] {
            let record = late(strategy, profile, more);
            assert_eq!(record.outcome.kind, Kind::Stalled, "{profile} {strategy}");
            assert_eq!(record.chunk_bytes.count, 1, "{profile} {strategy}");
            let found = record.delivered_bytes;
            assert!(
                mark < found && found <= mark + SEGMENT,
                "{profile} {strategy}: {found} bytes"
            );
        }
        // It takes a segment at a time, and the library reads no more meanwhile.
        let record = late(StrategyName::IterChunks, profile, more);
        assert!(record.delivered_bytes <= SEGMENT, "{profile}");
        let read = record.received_bytes;
        assert!(
            mark < read && read <= mark + SEGMENT,
            "{profile}: {read} bytes"
        );
    }
    // hyper hands over a piece at a time: what came with the head.
    let record = late(StrategyName::Frames, MARKS[0].0, more);
    assert!(record.delivered_bytes < SEGMENT, "{record:?}");
}

#[test]
fn a_late_reader_finds_nothing_where_the_library_met_the_end_before_it() {
    for (action, kind) in [("reset", Kind::Reset), ("fin", Kind::Truncated)] {
        let more = format!(
            "[[fault]]\nwhen = {{ body = \"100KB\" }}\nthen = \"{action}\"\n\
             [sink]\nfirst_pause = \"10s\"\n"
        );
        for (profile, _) in MARKS {
            for strategy in [StrategyName::ReadAll, StrategyName::Readany] {
                let record = late(strategy, profile, &more);
                assert_eq!(record.outcome.kind, kind, "{profile} {strategy}");
                let bytes = (record.received_bytes, record.delivered_bytes);
                assert_eq!(bytes, (100_000, 0), "{profile} {strategy}");
            }
        }
        // hyper has not read that far: the kernel holds it.
        let record = late(StrategyName::Frames, MARKS[0].0, &more);
        assert_eq!(record.outcome.kind, kind);
        assert_eq!(record.delivered_bytes, 100_000, "{action}");
    }
}
