//! What a connection has to say: from the script onto the path, and from the
//! path into the transport.

use std::task::{Context, Poll, Waker};

use super::{
    close::End,
    connection::{BREATH, Connection, PIECE},
};
use crate::{
    clock::Instant,
    link::{Share, Wire},
    origin::Response,
};

impl<W: Wire> Connection<W> {
    /// When the link has carried `want` bytes more of this connection.
    pub(super) fn ready_at(&mut self, now: Instant, want: u64) -> Instant {
        let own = self.pacer.ready_at(want);
        match &mut self.share {
            Some(share) => share.ready_at(now, want).max(own),
            None => own,
        }
    }

    /// The connection had nothing to send until now.
    pub(super) fn rest(&mut self, now: Instant) {
        self.pacer.rest(now);
        self.share.iter_mut().for_each(Share::rest);
    }

    /// Moves a piece of the script onto the path: a segment, or all that is
    /// due where the path has no latency of its own; tells how many bytes.
    pub(super) fn send(
        &mut self,
        response: &mut Response,
        now: Instant,
        left: u64,
        want: u64,
    ) -> u64 {
        // Of a shared link no more than what was booked.
        let due = if self.path.is_instant() && self.share.is_none() {
            self.pacer.allowance(now).min(PIECE)
        } else {
            want
        };
        let all = due.max(want).min(left);
        let mut rest = all;
        self.share.iter_mut().for_each(Share::took);
        // Of many small pieces, a chunk of a byte each say, those that the path
        // may hold; the others are sent when these are gone.
        let mut pieces = self.path.free_pieces();
        while rest > 0 && pieces > 0 {
            let bytes = response
                .script
                .next(usize::try_from(rest).unwrap_or(usize::MAX));
            if bytes.is_empty() {
                break;
            }
            rest -= bytes.len() as u64;
            pieces -= 1;
            self.path.send(now, bytes, rest > 0 && pieces > 0);
        }
        self.pacer.took(all - rest);
        all - rest
    }

    /// Writes what has come through the path into the transport, as far as it
    /// takes it.
    pub(super) fn deliver(&mut self, now: Instant) -> Result<(), End> {
        let waker = Waker::noop();
        let mut cx = Context::from_waker(waker);
        while let Poll::Ready(more) = self.poll_deliver(&mut cx, now) {
            if !more? {
                break;
            }
        }
        Ok(())
    }

    /// Writes one piece; `false` when there is none.
    pub(super) fn poll_deliver(
        &mut self,
        cx: &mut Context<'_>,
        now: Instant,
    ) -> Poll<Result<bool, End>> {
        let Some((bytes, more)) = self.path.arrived(now) else {
            return Poll::Ready(Ok(false));
        };
        match self.wire.poll_write(cx, bytes, more) {
            Poll::Pending => {
                self.blocked_since.get_or_insert(now);
                Poll::Pending
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(End::from_io(&error))),
            Poll::Ready(Ok(n)) => {
                self.path.took(now, n as u64);
                if self
                    .blocked_since
                    .take()
                    .is_some_and(|since| now.since(since) > BREATH)
                {
                    self.rest(now);
                }
                if let Ok(counters) = self.wire.counters() {
                    self.max_unsent = self.max_unsent.max(counters.unsent);
                }
                Poll::Ready(Ok(true))
            }
        }
    }

    /// Bytes on the way: on the path, and unacknowledged in the kernel.
    pub(super) fn in_flight(&self) -> u64 {
        self.path.queued() + self.wire.counters().map_or(0, |counters| counters.unacked)
    }
}
