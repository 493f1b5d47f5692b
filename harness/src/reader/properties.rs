//! What holds after every step of any schedule, under the rules of every
//! release: random feeds, marks, ends and reads against a plain record of
//! what went in and out.

use std::{collections::VecDeque, task::Poll};

use bytes::Bytes;
use proptest::prelude::*;

use super::{
    Chunk, Flow, ReadError, ReadSize, Release, Rules, StreamReader, Upstream, stream::Wait,
};

#[derive(Debug, Clone, Copy)]
enum Op {
    Feed(usize),
    Begin,
    End,
    Eof,
    Fail,
    Nowait(ReadSize),
    Start(Call),
    IterChunked(usize),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Call {
    Read(ReadSize),
    ReadAny,
    ReadChunk,
}

fn read_size() -> impl Strategy<Value = ReadSize> {
    prop_oneof![
        4 => (0..50_usize).prop_map(ReadSize::UpTo),
        1 => Just(ReadSize::All),
    ]
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        3 => read_size().prop_map(Call::Read),
        2 => Just(Call::ReadAny),
        3 => Just(Call::ReadChunk),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        20 => (0..40_usize).prop_map(Op::Feed),
        10 => Just(Op::End),
        1 => Just(Op::Begin),
        1 => Just(Op::Eof),
        1 => Just(Op::Fail),
        3 => read_size().prop_map(Op::Nowait),
        20 => call().prop_map(Op::Start),
        1 => (1..100_usize).prop_map(Op::IterChunked),
    ]
}

fn rules() -> impl Strategy<Value = Rules> {
    let releases = [
        (3, 7, 4),
        (3, 9, 5),
        (3, 10, 5),
        (3, 11, 10),
        (3, 12, 15),
        (3, 13, 2),
        (3, 13, 5),
        (3, 14, 0),
        (3, 14, 1),
        (3, 14, 3),
        (3, 14, 5),
    ];
    proptest::sample::select(releases.to_vec())
        .prop_map(|(major, minor, patch)| Rules::of(Release::new(major, minor, patch)))
}

/// Byte `i` of every stream: no short period, so that a gap or a repetition
/// shows.
fn pattern(offset: u64, len: usize) -> Bytes {
    let byte = |i: u64| (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8;
    (offset..offset + len as u64).map(byte).collect()
}

/// Holds input back while reading is paused, and feeds it again from within a
/// read when that resumes.
struct Parser {
    kept: VecDeque<usize>,
    refills: bool,
    refilled: usize,
    position: u64,
}

impl Parser {
    fn feed(&mut self, reader: &mut StreamReader<&'static str>, len: usize) {
        let flow = reader.feed(pattern(self.position, len));
        self.position += len as u64;
        assert_eq!(flow == Flow::Pause, reader.is_paused() && len > 0);
    }
}

impl Upstream<&'static str> for Parser {
    fn resume(&mut self, reader: &mut StreamReader<&'static str>) {
        while self.refills
            && !reader.is_paused()
            && let Some(len) = self.kept.pop_front()
        {
            self.feed(reader, len);
            self.refilled += 1;
        }
    }
}

/// A reader under test, and what is known about it from outside.
struct Bench {
    reader: StreamReader<&'static str>,
    parser: Parser,
    waiting: Option<Call>,
    // Bytes that reads returned.
    returned: u64,
    failed: bool,
}

impl Bench {
    fn new(rules: &Rules, limit: usize, chunked: bool) -> Self {
        let mut reader = StreamReader::new(rules, limit);
        if chunked {
            reader.begin_chunk().unwrap();
        }
        Self {
            reader,
            parser: Parser {
                kept: VecDeque::new(),
                refills: rules.parser_pauses,
                refilled: 0,
                position: 0,
            },
            waiting: None,
            returned: 0,
            failed: false,
        }
    }

