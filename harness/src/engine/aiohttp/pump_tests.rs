//! The task that owns the connection, on scripts: its reads, its pauses, and the
//! deadline that fires.

use std::{rc::Rc, time::Duration};

use shortread_server::scenario::{Limit, Parser};
use tokio::{
    io::{AsyncRead, AsyncWrite, Join, ReadBuf, Sink},
    task::LocalSet,
};
use tokio_test::io::{Builder, Mock};

use super::*;
use crate::{
    client::{Failure, FailureCause, Phase},
    engine::aiohttp::{Facts, Protocol, reader::Profile},
};

impl Transport for Mock {
    fn receive_queue(&self) -> Option<u64> {
        None
    }
}

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\n\r\n";
const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
const SECOND: Duration = Duration::from_secs(1);

fn script() -> Builder {
    let mut script = Builder::new();
    script.write(REQUEST);
    script
}

fn exchange(sock_read: Option<Duration>) -> Rc<Exchange> {
    let facts = Facts::new(Clock::real(), sock_read, None);
    Exchange::new(
        Box::new(Protocol::new(Parser::C)),
        &Profile::newest().rules,
        facts,
    )
}

fn deadlines(head: Limit, total: Limit) -> Deadlines {
    let at = |limit: Limit| limit.duration().map(|time| Clock::real().now() + time);
    Deadlines {
        head: at(head),
        total: at(total),
        order: TimerOrder::AfterIo,
    }
}

const OFF: Deadlines = Deadlines {
    head: None,
    total: None,
    order: TimerOrder::AfterIo,
};

/// Downloads over `transport`; `before` runs between the head and the reads.
async fn download<T: Transport + 'static>(
    transport: T,
    exchange: Rc<Exchange>,
    deadlines: Deadlines,
    before: impl Future<Output = ()>,
) -> Result<u64, (u64, Failure)> {
    let owner = Rc::clone(&exchange);
    LocalSet::new()
        .run_until(async move {
            let owner = tokio::task::spawn_local(async move {
                let (closing, _) = pump(transport, REQUEST, &owner, deadlines, Clock::real()).await;
                closing
            });
            let mut got = 0;
            let reading = async {
                exchange.head().await?;
                before.await;
                loop {
                    match exchange.readany().await?.len() {
                        0 => return Ok(()),
                        bytes => got += bytes as u64,
                    }
                }
            };
            let end = reading.await;
            exchange.stop();
            owner.await.unwrap();
            end.map(|()| got).map_err(|failure| (got, failure))
        })
        .await
}

#[tokio::test(start_paused = true)]
async fn a_response_in_pieces_arrives_whole() {
    let transport = script()
        .read(&HEAD[..20])
        .wait(SECOND)
        .read(&HEAD[20..])
        .read(b"01234")
        .wait(SECOND)
        .read(b"56789")
        .build();
    let end = download(transport, exchange(None), OFF, async {}).await;
    assert_eq!(end, Ok(10));
}

