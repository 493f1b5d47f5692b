//! The protocol on bytes of the wire, without a transport.

use std::{io::Write as _, rc::Rc, task::Poll};

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use shortread_server::clock::Clock;

use super::*;
use crate::engine::aiohttp::{Facts, Incoming, reader::Profile, source::Exchange};

fn exchange(profile: &str) -> Rc<Exchange> {
    let (profile, _) = Profile::parse(profile).unwrap();
    let facts = Facts::new(Clock::real(), None, None);
    Exchange::new(Box::new(Protocol::new(Parser::C)), &profile.rules, facts)
}

/// Plays `pieces`, then the end, to a client that reads whenever the stream
/// has enough, and all of it at the end.
fn play(
    exchange: &Exchange,
    pieces: &[&[u8]],
    error: Option<io::Error>,
) -> (Vec<u8>, Result<(), Failure>) {
    let mut got = Vec::new();
    for piece in pieces.iter().filter(|piece| !piece.is_empty()) {
        if exchange.facts().finished {
            break;
        }
        exchange.data(Bytes::copy_from_slice(piece));
        while exchange.is_paused() {
            match read(exchange) {
                Poll::Ready(Ok(bytes)) => got.extend_from_slice(&bytes),
                other => panic!("a paused stream has bytes: {other:?}"),
            }
        }
    }
    if !exchange.facts().finished {
        exchange.closed(error);
    }
    if let Some(failure) = &exchange.facts().failed {
        return (got, Err(failure.clone()));
    }
    loop {
        match read(exchange) {
            Poll::Ready(Ok(bytes)) if bytes.is_empty() => return (got, Ok(())),
            Poll::Ready(Ok(bytes)) => got.extend_from_slice(&bytes),
            Poll::Ready(Err(failure)) => return (got, Err(failure)),
            Poll::Pending => panic!("the response ended and a read waits"),
        }
    }
}

fn read(exchange: &Exchange) -> Poll<Result<Bytes, Failure>> {
    tokio_test::task::spawn(exchange.readany()).poll()
}