    fn step(&mut self, op: Op) {
        match op {
            Op::Feed(len) if self.reader.is_eof() => {
                // I6: nothing is taken after the end.
                let total = self.reader.total();
                assert_eq!(self.reader.feed(pattern(total, len)), Flow::Unchanged);
                assert_eq!(self.reader.total(), total);
            }
            Op::Feed(len) if self.parser.refills && self.reader.is_paused() => {
                self.parser.kept.push_back(len);
            }
            Op::Feed(len) if !self.reader.is_paused() => self.parser.feed(&mut self.reader, len),
            Op::Feed(_) => {}
            Op::Begin => {
                let late = self.reader.splits().is_none() && self.reader.total() > 0;
                assert_eq!(self.reader.begin_chunk().is_err(), late);
            }
            Op::End => {
                let begun = self.reader.splits().is_some();
                assert_eq!(self.reader.end_chunk().is_ok(), begun);
            }
            // The parser has nothing left at the end.
            Op::Eof if !self.parser.kept.is_empty() => {}
            Op::Eof => {
                let flow = self.reader.feed_eof();
                assert_ne!(flow, Flow::Pause);
            }
            Op::Fail => {
                self.reader.set_exception("Boom");
                self.failed = true;
            }
            Op::Nowait(n) => self.nowait(n),
            Op::Start(call) => self.start(call),
            Op::IterChunked(n) => self.reader.begin_iter_chunked(n),
        }
        if let Some(call) = self.waiting {
            self.poll(call);
        }
        self.check();
    }

    fn nowait(&mut self, n: ReadSize) {
        let waiting = self.reader.is_waiting();
        let before = self.reader.size();
        match self.reader.read_nowait_with(n, &mut self.parser) {
            Ok(data) => {
                assert!(!waiting && !self.failed);
                let asked = match n {
                    ReadSize::All => before,
                    ReadSize::UpTo(n) => n,
                };
                if !self.parser.refills {
                    assert_eq!(data.len(), before.min(asked));
                }
                self.account(&data);
            }
            Err(ReadError::Exception(_)) => assert!(self.failed),
            Err(error) => assert!(waiting && error == ReadError::AlreadyWaiting),
        }
    }

    /// I5: while a read waits, another one is refused or has nothing to ask.
    fn start(&mut self, call: Call) {
        match self.waiting {
            Some(waiting) if waiting != call => match self.poll_once(call) {
                Poll::Ready(Ok(chunk)) => assert!(chunk.data.is_empty()),
                Poll::Ready(Err(error)) => assert_eq!(error, ReadError::AlreadyWaiting),
                Poll::Pending => panic!("two reads wait"),
            },
            _ => self.poll(call),
        }
    }

    fn poll(&mut self, call: Call) {
        self.waiting = None;
        match self.poll_once(call) {
            Poll::Pending => self.waiting = Some(call),
            Poll::Ready(Ok(chunk)) => {
                assert!(!self.failed, "a read after the failure returned");
                let some = match call {
                    Call::Read(ReadSize::UpTo(n)) => {
                        assert!(chunk.data.len() <= n);
                        n > 0
                    }
                    Call::Read(ReadSize::All) => false,
                    Call::ReadAny => true,
                    Call::ReadChunk => !chunk.end,
                };
                if some && chunk.data.is_empty() {
                    assert!(self.reader.at_eof(), "empty before the end");
                }
                self.account(&chunk.data);
            }
            Poll::Ready(Err(error)) => {
                assert!(self.failed);
                assert_eq!(error, ReadError::Exception("Boom"));
            }
        }
    }

