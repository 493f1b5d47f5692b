//! Cases that the recorded traces do not reach: default limits, marks by count,
//! deadlines, lost connections, wake-ups without bytes, copies.

use std::task::Poll;

use super::*;
use crate::engine::aiohttp::reader::{Chunk, Release, join};

type Reader = StreamReader<&'static str>;
type Read = Poll<Result<Bytes, ReadError<&'static str>>>;

fn rules(text: &str) -> Rules {
    Rules::of(Release::parse(text).unwrap())
}

fn reader(text: &str, limit: usize) -> Reader {
    StreamReader::new(&rules(text), limit)
}

fn default_reader(text: &str) -> Reader {
    reader(text, rules(text).read_bufsize)
}

fn zeros(len: usize) -> Bytes {
    vec![0; len].into()
}

fn up_to(n: usize) -> ReadSize {
    ReadSize::UpTo(n)
}

fn got(data: &'static [u8]) -> Read {
    Poll::Ready(Ok(Bytes::from_static(data)))
}

fn failed(error: ReadError<&'static str>) -> Read {
    Poll::Ready(Err(error))
}

#[test]
fn default_watermarks_are_64_and_128_kib_before_3_14_and_four_times_that_since() {
    let marks = |text| (default_reader(text).low(), default_reader(text).high());
    assert_eq!(marks("aiohttp-3.7.4"), (65_536, 131_072));
    assert_eq!(marks("aiohttp-3.13.5"), (65_536, 131_072));
    assert_eq!(marks("aiohttp-3.14.0"), (262_144, 524_288));
}

#[test]
fn the_buffer_holds_at_most_the_high_watermark_and_one_transport_read() {
    for (text, most) in [("aiohttp-3.13.5", 393_216), ("aiohttp-3.14.5", 786_432)] {
        let mut reader = default_reader(text);
        assert_eq!(reader.size_max(TRANSPORT_READ), most);
        let high = reader.high();
        assert_eq!(
            reader.feed(zeros(high)),
            FlowCommand::Unchanged,
            "not above it"
        );
        assert_eq!(reader.feed(zeros(TRANSPORT_READ)), FlowCommand::Pause);
        let all = reader.poll_readany().poll;
        assert_eq!(all, Poll::Ready(Ok(zeros(most))), "one item of {most}");
    }
}

#[test]
fn pausing_again_is_commanded_from_3_14_on() {
    for (text, again) in [
        ("aiohttp-3.13.5", FlowCommand::Unchanged),
        ("aiohttp-3.14.5", FlowCommand::Pause),
    ] {
        let mut reader = reader(text, 4);
        assert_eq!(reader.feed(zeros(9)), FlowCommand::Pause);
        assert_eq!(reader.feed(zeros(1)), again);
        assert!(reader.is_paused());
    }
}

#[test]
fn reading_resumes_strictly_below_the_low_watermark() {
    let mut reader = reader("aiohttp-3.13.5", 4);
    let _ = reader.feed(zeros(9));
    assert_eq!(reader.read_nowait(up_to(5)).resumes, 0, "4 left");
    assert_eq!(reader.read_nowait(up_to(1)).resumes, 1, "3 left");
    assert_eq!(reader.read_nowait(up_to(1)).resumes, 0, "resumed already");
}

#[test]
fn each_piece_below_the_mark_resumes_from_3_14_on() {
    for (text, resumes) in [("aiohttp-3.13.5", 1), ("aiohttp-3.14.5", 4)] {
        let mut reader = reader(text, 4);
        for len in [6, 1, 1, 1] {
            let _ = reader.feed(zeros(len));
        }
        assert_eq!(reader.read_nowait(up_to(5)).resumes, 0, "4 left");
        // Four pieces, and 3, 2, 1, 0 left after each.
        assert_eq!(reader.poll_readany().resumes, resumes);
    }
}

#[test]
fn a_limit_of_zero_never_resumes() {
    let mut reader = reader("aiohttp-3.14.5", 0);
    assert_eq!(reader.feed(zeros(1)), FlowCommand::Pause);
    assert_eq!(reader.poll_readany().resumes, 0);
    assert!(reader.is_paused());
}

#[test]
fn from_3_14_on_a_read_raises_the_watermarks_to_its_size() {
    for (text, marks) in [("aiohttp-3.13.5", (8, 16)), ("aiohttp-3.14.0", (20, 40))] {
        let mut reading = reader(text, 8);
        let _ = reading.poll_read(up_to(20));
        assert_eq!((reading.low(), reading.high()), marks);
        let mut iterating = reader(text, 8);
        iterating.begin_iter_chunked(20);
        assert_eq!((iterating.low(), iterating.high()), marks);
        iterating.begin_iter_chunked(3);
        assert_eq!((iterating.low(), iterating.high()), marks, "never lowered");
    }
}

