//! Sends a response: onto the path, and from the path into the transport.

use std::{
    task::{Context, Poll, Waker},
    time::Duration,
};

use tokio::task::yield_now;

use super::{End, Exit, Flow, Outgoing, sent::Sent};
use crate::{clock::Instant, journal::CloseReason, link::Wire};

/// After a blockage longer than this, the link counts as idle and the missed
/// bytes are lost to it. Shorter ones are ordinary waits of the transport, and
/// the link catches up.
const BREATH: Duration = Duration::from_millis(20);

/// The last segment of a response may go out this much before the link has carried it,
/// since a wait would take longer. The link is busy with it for that time all the same.
const AHEAD: Duration = Duration::from_micros(50);

/// Bytes that a connection sends before others get their turn. Otherwise a client
/// that reads as fast as the server sends would keep them waiting.
const TURN: u64 = 1 << 20;

/// Pieces that it writes before that: a chunk of some bytes is two or three, and
/// each is a system call of a microsecond or so.
const PIECES_A_TURN: usize = 1024;

impl<W: Wire> Flow<W> {
    /// Sends a response to its last byte, and returns the bytes sent.
    ///
    /// # Errors
    /// The end of the connection, if it comes first.
    pub(crate) async fn send_all(&mut self, response: &mut impl Outgoing) -> Result<Sent, End> {
        self.sent.begin();
        self.schedule.begin_response(response);
        self.tell_of_offsets(response);
        self.obey_switch();
        self.pace.begin();
        let mut turn = 0;
        loop {
            // Before anything can end the connection.
            self.sent.wire = response.sent();
            self.sent.body = response.body_at_wire(self.sent.wire);
            // This comes before the schedule, which has to know about a blockage.
            self.deliver(self.now()).await?;
            // Others may have had their turn meanwhile.
            let now = self.now();
            self.show(now);
            let step = self.step(now);
            if let Some(fired) = step.act {
                self.carry_out(fired).await?;
                if fired.action.ends_response() {
                    response.end_body();
                }
                continue;
            }
            let (ready, later) = response.ready(now);
            let limit = step.send_up_to.min(response.wire_len()).min(ready);
            let left = limit.saturating_sub(self.sent.wire);
            let mut wake = step
                .until
                .min(self.next_look())
                .min(self.path.next_event(now))
                .min(later);
            if left > 0 && !response.prepare() {
                self.give_way(now).await?;
                continue;
            }
            if left > 0 {
                match self.send(response, now, left) {
                    Moved::Bytes(bytes) => {
                        turn += bytes;
                        // In the virtual world nothing waits for a thread.
                        if turn >= TURN && !self.clock().is_simulated() {
                            turn = 0;
                            yield_now().await;
                        }
                        continue;
                    }
                    Moved::Nothing { until } => wake = wake.min(until),
                    Moved::Lost => return Err(lost(response.is_open_ended())),
                }
            } else if self.sent.wire == response.wire_len() && self.path.queued() == 0 {
                break;
            } else {
                // A stall, or the last byte was sent.
                self.pace.hold();
            }
            let write = self.path.arrived(now).is_some();
            self.wait(wake, write).await?;
        }
        self.schedule.end_response();
        Ok(self.sent)
    }

    /// Lets others have their turn between two parts of the work for the next bytes, and
    /// looks for a client that has left. In the virtual world nothing waits for a thread.
    async fn give_way(&mut self, now: Instant) -> Result<(), End> {
        if self.clock().is_simulated() {
            return Ok(());
        }
        yield_now().await;
        self.wait(now, false).await
    }

    /// Notes, once for a listener, that a `body` offset met a response that does not
    /// begin at the object's start: many mean the object's offset.
    fn tell_of_offsets(&self, response: &impl Outgoing) {
        if response.object_start() > 0 && self.schedule.counts_body() {
            self.listener().note_of_body_offset(response.object_start());
        }
    }

    /// Puts a whole response onto the path at once, if it is not part of a
    /// scenario.
    pub(crate) fn put(&mut self, response: &mut impl Outgoing) {
        let now = self.now();
        loop {
            let bytes = response.next(usize::MAX);
            if bytes.is_empty() {
                break;
            }
            self.path.send(now, bytes, false);
        }
    }

    /// Moves the next of `left` bytes onto the path, if there is room for them
    /// and the link has carried them.
    fn send(&mut self, response: &mut impl Outgoing, now: Instant, left: u64) -> Moved {
        self.pace.resume(now);
        let drops_above = self.drops_above();
        let left = match drops_above {
            // A server writes its head by itself.
            Some(_) => to_the_end_of_the_head(response).unwrap_or(left).min(left),
            None => left,
        };
        let want = left.min(self.segment()).min(self.path.window());
        let instant = self.path.is_instant();
        if self.path.room(now) < want {
            self.pace.stop(instant);
            return Moved::Nothing {
                until: Instant::FAR,
            };
        }
        let ready = self.pace.ready_at(now, want);
        let ahead = match want == left && !self.is_exact() {
            true => AHEAD,
            false => Duration::ZERO,
        };
        if ready > now + ahead {
            return Moved::Nothing { until: ready };
        }
        let all = match drops_above {
            // One segment, whose size counts.
            Some(_) => want,
            None => {
                let whole = !self.is_exact();
                self.pace.due(now, want, instant, whole).min(left)
            }
        };
        if drops_above.is_some_and(|most| want > most) {
            self.path.block();
        }
        match self.put_pieces(response, now, all) {
            0 if all > 0 && self.path.free_pieces() > 0 => Moved::Lost,
            bytes => Moved::Bytes(bytes),
        }
    }

