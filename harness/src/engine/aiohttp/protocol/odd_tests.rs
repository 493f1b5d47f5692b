//! Odd bytes, by release and parser: what the real library was seen to do with them.
//! `harness/conformance/generate.py` draws thousands more.

use std::task::Poll;

use bytes::Bytes;
use shortread_server::{clock::Clock, scenario::Parser};

use super::*;
use crate::engine::aiohttp::{Facts, Incoming, reader::Profile};

const RELEASES: [&str; 5] = ["3.8.6", "3.9.5", "3.11.18", "3.13.5", "3.14.5"];
const BOTH: [Parser; 2] = [Parser::C, Parser::Python];

/// A client that reads whenever something comes.
struct Client {
    incoming: Incoming,
    got: Vec<u8>,
    end: Option<Result<(), Failure>>,
}

impl Client {
    fn new(release: &str, parser: Parser) -> Self {
        let rules = Profile::parse(&format!("aiohttp-{release}"))
            .unwrap()
            .0
            .rules;
        let facts = Facts::new(Clock::real(), None, None);
        Self {
            incoming: Incoming::new(Box::new(Protocol::new(parser)), &rules, facts),
            got: Vec::new(),
            end: None,
        }
    }

    fn read(&mut self) {
        match self.incoming.poll_head() {
            Poll::Ready(Ok(_)) => {}
            Poll::Ready(Err(failure)) => {
                self.end = Some(Err(failure));
                return;
            }
            Poll::Pending => return,
        }
        while self.end.is_none() {
            match self.incoming.poll_readany() {
                Poll::Pending => return,
                Poll::Ready(Ok(bytes)) if bytes.is_empty() => self.end = Some(Ok(())),
                Poll::Ready(Ok(bytes)) => self.got.extend_from_slice(&bytes),
                Poll::Ready(Err(failure)) => self.end = Some(Err(failure)),
            }
        }
    }

    fn data(&mut self, piece: &[u8]) {
        if self.incoming.is_finished() || self.incoming.has_hung_up() {
            return;
        }
        self.incoming.data(Bytes::copy_from_slice(piece));
        self.read();
        if self.incoming.has_hung_up() {
            self.incoming.disconnected();
            self.read();
        }
    }

    /// The end in a word: `whole`, `waits`, or the exception.
    fn told(&self) -> (&str, usize) {
        let end = match &self.end {
            None => "waits",
            Some(Ok(())) => "whole",
            Some(Err(failure)) => failure.exception.as_deref().unwrap_or_default(),
        };
        (end, self.got.len())
    }
}

/// Plays `pieces` with nothing behind them.
fn play(release: &str, parser: Parser, pieces: &[&[u8]]) -> Client {
    let mut client = Client::new(release, parser);
    for piece in pieces {
        client.data(piece);
    }
    client
}

#[track_caller]
fn ends(release: &str, parser: Parser, pieces: &[&[u8]], expected: (&str, usize)) {
    let client = play(release, parser, pieces);
    assert_eq!(client.told(), expected, "{release} {parser:?}");
}

const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/// A healthy chunk, then `odd`, each in a read of its own.
fn behind_a_chunk(odd: &[u8]) -> [Vec<u8>; 3] {
    [CHUNKED.into(), b"3\r\nabc\r\n".into(), odd.into()]
}

#[track_caller]
fn chunk_ends(release: &str, parser: Parser, odd: &[u8], expected: (&str, usize)) {
    let pieces = behind_a_chunk(odd);
    let pieces: Vec<&[u8]> = pieces.iter().map(|piece| &piece[..]).collect();
    ends(release, parser, &pieces, expected);
}

fn with(fields: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\n{fields}\r\n").into()
}

#[test]
fn a_chunk_size_one_too_large_is_success_with_a_cr_in_the_file() {
    for release in RELEASES {
        for parser in BOTH {
            let wire = [CHUNKED, b"4\r\nabc\r\n0\r\n\r\n"].concat();
            let client = play(release, parser, &[&wire]);
            assert_eq!(client.told(), ("whole", 4), "{release} {parser:?}");
            assert_eq!(client.got, b"abc\r");
        }
    }
}

#[test]
fn lf_alone_behind_a_chunk_ends_it_and_behind_a_size_only_in_python() {
    for release in RELEASES {
        for parser in BOTH {
            chunk_ends(release, parser, b"2\r\nde\n0\r\n\r\n", ("whole", 5));
        }
        chunk_ends(release, Parser::Python, b"2\nde\r\n0\r\n\r\n", ("whole", 5));
        // llhttp takes that LF for the CR, and wants another.
        chunk_ends(release, Parser::C, b"2\nde\r\n0\r\n\r\n", ("waits", 3));
    }
}