#[test]
fn from_3_14_on_read_all_switches_back_pressure_off() {
    for (text, flow) in [
        ("aiohttp-3.13.5", FlowCommand::Pause),
        ("aiohttp-3.14.0", FlowCommand::Unchanged),
    ] {
        let mut building = reader(text, 8);
        building.begin_read_all();
        let mut whole = reader(text, 8);
        assert_eq!(whole.poll_read(ReadSize::All).poll, Poll::Pending);
        assert_eq!(
            (whole.low(), whole.high()),
            (building.low(), building.high())
        );
        assert_eq!(whole.feed(zeros(1000)), flow);
    }
}

#[test]
fn the_end_resumes_a_paused_reader_from_3_11_11_on() {
    let end = |text, fed| {
        let mut reader = reader(text, 4);
        let _ = reader.feed(zeros(fed));
        reader.feed_eof()
    };
    assert_eq!(end("aiohttp-3.11.10", 9), FlowCommand::Unchanged);
    assert_eq!(end("aiohttp-3.11.11", 9), FlowCommand::Resume);
    assert_eq!(
        end("aiohttp-3.11.11", 1),
        FlowCommand::Unchanged,
        "not paused"
    );
    assert_eq!(
        end("aiohttp-3.14.5", 1),
        FlowCommand::Resume,
        "paused or not"
    );
}

/// Feeds chunks of one byte until something is commanded; how many that took.
fn chunks_until_pause(text: &str, limit: usize) -> (Reader, Option<usize>) {
    let mut reader = reader(text, limit);
    for count in 1..=2 * limit {
        reader.begin_chunk().unwrap();
        assert_eq!(reader.feed(zeros(1)), FlowCommand::Unchanged);
        if reader.end_chunk().unwrap() == FlowCommand::Pause {
            return (reader, Some(count));
        }
    }
    (reader, None)
}

#[test]
fn many_small_chunks_pause_by_their_count_from_3_13_3_on() {
    assert_eq!(chunks_until_pause("aiohttp-3.13.2", 160).1, None);
    assert_eq!(chunks_until_pause("aiohttp-3.13.3", 160).1, Some(41));
    assert_eq!(chunks_until_pause("aiohttp-3.14.5", 160).1, Some(11));
}

#[test]
fn few_enough_chunks_resume() {
    // Marks 5 and 10; a chunk's own mark goes when the read passes it.
    let (mut reader, count) = chunks_until_pause("aiohttp-3.14.5", 160);
    assert_eq!(count, Some(11));
    let mut resumed_at = None;
    while resumed_at.is_none() {
        let progress = reader.poll_readchunk();
        assert!(progress.poll.is_ready());
        resumed_at = (progress.resumes > 0).then(|| reader.splits().unwrap().len());
    }
    assert_eq!(resumed_at, Some(4));
}

#[test]
fn a_mark_after_nothing_new_is_ignored_and_marks_need_a_beginning() {
    let mut reader = reader("aiohttp-3.14.5", 8);
    assert_eq!(reader.end_chunk(), Err(MarkError::NoBegin));
    reader.begin_chunk().unwrap();
    let _ = reader.end_chunk().unwrap();
    assert_eq!(reader.splits().unwrap().len(), 0);
    let _ = reader.feed(zeros(3));
    for _ in 0..2 {
        let _ = reader.end_chunk().unwrap();
        assert_eq!(reader.splits().unwrap(), &[3]);
    }
    let mut late: Reader = StreamReader::new(&rules("aiohttp-3.14.5"), 8);
    let _ = late.feed(zeros(1));
    assert_eq!(late.begin_chunk(), Err(MarkError::LateBegin));
}

#[test]
fn a_chunk_end_wakes_a_read_to_nothing_and_it_waits_on() {
    let mut reader = reader("aiohttp-3.14.5", 8);
    reader.begin_chunk().unwrap();
    let _ = reader.feed(Bytes::from_static(b"ab"));
    assert_eq!(reader.poll_readany().poll, got(b"ab"));
    assert_eq!(reader.poll_readany().poll, Poll::Pending);
    let _ = reader.end_chunk().unwrap();
    assert!(!reader.is_waiting(), "woken");
    assert_eq!(reader.poll_readany().poll, Poll::Pending);
    let end = Chunk {
        data: Bytes::new(),
        end: true,
    };
    reader.cancel_read();
    assert_eq!(reader.poll_readchunk().poll, Poll::Ready(Ok(end)));
}

