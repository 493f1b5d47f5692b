//! The server's bytes: any bytes in any pieces, into aiohttp's protocol of any
//! release, with any behaviour of the reader.
//!
//! The first three bytes choose release, parser, strategy and pieces; the rest is
//! on the wire.

use std::{io, task::Poll};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use shortread::{
    client::Failure,
    engine::aiohttp::{
        Facts, Incoming, Protocol,
        reader::{Profile, ReadSize},
    },
    measure::heap::Budget,
};
use shortread_server::{clock::Clock, scenario::Parser};

use crate::{Heard, Syntax, Target, no_words};

pub(crate) const TARGET: Target = Target {
    name: "client",
    run,
    seeds,
    // Compressed a thousandfold, an input of that length is 16 MiB.
    longest: 16 << 10,
    choices: 3,
    syntax: Some(Syntax::Http),
    words: no_words,
    fresh: None,
};

/// One release of each set of rules, and the newest.
const RELEASES: [&str; 8] = [
    "3.7.0", "3.8.6", "3.9.5", "3.10.11", "3.11.18", "3.13.5", "3.14.3", "3.14.5",
];

/// `client.memory`, where the allocator counts.
const BUDGET: u64 = 32 << 20;

/// The choices of the bytes before those of the wire.
struct Choices {
    release: &'static str,
    parser: Parser,
    call: Call,
    /// Bytes in each piece; none is all.
    piece: usize,
    /// Reads between two pieces.
    eager: bool,
    ends_with_reset: bool,
}

#[derive(Clone, Copy)]
enum Call {
    Read(ReadSize),
    ReadAny,
    ReadChunk,
}

impl Choices {
    fn of([first, second, piece]: [u8; 3]) -> Self {
        Self {
            release: RELEASES[usize::from(first & 7)],
            parser: match first & 8 {
                0 => Parser::C,
                _ => Parser::Python,
            },
            call: match second & 7 {
                0 => Call::Read(ReadSize::All),
                1 => Call::ReadAny,
                2 => Call::ReadChunk,
                exponent => Call::Read(ReadSize::UpTo(1 << (4 * exponent - 12))),
            },
            eager: second & 8 == 0,
            ends_with_reset: second & 16 != 0,
            piece: usize::from(piece),
        }
    }
}

fn run(input: &[u8]) -> Heard {
    let Some((choices, wire)) = input.split_first_chunk::<3>() else {
        return Heard::Refused;
    };
    let choices = Choices::of(*choices);
    let release = format!("aiohttp-{}", choices.release);
    let (profile, _) = Profile::parse(&release).expect("a release that there is");
    let facts = Facts::new(Clock::real(), None, Budget::from_now(BUDGET));
    let source = Box::new(Protocol::new(choices.parser));
    let mut client = Client {
        incoming: Incoming::new(source, &profile.rules, facts),
        call: choices.call,
        over: false,
    };
    client.incoming.request_written();
    if let Call::Read(ReadSize::UpTo(n)) = choices.call {
        client.incoming.begin_iter_chunked(n);
    }
    let len = match choices.piece {
        0 => wire.len().max(1),
        len => len,
    };
    for piece in wire.chunks(len) {
        client.arrive(Bytes::copy_from_slice(piece), choices.eager);
    }
    client.end(choices.ends_with_reset)
}

struct Client {
    incoming: Incoming,
    call: Call,
    /// The caller has its end, or its error.
    over: bool,
}

impl Client {
    /// The connection's owner takes a piece that it has read.
    fn arrive(&mut self, piece: Bytes, eager: bool) {
        if self.incoming.is_paused() || eager {
            self.read_all_there_is();
        }
        let deaf = self.incoming.is_finished() || self.incoming.has_hung_up();
        if !deaf && !self.incoming.is_paused() {
            self.incoming.data(piece);
        }
    }

    /// A response without a head is refused; all bytes behind a head are a body,
    /// and the client has to handle its errors.
    fn end(mut self, with_reset: bool) -> Heard {
        self.read_all_there_is();
        if !self.incoming.is_finished() {
            let error = with_reset.then(|| io::Error::from(io::ErrorKind::ConnectionReset));
            self.incoming.closed(error);
        }
        self.read_all_there_is();
        match self.incoming.poll_head().map_ok(|head| head.status) {
            Poll::Ready(Ok(_)) => Heard::Taken,
            _ => Heard::Refused,
        }
    }

