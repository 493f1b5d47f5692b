//! The task that owns a connection. Like an event loop, it reads the transport
//! and runs the deadlines even if nobody reads the body.

use std::{
    future::{Future, poll_fn},
    io,
    pin::{Pin, pin},
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use shortread_server::{
    clock::{Clock, Instant},
    scenario::{Deadline, TimerOrder},
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{reader::TRANSPORT_READ, source::Exchange};
use crate::client::{ConnectionEnd, Transport};

/// Deadlines that are points in time from the start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadlines {
    pub(crate) head: Option<Instant>,
    pub(crate) total: Option<Instant>,
    pub(crate) order: TimerOrder,
}

/// Writes `request`, then drives `exchange` until it is stopped. Returns the
/// connection too, unless it was closed.
pub(crate) async fn pump<T: Transport>(
    transport: T,
    request: &[u8],
    exchange: &Exchange,
    deadlines: Deadlines,
    clock: Clock,
) -> (ConnectionEnd, Option<T>) {
    let mut closing = ConnectionEnd::default();
    let mut transport = transport;
    match transport.write_all(request).await {
        Ok(()) => exchange.request_written(),
        Err(error) => exchange.closed(Some(error)),
    }
    let mut driver = Driver {
        transport: Some(transport),
        exchange,
        clock,
        order: deadlines.order,
        timers: [
            Timer::new(Deadline::Head, deadlines.head),
            Timer::new(Deadline::SockRead, None),
            Timer::new(Deadline::Total, deadlines.total),
        ],
        round: None,
    };
    while !exchange.is_stopped() {
        match driver.next().await {
            Wake::Control => {}
            Wake::Expired(deadline) => exchange.expired(deadline),
            Wake::Read(Ok(bytes)) if bytes.is_empty() => exchange.closed(None),
            Wake::Read(Ok(bytes)) => {
                let (read, left) = (bytes.len(), driver.receive_queue());
                closing.read(clock.now(), read, left);
                exchange.facts().look(left.map(|left| left + read as u64));
                exchange.data(bytes);
                exchange.facts().look(left);
                // One read a round: the reading task gets its turn, and the
                // runtime looks at sockets and timers anew.
                tokio::task::yield_now().await;
            }
            Wake::Read(Err(error)) => exchange.closed(Some(error)),
        }
        // asyncio tells of a connection that was closed here one round later: a
        // read that was woken by the same bytes is ahead, and so is one that
        // resumed the parser and made it refuse what it had kept.
        if driver.transport.is_some() && exchange.facts().hung_up {
            closing.unread_bytes = driver.receive_queue();
            driver.transport = None;
            exchange.disconnected();
        }
    }
    if let Some(transport) = &driver.transport {
        closing.unread_bytes = transport.receive_queue();
    }
    (closing, driver.transport)
}

struct Driver<'a, T> {
    /// None once the client has closed it.
    transport: Option<T>,
    exchange: &'a Exchange,
    clock: Clock,
    order: TimerOrder,
    timers: [Timer; 3],
    /// The time at which the socket was last served; its round's timers come
    /// next.
    round: Option<Instant>,
}

enum Wake {
    /// A resume, or the stop.
    Control,
    Expired(Deadline),
    /// Bytes; none at the end.
    Read(io::Result<Bytes>),
}

