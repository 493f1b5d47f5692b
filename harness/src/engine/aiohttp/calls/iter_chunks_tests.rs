//! `iter_chunks()` on bytes of the wire, without a transport.

use std::{cell::RefCell, future::Future, pin::Pin, rc::Rc, task::Poll};

use shortread_server::{
    body::Pattern,
    clock::Clock,
    scenario::{self, Parser},
};
use tokio_test::task::spawn;

use super::*;
use crate::{
    client::{FailureCause, Once, Truth, delivery::Meter},
    engine::aiohttp::{Facts, Protocol, reader::Profile},
    sink::{Disk, Sink},
};

/// The result of a response that arrived in `pieces`, with the loop waiting at
/// the end of each: its result, the delivered bytes, and the meter.
fn play(pieces: &[&[u8]]) -> (Result<(), Failure>, u64, Meter) {
    let clock = Clock::real();
    let exchange = Exchange::new(
        Box::new(Protocol::new(Parser::C)),
        &Profile::newest().rules,
        Facts::new(clock, None, None),
    );
    let meter = Rc::new(RefCell::new(Meter::new(1, |_| {})));
    let settings = scenario::Sink::default();
    let disk = Disk::new(&settings);
    let sink = Sink::open(settings, disk, None, clock).unwrap();
    let truth = Rc::new(RefCell::new(Truth::new(vec![1_000.into()])));
    let course = Box::new(Once);
    let mut delivery = Delivery::new(0, Rc::clone(&meter), truth, course, sink, clock);
    let result = {
        let download: Pin<Box<dyn Future<Output = _>>> = Box::pin(run(&exchange, &mut delivery));
        let mut download = spawn(download);
        let mut result = Poll::Pending;
        for piece in pieces {
            exchange.data(bytes::Bytes::copy_from_slice(piece));
            result = download.poll();
        }
        if result.is_pending() {
            exchange.closed(None);
            result = download.poll();
        }
        match result {
            Poll::Ready(result) => result,
            Poll::Pending => panic!("the response ended and a read waits"),
        }
    };
    assert_eq!(delivery.first_bad_offset(), None);
    let bytes = delivery.bytes();
    drop(delivery);
    (result, bytes, Rc::into_inner(meter).unwrap().into_inner())
}

const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/// An HTTP chunk of so many bytes of the pattern.
fn chunk(offset: u64, size: usize) -> Vec<u8> {
    let mut wire = format!("{size:x}\r\n").into_bytes();
    wire.extend_from_slice(&Pattern::PLAIN.slice(offset, size));
    wire.extend_from_slice(b"\r\n");
    wire
}

#[test]
fn http_chunks_that_are_whole_are_the_items() {
    let body = [chunk(0, 100), chunk(100, 7), b"0\r\n\r\n".to_vec()].concat();
    let (result, bytes, meter) = play(&[CHUNKED, &body]);
    assert_eq!((result, bytes), (Ok(()), 107));
    let sizes = meter.chunk_bytes.summary();
    assert_eq!((sizes.count, sizes.min, sizes.max), (2, 7, 100));
    // Both, and the one that says that there is no more.
    assert_eq!(meter.read_call_ns.summary().count, 3);
}

#[test]
fn a_chunks_end_that_comes_late_is_a_call_that_delivers_nothing() {
    let whole = chunk(0, 100);
    let (first, rest) = whole.split_at(50);
    let (rest, end) = rest.split_at(rest.len() - 2);
    let (result, bytes, meter) = play(&[CHUNKED, first, rest, end, b"0\r\n\r\n"]);
    assert_eq!((result, bytes), (Ok(()), 100));
    // Two pieces, the empty item of the late end, that of the last chunk, the
    // end of the body. So do 3.8.6, 3.13.5 and 3.14.5 count.
    assert_eq!(meter.read_call_ns.summary().count, 5);
    let sizes = meter.chunk_bytes.summary();
    assert_eq!(sizes.count, 2);
    assert!(sizes.min > 0, "an empty item is no chunk");
}

#[test]
fn without_chunks_the_items_are_the_pieces_as_they_came() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n";
    let (a, b) = (Pattern::PLAIN.slice(0, 10), Pattern::PLAIN.slice(10, 20));
    let (result, bytes, meter) = play(&[head, &a, &b]);
    assert_eq!((result, bytes), (Ok(()), 30));
    assert_eq!(meter.chunk_bytes.summary().count, 2);
}

#[test]
fn what_came_before_a_cut_was_delivered_and_the_cut_is_raised() {
    let (result, bytes, _) = play(&[CHUNKED, &chunk(0, 100)]);
    assert_eq!(bytes, 100);
    assert_eq!(result.unwrap_err().cause, FailureCause::ClosedEarly);
}
