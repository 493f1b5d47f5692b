//! Differences between releases: the result for the caller, and its words.

use std::{io::Write as _, rc::Rc, task::Poll};

use flate2::{Compression, write::ZlibEncoder};
use shortread_server::{clock::Clock, scenario::Deadline};

use super::*;
use crate::{
    client::FailureCause,
    engine::aiohttp::{
        Facts,
        reader::{Profile, Rules},
        source::Exchange,
    },
};

fn rules(profile: &str) -> Rules {
    Profile::parse(profile).unwrap().0.rules
}

fn exchange(profile: &str, parser: Parser) -> Rc<Exchange> {
    let limit = std::time::Duration::from_secs(60);
    let facts = Facts::new(Clock::real(), Some(limit), None);
    Exchange::new(Box::new(Protocol::new(parser)), &rules(profile), facts)
}

fn response(fields: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\n{fields}\r\n").as_bytes(), body].concat()
}

fn data(exchange: &Exchange, bytes: &[u8]) {
    exchange.data(Bytes::copy_from_slice(bytes));
}

fn readany(exchange: &Exchange) -> Poll<Result<Bytes, Failure>> {
    tokio_test::task::spawn(exchange.readany()).poll()
}

fn failure(exchange: &Exchange) -> Failure {
    if let Some(failure) = &exchange.facts().failed {
        return failure.clone();
    }
    loop {
        match readany(exchange) {
            Poll::Ready(Ok(bytes)) if !bytes.is_empty() => {}
            Poll::Ready(Err(failure)) => return failure,
            other => panic!("no failure: {other:?}"),
        }
    }
}

/// Exception, cause, messages.
fn said(failure: &Failure) -> (&str, FailureCause, Vec<&str>) {
    (
        failure.exception.as_deref().unwrap(),
        failure.cause,
        failure.error.iter().map(|link| &link.message[..]).collect(),
    )
}

fn cut(profile: &str, wire: &[u8], error: Option<io::Error>) -> Failure {
    let exchange = exchange(profile, Parser::C);
    data(&exchange, wire);
    exchange.closed(error);
    failure(&exchange)
}

fn reset() -> Option<io::Error> {
    Some(io::ErrorKind::ConnectionReset.into())
}

#[test]
fn a_short_body_says_what_its_release_says() {
    let wire = response("Content-Length: 100\r\n", b"hello");
    let by_fin = cut("aiohttp-3.8.6", &wire, None);
    assert_eq!(
        said(&by_fin),
        (
            "ClientPayloadError",
            FailureCause::ClosedEarly,
            vec!["Response payload is not completed"]
        )
    );
    let by_fin = cut("aiohttp-3.13.5", &wire, None);
    assert_eq!(
        said(&by_fin).2,
        [
            "Response payload is not completed: <ContentLengthError: 400, message='Not enough \
             data to satisfy content length header.'>",
            "ContentLengthError: 400, message:\n  Not enough data to satisfy content length \
             header.",
        ]
    );
    let by_reset = cut("aiohttp-3.14.5", &wire, reset());
    assert_eq!(
        said(&by_reset),
        (
            "ClientPayloadError",
            FailureCause::Reset,
            vec![
                "Response payload is not completed: <ContentLengthError: 400, message='Not \
                 enough data to satisfy content length header (received 5 of 100 bytes).'>. \
                 ConnectionResetError(104, 'Connection reset by peer')",
                "ContentLengthError: 400, message:\n  Not enough data to satisfy content length \
                 header (received 5 of 100 bytes).",
                "ConnectionResetError: [Errno 104] Connection reset by peer",
            ]
        )
    );
    assert_eq!(by_reset.error[2].errno, Some(104));
    let chunks = response("Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n0\r\n");
    let failure = cut("aiohttp-3.14.5", &chunks, None);
    assert!(
        failure.error[1]
            .message
            .starts_with("TransferEncodingError: 400")
    );
}