#[test]
fn the_compiled_parser_refuses_odd_extensions_and_trailers_and_tells_nobody() {
    for odd in [
        b"2;\0\r\nde\r\n".as_slice(),
        b"2; n\r\nde\r\n",
        b"2;n\xc3\xa9\r\nde\r\n",
        b"2;n=\"\x01\"\r\nde\r\n",
        b"0\r\nbad\r\n\r\n",
        b"0\r\n: y\r\n\r\n",
    ] {
        chunk_ends("3.9.5", Parser::C, odd, ("waits", 3));
        // A read that came later would get a RuntimeError; this one waits.
        chunk_ends("3.14.5", Parser::C, odd, ("waits", 3));
    }
    let quoted = b"2;n=\"v \\\" w\";m;k=v\r\nde\r\n0\r\nX: y\r\n\r\n";
    chunk_ends("3.14.5", Parser::C, quoted, ("whole", 5));
}

/// Three bytes that are no brotli stream and no zstd frame.
#[test]
fn br_is_decoded_by_every_release_and_zstd_from_3_13_on() {
    for parser in BOTH {
        for (release, coding, expected) in [
            ("3.7.4", "br", ("ClientPayloadError", 0)),
            ("3.8.6", "Br", ("ClientPayloadError", 0)),
            ("3.14.5", "BR", ("ClientPayloadError", 0)),
            ("3.14.5", "gzip, br", ("whole", 3)),
            ("3.14.5", "br, br", ("whole", 3)),
            ("3.14.5", "brotli", ("whole", 3)),
            ("3.12.15", "zstd", ("whole", 3)),
            ("3.13.0", "zstd", ("ClientPayloadError", 0)),
            ("3.14.5", "zstd", ("ClientPayloadError", 0)),
            ("3.14.5", "zstandard", ("whole", 3)),
        ] {
            let fields = format!("Content-Encoding: {coding}\r\nContent-Length: 3\r\n");
            let wire = [with(&fields), b"<ht".into()].concat();
            ends(release, parser, &[&wire], expected);
        }
    }
}

#[test]
fn a_coding_in_capitals_is_zlib_from_3_13_3_to_3_14_3() {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(b"abc").unwrap();
    let body = encoder.finish().unwrap();
    let fields = format!(
        "Content-Encoding: GZIP\r\nContent-Length: {}\r\n",
        body.len()
    );
    let wire = [with(&fields), body].concat();
    for parser in BOTH {
        ends("3.13.0", parser, &[&wire], ("whole", 3));
        ends("3.13.3", parser, &[&wire], ("ClientPayloadError", 0));
        ends("3.14.3", parser, &[&wire], ("ClientPayloadError", 0));
        ends("3.14.4", parser, &[&wire], ("whole", 3));
    }
}

#[test]
fn both_parsers_take_folded_fields_and_control_bytes() {
    for release in RELEASES {
        for parser in BOTH {
            let wire = with("X: a\r\n b\r\nY: \x01\x7f\r\nContent-Length: 3\r\n");
            ends(release, parser, &[&wire, b"abc"], ("whole", 3));
        }
    }
    // NUL is refused from 3.13.4 on by the compiled parser too.
    let nul = with("X: \0\r\nContent-Length: 3\r\n");
    ends("3.13.3", Parser::C, &[&nul, b"abc"], ("whole", 3));
    ends("3.13.4", Parser::C, &[&nul], ("ClientResponseError", 0));
    ends("3.8.6", Parser::Python, &[&nul], ("ClientResponseError", 0));
}

#[test]
fn http_2_0_and_0_9_are_versions_and_1_2_is_one_in_python_alone() {
    for release in RELEASES {
        for version in ["2.0", "0.9"] {
            let head = format!("HTTP/{version} 200 OK\r\nContent-Length: 3\r\n\r\nabc");
            for parser in BOTH {
                ends(release, parser, &[head.as_bytes()], ("whole", 3));
            }
        }
        let head = b"HTTP/1.2 200 OK\r\nContent-Length: 3\r\n\r\nabc";
        ends(release, Parser::Python, &[head], ("whole", 3));
        ends(release, Parser::C, &[head], ("ClientResponseError", 0));
    }
}

