//! Odd responses through the client of `frames`, and through hyper as its users
//! have it: a difference would be a fault of ours.

use std::{
    future::poll_fn,
    io::{Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    thread::JoinHandle,
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::{Request, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use shortread_server::{
    clock::{Clock, Instant, simulated_runtime},
    journal::SocketFacts,
    link::{
        Wire as _,
        memory::{self, MemoryStream, MemoryWire, Reads},
    },
    scenario::{Client, Scenario, Sockets, StrategyName},
    units::ByteSize,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    task::LocalSet,
};

use crate::{
    client::{Failure, Network, Phase, Tcp, Verdict},
    engine::{TrialSpec, run},
    strategy::Strategy,
};

const STATUS_LINES: &[&str] = &[
    "HTTP/1.1 200 OK",
    "HTTP/1.1 200",
    "HTTP/1.0 200 OK",
    "HTTP/2.0 200 OK",
    "HTTP/0.9 200 OK",
    "HTTP/1.1 204 No Content",
    "HTTP/1.1 304 Not Modified",
    "HTTP/1.1 101 Switching Protocols",
    "HTTP/1.1 100 Continue",
    "HTTP/1.1 20 OK",
    "HTTP/1.1 2000 OK",
    "HTTP/1.1  200 OK",
    "http/1.1 200 OK",
    "ICY 200 OK",
];

const FIELDS: &[&str] = &[
    "",
    "X-Name: value\r\n",
    "X-Name : value\r\n",
    "X-Name: folded\r\n value\r\n",
    "X-Name: \u{1}\r\n",
    ": nameless\r\n",
    "X-Name\r\n",
    "Connection: close\r\n",
    "X-Long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n",
];

const FRAMINGS: &[&str] = &[
    "Content-Length: 12\r\n",
    "Content-Length: 5\r\n",
    "Content-Length: 99\r\n",
    "Content-Length: +5\r\n",
    "Content-Length: 12\r\nContent-Length: 12\r\n",
    "Content-Length: 12\r\nContent-Length: 13\r\n",
    "Content-Length: 18446744073709551615\r\n",
    "Content-Length: 12\r\nTransfer-Encoding: chunked\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: Chunked\r\n",
    "Transfer-Encoding: gzip, chunked\r\n",
    "Transfer-Encoding: chunked, gzip\r\n",
    "Transfer-Encoding: identity\r\n",
    "",
];

const BODIES: &[&str] = &[
    "hello, hyper",
    "5\r\nhello\r\n0\r\n\r\n",
    "5\r\nhello\r\n7\r\n, hyper\r\n0\r\n\r\n",
    "5;name=value\r\nhello\r\n0\r\n\r\n",
    "5;\u{0}\r\nhello\r\n0\r\n\r\n",
    "5 \r\nhello\r\n0\r\n\r\n",
    "05\r\nhello\r\n0\r\n\r\n",
    "0x5\r\nhello\r\n0\r\n\r\n",
    "+5\r\nhello\r\n0\r\n\r\n",
    "xyz\r\nhello\r\n0\r\n\r\n",
    "\r\nhello\r\n0\r\n\r\n",
    "5\nhello\n0\n\n",
    "5\r\nhello0\r\n\r\n",
    "6\r\nhello\r\n0\r\n\r\n",
    "4\r\nhello\r\n0\r\n\r\n",
    "5\r\nhello\r\n0\r\nSum: 1\r\n\r\n",
    "5\r\nhello\r\n0\r\nbad\r\n\r\n",
    "5\r\nhello\r\n",
    "5\r\nhel",
    "FFFFFFFFFFFFFFFFF\r\nhello",
    "",
];

/// The result of a response: the status, the bytes of the body, and the failure's
/// name.
type Got = (Option<u16>, u64, Option<String>);

/// Sends `wire` in pieces of so many bytes to two connections, and closes each.
fn serve(wire: Vec<u8>, piece: usize) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        for _ in 0..2 {
            let (mut socket, _) = listener.accept().unwrap();
            socket.set_nodelay(true).unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                socket.read_exact(&mut byte).unwrap();
                request.push(byte[0]);
            }
            for piece in wire.chunks(piece) {
                // The client may be gone already.
                let _ = socket.write_all(piece);
            }
            let _ = socket.shutdown(Shutdown::Write);
            let _ = socket.read_to_end(&mut Vec::new());
        }
    });
    (addr, server)
}

/// The same in memory, where a client reads at most a piece at a time.
#[derive(Clone)]
struct InMemory {
    wire: Vec<u8>,
    piece: usize,
}

impl InMemory {
    fn stream(&self, clock: Clock) -> MemoryStream {
        let (server, mut client) = memory::connect(clock, &Sockets::default(), None);
        client.set_reads(Reads::Within(self.piece as u64));
        tokio::task::spawn_local(answer(server, self.wire.clone()));
        client
    }
}

impl Network for InMemory {
    type Stream = MemoryStream;

    async fn connect(
        &self,
        _: &Client,
        _: &Sockets,
        clock: Clock,
        _: Instant,
    ) -> Result<(MemoryStream, SocketFacts), Failure> {
        let stream = self.stream(clock);
        let facts = stream.facts();
        Ok((stream, facts))
    }