fn whole(wire: &[u8]) -> (Vec<u8>, Result<(), Failure>) {
    play(&exchange("aiohttp-3.14.5"), &[wire], None)
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn response(fields: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\n{fields}\r\n").as_bytes(), body].concat()
}

fn chunked(body: &[u8], chunk: usize) -> Vec<u8> {
    let mut wire = Vec::new();
    for piece in body.chunks(chunk) {
        wire.extend_from_slice(format!("{:x};n=v\r\n", piece.len()).as_bytes());
        wire.extend_from_slice(piece);
        wire.extend_from_slice(b"\r\n");
    }
    wire.extend_from_slice(b"0\r\nSum: 1\r\n\r\n");
    wire
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_split_of_a_response_delivers_the_same_bytes(
        cuts in prop::collection::vec(any::<usize>(), 0..10),
        chunk in 1usize..5_000,
        coded in any::<bool>(),
        profile in prop::sample::select(vec!["aiohttp-3.8.6", "aiohttp-3.13.5", "aiohttp-3.14.5"]),
    ) {
        let data: Vec<u8> = (0..9_000u32).map(|n| (n / 3) as u8).collect();
        let (fields, body) = if coded {
            ("Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n", gzip(&data))
        } else {
            ("Transfer-Encoding: chunked\r\n", data.clone())
        };
        let wire = response(fields, &chunked(&body, chunk));
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % wire.len()).collect();
        cuts.extend([0, wire.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &wire[pair[0]..pair[1]]).collect();
        let exchange = exchange(profile);
        let (got, end) = play(&exchange, &pieces, None);
        prop_assert_eq!(end, Ok(()));
        prop_assert_eq!(got, data);
        prop_assert_eq!(exchange.facts().received_bytes, body.len() as u64);
    }

    #[test]
    fn no_bytes_panic(wire in prop::collection::vec(any::<u8>(), 0..100)) {
        let _ = whole(&wire);
        let _ = whole(&response("Transfer-Encoding: chunked\r\n", &wire));
    }
}

#[test]
fn an_early_end_is_noticed_where_an_end_was_announced() {
    let reset = || Some(io::Error::from(io::ErrorKind::ConnectionReset));
    let announced = ["Content-Length: 100\r\n", "Transfer-Encoding: chunked\r\n"];
    for fields in announced {
        for (error, cause) in [
            (None, FailureCause::ClosedEarly),
            (reset(), FailureCause::Reset),
        ] {
            let wire = response(fields, b"5\r\nhello\r\n");
            let (_, end) = play(&exchange("aiohttp-3.14.5"), &[&wire], error);
            let failure = end.unwrap_err();
            assert_eq!(failure.cause, cause, "{fields}");
            assert_eq!(failure.exception.as_deref(), Some("ClientPayloadError"));
        }
    }
    // Nothing was announced: any end will do.
    for error in [None, reset()] {
        let wire = response("", b"hello");
        let (got, end) = play(&exchange("aiohttp-3.14.5"), &[&wire], error);
        assert_eq!((got.as_slice(), end), (b"hello".as_slice(), Ok(())));
    }
}

#[test]
fn an_error_destroys_what_was_fed_and_not_read() {
    let wire = response("Content-Length: 100\r\n", b"hello");
    let exchange = exchange("aiohttp-3.14.5");
    let (got, end) = play(&exchange, &[&wire], None);
    assert!(got.is_empty() && end.is_err());
    assert_eq!(exchange.facts().received_bytes, 5);
}

#[test]
fn before_the_head_the_exceptions_are_others() {
    let reset = io::Error::from(io::ErrorKind::ConnectionReset);
    for (error, exception) in [
        (None, "ServerDisconnectedError"),
        (Some(reset), "ClientOSError"),
    ] {
        let (_, end) = play(&exchange("aiohttp-3.14.5"), &[b"HTTP/1.1 2"], error);
        assert_eq!(end.unwrap_err().exception.as_deref(), Some(exception));
    }
}

#[test]
fn a_gzip_body_that_is_cut_inside_its_framing_is_a_success() {
    let data: Vec<u8> = (0..50_000u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let coded = gzip(&data);
    let half = &coded[..coded.len() / 2];
    let length = format!(
        "Content-Encoding: gzip\r\nContent-Length: {}\r\n",
        half.len()
    );
    let (got, end) = whole(&response(&length, half));
    assert_eq!(end, Ok(()));
    assert!(!got.is_empty() && got.len() < data.len() && data.starts_with(&got));
}

#[test]
fn what_is_no_response_is_malformed() {
    for (wire, exception) in [
        (b"SSH-2.0-x\r\n".to_vec(), "ClientResponseError"),
        (
            response("Transfer-Encoding: chunked\r\n", b"hello"),
            "ClientResponseError",
        ),
    ] {
        let failure = whole(&wire).1.unwrap_err();
        assert_eq!(failure.cause, FailureCause::Malformed);
        assert_eq!(failure.exception.as_deref(), Some(exception));
    }
}

/// The connection lives on, and its end replaces the error that nobody has
/// fetched.
#[test]
fn what_is_no_gzip_is_malformed_until_the_connection_ends() {
    let page = "Content-Encoding: gzip\r\nContent-Length: 6\r\n";
    let exchange = exchange("aiohttp-3.13.5");
    exchange.data(response(page, b"<html>").into());
    assert!(!exchange.facts().finished);
    let Poll::Ready(Err(failure)) = read(&exchange) else {
        panic!("the body failed");
    };
    assert_eq!(failure.cause, FailureCause::Malformed);
    assert_eq!(failure.exception.as_deref(), Some("ClientPayloadError"));
    exchange.closed(None);
    let Poll::Ready(Err(failure)) = read(&exchange) else {
        panic!("the body failed");
    };
    assert_eq!(failure.cause, FailureCause::ClosedEarly);
    assert!(failure.error[1].message.starts_with("ContentLengthError"));
}

#[test]
fn the_last_chunk_ends_once_more_for_a_reader_that_has_met_the_others() {
    let mut incoming = Incoming::new(
        Box::new(Protocol::new(Parser::C)),
        &Profile::newest().rules,
        Facts::new(Clock::real(), None, None),
    );
    let mut next = |wire: &[u8]| {
        incoming.data(Bytes::copy_from_slice(wire));
        match incoming.poll_readchunk() {
            Poll::Ready(Ok(chunk)) => (chunk.data.len(), chunk.end),
            other => panic!("a chunk: {other:?}"),
        }
    };
    assert_eq!(
        next(&response("Transfer-Encoding: chunked\r\n", b"1\r\nx\r\n")),
        (1, true)
    );
    assert_eq!(next(b"0\r\n\r\n"), (0, true));
}

#[test]
fn bytes_behind_the_end_are_nobodys() {
    let wire = response("Content-Length: 5\r\n", b"helloHTTP/1.1 200 OK\r\n\r\n");
    assert_eq!(whole(&wire), (b"hello".to_vec(), Ok(())));
}

#[test]
fn a_newer_parser_stops_with_the_stream_and_an_older_one_parses_on() {
    // Pieces of 100 kB: the mark is passed long before the last of them.
    let data = vec![7; 2_000_000];
    let wire = response("Transfer-Encoding: chunked\r\n", &chunked(&data, 100_000));
    let fed = |profile| {
        let exchange = exchange(profile);
        exchange.data(Bytes::copy_from_slice(&wire));
        assert!(exchange.is_paused() || profile == "aiohttp-3.13.5");
        let received = exchange.facts().received_bytes;
        let ended = exchange.facts().ended;
        (received, ended)
    };
    assert_eq!(fed("aiohttp-3.13.5"), (2_000_000, true));
    // 524,288 is the high mark; the piece that crosses it is the last.
    assert_eq!(fed("aiohttp-3.14.5"), (600_000, false));
}
