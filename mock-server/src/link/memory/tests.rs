//! The view of each end, case by case.

use std::{future::poll_fn, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    task::LocalSet,
};

use super::{
    state::{ECONNRESET, EPIPE, ETIMEDOUT},
    *,
};
use crate::clock::{Instant, simulated_runtime};

const SECOND: Duration = Duration::from_secs(1);

/// Runs `test` in simulated time.
pub(super) fn simulate<F: Future>(test: impl FnOnce(Clock) -> F) -> F::Output {
    let runtime = simulated_runtime().unwrap();
    LocalSet::new().block_on(&runtime, async { test(Clock::simulated()).await })
}

pub(super) fn plain(clock: Clock) -> (MemoryWire, MemoryStream) {
    connect(clock, &Sockets::default(), None)
}

fn bounded(clock: Clock, send: u64, receive: u64) -> (MemoryWire, MemoryStream) {
    establish(clock, send, receive, None)
}

fn alive(clock: Clock, idle: u64, interval: u64, count: u32) -> (MemoryWire, MemoryStream) {
    let settings = Keepalive {
        idle: Duration::from_secs(idle),
        interval: Duration::from_secs(interval),
        count,
    };
    connect(clock, &Sockets::default(), Some(settings))
}

/// Writes what fits.
pub(super) fn write(wire: &mut MemoryWire, bytes: &[u8]) -> io::Result<usize> {
    let mut from = Bytes::copy_from_slice(bytes);
    let mut cx = Context::from_waker(std::task::Waker::noop());
    match wire.poll_write(&mut cx, &mut from, false) {
        Poll::Ready(result) => result,
        Poll::Pending => Ok(0),
    }
}

async fn hear(wire: &mut MemoryWire) -> io::Result<Vec<u8>> {
    let mut heard = Vec::new();
    poll_fn(|cx| wire.poll_read(cx, &mut heard, 1 << 16)).await?;
    Ok(heard)
}

fn errno<T: std::fmt::Debug>(result: io::Result<T>) -> Option<i32> {
    result.unwrap_err().raw_os_error()
}

async fn read(stream: &mut MemoryStream) -> io::Result<Vec<u8>> {
    let mut into = vec![0; 1 << 16];
    let n = stream.read(&mut into).await?;
    into.truncate(n);
    Ok(into)
}

#[test]
fn one_read_returns_all_that_has_arrived_up_to_the_buffer() {
    simulate(|clock| async move {
        let (mut wire, mut stream) = plain(clock);
        for piece in [&b"ab"[..], b"c", b"def"] {
            write(&mut wire, piece).unwrap();
        }
        let mut four = [0; 4];
        assert_eq!(stream.read(&mut four).await.unwrap(), 4);
        assert_eq!(&four, b"abcd");
        assert_eq!(read(&mut stream).await.unwrap(), b"ef");
    });
}

#[test]
fn a_write_waits_for_room_and_a_read_makes_it() {
    simulate(|clock| async move {
        let (mut wire, mut stream) = bounded(clock, 10, 5);
        assert_eq!(write(&mut wire, &[1; 100]).unwrap(), 10);
        assert_eq!(write(&mut wire, &[2; 100]).unwrap(), 5);
        assert_eq!(write(&mut wire, &[3; 100]).unwrap(), 0);
        let mut rest = Bytes::from_static(&[4; 3]);
        let writing = poll_fn(|cx| wire.poll_write(cx, &mut rest, false));
        let reading = async {
            clock.sleep(SECOND).await;
            read(&mut stream).await.unwrap().len()
        };
        let (written, read) =
            tokio::join!(async { (writing.await.unwrap(), clock.now()) }, reading);
        assert_eq!((written, read), ((3, Instant(0) + SECOND), 5));
    });
}

#[test]
fn behind_fin_nothing_is_lost_and_reads_end() {
    simulate(|clock| async move {
        let (mut wire, mut stream) = bounded(clock, 10, 5);
        write(&mut wire, b"0123456789").unwrap();
        write(&mut wire, b"abcde").unwrap();
        wire.finish().unwrap();
        assert_eq!(errno(write(&mut wire, b"more")), Some(EPIPE));
        drop(wire);
        let mut all = Vec::new();
        stream.read_to_end(&mut all).await.unwrap();
        assert_eq!(all, b"0123456789abcde");
    });
}