    /// Bytes of the largest segment that the path lets through, if it has a limit.
    fn drops_above(&self) -> Option<u64> {
        let link = &self.scenario.as_ref()?.link;
        link.drops_above.map(|size| size.0)
    }

    /// Moves `all` bytes onto the path, or as many as it has room for in pieces.
    /// If the pieces are small, such as chunks of one byte, the rest has to wait
    /// for room.
    fn put_pieces(&mut self, response: &mut impl Outgoing, now: Instant, all: u64) -> u64 {
        let mut rest = all;
        let mut pieces = self.path.free_pieces();
        while rest > 0 && pieces > 0 {
            let bytes = response.next(usize::try_from(rest).unwrap_or(usize::MAX));
            if bytes.is_empty() {
                break;
            }
            rest -= bytes.len() as u64;
            pieces -= 1;
            self.path.send(now, bytes, rest > 0 && pieces > 0);
        }
        self.pace.took(all - rest);
        all - rest
    }

    /// Writes the bytes that have passed the path into the transport, as many as
    /// it takes.
    pub(super) async fn deliver(&mut self, now: Instant) -> Result<(), End> {
        loop {
            for _ in 0..PIECES_A_TURN {
                let mut cx = Context::from_waker(Waker::noop());
                match self.poll_deliver(&mut cx, now) {
                    Poll::Ready(Ok(true)) => {}
                    Poll::Ready(Ok(false)) | Poll::Pending => return Ok(()),
                    Poll::Ready(Err(end)) => return Err(end),
                }
            }
            // In the virtual world nothing waits for a thread.
            if !self.clock().is_simulated() {
                yield_now().await;
            }
        }
    }

    /// Writes one piece. Returns false if there is none.
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
                if self.sent.blocked_since.is_none() {
                    self.sent.blocked_since = Some(now);
                    self.look_at_queue();
                }
                Poll::Pending
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(End::from_io(&error))),
            Poll::Ready(Ok(n)) => {
                self.path.took(now, n as u64);
                let blocked = self.sent.blocked_since.take();
                if blocked.is_some_and(|since| now.since(since) > BREATH) {
                    self.pace.rest(now);
                }
                if self.sent.wrote(n as u64) || self.listener().is_followed() {
                    self.look_at_queue();
                }
                Poll::Ready(Ok(true))
            }
        }
    }

    /// Notes the unsent bytes that the kernel holds.
    fn look_at_queue(&mut self) {
        if let Ok(counters) = self.wire.counters() {
            self.sent.holds(counters.unsent);
        }
    }

    /// The bytes to send at a time. A trial is measured, so its segments are fine
    /// however many connections there are.
    fn segment(&self) -> u64 {
        let listener = self.listener();
        match self.is_exact() || self.drops_above().is_some() {
            true => self.pace.segment(),
            false => self.pace.segment_among(listener.open()),
        }
    }

    /// Nothing is sent ahead of its time or in larger segments: time is simulated, or a
    /// trial is measured.
    fn is_exact(&self) -> bool {
        self.clock().is_simulated() || self.listener().is_followed()
    }

    /// Bytes on the way: on the path, or unacknowledged in the kernel.
    pub(super) fn in_flight(&self) -> u64 {
        self.path.queued() + self.wire.counters().map_or(0, |counters| counters.unacked)
    }
}

/// The object's file is another one than at the start.
const CHANGED: &str = "the object's file changed while it was sent, or cannot be read";

/// The end of a response whose bytes are not there. What has a length or chunks is cut, as
/// real servers cut it; the rest would look whole behind FIN.
fn lost(is_open_ended: bool) -> End {
    let exit = match is_open_ended {
        true => Exit::Abort,
        false => Exit::Finish,
    };
    End {
        reason: CloseReason::Error(CHANGED.into()),
        exit,
    }
}

/// Bytes of the head that are left, while some are.
fn to_the_end_of_the_head(response: &impl Outgoing) -> Option<u64> {
    let head = response.wire_of_body(0)?;
    Some(head.saturating_sub(response.sent())).filter(|left| *left > 0)
}

/// The result of a try to send.
enum Moved {
    /// So many bytes went onto the path.
    Bytes(u64),
    /// There is nothing where bytes should be.
    Lost,
    /// Nothing was sent: wait for room on the path, or for this time.
    Nothing { until: Instant },
}