    fn read_all_there_is(&mut self) {
        if !matches!(self.incoming.poll_head(), Poll::Ready(Ok(_))) {
            return;
        }
        while !self.over {
            match self.read() {
                // An empty chunk is the end of a read that asked for something.
                Poll::Ready(Ok((bytes, end_of_chunk))) => {
                    self.over = bytes.is_empty() && !end_of_chunk;
                }
                Poll::Ready(Err(failure)) => {
                    assert!(!failure.error.is_empty(), "it fails without a reason");
                    self.over = true;
                }
                Poll::Pending => return,
            }
        }
    }

    fn read(&mut self) -> Poll<Result<(Bytes, bool), Failure>> {
        let incoming = &mut self.incoming;
        match self.call {
            Call::Read(n) => incoming.poll_read(n).map_ok(|data| (data, false)),
            Call::ReadAny => incoming.poll_readany().map_ok(|data| (data, false)),
            Call::ReadChunk => incoming
                .poll_readchunk()
                .map_ok(|chunk| (chunk.data, chunk.end)),
        }
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let text: Vec<u8> = (0..3_000u32).map(|n| (n / 7) as u8).collect();
    let mut seeds = Vec::new();
    for (number, wire) in responses(&text).into_iter().enumerate() {
        for release in [0, 3, 6, 7, 15] {
            let call = (number % 8) as u8;
            seeds.push([&[release, call, 0], wire.as_slice()].concat());
            seeds.push([&[release, call | 8, 50], wire.as_slice()].concat());
        }
    }
    seeds
}

/// One of each kind: framings, codings, their errors.
fn responses(text: &[u8]) -> Vec<Vec<u8>> {
    let head = |fields: &str| format!("HTTP/1.1 200 OK\r\n{fields}\r\n").into_bytes();
    let with = |fields: &str, body: &[u8]| [head(fields), body.to_vec()].concat();
    let len = |body: &[u8]| format!("Content-Length: {}\r\n", body.len());
    const CHUNKED: &str = "Transfer-Encoding: chunked\r\n";
    const GZIP: &str = "Content-Encoding: gzip\r\n";
    let coded = gzip(text);
    let mut corrupt = coded.clone();
    corrupt[20] ^= 0x55;
    vec![
        with(&len(text), text),
        with(&len(&text[..100]), text),
        with("Content-Length: 5000\r\n", text),
        with(CHUNKED, &chunked(text, 500)),
        with(CHUNKED, &chunked(text, 7)[..400]),
        with(CHUNKED, b"5\r\nhello\r\nzz\r\nno\r\n"),
        with(CHUNKED, b"5;x=\"y\"\r\nhelloo\r\n0\r\n\r\n"),
        with("", text),
        with(&[GZIP, &len(&coded)].concat(), &coded),
        with(&[GZIP, &len(&coded)].concat(), &corrupt),
        with(&[GZIP, CHUNKED].concat(), &chunked(&coded, 100)),
        with(
            &[GZIP, CHUNKED].concat(),
            &chunked(&gzip(&[0; 200_000]), 90),
        ),
        with(GZIP, &[coded.clone(), coded.clone()].concat()),
        with("Content-Encoding: deflate\r\n", &coded),
        [
            b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(),
            with(&len(b"ok"), b"ok"),
        ]
        .concat(),
        b"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\n\r\n".to_vec(),
        b"HTTP/1.0 206 Partial\r\nContent-Length: 3\r\nX: a\r\n b\r\n\r\nabc".to_vec(),
        b"HTTP/1.1 abc\r\n\r\n".to_vec(),
    ]
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing into memory does not fail.
    let _ = io::Write::write_all(&mut encoder, data);
    encoder.finish().unwrap_or_default()
}

fn chunked(body: &[u8], chunk: usize) -> Vec<u8> {
    let mut wire = Vec::new();
    for piece in body.chunks(chunk) {
        wire.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        wire.extend_from_slice(piece);
        wire.extend_from_slice(b"\r\n");
    }
    wire.extend_from_slice(b"0\r\nSum: 1\r\n\r\n");
    wire
}