impl<T: Transport> Driver<'_, T> {
    async fn next(&mut self) -> Wake {
        let exchange = self.exchange;
        let mut control = pin!(exchange.control());
        poll_fn(|cx| {
            if control.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Wake::Control);
            }
            if self.order == TimerOrder::AfterIo {
                // A round of asyncio's loop collects the ready sockets, then
                // the timers that are due at that moment, and only then calls
                // back. What became due while a callback blocked the loop
                // belongs to the next round, behind its sockets.
                let round = self.round.take();
                if let Some(deadline) = round.and_then(|round| self.poll_timers(cx, round)) {
                    return Poll::Ready(self.fire(deadline));
                }
                if let Poll::Ready(read) = self.poll_read(cx) {
                    self.round = Some(self.clock.now());
                    return Poll::Ready(Wake::Read(read));
                }
                let Some(deadline) = self.poll_timers(cx, Instant::FAR) else {
                    return Poll::Pending;
                };
                // The runtime asks the kernel for readiness now and then, not
                // at each poll. What is in the queue came first, where it is
                // read at all.
                if self.reads() && self.receive_queue() > Some(0) {
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                return Poll::Ready(self.fire(deadline));
            }
            match self.poll_timers(cx, Instant::FAR) {
                Some(deadline) => Poll::Ready(self.fire(deadline)),
                None => self.poll_read(cx).map(Wake::Read),
            }
        })
        .await
    }

    /// True if the socket is read. While the stream is paused, data, FIN and RST
    /// all go unseen, and so does everything after the response's end.
    fn reads(&self) -> bool {
        self.transport.is_some() && !self.exchange.is_paused() && !self.exchange.is_finished()
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        if !self.reads() {
            return Poll::Pending;
        }
        // If the queue's length is known, the bytes go straight into their final
        // place: a few of them must not keep 256 KiB alive, since memory is
        // measured, and another copy would be a quarter of the cost.
        let queue = self.receive_queue().unwrap_or_default();
        let exact = usize::try_from(queue)
            .unwrap_or(usize::MAX)
            .min(TRANSPORT_READ);
        if exact > 0 {
            let mut bytes = BytesMut::with_capacity(exact);
            return self.read_into(cx, &mut bytes).map_ok(|()| bytes.freeze());
        }
        // For one call, as asyncio does: kept while it waits, it would be 256 KiB
        // for each connection.
        let mut buffer = BytesMut::with_capacity(TRANSPORT_READ);
        let read = self.read_into(cx, &mut buffer);
        read.map_ok(|()| Bytes::copy_from_slice(&buffer))
    }

    fn read_into(&mut self, cx: &mut Context<'_>, into: &mut BytesMut) -> Poll<io::Result<()>> {
        let Some(transport) = &mut self.transport else {
            return Poll::Pending;
        };
        // `read_buf` keeps no state between polls.
        pin!(transport.read_buf(into)).poll(cx).map_ok(drop)
    }

    fn receive_queue(&self) -> Option<u64> {
        self.transport.as_ref()?.receive_queue()
    }

    /// The first deadline that has passed and was due by `by`.
    fn poll_timers(&mut self, cx: &mut Context<'_>, by: Instant) -> Option<Deadline> {
        {
            let facts = self.exchange.facts();
            let [head, sock_read, total] = &mut self.timers;
            // Releases that arm it behind the end let it fire.
            sock_read.due = facts.sock_read_due;
            if facts.head.is_some() || facts.finished {
                head.due = None;
            }
            // The response is whole: `total` ended with it. A failure does not
            // end it: a read that had been woken before waits again, and has
            // nothing else that ends it.
            if facts.ended {
                total.due = None;
            }
        }
        let clock = self.clock;
        // Of several the earliest, as in an event loop's heap.
        self.timers
            .iter_mut()
            .filter(|timer| timer.due.is_some_and(|due| due <= by))
            .filter_map(|timer| timer.poll(cx, clock).then_some(&*timer))
            .min_by_key(|timer| timer.due)
            .map(|timer| timer.deadline)
    }

    fn fire(&mut self, deadline: Deadline) -> Wake {
        for timer in &mut self.timers {
            if timer.deadline == deadline {
                timer.due = None;
            }
        }
        Wake::Expired(deadline)
    }
}

/// One deadline. `due` may move at any time; a running sleep is kept until it
/// ends, and only then compared: data that re-arm a deadline many times a
/// second cost nothing here.
struct Timer {
    deadline: Deadline,
    due: Option<Instant>,
    sleep: Option<(Instant, Sleep)>,
}

type Sleep = Pin<Box<dyn Future<Output = ()>>>;

impl Timer {
    fn new(deadline: Deadline, due: Option<Instant>) -> Self {
        Self {
            deadline,
            due,
            sleep: None,
        }
    }

    /// True if it is due.
    fn poll(&mut self, cx: &mut Context<'_>, clock: Clock) -> bool {
        let Some(due) = self.due else {
            self.sleep = None;
            return false;
        };
        // The runtime fires a sleep only when it next looks at the time, which
        // after a call that blocked it is later than the deadline.
        if clock.now() >= due {
            self.sleep = None;
            return true;
        }
        loop {
            match &mut self.sleep {
                Some((until, _)) if *until > due => self.sleep = None,
                Some((until, sleep)) => {
                    if sleep.as_mut().poll(cx).is_pending() {
                        return false;
                    }
                    let fired = *until == due;
                    self.sleep = None;
                    if fired {
                        return true;
                    }
                }
                None => self.sleep = Some((due, Box::pin(clock.sleep_until(due)))),
            }
        }
    }
}

#[cfg(test)]
#[path = "pump_properties.rs"]
mod properties;
#[cfg(test)]
#[path = "pump_tests.rs"]
mod tests;