#[test]
fn rst_loses_what_was_not_acknowledged_is_told_once_and_then_reads_end() {
    simulate(|clock| async move {
        let (mut wire, mut stream) = bounded(clock, 10, 5);
        write(&mut wire, b"0123456789").unwrap();
        assert_eq!(wire.counters().unwrap().acked, 5);
        wire.abort();
        assert_eq!(read(&mut stream).await.unwrap(), b"01234");
        assert_eq!(errno(read(&mut stream).await), Some(ECONNRESET));
        assert_eq!(read(&mut stream).await.unwrap(), b"");
        assert_eq!(errno(stream.write(b"x").await), Some(EPIPE));
    });
}

#[test]
fn of_two_ways_to_learn_of_rst_the_first_gets_the_error() {
    simulate(|clock| async move {
        let (wire, mut stream) = plain(clock);
        wire.abort();
        assert_eq!(errno(stream.write(b"x").await), Some(ECONNRESET));
        assert_eq!(read(&mut stream).await.unwrap(), b"");
    });
}

#[test]
fn rst_behind_fin_does_not_take_back_the_end_of_the_stream() {
    simulate(|clock| async move {
        let (mut wire, mut stream) = plain(clock);
        write(&mut wire, b"all").unwrap();
        wire.finish().unwrap();
        wire.abort();
        assert_eq!(read(&mut stream).await.unwrap(), b"all");
        assert_eq!(read(&mut stream).await.unwrap(), b"");
        assert_eq!(errno(stream.write(b"x").await), Some(EPIPE));
    });
}

#[test]
fn rst_overtakes_a_fin_that_waits_for_room() {
    simulate(|clock| async move {
        let (mut wire, mut stream) = bounded(clock, 10, 5);
        write(&mut wire, b"0123456789").unwrap();
        wire.finish().unwrap();
        wire.abort();
        assert_eq!(read(&mut stream).await.unwrap(), b"01234");
        assert_eq!(errno(read(&mut stream).await), Some(ECONNRESET));
    });
}

#[test]
fn a_server_that_closes_with_a_request_unread_sends_rst() {
    simulate(|clock| async move {
        let (wire, mut stream) = plain(clock);
        stream.write_all(b"GET").await.unwrap();
        drop(wire);
        assert_eq!(errno(read(&mut stream).await), Some(ECONNRESET));
    });
}

#[test]
fn a_request_to_a_server_that_has_closed_is_taken_and_answered_with_rst() {
    simulate(|clock| async move {
        let (mut wire, mut stream) = plain(clock);
        stream.write_all(b"1").await.unwrap();
        assert_eq!(hear(&mut wire).await.unwrap(), b"1");
        drop(wire);
        stream.write_all(b"2").await.unwrap();
        assert_eq!(errno(stream.write(b"3").await), Some(EPIPE));
        assert_eq!(read(&mut stream).await.unwrap(), b"");
    });
}

#[test]
fn a_client_that_closes_with_bytes_unread_sends_rst() {
    simulate(|clock| async move {
        let (mut wire, stream) = bounded(clock, 10, 5);
        write(&mut wire, b"0123456789").unwrap();
        drop(stream);
        assert!(wire.peer_is_gone());
        assert_eq!(wire.counters().unwrap().unacked, 0);
        assert_eq!(errno(hear(&mut wire).await), Some(ECONNRESET));
        assert_eq!(errno(write(&mut wire, b"x")), Some(EPIPE));
    });
}

#[test]
fn a_client_that_closes_with_nothing_unread_says_fin_and_answers_more_with_rst() {
    simulate(|clock| async move {
        let (mut wire, mut stream) = plain(clock);
        write(&mut wire, b"all").unwrap();
        read(&mut stream).await.unwrap();
        drop(stream);
        assert_eq!(hear(&mut wire).await.unwrap(), b"");
        // The first write only finds out.
        assert_eq!(write(&mut wire, b"one").unwrap(), 3);
        assert_eq!(wire.counters().unwrap().acked, 3);
        assert_eq!(errno(write(&mut wire, b"two")), Some(EPIPE));
    });
}

#[test]
fn a_half_closed_client_still_gets_its_answer() {
    simulate(|clock| async move {
        let (mut wire, mut stream) = plain(clock);
        stream.write_all(b"GET").await.unwrap();
        stream.shutdown().await.unwrap();
        assert_eq!(errno(stream.write(b"x").await), Some(EPIPE));
        assert_eq!(hear(&mut wire).await.unwrap(), b"GET");
        assert_eq!(hear(&mut wire).await.unwrap(), b"");
        write(&mut wire, b"answer").unwrap();
        wire.finish().unwrap();
        assert_eq!(read(&mut stream).await.unwrap(), b"answer");
        assert_eq!(read(&mut stream).await.unwrap(), b"");
    });
}