#[test]
fn a_passed_total_stops_taking_buffered_bytes_from_3_9_on() {
    for (text, taken) in [
        ("aiohttp-3.8.6", got(b"ab")),
        ("aiohttp-3.9.0", failed(ReadError::TotalExpired)),
    ] {
        let mut reader = reader(text, 8);
        let _ = reader.feed(Bytes::from_static(b"ab"));
        reader.expire_total();
        assert_eq!(reader.poll_read(up_to(8)).poll, taken);
        assert_eq!(reader.size(), if taken == got(b"ab") { 0 } else { 2 });
    }
}

#[test]
fn a_passed_total_does_not_stop_a_piece_of_an_unfinished_chunk() {
    let mut reader = reader("aiohttp-3.14.5", 8);
    let _ = reader.feed(Bytes::from_static(b"ab"));
    reader.expire_total();
    let piece = Chunk {
        data: Bytes::from_static(b"ab"),
        end: false,
    };
    assert_eq!(reader.poll_readchunk().poll, Poll::Ready(Ok(piece)));
}

#[test]
fn a_passed_total_ends_the_read_that_waits_in_every_release() {
    for text in ["aiohttp-3.7.4", "aiohttp-3.14.5"] {
        let mut waiting = reader(text, 8);
        assert_eq!(waiting.poll_readany().poll, Poll::Pending);
        waiting.expire_total();
        assert_eq!(waiting.poll_readany().poll, failed(ReadError::TotalExpired));
        let mut woken = reader(text, 8);
        assert_eq!(woken.poll_readany().poll, Poll::Pending);
        let _ = woken.feed(Bytes::from_static(b"ab"));
        woken.expire_total();
        assert_eq!(woken.poll_readany().poll, failed(ReadError::TotalExpired));
        let mut later = reader(text, 8);
        later.expire_total();
        assert_eq!(later.poll_readany().poll, failed(ReadError::TotalExpired));
    }
}

#[test]
fn waiting_on_a_closed_connection_is_refused_from_3_10_6_on() {
    for (text, waits) in [
        ("aiohttp-3.10.5", Poll::Pending),
        ("aiohttp-3.10.6", failed(ReadError::ConnectionClosed)),
    ] {
        let mut reader = reader(text, 8);
        let _ = reader.feed(Bytes::from_static(b"ab"));
        reader.connection_lost();
        assert_eq!(reader.poll_readany().poll, got(b"ab"), "no need to wait");
        assert_eq!(reader.poll_readany().poll, waits);
    }
}

#[test]
fn a_read_that_waits_already_hangs_when_the_connection_goes() {
    let mut reader = reader("aiohttp-3.14.5", 8);
    assert_eq!(reader.poll_readany().poll, Poll::Pending);
    reader.connection_lost();
    assert_eq!(reader.poll_readany().poll, Poll::Pending);
}

#[test]
fn a_failure_hides_what_is_buffered_for_ever() {
    let mut reader = reader("aiohttp-3.14.5", 8);
    let _ = reader.feed(zeros(5));
    reader.set_exception("Boom");
    let boom = failed(ReadError::Exception("Boom"));
    assert_eq!(reader.read_nowait(ReadSize::All).poll, boom);
    assert_eq!(reader.poll_read(up_to(0)).poll, boom);
    assert_eq!(reader.poll_read(ReadSize::All).poll, boom);
    assert_eq!(reader.poll_readany().poll, boom);
    assert_eq!(reader.size(), 5);
    assert_eq!(reader.exception(), Some(&"Boom"));
}

#[test]
fn a_read_woken_before_the_failure_still_gets_its_bytes_unless_it_is_readchunk() {
    let mut any = reader("aiohttp-3.14.5", 8);
    assert_eq!(any.poll_readany().poll, Poll::Pending);
    let mut chunk = reader("aiohttp-3.14.5", 8);
    assert_eq!(chunk.poll_readchunk().poll, Poll::Pending);
    for reader in [&mut any, &mut chunk] {
        let _ = reader.feed(Bytes::from_static(b"ab"));
        reader.set_exception("Boom");
    }
    assert_eq!(any.poll_readany().poll, got(b"ab"));
    let boom = Poll::Ready(Err(ReadError::Exception("Boom")));
    assert_eq!(chunk.poll_readchunk().poll, boom);
}