    fn poll_once(&mut self, call: Call) -> Poll<Result<Chunk, ReadError<&'static str>>> {
        let (reader, parser) = (&mut self.reader, &mut self.parser);
        let whole = |data| Chunk { data, end: false };
        match call {
            Call::Read(n) => reader.poll_read_with(n, parser).map_ok(whole),
            Call::ReadAny => reader.poll_readany_with(parser).map_ok(whole),
            Call::ReadChunk => reader.poll_readchunk_with(parser),
        }
    }

    /// I8: what reads return is what was fed, from the start, without a gap.
    fn account(&mut self, data: &Bytes) {
        assert_eq!(*data, pattern(self.returned, data.len()));
        self.returned += data.len() as u64;
    }

    fn check(&self) {
        let reader = &self.reader;
        // I1, I2.
        let buffered: usize = reader.pieces.iter().map(Bytes::len).sum();
        assert_eq!(reader.size(), buffered);
        assert_eq!(reader.cursor() + buffered as u64, reader.total());
        assert_eq!(reader.total(), self.parser.position);
        // I3, I4: the consumed part of a piece is split off at once, so that a
        // piece in use is never empty either.
        assert!(reader.pieces.iter().all(|piece| !piece.is_empty()));
        // I5.
        assert_eq!(reader.is_waiting(), self.waiting.is_some());
        // I7.
        if let Some(splits) = reader.splits() {
            assert!(splits.iter().is_sorted_by(|a, b| a < b));
            assert!(splits.iter().all(|end| reader.cursor() <= *end));
            assert!(splits.iter().all(|end| *end <= reader.total()));
        }
        // I8, by count: all that left the buffer was returned, or is held by a
        // read that collects, or was lost with it in a failure.
        let collected: usize = reader.blocks.iter().map(Bytes::len).sum();
        let held = self.returned + collected as u64;
        assert!(held == reader.cursor() || self.failed && held < reader.cursor());
        // Reading never stays paused with nothing left to read.
        if reader.low() > 0 && reader.pieces.is_empty() && reader.total() > 0 {
            let few = reader.splits().map_or(0, VecDeque::len) < reader.splits_low;
            assert!(!(reader.is_paused() && few), "paused and empty");
        }
        assert!(matches!(reader.wait, Wait::Idle | Wait::Pending(_)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_invariants_hold_after_every_step(
        rules in rules(),
        limit in 1..40_usize,
        chunked: bool,
        ops in prop::collection::vec(op(), 1..120),
    ) {
        let mut bench = Bench::new(&rules, limit, chunked);
        for op in ops {
            bench.step(op);
        }
    }

    /// The same, to the end: every strategy gets the whole body.
    #[test]
    fn each_read_repeated_to_the_end_returns_the_whole_body(
        rules in rules(),
        limit in 1..40_usize,
        chunked: bool,
        call in call().prop_filter("asks for bytes", |call| *call != Call::Read(ReadSize::UpTo(0))),
        feeds in prop::collection::vec(1..40_usize, 0..60),
    ) {
        let mut bench = Bench::new(&rules, limit, chunked);
        for len in &feeds {
            // What is paused is read until it is not; the feed then arrives.
            while bench.reader.is_paused() && bench.waiting.is_none() {
                bench.step(Op::Start(call));
            }
            bench.step(Op::Feed(*len));
            if chunked {
                bench.step(Op::End);
            }
        }
        while !bench.parser.kept.is_empty() {
            bench.step(Op::Start(call));
        }
        bench.step(Op::Eof);
        while !bench.reader.at_eof() {
            bench.step(Op::Start(call));
        }
        prop_assert_eq!(bench.returned, feeds.iter().sum::<usize>() as u64);
    }
}

/// The refill path of the tests above is one that is really taken.
#[test]
fn a_read_that_resumes_is_refilled_in_its_midst() {
    let rules = Rules::of(Release::NEWEST);
    let mut bench = Bench::new(&rules, 8, false);
    for op in [Op::Feed(20), Op::Feed(5), Op::Feed(6)] {
        bench.step(op);
    }
    assert_eq!(bench.parser.kept.len(), 2);
    bench.step(Op::Start(Call::Read(ReadSize::UpTo(27))));
    assert_eq!((bench.parser.refilled, bench.returned), (2, 27));
}