#[test]
fn before_the_head_a_reset_is_an_os_error_with_its_number() {
    let failure = cut("aiohttp-3.14.5", b"HTTP/1.1 2", reset());
    assert_eq!(
        said(&failure),
        (
            "ClientOSError",
            FailureCause::Reset,
            vec![
                "[Errno 104] Connection reset by peer",
                "ConnectionResetError: [Errno 104] Connection reset by peer"
            ]
        )
    );
    let failure = cut("aiohttp-3.14.5", b"HTTP/1.1 2", None);
    assert_eq!(said(&failure).2, ["Server disconnected"]);
}

#[test]
fn a_refused_head_names_the_parsers_exception() {
    let link = |profile, parser, wire: &[u8]| {
        let exchange = exchange(profile, parser);
        data(&exchange, wire);
        let failure = failure(&exchange);
        assert_eq!(failure.exception.as_deref(), Some("ClientResponseError"));
        let last = failure.error.last().unwrap().message.clone();
        (
            failure.error.len(),
            last.split(':').next().unwrap().to_owned(),
        )
    };
    let ssh = b"SSH-2.0-x\r\n".as_slice();
    let (c, python) = (Parser::C, Parser::Python);
    assert_eq!(link("aiohttp-3.14.5", c, ssh), (3, "BadStatusLine".into()));
    assert_eq!(link("aiohttp-3.13.5", c, ssh), (3, "BadHttpMessage".into()));
    assert_eq!(link("aiohttp-3.8.6", c, ssh), (2, "BadHttpMessage".into()));
    let field = b"HTTP/1.1 200 OK\r\nFoo bar\r\n\r\n".as_slice();
    assert_eq!(link("aiohttp-3.14.5", c, field).1, "BadHttpMessage");
    assert_eq!(link("aiohttp-3.14.5", python, field).1, "InvalidHeader");
    let long = response(&format!("X: {}\r\n", "y".repeat(9000)), b"");
    assert_eq!(link("aiohttp-3.8.6", c, &long).1, "LineTooLong");
}

const CHUNKED: &str = "Transfer-Encoding: chunked\r\n";

/// A whole chunk, then in a read of its own what is none.
fn bad_chunk(profile: &str, parser: Parser) -> Rc<Exchange> {
    let exchange = exchange(profile, parser);
    data(&exchange, &response(CHUNKED, b"5\r\nhello\r\n"));
    assert!(matches!(readany(&exchange), Poll::Ready(Ok(bytes)) if bytes == "hello"));
    exchange
}

#[test]
fn after_a_bad_chunk_the_compiled_parser_tells_a_waiting_read_nothing() {
    for profile in ["aiohttp-3.8.6", "aiohttp-3.14.5"] {
        let exchange = bad_chunk(profile, Parser::C);
        let mut read = tokio_test::task::spawn(exchange.readany());
        assert!(read.poll().is_pending());
        data(&exchange, b"xyz\r\n");
        assert!(exchange.facts().hung_up && !exchange.facts().finished);
        assert_eq!(exchange.facts().sock_read_due, None);
        exchange.disconnected();
        assert!(!read.is_woken() || read.poll().is_pending());
        exchange.expired(Deadline::Total);
        assert!(matches!(read.poll(), Poll::Ready(Err(failure))
            if failure == Failure::deadline(Deadline::Total)));
    }
}

#[test]
fn after_a_bad_chunk_a_later_read_fails_from_3_10_6_on_and_waits_before() {
    let late = |profile| {
        let exchange = bad_chunk(profile, Parser::C);
        data(&exchange, b"3\r\nabc\r\nxyz\r\n");
        exchange.disconnected();
        // The fed bytes can still be read.
        assert!(matches!(readany(&exchange), Poll::Ready(Ok(bytes)) if bytes == "abc"));
        readany(&exchange)
    };
    assert!(late("aiohttp-3.10.5").is_pending());
    let Poll::Ready(Err(failure)) = late("aiohttp-3.10.6") else {
        panic!("it waits");
    };
    assert_eq!(
        said(&failure),
        (
            "RuntimeError",
            FailureCause::Malformed,
            vec!["Connection closed."]
        )
    );
}