#[tokio::test(start_paused = true)]
async fn sock_read_starts_again_with_each_byte_and_ends_a_silence() {
    let mut steady = script();
    steady.read(HEAD);
    for byte in 0..10 {
        steady.wait(3 * SECOND).read(&[byte]);
    }
    let end = download(steady.build(), exchange(Some(5 * SECOND)), OFF, async {}).await;
    assert_eq!(end, Ok(10));

    let silent = script()
        .read(HEAD)
        .read(b"012")
        .wait(60 * SECOND)
        .build_loose();
    let end = download(silent, exchange(Some(5 * SECOND)), OFF, async {}).await;
    let (got, failure) = end.unwrap_err();
    assert_eq!(failure, Failure::deadline(Deadline::SockRead));
    assert_eq!(got, 3);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_destroys_bytes_that_are_not_read_yet() {
    let transport = script()
        .read(HEAD)
        .read(b"012")
        .wait(60 * SECOND)
        .build_loose();
    let late = Clock::real().sleep(20 * SECOND);
    let end = download(transport, exchange(Some(5 * SECOND)), OFF, late).await;
    assert_eq!(end, Err((0, Failure::deadline(Deadline::SockRead))));
}

#[tokio::test(start_paused = true)]
async fn head_ends_a_slow_head_and_nothing_behind_it() {
    let after = |s| Limit::After(s * SECOND);
    let slow = script().read(&HEAD[..9]).wait(60 * SECOND).build_loose();
    let end = download(
        slow,
        exchange(None),
        deadlines(after(5), Limit::Never),
        async {},
    )
    .await;
    assert_eq!(end, Err((0, Failure::deadline(Deadline::Head))));

    let slow_body = script()
        .read(HEAD)
        .wait(60 * SECOND)
        .read(b"0123456789")
        .build();
    let end = download(
        slow_body,
        exchange(None),
        deadlines(after(5), Limit::Never),
        async {},
    )
    .await;
    assert_eq!(end, Ok(10));
}

#[tokio::test(start_paused = true)]
async fn total_ends_a_wait_and_a_take_but_not_a_body_that_is_parsed() {
    let total = || deadlines(Limit::Never, Limit::After(5 * SECOND));
    let failure = Failure::deadline(Deadline::Total);
    let half = || {
        script()
            .read(HEAD)
            .read(b"012")
            .wait(60 * SECOND)
            .build_loose()
    };
    let end = download(half(), exchange(None), total(), async {}).await;
    assert_eq!(end, Err((3, failure.clone())));

    let late = Clock::real().sleep(20 * SECOND);
    let end = download(half(), exchange(None), total(), late).await;
    assert_eq!(end, Err((0, failure)));

    let whole = script().read(HEAD).read(b"0123456789").build();
    let late = Clock::real().sleep(20 * SECOND);
    let end = download(whole, exchange(None), total(), late).await;
    assert_eq!(end, Ok(10));
}

#[tokio::test(start_paused = true)]
async fn while_paused_neither_a_reset_nor_a_silence_is_seen() {
    // Above the high mark of 524,288 the socket is not looked at.
    let piece = vec![7; TRANSPORT_READ];
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n";
    let transport = script()
        .read(head)
        .read(&piece)
        .read(&piece)
        .read(&piece)
        .read_error(io::ErrorKind::ConnectionReset.into())
        .build();
    let exchange = exchange(Some(SECOND));
    let look = {
        let exchange = Rc::clone(&exchange);
        async move {
            Clock::real().sleep(100 * SECOND).await;
            assert!(exchange.is_paused());
            assert!(!exchange.facts().finished);
        }
    };
    let (got, failure) = download(transport, exchange, OFF, look).await.unwrap_err();
    assert_eq!(got, 3 * TRANSPORT_READ as u64);
    assert_eq!(failure.cause, FailureCause::Reset);
}

#[tokio::test(start_paused = true)]
async fn a_resume_starts_sock_read_again() {
    let piece = vec![7; TRANSPORT_READ];
    let transport = script()
        .read(b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n")
        .read(&piece)
        .read(&piece)
        .read(&piece)
        .wait(60 * SECOND)
        .build_loose();
    let late = Clock::real().sleep(20 * SECOND);
    let end = download(transport, exchange(Some(5 * SECOND)), OFF, late).await;
    let all = 3 * TRANSPORT_READ as u64;
    assert_eq!(end, Err((all, Failure::deadline(Deadline::SockRead))));
}

/// A transport that always has `bytes`, but whose readiness the runtime does
/// not know in the first `stale` polls.
struct Ready {
    bytes: &'static [u8],
    stale: u32,
    /// Bytes that one read returns at most.
    at_once: usize,
}

impl Transport for Join<Ready, Sink> {
    fn receive_queue(&self) -> Option<u64> {
        Some(self.reader().bytes.len() as u64)
    }
}

impl AsyncRead for Ready {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.stale > 0 {
            self.stale -= 1;
            return Poll::Pending;
        }
        let (now, later) = self.bytes.split_at(self.at_once.min(self.bytes.len()));
        into.put_slice(now);
        self.bytes = later;
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn of_a_due_timer_and_a_readable_socket_the_order_decides() {
    let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    for (order, stale, end) in [
        (TimerOrder::AfterIo, 0, Ok(2)),
        (TimerOrder::AfterIo, 3, Ok(2)),
        (
            TimerOrder::BeforeIo,
            0,
            Err((0, Failure::deadline(Deadline::Total))),
        ),
    ] {
        let ready = Ready {
            bytes: whole,
            stale,
            at_once: usize::MAX,
        };
        let transport = tokio::io::join(ready, tokio::io::sink());
        let deadlines = Deadlines {
            // Long past, as after a call that blocked the loop.
            total: Some(Instant(1)),
            head: None,
            order,
        };
        let got = download(transport, exchange(None), deadlines, async {}).await;
        assert_eq!(got, end, "{order} {stale}");
    }
}

#[tokio::test]
async fn a_total_ends_a_download_whose_socket_is_always_readable() {
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok";
    let ready = Ready {
        bytes: half,
        stale: 0,
        at_once: usize::MAX,
    };
    let transport = tokio::io::join(ready, tokio::io::sink());
    let deadlines = Deadlines {
        total: Some(Instant(1)),
        ..OFF
    };
    let (_, failure) = download(transport, exchange(None), deadlines, async {})
        .await
        .unwrap_err();
    assert_eq!(failure, Failure::deadline(Deadline::Total));
}

#[tokio::test]
async fn what_became_due_while_the_loop_was_blocked_waits_for_the_sockets() {
    const LIMIT: Duration = Duration::from_millis(10);
    // Byte by byte, so that much is left to read when the reader's turn comes.
    let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n\
        0123456789012345678901234567890123456789012345678901234567890123456789\
        012345678901234567890123456789";
    let late = Err(Failure::deadline(Deadline::SockRead));
    for (order, end) in [(TimerOrder::AfterIo, Ok(100)), (TimerOrder::BeforeIo, late)] {
        let ready = Ready {
            bytes: whole,
            stale: 0,
            at_once: 1,
        };
        let transport = tokio::io::join(ready, tokio::io::sink());
        // A synchronous call of three times the limit, behind the head.
        let block = async { Clock::real().block(3 * LIMIT) };
        let deadlines = Deadlines { order, ..OFF };
        let got = download(transport, exchange(Some(LIMIT)), deadlines, block).await;
        assert_eq!(got.map_err(|(_, failure)| failure), end, "{order}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_body_closes_the_connection_and_waits_for_the_total() {
    const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
    let play = |parser, late: u32| async move {
        let transport = script()
            .read(CHUNKED)
            .wait(SECOND)
            .read(b"xyz\r\n")
            .wait(600 * SECOND)
            .build_loose();
        let facts = Facts::new(Clock::real(), Some(5 * SECOND), None);
        let rules = &Profile::newest().rules;
        let exchange = Exchange::new(Box::new(Protocol::new(parser)), rules, facts);
        let total = deadlines(Limit::Never, Limit::After(60 * SECOND));
        let before = Clock::real().sleep(late * SECOND);
        let end = download(transport, exchange, total, before).await;
        let (got, mut failure) = end.unwrap_err();
        failure.name_by(rules, Phase::Body);
        (got, failure.exception.unwrap())
    };
    assert_eq!(play(Parser::C, 0).await, (5, "TimeoutError".into()));
    assert_eq!(play(Parser::C, 10).await, (5, "RuntimeError".into()));
    let raised = (5, "TransferEncodingError".into());
    assert_eq!(play(Parser::Python, 0).await, raised);
}

/// A script that need not be played to its end.
trait BuildLoose {
    fn build_loose(&mut self) -> Loose;
}

impl BuildLoose for Builder {
    fn build_loose(&mut self) -> Loose {
        Loose(std::mem::ManuallyDrop::new(self.build()))
    }
}

struct Loose(std::mem::ManuallyDrop<Mock>);

impl Transport for Loose {
    fn receive_queue(&self) -> Option<u64> {
        None
    }
}

impl AsyncRead for Loose {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_read(cx, into)
    }
}

impl AsyncWrite for Loose {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
