//! Drops clients that do not read their answers.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::clock::Clock;

/// Longest time in which none of an answer is read. A client that asks for the
/// journal and never reads it would hold memory and one of few connections
/// forever.
const LONGEST_UNREAD: Duration = Duration::from_secs(60);

/// A stream that fails after nothing could be written for [`LONGEST_UNREAD`].
pub(super) struct Patient<S> {
    stream: S,
    clock: Clock,
    /// Runs while bytes wait to be written.
    late: Option<Pin<Box<dyn Future<Output = ()>>>>,
}

impl<S> Patient<S> {
    pub(super) fn new(stream: S, clock: Clock) -> Self {
        Self {
            stream,
            clock,
            late: None,
        }
    }

    /// Passes the result of a write on, unless writes have failed for too long.
    fn judge<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.late = None;
            return written;
        }
        let clock = self.clock;
        let late = self
            .late
            .get_or_insert_with(|| Box::pin(clock.sleep(LONGEST_UNREAD)));
        ready!(late.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, from);
        self.judge(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        from: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, from);
        self.judge(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_reads_nothing_for_a_minute_loses_the_connection_and_who_reads_slowly_does_not() {
        let clock = Clock::simulated();
        let (client, server) = tokio::io::duplex(10);
        let mut client = client;
        let mut server = Patient::new(server, clock);
        let reads = async {
            for _ in 0..9 {
                clock.sleep(LONGEST_UNREAD - Duration::from_secs(1)).await;
                client.read_exact(&mut [0; 10]).await.unwrap();
            }
            clock.now()
        };
        let writes = async {
            let error = server.write_all(&[0; 1000]).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
            clock.now()
        };
        let (read, lost) = tokio::join!(reads, writes);
        assert_eq!(lost.since(read).as_secs(), LONGEST_UNREAD.as_secs());
    }
}