#[test]
fn after_a_bad_chunk_the_python_parser_fails_the_read_at_once() {
    let waiting = bad_chunk("aiohttp-3.14.5", Parser::Python);
    let mut read = tokio_test::task::spawn(waiting.readany());
    assert!(read.poll().is_pending());
    data(&waiting, b"xyz\r\n");
    let Poll::Ready(Err(first)) = read.poll() else {
        panic!("it waits");
    };
    assert_eq!(first.exception.as_deref(), Some("TransferEncodingError"));
    let second = failure(&waiting);
    assert_eq!(second.exception.as_deref(), Some("ClientPayloadError"));
    assert!(second.error[1].message.starts_with("TransferEncodingError"));
}

#[test]
fn the_parser_in_python_ends_a_chunk_with_its_last_byte_and_the_compiled_one_with_its_line() {
    for (parser, lost) in [(Parser::Python, false), (Parser::C, true)] {
        let exchange = exchange("aiohttp-3.14.5", parser);
        data(&exchange, &response(CHUNKED, b"5\r\nhello"));
        assert!(matches!(readany(&exchange), Poll::Ready(Ok(bytes)) if bytes == "hello"));
        let mut read = tokio_test::task::spawn(exchange.readany());
        assert!(read.poll().is_pending());
        // If the end of the line is that of the chunk, it has woken the read
        // before the size after it is refused, and there is nothing to read.
        data(&exchange, b"\r\nxyz\r\n");
        assert_eq!(read.poll().is_pending(), lost, "{parser:?}");
        // Both close the connection.
        assert!(exchange.facts().hung_up, "{parser:?}");
    }
}

#[test]
fn what_is_malformed_in_the_read_of_the_head_fails_the_request() {
    for body in [b"hello".as_slice(), b"5\r\nhello\r\nxyz\r\n"] {
        let exchange = exchange("aiohttp-3.14.5", Parser::C);
        data(&exchange, &response(CHUNKED, body));
        assert!(exchange.facts().head.is_none() && !exchange.facts().hung_up);
        let failure = failure(&exchange);
        assert_eq!(failure.exception.as_deref(), Some("ClientResponseError"));
    }
    // Bytes that are no response behind a whole body do so too, and in a read
    // of their own they do nothing.
    let junk = exchange("aiohttp-3.14.5", Parser::C);
    data(&junk, &response("Content-Length: 5\r\n", b"hellojunk"));
    assert!(junk.facts().head.is_none());
    let later = exchange("aiohttp-3.14.5", Parser::C);
    data(&later, &response("Content-Length: 5\r\n", b"he"));
    data(&later, b"llojunk");
    assert!(later.facts().ended && !later.facts().hung_up);
}

#[test]
fn a_cut_deflate_body_is_refused_and_inside_its_framing_nobody_is_told() {
    let mut writer = ZlibEncoder::new(Vec::new(), Compression::none());
    writer.write_all(&[7; 1000]).unwrap();
    let half = &writer.finish().unwrap()[..500];
    let fields = "Content-Encoding: deflate\r\nContent-Length: 500\r\n";
    let split = |parser| {
        let exchange = exchange("aiohttp-3.14.5", parser);
        data(&exchange, &response(fields, &half[..100]));
        data(&exchange, &half[100..]);
        exchange
    };
    assert!(split(Parser::C).facts().hung_up);
    let failure = failure(&split(Parser::Python));
    assert_eq!(failure.exception.as_deref(), Some("ClientPayloadError"));
    let closed = cut(
        "aiohttp-3.14.5",
        &response("Content-Encoding: deflate\r\n", half),
        reset(),
    );
    assert_eq!(closed.cause, FailureCause::Reset);
    assert!(
        closed.error[0]
            .message
            .contains("<ContentEncodingError: 400, message='deflate'>")
    );
}

/// Fed in reads of 256 KiB, as off a transport: the pause falls on the last.
fn paused_on_the_last_piece(profile: &str) -> Rc<Exchange> {
    let exchange = exchange(profile, Parser::C);
    data(&exchange, &response("Content-Length: 600000\r\n", b""));
    for piece in vec![7; 600_000].chunks(262_144) {
        data(&exchange, piece);
    }
    exchange
}