    fn host(&self) -> String {
        "x".into()
    }
}

/// Sends `bytes` behind a request, then FIN.
async fn answer(mut server: MemoryWire, bytes: Vec<u8>) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        match poll_fn(|cx| server.poll_read(cx, &mut request, 1 << 16)).await {
            Ok(1..) => {}
            _ => return,
        }
    }
    let mut left = Bytes::from(bytes);
    while !left.is_empty() {
        if poll_fn(|cx| server.poll_write(cx, &mut left, false))
            .await
            .is_err()
        {
            return;
        }
    }
    let _ = server.finish();
    let mut rest = Vec::new();
    while let Ok(1..) = poll_fn(|cx| server.poll_read(cx, &mut rest, 1 << 16)).await {}
}

fn over_tcp(addr: SocketAddr) -> tokio::net::TcpStream {
    let stream = TcpStream::connect(addr).unwrap();
    stream.set_nonblocking(true).unwrap();
    tokio::net::TcpStream::from_std(stream).unwrap()
}

/// hyper as its documentation shows a client.
async fn plain(stream: impl AsyncRead + AsyncWrite + Unpin + 'static) -> Got {
    let name = |phase, error: &hyper::Error| Failure::hyper(phase, error).exception;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    let driver = tokio::task::spawn_local(connection);
    let mut request = Request::new(Empty::<Bytes>::new());
    let host = header::HeaderValue::from_static("x");
    request.headers_mut().insert(header::HOST, host);
    let response = match sender.send_request(request).await {
        Ok(response) => response,
        Err(error) => return (None, 0, name(Phase::Head, &error)),
    };
    let status = Some(response.status().as_u16());
    let (mut body, mut bytes) = (response.into_body(), 0);
    let got = loop {
        match body.frame().await {
            None => break (status, bytes, None),
            Some(Ok(frame)) => bytes += frame.into_data().map_or(0, |data| data.len() as u64),
            Some(Err(error)) => break (status, bytes, name(Phase::Body, &error)),
        }
    };
    driver.abort();
    got
}

async fn ours(network: &(impl Network + Clone + 'static), clock: Clock) -> Got {
    let mut scenario = Scenario::default();
    scenario.body.size = ByteSize(12);
    scenario.client.give_up = Some(Duration::from_secs(60));
    let spec = TrialSpec {
        time_scale: 1.0,
        scenario,
        strategy: Strategy {
            name: StrategyName::Frames,
            chunk_size: None,
        },
        profile: None,
        recipe: None,
        seed: 1,
        file: None,
        save: None,
    };
    let report = run(spec, network, clock, |_| {}).await;
    let download = &report.downloads[0];
    let exception = match &download.verdict {
        Verdict::Success => None,
        Verdict::Failure(failure) => failure.exception.clone(),
        Verdict::GaveUp => Some("gave up".into()),
    };
    (download.status, download.delivered_bytes, exception)
}

/// Responses, and the bytes in which each comes at a time.
fn odd_responses() -> Vec<(String, usize)> {
    let mut rng = Pcg64Mcg::seed_from_u64(1);
    let mut pick = |of: &[&'static str]| of[rng.random_range(0..of.len())];
    let cases = (0..600).map(|case| {
        let line = match case % 3 {
            0 => pick(STATUS_LINES),
            _ => STATUS_LINES[0],
        };
        let text = format!(
            "{line}\r\n{}{}\r\n{}",
            pick(FIELDS),
            pick(FRAMINGS),
            pick(BODIES)
        );
        (text, [usize::MAX, 1, 7][case % 3])
    });
    cases.collect()
}

/// Fails unless both have the same of each response.
fn compare(mut both: impl FnMut(&str, usize) -> [Got; 2]) {
    let mut ends = std::collections::BTreeMap::<Option<String>, u32>::new();
    for (text, piece) in odd_responses() {
        let [theirs, mine] = both(&text, piece);
        *ends.entry(theirs.2.clone()).or_default() += 1;
        assert_eq!(mine, theirs, "{text:?} in pieces of {piece}");
    }
    // Neither all whole nor all refused.
    assert!(ends.len() >= 4 && ends[&None] > 100, "{ends:?}");
}

#[test]
fn odd_responses_end_as_with_plain_hyper() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    compare(|text, piece| {
        let (addr, server) = serve(text.as_bytes().to_vec(), piece);
        let both = LocalSet::new().block_on(&runtime, async {
            let theirs = plain(over_tcp(addr)).await;
            [theirs, ours(&Tcp(addr), Clock::real()).await]
        });
        server.join().unwrap();
        both
    });
}

#[test]
fn odd_responses_end_as_with_plain_hyper_in_the_virtual_world_too() {
    let runtime = simulated_runtime().unwrap();
    compare(|text, piece| {
        let wire = text.as_bytes().to_vec();
        let network = InMemory { wire, piece };
        LocalSet::new().block_on(&runtime, async {
            let clock = Clock::simulated();
            let theirs = plain(network.stream(clock)).await;
            [theirs, ours(&network, clock).await]
        })
    });
}