#[test]
fn a_101_is_a_response_without_a_body() {
    for release in RELEASES {
        for parser in BOTH {
            let head = b"HTTP/1.1 101 Switching Protocols\r\n\r\n";
            ends(release, parser, &[head], ("whole", 0));
        }
    }
}

#[test]
fn a_length_of_64_ones_is_no_body_and_a_larger_one_is_refused_or_waited_for() {
    for release in RELEASES {
        let most = with("Content-Length: 18446744073709551615\r\n");
        ends(release, Parser::C, &[&most, b"abc"], ("whole", 0));
        ends(release, Parser::Python, &[&most, b"abc"], ("waits", 3));
        let more = with("Content-Length: 99999999999999999999\r\n");
        ends(release, Parser::C, &[&more], ("ClientResponseError", 0));
        ends(release, Parser::Python, &[&more, b"abc"], ("waits", 3));
    }
}

#[test]
fn a_transfer_encoding_of_any_name_excludes_a_length() {
    for release in RELEASES {
        for parser in BOTH {
            for coding in ["identity", "xchunked", "chunked"] {
                let fields = format!("Transfer-Encoding: {coding}\r\nContent-Length: 3\r\n");
                let wire = with(&fields);
                ends(release, parser, &[&wire], ("ClientResponseError", 0));
            }
        }
    }
}

#[test]
fn in_python_a_coding_but_chunked_is_refused_before_3_10_6_and_ends_with_the_connection_since() {
    let wire = with("Transfer-Encoding: gzip\r\n");
    let python = |release, expected| ends(release, Parser::Python, &[&wire, b"abc"], expected);
    python("3.10.5", ("ClientResponseError", 0));
    python("3.10.6", ("waits", 3));
    ends("3.8.6", Parser::C, &[&wire, b"abc"], ("waits", 3));
}

#[test]
fn in_python_a_healthy_chunk_whose_crlf_comes_in_a_later_read_hangs_before_3_10_6() {
    let pieces = [CHUNKED, b"3\r\nabc", b"\r\n0\r\n\r\n"];
    ends("3.8.6", Parser::Python, &pieces, ("waits", 3));
    ends("3.10.5", Parser::Python, &pieces, ("waits", 3));
    ends("3.10.6", Parser::Python, &pieces, ("whole", 3));
    ends("3.8.6", Parser::C, &pieces, ("whole", 3));
}

#[test]
fn in_python_trailers_hide_the_end_before_3_12_14() {
    let pieces = [CHUNKED, b"3\r\nabc\r\n0\r\nX: y\r\n\r\n"];
    ends("3.12.13", Parser::Python, &pieces, ("waits", 3));
    ends("3.12.14", Parser::Python, &pieces, ("whole", 3));
    let bare = [CHUNKED, b"3\r\nabc\r\n0\r\n", b"\r\n"];
    ends("3.12.13", Parser::Python, &bare, ("waits", 3));
    ends("3.12.14", Parser::Python, &bare, ("whole", 3));
}

#[test]
fn in_python_sizes_have_no_bound_and_the_compiled_parser_takes_64_bits() {
    for release in RELEASES {
        let size = b"FFFFFFFFFFFFFFFFF\r\nde";
        chunk_ends(release, Parser::Python, size, ("waits", 5));
        chunk_ends(release, Parser::C, size, ("waits", 3));
        chunk_ends(release, Parser::C, b"FFFFFFFFFFFFFFFF\r\nde", ("waits", 5));
    }
}

