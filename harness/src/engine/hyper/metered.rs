//! A transport that counts the bytes passing through it, which hyper does not.

use std::{
    cell::RefCell,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use shortread_server::clock::{Clock, Instant};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{
    client::{ConnectionEnd, Transport, Watched},
    engine::http1::{BodyCounter, Head, HeadReader},
};

/// The bytes read from a transport so far.
#[derive(Debug, Clone)]
pub(crate) struct Wire(Rc<RefCell<Seen>>);

#[derive(Debug)]
struct Seen {
    clock: Clock,
    watched: Watched,
    first_byte: Option<Instant>,
    at: At,
    head: Option<Head>,
    body_bytes: u64,
    closing: ConnectionEnd,
}

#[derive(Debug)]
enum At {
    Head(HeadReader),
    Body(BodyCounter),
    /// Not HTTP: nothing to count.
    Lost,
}

impl Wire {
    pub(crate) fn new(clock: Clock, watched: Watched) -> Self {
        Self(Rc::new(RefCell::new(Seen {
            clock,
            watched,
            first_byte: None,
            at: At::Head(HeadReader::default()),
            head: None,
            body_bytes: 0,
            closing: ConnectionEnd::default(),
        })))
    }

    pub(crate) fn head(&self) -> Option<Head> {
        self.0.borrow().head.clone()
    }

    pub(crate) fn first_byte(&self) -> Option<Instant> {
        self.0.borrow().first_byte
    }

    /// Body bytes, before content decoding.
    pub(crate) fn body_bytes(&self) -> u64 {
        self.0.borrow().body_bytes
    }

    fn saw(&self, bytes: &[u8], left: Option<u64>) {
        let mut seen = self.0.borrow_mut();
        let seen = &mut *seen;
        seen.first_byte.get_or_insert_with(|| seen.clock.now());
        let now = seen.clock.now();
        seen.closing.read(now, bytes.len(), left);
        let queued = left.map(|left| left + bytes.len() as u64);
        seen.watched.transport(now, queued, seen.body_bytes);
        match &mut seen.at {
            At::Head(reader) => match reader.push(bytes) {
                Ok(None) => {}
                Ok(Some((head, rest))) => {
                    let mut counter = BodyCounter::of(&head);
                    seen.body_bytes += counter.count(&rest);
                    seen.head = Some(head);
                    seen.at = At::Body(counter);
                }
                Err(_) => seen.at = At::Lost,
            },
            At::Body(counter) => seen.body_bytes += counter.count(bytes),
            At::Lost => {}
        }
        seen.watched.transport(now, left, seen.body_bytes);
    }
}

/// A transport whose reads are counted by a [`Wire`].
#[derive(Debug)]
pub(crate) struct Metered<T> {
    transport: T,
    wire: Wire,
}

impl<T: Transport> Metered<T> {
    pub(crate) fn new(transport: T, wire: Wire) -> Self {
        Self { transport, wire }
    }

    /// The final state of the transport, which is released.
    pub(crate) fn closing(self) -> ConnectionEnd {
        ConnectionEnd {
            unread_bytes: self.transport.receive_queue(),
            ..self.wire.0.borrow().closing
        }
    }
}

impl<T: Transport> AsyncRead for Metered<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        ready!(Pin::new(&mut self.transport).poll_read(cx, into))?;
        let bytes = &into.filled()[before..];
        if !bytes.is_empty() {
            self.wire.saw(bytes, self.transport.receive_queue());
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: Transport> AsyncWrite for Metered<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.transport).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_shutdown(cx)
    }
}
