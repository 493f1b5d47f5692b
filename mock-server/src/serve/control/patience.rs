//! A connection whose client may not leave for ever unread what it asked for:
//! what it is sent holds memory, and its place is one of few.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::clock::Clock;

/// How long nothing of an answer may be taken. Who looks page by page at a
/// stream gets so long for a page.
pub(super) const UNREAD_LIMIT: Duration = Duration::from_secs(600);

/// A connection that fails once nothing more could be written for
/// [`UNREAD_LIMIT`].
pub(super) struct Patience<S> {
    stream: S,
    clock: Clock,
    /// Runs while nothing can be written.
    limit: Option<Pin<Box<dyn Future<Output = ()>>>>,
}

impl<S> Patience<S> {
    pub(super) fn new(stream: S, clock: Clock) -> Self {
        Self {
            stream,
            clock,
            limit: None,
        }
    }

    fn within<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.limit = None;
            return written;
        }
        let clock = self.clock;
        let limit = self
            .limit
            .get_or_insert_with(|| Box::pin(async move { clock.sleep(UNREAD_LIMIT).await }));
        ready!(limit.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patience<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patience<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.within(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.within(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.within(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_client_that_reads_nothing_of_its_answer_is_let_go() {
        let clock = Clock::simulated();
        let (mut client, server) = duplex(10);
        let mut server = Patience::new(server, clock);
        // Each read gives it the whole time again.
        let reads = async {
            for _ in 0..3 {
                clock.sleep(UNREAD_LIMIT / 2).await;
                client.read_exact(&mut [0; 10]).await.unwrap();
            }
            clock.now()
        };
        let (last, wrote) = tokio::join!(reads, async {
            let wrote = server.write_all(&[7; 100]).await;
            (clock.now(), wrote)
        });
        let (ended, wrote) = wrote;
        assert_eq!(wrote.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(ended.since(last), UNREAD_LIMIT);
    }
}