#[test]
fn a_black_hole_passes_nothing_not_even_the_end() {
    simulate(|clock| async move {
        let (mut wire, mut stream) = bounded(clock, 10, 5);
        write(&mut wire, b"0123456789").unwrap();
        wire.darken().unwrap();
        assert_eq!(read(&mut stream).await.unwrap(), b"01234");
        wire.abort();
        let deadline = clock.now() + 3600 * SECOND;
        assert!(clock.timeout_at(deadline, read(&mut stream)).await.is_err());
    });
}

#[test]
fn an_empty_write_is_not_an_end() {
    simulate(|clock| async move {
        let (mut wire, mut stream) = plain(clock);
        stream.write_all(b"").await.unwrap();
        let deadline = clock.now() + SECOND;
        assert!(clock.timeout_at(deadline, hear(&mut wire)).await.is_err());
    });
}

#[test]
fn keepalive_in_a_black_hole_gives_up_an_interval_behind_its_last_probe() {
    simulate(|clock| async move {
        let (mut wire, mut stream) = alive(clock, 60, 10, 5);
        clock.sleep(7 * SECOND).await;
        write(&mut wire, b"x").unwrap();
        wire.darken().unwrap();
        read(&mut stream).await.unwrap();
        assert_eq!(errno(read(&mut stream).await), Some(ETIMEDOUT));
        assert_eq!(clock.now(), Instant(0) + (7 + 60 + 5 * 10) * SECOND);
        assert_eq!(read(&mut stream).await.unwrap(), b"");
    });
}

#[test]
fn keepalive_outlives_a_server_that_lets_go_of_its_black_hole() {
    simulate(|clock| async move {
        let (mut wire, mut stream) = alive(clock, 7200, 75, 9);
        wire.darken().unwrap();
        clock.sleep(3600 * SECOND).await;
        wire.abort();
        assert_eq!(errno(read(&mut stream).await), Some(ETIMEDOUT));
        assert_eq!(clock.now(), Instant(0) + (7200 + 9 * 75) * SECOND);
    });
}

#[test]
fn answered_probes_are_two_segments_every_idle_time_and_no_payload() {
    simulate(|clock| async move {
        let (wire, _stream) = alive(clock, 60, 10, 5);
        clock.sleep(599 * SECOND).await;
        let counters = wire.counters().unwrap();
        assert_eq!((counters.segments, counters.segments_in), (18, 9));
        assert_eq!(counters.payload, 0);
    });
}

#[test]
fn an_interval_above_the_idle_time_spaces_answered_probes() {
    simulate(|clock| async move {
        let (wire, _stream) = alive(clock, 10, 75, 9);
        let mut at = Vec::new();
        for second in 1..=200 {
            let before = wire.counters().unwrap().segments;
            clock.sleep_until(Instant(0) + second * SECOND).await;
            // The probe of this very instant may be counted behind this look.
            clock.sleep(Duration::from_millis(1)).await;
            if wire.counters().unwrap().segments > before {
                at.push(second);
            }
        }
        assert_eq!(at, [10, 85, 160]);
    });
}

#[test]
fn keepalive_counts_from_the_last_segment() {
    simulate(|clock| async move {
        let (mut wire, mut stream) = alive(clock, 10, 10, 3);
        for _ in 0..20 {
            clock.sleep(9 * SECOND).await;
            write(&mut wire, b"x").unwrap();
            read(&mut stream).await.unwrap();
        }
        // A segment of data and its acknowledgement each; not one probe.
        assert_eq!(wire.counters().unwrap().segments, 40);
    });
}

#[test]
fn a_request_into_a_black_hole_times_out_after_fifteen_retransmissions() {
    simulate(|clock| async move {
        let (mut wire, mut stream) = alive(clock, 60, 10, 5);
        wire.darken().unwrap();
        clock.sleep(SECOND).await;
        stream.write_all(b"GET").await.unwrap();
        assert_eq!(errno(read(&mut stream).await), Some(ETIMEDOUT));
        assert_eq!(clock.now(), Instant(1_000_000_000 + 924_600_000_000));
    });
}

#[test]
fn probes_of_a_closed_window_stay_counted_when_it_opens() {
    simulate(|clock| async move {
        let (mut wire, mut stream) = bounded(clock, 10, 5);
        write(&mut wire, b"0123456789").unwrap();
        let before = wire.counters().unwrap().segments;
        clock.sleep(SECOND).await;
        // At 200 ms and at 600 ms, each with its answer.
        assert_eq!(wire.counters().unwrap().segments, before + 4);
        read(&mut stream).await.unwrap();
        assert_eq!(wire.counters().unwrap().segments, before + 4 + 2);
        // Nothing waits: no probes.
        clock.sleep(100 * SECOND).await;
        assert_eq!(wire.counters().unwrap().segments, before + 4 + 2);
    });
}