#[test]
fn in_python_a_bad_size_is_told_to_who_waits_and_then_to_who_comes_later() {
    for release in RELEASES {
        let odd = b"XYZ\r\n";
        chunk_ends(release, Parser::Python, odd, ("TransferEncodingError", 3));
        // A reader that comes before the connection is lost, and one behind that.
        let mut late = Client::new(release, Parser::Python);
        late.incoming.data(Bytes::from_static(CHUNKED));
        late.incoming.data(Bytes::from_static(odd));
        let first = late.incoming.poll_readany();
        let text = |poll: &Poll<Result<Bytes, Failure>>| match poll {
            Poll::Ready(Err(failure)) => failure.error[0].message.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(text(&first), "400, message:\n  XYZ\r", "{release}");
        if late.incoming.has_hung_up() {
            late.incoming.disconnected();
        }
        let closes = matches!(release, "3.13.5" | "3.14.5");
        let second = text(&late.incoming.poll_readany());
        assert_eq!(
            second.starts_with("Response payload is not completed: <TransferEncodingError"),
            closes,
            "{release}: {second}"
        );
    }
}

#[test]
fn in_python_what_is_behind_a_chunk_fails_from_3_13_4_on_and_hangs_before() {
    let pieces = [CHUNKED, b"3\r\nabc", b"xx\r\n"];
    ends("3.13.3", Parser::Python, &pieces, ("waits", 3));
    let failed = ("TransferEncodingError", 3);
    ends("3.13.4", Parser::Python, &pieces, failed);
}

#[test]
fn a_refused_head_has_the_texts_of_its_release() {
    let chain = |release, parser, wire: &[u8]| {
        let client = play(release, parser, &[wire]);
        let Some(Err(failure)) = client.end else {
            panic!("{release} takes it");
        };
        let links: Vec<String> = failure.error.into_iter().map(|link| link.message).collect();
        links.join(" <- ").replace('\n', "/")
    };
    let wire = b"HTTP/1.1 2x0 OK\r\n\r\n";
    assert_eq!(
        chain("3.8.6", Parser::C, wire),
        "400, message='Invalid status code' <- BadStatusLine: 400, message:/  Invalid status code"
    );
    assert_eq!(
        chain("3.9.5", Parser::C, wire),
        "0, message='' <- HttpProcessingError: 0, message:/ <- BadStatusLine: 400, message:/  \
         Invalid status code"
    );
    assert_eq!(
        chain("3.14.5", Parser::C, wire),
        "400, message='Bad status line:\\n  Invalid status code' <- HttpProcessingError: 400, \
         message:/  Bad status line:/    Invalid status code <- BadStatusLine: 400, message:/  \
         Bad status line:/    Invalid status code"
    );
    assert_eq!(
        chain(
            "3.11.18",
            Parser::Python,
            b"HTTP/1.1 200 OK\r\nA B: c\r\n\r\n"
        ),
        "400, message='Invalid HTTP header' <- HttpProcessingError: 400, message:/  Invalid HTTP \
         header <- InvalidHeader: 400, message:/  Invalid HTTP header"
    );
}

#[test]
fn a_line_of_8190_bytes_passes_and_a_head_has_128_fields_from_3_13_4_on() {
    let field = |name: usize, value: usize| {
        let (name, value) = ("n".repeat(name), "v".repeat(value));
        with(&format!("{name}: {value}\r\nContent-Length: 3\r\n"))
    };
    let c = |release, wire: &[u8], expected| ends(release, Parser::C, &[wire, b"abc"], expected);
    c("3.13.3", &field(1, 8190), ("whole", 3));
    c("3.13.3", &field(1, 8191), ("ClientResponseError", 0));
    c("3.13.4", &field(1, 8189), ("whole", 3));
    c("3.13.4", &field(1, 8190), ("ClientResponseError", 0));
    let fields = |count: usize| with(&("X: v\r\n".repeat(count - 1) + "Content-Length: 3\r\n"));
    c("3.13.3", &fields(300), ("whole", 3));
    c("3.13.4", &fields(128), ("whole", 3));
    c("3.13.4", &fields(129), ("ClientResponseError", 0));
    // In Python the lines count: the status line and the empty one are two of them.
    let python = |wire: &[u8], expected| ends("3.14.5", Parser::Python, &[wire, b"abc"], expected);
    python(&fields(126), ("whole", 3));
    python(&fields(127), ("ClientResponseError", 0));
}

#[test]
fn a_second_length_is_refused_but_by_the_parser_in_python_from_3_13_5_on() {
    let wire = with("Content-Length: 3\r\nContent-Length: 4\r\n");
    for release in RELEASES {
        ends(release, Parser::C, &[&wire], ("ClientResponseError", 0));
    }
    let python = |release, expected| ends(release, Parser::Python, &[&wire, b"abc"], expected);
    python("3.13.4", ("ClientResponseError", 0));
    python("3.13.5", ("whole", 3));
}

#[test]
fn a_line_without_end_is_refused_at_2_mib() {
    let mut client = Client::new("3.8.6", Parser::Python);
    for _ in 0..9 {
        client.data(&[b'x'; 1 << 18]);
    }
    assert_eq!(client.told(), ("ClientResponseError", 0));
    // The compiled parser keeps none of it.
    let mut client = Client::new("3.8.6", Parser::C);
    client.data(b"HTTP/1.1 200 OK\r\nX: ");
    client.data(&[b'x'; 1 << 18]);
    assert_eq!(client.told(), ("ClientResponseError", 0));
}
