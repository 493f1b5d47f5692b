//! The invariants after every step of any schedule, under every set of rules:
//! random feeds, marks, ends, failures and reads, with input that is held back
//! while paused and fed in the middle of a read, against a plain record of all
//! input and output.
//!
//! The invariants are I1 to I8, one method of [`Bench`] each:
//!
//! 1. The size is the bytes of all pieces.
//! 2. Cursor and size make up the total.
//! 3. No piece is empty.
//! 4. The consumed part of the first piece is shorter than the piece.
//! 5. At most one read waits.
//! 6. Nothing is fed after the end.
//! 7. Chunk ends rise strictly, from the cursor to the total.
//! 8. What reads return is a prefix of what was fed, in order, whole.

use std::{collections::VecDeque, task::Poll};

use bytes::Bytes;
use proptest::prelude::*;

use super::{
    Chunk, FlowCommand, ReadError, ReadSize, Release, Rules, StreamReader, Upstream, rules::ROWS,
    stream::Wait,
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
    let sets: Vec<Rules> = ROWS.iter().map(|row| row.2).collect();
    proptest::sample::select(sets)
}

/// Byte `i` of every stream: no short period, so that a gap or a repetition
/// shows.
fn pattern(offset: u64, len: usize) -> Bytes {
    let byte = |i: u64| (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8;
    (offset..offset + len as u64).map(byte).collect()
}

/// The items that a parser finds in its input.
#[derive(Debug, Clone, Copy)]
enum Parsed {
    Bytes(usize),
    ChunkEnd,
    End,
}

/// Keeps input back while reading is paused (by the rules), and parses it from
/// within a read when that resumes.
struct Parser {
    kept: VecDeque<Parsed>,
    pauses: bool,
    refilled: usize,
    position: u64,
}

impl Parser {
    /// Parses it now, or keeps it for the resume.
    fn parse(&mut self, reader: &mut StreamReader<&'static str>, parsed: Parsed) {
        if !reader.is_paused() {
            self.feed(reader, parsed);
        } else if self.pauses {
            self.kept.push_back(parsed);
        } else if !matches!(parsed, Parsed::Bytes(_)) {
            // It has the marks already, and no bytes come while paused.
            self.feed(reader, parsed);
        }
    }

    fn feed(&mut self, reader: &mut StreamReader<&'static str>, parsed: Parsed) {
        match parsed {
            Parsed::Bytes(len) => {
                let flow = reader.feed(pattern(self.position, len));
                self.position += len as u64;
                assert_eq!(flow == FlowCommand::Pause, reader.is_paused() && len > 0);
            }
            Parsed::ChunkEnd => {
                let begun = reader.splits().is_some();
                assert_eq!(reader.end_chunk().is_ok(), begun);
            }
            Parsed::End => assert_ne!(reader.feed_eof(), FlowCommand::Pause),
        }
    }

    fn will_end(&self) -> bool {
        matches!(self.kept.back(), Some(Parsed::End))
    }
}

impl Upstream<&'static str> for Parser {
    fn resume(&mut self, reader: &mut StreamReader<&'static str>) {
        while !reader.is_paused()
            && let Some(parsed) = self.kept.pop_front()
        {
            self.feed(reader, parsed);
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
                pauses: rules.parser_pauses,
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
            Op::Feed(len) if self.reader.is_eof() => self.i6_nothing_is_fed_after_the_end(len),
            Op::Feed(_) | Op::End | Op::Eof if self.parser.will_end() => {}
            Op::Feed(len) => self.parser.parse(&mut self.reader, Parsed::Bytes(len)),
            Op::Begin => {
                let late = self.reader.splits().is_none() && self.reader.total() > 0;
                assert_eq!(self.reader.begin_chunk().is_err(), late);
            }
            Op::End => self.parser.parse(&mut self.reader, Parsed::ChunkEnd),
            Op::Eof => self.parser.parse(&mut self.reader, Parsed::End),
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
                if !self.parser.pauses {
                    assert_eq!(data.len(), before.min(asked));
                }
                self.i8_reads_return_what_was_fed(&data);
            }
            Err(ReadError::Exception(_)) => assert!(self.failed),
            Err(error) => assert!(waiting && error == ReadError::AlreadyWaiting),
        }
    }

    fn start(&mut self, call: Call) {
        match self.waiting {
            Some(waiting) if waiting != call => self.i5_a_second_read_is_refused(call),
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
                self.i8_reads_return_what_was_fed(&chunk.data);
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

    fn check(&self) {
        self.i1_the_size_is_what_is_buffered();
        self.i2_cursor_and_size_make_up_the_total();
        self.i3_no_piece_is_empty();
        self.i4_the_first_piece_is_not_consumed();
        self.i5_at_most_one_read_waits();
        self.i7_chunk_ends_rise_from_the_cursor_to_the_total();
        self.i8_all_that_left_the_buffer_is_accounted_for();
        self.reading_never_stays_paused_with_nothing_to_read();
    }

    fn i1_the_size_is_what_is_buffered(&self) {
        let buffered: usize = self.reader.pieces.iter().map(Bytes::len).sum();
        assert_eq!(self.reader.size(), buffered, "I1");
    }

    fn i2_cursor_and_size_make_up_the_total(&self) {
        let sum = self.reader.cursor() + self.reader.size() as u64;
        assert_eq!(sum, self.reader.total(), "I2");
        assert_eq!(self.reader.total(), self.parser.position, "I2");
    }

    fn i3_no_piece_is_empty(&self) {
        let mut pieces = self.reader.pieces.iter();
        assert!(pieces.all(|piece| !piece.is_empty()), "I3");
    }

    /// The consumed part of a piece is split off at once. What is left of it
    /// starts at the cursor, and a piece without a rest is gone.
    fn i4_the_first_piece_is_not_consumed(&self) {
        match self.reader.pieces.front() {
            None => assert_eq!(self.reader.size(), 0, "I4"),
            Some(rest) => assert_eq!(*rest, pattern(self.reader.cursor(), rest.len()), "I4"),
        }
    }

    fn i5_at_most_one_read_waits(&self) {
        assert_eq!(self.reader.is_waiting(), self.waiting.is_some(), "I5");
        assert!(
            matches!(self.reader.wait, Wait::Idle | Wait::Pending(_)),
            "I5"
        );
    }

    /// While a read waits, another one is refused or has nothing to ask.
    fn i5_a_second_read_is_refused(&mut self, call: Call) {
        match self.poll_once(call) {
            Poll::Ready(Ok(chunk)) => assert!(chunk.data.is_empty(), "I5"),
            Poll::Ready(Err(error)) => assert_eq!(error, ReadError::AlreadyWaiting, "I5"),
            Poll::Pending => panic!("I5: two reads wait"),
        }
    }

    fn i6_nothing_is_fed_after_the_end(&mut self, len: usize) {
        let (size, total) = (self.reader.size(), self.reader.total());
        let flow = self.reader.feed(pattern(total, len));
        assert_eq!(flow, FlowCommand::Unchanged, "I6");
        assert_eq!(
            (self.reader.size(), self.reader.total()),
            (size, total),
            "I6"
        );
    }

    fn i7_chunk_ends_rise_from_the_cursor_to_the_total(&self) {
        let reader = &self.reader;
        if let Some(splits) = reader.splits() {
            assert!(splits.iter().is_sorted_by(|a, b| a < b), "I7");
            assert!(splits.iter().all(|end| reader.cursor() <= *end), "I7");
            assert!(splits.iter().all(|end| *end <= reader.total()), "I7");
        }
    }

    fn i8_reads_return_what_was_fed(&mut self, data: &Bytes) {
        assert_eq!(*data, pattern(self.returned, data.len()), "I8");
        self.returned += data.len() as u64;
    }

    /// By count: all that left the buffer was returned, or is held by a read
    /// that collects, or was lost with it in a failure.
    fn i8_all_that_left_the_buffer_is_accounted_for(&self) {
        let collected: usize = self.reader.blocks.iter().map(Bytes::len).sum();
        let held = self.returned + collected as u64;
        let cursor = self.reader.cursor();
        assert!(held == cursor || self.failed && held < cursor, "I8");
    }

    fn reading_never_stays_paused_with_nothing_to_read(&self) {
        let reader = &self.reader;
        if reader.low() > 0 && reader.pieces.is_empty() && reader.total() > 0 {
            let few = reader.splits().map_or(0, VecDeque::len) < reader.splits_low;
            assert!(!(reader.is_paused() && few), "paused and empty");
        }
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
            // A paused bench is read until it is not paused or, if the parser keeps
            // input back, now and then; the feed then arrives.
            let keeps = bench.parser.pauses && bench.parser.kept.len() < 5;
            while !keeps && bench.reader.is_paused() && bench.waiting.is_none() {
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
        // A collecting read returns at the end alone.
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
