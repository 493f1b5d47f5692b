//! A byte stream to a server, and its final state.

use std::time::Duration;

use shortread_server::{clock::Instant, link::sys};
use tokio::io::{AsyncRead, AsyncWrite};

/// A byte stream to a server.
pub trait Transport: AsyncRead + AsyncWrite + Unpin {
    /// Bytes that arrived and were not read, if that is known.
    fn receive_queue(&self) -> Option<u64>;
}

impl Transport for tokio::net::TcpStream {
    fn receive_queue(&self) -> Option<u64> {
        sys::receive_queue(self).ok()
    }
}

impl Transport for shortread_server::link::memory::MemoryStream {
    fn receive_queue(&self) -> Option<u64> {
        Some(Self::receive_queue(self))
    }
}

/// The final state of a connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ConnectionEnd {
    /// Reads that returned data.
    pub(crate) reads: u64,
    /// Bytes in the receive queue when the connection was released.
    pub(crate) unread_bytes: Option<u64>,
    /// The most bytes seen there.
    pub(crate) max_queue_bytes: Option<u64>,
    /// Time in which bytes kept coming: the sum of the waits between reads that
    /// were not longer than [`FLOWING`].
    pub(crate) flowing: Duration,
    pub(crate) last_read: Option<Instant>,
}

/// After a longer silence, the bytes did not flow but came again.
const FLOWING: Duration = Duration::from_secs(1);

impl ConnectionEnd {
    /// A read returned `bytes` at `now`, and `queue` bytes were left.
    pub(crate) fn read(&mut self, now: Instant, bytes: usize, queue: Option<u64>) {
        self.reads += 1;
        let queue = queue.map(|left| left + bytes as u64);
        self.max_queue_bytes = self.max_queue_bytes.max(queue);
        let wait = self.last_read.map(|last| now.since(last));
        self.flowing += wait.filter(|wait| *wait <= FLOWING).unwrap_or_default();
        self.last_read = Some(now);
    }

    /// Adds the counts of an earlier connection of the same download.
    pub(crate) fn join(&mut self, earlier: Self) {
        self.reads += earlier.reads;
        self.max_queue_bytes = self.max_queue_bytes.max(earlier.max_queue_bytes);
        self.flowing += earlier.flowing;
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::{TcpListener, TcpStream},
    };

    use super::*;

    #[tokio::test]
    async fn it_counts_what_was_sent_and_not_read() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut sender = TcpStream::connect(address).await.unwrap();
        let (mut receiver, _) = listener.accept().await.unwrap();
        sender.write_all(&[7; 100]).await.unwrap();
        // Reading one byte waits for the segment, so that the rest is there.
        receiver.read_exact(&mut [0]).await.unwrap();
        assert_eq!(receiver.receive_queue(), Some(99));
    }
}