#[test]
fn an_end_while_paused_on_the_last_piece_fails_in_3_14_0_to_3_14_3_alone() {
    for (profile, fails) in [
        ("aiohttp-3.14.0", true),
        ("aiohttp-3.14.3", true),
        ("aiohttp-3.14.4", false),
        ("aiohttp-3.14.5", false),
    ] {
        let exchange = paused_on_the_last_piece(profile);
        assert!(exchange.is_paused() && !exchange.facts().ended, "{profile}");
        exchange.closed(None);
        assert_eq!(exchange.facts().ended, !fails, "{profile}");
        if fails {
            let failure = failure(&exchange);
            assert_eq!(failure.exception.as_deref(), Some("ClientPayloadError"));
            let text = "(received 600000 of 600000 bytes)";
            assert!(failure.error[0].message.contains(text), "{failure:?}");
        }
    }
    // The parser of 3.13 does not pause: the end was parsed with the bytes.
    let old = exchange("aiohttp-3.13.5", Parser::C);
    data(&old, &response("Content-Length: 200000\r\n", &[7; 200_000]));
    assert!(old.facts().ended);
    old.closed(None);
    assert!(matches!(readany(&old), Poll::Ready(Ok(bytes)) if bytes.len() == 200_000));
}

/// Reads 100,000 bytes at a time until the response has ended and `sock_read`
/// runs, or nothing is left. Whether it ran.
fn sock_read_runs_behind_the_end(exchange: &Exchange) -> bool {
    loop {
        let read = tokio_test::task::spawn(exchange.read(50_000)).poll();
        if exchange.facts().ended && exchange.facts().sock_read_due.is_some() {
            return true;
        }
        match read {
            Poll::Ready(Ok(bytes)) if bytes.is_empty() => return false,
            Poll::Ready(Ok(_)) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_resume_behind_the_end_starts_sock_read_which_then_destroys_a_whole_body() {
    let old = |profile| {
        let exchange = exchange(profile, Parser::C);
        data(
            &exchange,
            &response("Content-Length: 250000\r\n", &[7; 250_000]),
        );
        assert!(exchange.facts().ended);
        exchange
    };
    // The end resumes from 3.11.11 on, before `sock_read` is dropped.
    assert!(sock_read_runs_behind_the_end(&old("aiohttp-3.8.6")));
    assert!(sock_read_runs_behind_the_end(&old("aiohttp-3.11.10")));
    assert!(!sock_read_runs_behind_the_end(&old("aiohttp-3.13.5")));
    // 3.14.0 and 3.14.1 start it with every resume, later ones where the end
    // was parsed in the resume.
    assert!(sock_read_runs_behind_the_end(&old("aiohttp-3.14.1")));
    assert!(!sock_read_runs_behind_the_end(&old("aiohttp-3.14.2")));
    let exchange = paused_on_the_last_piece("aiohttp-3.14.5");
    assert!(sock_read_runs_behind_the_end(&exchange));
    exchange.expired(Deadline::SockRead);
    assert_eq!(failure(&exchange), Failure::deadline(Deadline::SockRead));
}

#[test]
fn decoding_pauses_between_its_steps_from_3_14_on() {
    let mut writer = ZlibEncoder::new(Vec::new(), Compression::default());
    writer.write_all(&vec![0; 1 << 20]).unwrap();
    let coded = writer.finish().unwrap();
    let fields = format!(
        "Content-Encoding: deflate\r\nContent-Length: {}\r\n",
        coded.len()
    );
    let first = |profile, read_all| {
        let exchange = exchange(profile, Parser::C);
        data(&exchange, &response(&fields, b""));
        if read_all {
            exchange.begin_read_all();
        }
        data(&exchange, &coded);
        match readany(&exchange) {
            Poll::Ready(Ok(bytes)) => bytes.len(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(first("aiohttp-3.13.5", false), 1 << 20);
    assert_eq!(first("aiohttp-3.14.5", false), 3 << 18);
    assert_eq!(first("aiohttp-3.14.5", true), 1 << 20);
}