#[test]
fn read_all_joins_what_came_and_loses_it_all_in_a_failure() {
    for fails in [false, true] {
        let mut reader = reader("aiohttp-3.14.5", 8);
        for data in [&b"ab"[..], b"cd", b"e"] {
            assert_eq!(reader.poll_read(ReadSize::All).poll, Poll::Pending);
            let _ = reader.feed(Bytes::from_static(data));
        }
        assert_eq!(reader.poll_read(ReadSize::All).poll, Poll::Pending);
        if fails {
            reader.set_exception("Boom");
            let boom = failed(ReadError::Exception("Boom"));
            assert_eq!(reader.poll_read(ReadSize::All).poll, boom);
            assert!(reader.blocks.is_empty());
            assert_eq!((reader.size(), reader.cursor()), (0, 5));
        } else {
            let _ = reader.feed_eof();
            assert_eq!(reader.poll_read(ReadSize::All).poll, got(b"abcde"));
        }
    }
}

#[test]
fn read_all_woken_before_the_failure_fails_at_its_next_block() {
    let mut reader = reader("aiohttp-3.14.5", 8);
    assert_eq!(reader.poll_read(ReadSize::All).poll, Poll::Pending);
    let _ = reader.feed(Bytes::from_static(b"ab"));
    reader.set_exception("Boom");
    let boom = failed(ReadError::Exception("Boom"));
    assert_eq!(reader.poll_read(ReadSize::All).poll, boom);
    assert_eq!((reader.size(), reader.cursor()), (0, 2));
}

#[test]
fn read_all_of_a_failed_stream_leaves_the_watermarks() {
    let mut reader = reader("aiohttp-3.14.5", 8);
    reader.set_exception("Boom");
    reader.begin_read_all();
    assert_eq!((reader.low(), reader.high()), (8, 16));
}

#[test]
fn what_an_abandoned_read_all_collected_is_lost() {
    let mut reader = reader("aiohttp-3.14.5", 8);
    let _ = reader.feed(Bytes::from_static(b"ab"));
    assert_eq!(reader.poll_read(ReadSize::All).poll, Poll::Pending);
    let _ = reader.feed(Bytes::from_static(b"cd"));
    assert_eq!(reader.poll_read(up_to(1)).poll, got(b"c"));
    let _ = reader.feed_eof();
    assert_eq!(reader.poll_read(ReadSize::All).poll, got(b"d"));
}

#[test]
fn another_read_is_refused_while_one_waits() {
    let mut reader = reader("aiohttp-3.14.5", 8);
    assert_eq!(reader.poll_readany().poll, Poll::Pending);
    let refused = failed(ReadError::AlreadyWaiting);
    assert_eq!(reader.poll_read(up_to(3)).poll, refused);
    assert_eq!(reader.read_nowait(ReadSize::All).poll, refused);
    reader.cancel_read();
    assert_eq!(reader.poll_read(up_to(3)).poll, Poll::Pending);
}

#[test]
fn refilled_while_it_resumes_readany_takes_the_refill_in_3_14_0_only() {
    for (text, len) in [("aiohttp-3.14.0", 10), ("aiohttp-3.14.1", 9)] {
        let mut reader = reader(text, 4);
        let _ = reader.feed(zeros(9));
        let mut left = 1;
        let mut refill = |reader: &mut Reader| {
            for _ in 0..std::mem::take(&mut left) {
                let _ = reader.feed(zeros(1));
            }
        };
        let read = reader.poll_readany_with(&mut refill);
        assert_eq!(read, Poll::Ready(Ok(zeros(len))), "{text}");
        assert_eq!(reader.size(), 10 - len);
    }
}

#[test]
fn nothing_is_taken_after_the_end() {
    let mut reader = reader("aiohttp-3.14.5", 8);
    let _ = reader.feed_eof();
    assert_eq!(reader.feed(zeros(100)), FlowCommand::Unchanged);
    assert_eq!((reader.total(), reader.at_eof()), (0, true));
}

#[test]
fn a_read_within_one_piece_shares_its_memory() {
    let mut reader = reader("aiohttp-3.14.5", 8);
    let piece = zeros(10);
    let _ = reader.feed(piece.clone());
    for offset in [0, 4] {
        let Poll::Ready(Ok(part)) = reader.poll_read(up_to(4)).poll else {
            panic!("bytes are buffered");
        };
        assert_eq!(part.as_ptr(), piece[offset..].as_ptr());
    }
    let Poll::Ready(Ok(rest)) = reader.poll_readany().poll else {
        panic!("bytes are buffered");
    };
    assert_eq!((rest.as_ptr(), rest.len()), (piece[8..].as_ptr(), 2));
}

#[test]
fn joining_nothing_or_one_block_copies_nothing() {
    let block = zeros(3);
    assert_eq!(join(&[]), Bytes::new());
    assert_eq!(join(std::slice::from_ref(&block)).as_ptr(), block.as_ptr());
    let whole = join(&[Bytes::from_static(b"ab"), Bytes::from_static(b"c")]);
    assert_eq!(whole, &b"abc"[..]);
}
