//! One connection: requests in, scripts out, as far and as fast as the
//! schedule, the pacer and the path allow.

use std::{future::poll_fn, io, pin::pin, rc::Rc, task::Poll, time::Duration};

use tokio::sync::watch;

use super::{
    Closing, Played, Routed, Trial,
    close::{End, Exit},
};
use crate::{
    clock::{Clock, Instant},
    fault::{FlowState, Schedule},
    journal::{CloseReason, Fact},
    link::{Counters, Pacer, Path, PathSettings, Share, Wire},
    origin::{OffsetMap as _, Response},
    scenario::{Action, Link, Sockets},
};

/// After a blockage longer than this the link counts as having been idle:
/// what could have passed is gone. A shorter one is the transport's own
/// breathing and is caught up.
const BREATH: Duration = Duration::from_millis(20);

/// How often a stalled connection whose client has sent FIN asks whether that
/// client still exists.
const GONE_TICK: Duration = Duration::from_millis(50);

/// Most bytes taken from a script at once.
const PIECE: u64 = 1 << 20;

/// Most bytes of requests read ahead; a head must fit (RFC 9112 sets no limit).
pub(super) const READ_AHEAD: usize = 64 << 10;

/// Serves one connection of `trial` to its end.
pub async fn serve_connection<W: Wire>(wire: W, trial: Rc<Trial>) {
    Connection::new(wire, trial).run().await;
}

/// A connection and all that is known of it.
pub(super) struct Connection<W: Wire> {
    pub(super) wire: W,
    pub(super) trial: Rc<Trial>,
    pub(super) clock: Clock,
    pub(super) number: u32,
    /// Its number among those that play the same scenario.
    ordinal: u32,
    pub(super) played: Option<Rc<Played>>,
    pub(super) schedule: Schedule,
    pub(super) pacer: Pacer,
    /// Its part of the link, where it shares one.
    share: Option<Share>,
    pub(super) path: Path,
    segment: u64,
    pub(super) closing: watch::Receiver<Closing>,
    /// Bytes of requests not yet parsed.
    pub(super) inbox: Vec<u8>,
    /// Bytes of a request body still to be thrown away.
    pub(super) skip: u64,
    pub(super) peer_finished: bool,
    /// Waiting for a request: nothing is lost if the connection ends now.
    pub(super) resting: bool,
    pub(super) request: u32,
    pub(super) requested: Option<Instant>,
    life: Life,
    blocked_since: Option<Instant>,
    pub(super) sent: Sent,
    pub(super) max_unsent: u64,
}

/// When the connection last showed signs of life.
struct Life {
    counters: Counters,
    segment: Instant,
    payload: Instant,
    looked: Instant,
}

/// What was handed to the transport.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sent {
    /// Of the responses before the current one.
    pub(super) earlier_body: u64,
    pub(super) earlier_wire: u64,
    /// Of the current response, or the last if there is none.
    pub(super) body: u64,
    pub(super) wire: u64,
}

impl<W: Wire> Connection<W> {
    pub(super) fn new(wire: W, trial: Rc<Trial>) -> Self {
        let (clock, now) = (trial.clock, trial.clock.now());
        let number = trial.next_connection();
        let link = Link::default();
        Self {
            clock,
            number,
            ordinal: 0,
            played: None,
            schedule: Schedule::new(&[], 0, number),
            pacer: Pacer::new(link.rate, now),
            share: None,
            path: Path::new(PathSettings::new(&link, &Sockets::default()), 0),
            segment: link.segment_bytes() as u64,
            closing: trial.closing(),
            inbox: Vec::new(),
            skip: 0,
            peer_finished: false,
            resting: true,
            request: 0,
            requested: None,
            life: Life {
                counters: Counters::default(),
                segment: now,
                payload: now,
                looked: now,
            },
            blocked_since: None,
            sent: Sent::default(),
            max_unsent: 0,
            wire,
            trial,
        }
    }

    /// Serves the connection to its end.
    pub(super) async fn run(mut self) {
        let ready = match self.trial.router.at_accept() {
            Some(played) => self.play(played),
            None => Ok(()),
        };
        let (peer, local) = self.wire.addresses();
        self.trial.write(
            self.number,
            Fact::Accepted {
                peer,
                local,
                sockets: self.wire.facts(),
            },
        );
        let end = match ready {
            Ok(()) => self.serve().await,
            Err(end) => end,
        };
        self.close(end).await;
    }

    async fn serve(&mut self) -> End {
        loop {
            match self.serve_one().await {
                Ok(true) => {}
                Ok(false) => return End::finish(CloseReason::Done),
                Err(end) => return end,
            }
        }
    }

    /// Serves one request; tells whether another may follow.
    async fn serve_one(&mut self) -> Result<bool, End> {
        self.resting = true;
        let request = self.next_request().await?;
        self.resting = false;
        let mut response = match self.trial.router.route(&request) {
            Routed::Say(response) => *response,
            Routed::Play(played) => {
                self.play(Rc::clone(&played))?;
                self.request = played.next_request();
                played.origin.respond(&request)
            }
        };
        self.respond(&mut response).await?;
        Ok(request.keep_alive && !response.close && *self.closing.borrow() == Closing::No)
    }

    /// Takes on a scenario's schedule and link, unless it has them already.
    fn play(&mut self, played: Rc<Played>) -> Result<(), End> {
        if self
            .played
            .as_ref()
            .is_some_and(|current| Rc::ptr_eq(current, &played))
        {
            return Ok(());
        }
        let scenario = &played.scenario;
        if let Err(error) = self.wire.configure(&scenario.sockets) {
            let reason = CloseReason::Unable(format!("[sockets]: {error}"));
            return Err(End {
                reason,
                exit: Exit::Abort,
            });
        }
        let seed = played.seed ^ (u64::from(self.number) << 32);
        self.ordinal = played.next_connection();
        self.schedule = Schedule::new(&scenario.faults, played.seed, self.ordinal);
        self.pacer = Pacer::new(scenario.link.rate, self.clock.now());
        self.share = played.shared.clone().map(Share::new);
        let mut path = PathSettings::new(&scenario.link, &scenario.sockets);
        if self.clock.is_simulated() {
            path = path.losing(scenario.link.loss);
        }
        self.path = Path::new(path, seed);
        self.segment = scenario.link.segment_bytes() as u64;
        self.played = Some(played);
        Ok(())
    }

    /// Plays one response to its last byte.
    async fn respond(&mut self, response: &mut Response) -> Result<(), End> {
        self.sent.earlier_body += self.sent.body;
        self.sent.earlier_wire += self.sent.wire;
        (self.sent.body, self.sent.wire) = (0, 0);
        self.schedule.begin_response(&response.script);
        let mut script_len = response.script.wire_len();
        // The link is idle until the first byte.
        let mut held = true;
        // The window is full, so the link is idle whatever its rate.
        let mut full = false;
        loop {
            let now = self.clock.now();
            // Before the schedule is asked: it has to know of a blockage.
            self.deliver(now)?;
            self.sent.wire = response.script.sent();
            self.sent.body = response.script.body_at_wire(self.sent.wire);
            self.look_for_life(now);
            let step = self.schedule.next(&self.flow(now));
            if let Some(fired) = step.act {
                self.carry_out(fired).await?;
                if fired.action == Action::End {
                    response.script.end_body();
                    script_len = response.script.wire_len();
                }
                continue;
            }
            let mut wake = step
                .until
                .min(self.next_look())
                .min(self.path.next_event(now));
            let (head_limit, head_wake) = self.head_limit(response, now);
            let limit = step.send_up_to.min(script_len).min(head_limit);
            wake = wake.min(head_wake);
            let left = limit.saturating_sub(self.sent.wire);
            if left > 0 {
                if std::mem::take(&mut held) {
                    self.rest(now);
                }
                let want = left.min(self.segment).min(self.path.window());
                if self.path.room(now) < want {
                    full = !self.path.is_instant();
                    self.share.iter_mut().for_each(Share::rest);
                } else {
                    if std::mem::take(&mut full) {
                        self.pacer.held_up(now, want);
                    }
                    let ready = self.ready_at(now, want);
                    if ready <= now {
                        self.send(response, now, left, want);
                        continue;
                    }
                    wake = wake.min(ready);
                }
            } else if self.sent.wire == script_len && self.path.queued() == 0 {
                break;
            } else {
                // Held back, by a stall or behind the last byte. Only a look
                // tells whether a client that closed is half-closed or gone.
                held = true;
                if self.peer_finished {
                    if self.wire.peer_is_gone() {
                        return Err(End::gone(CloseReason::PeerClosed));
                    }
                    wake = wake.min(now + GONE_TICK);
                }
            }
            let write = self.path.arrived(now).is_some();
            self.wait(wake, write).await?;
        }
        self.schedule.end_response();
        let fact = Fact::ResponseEnd {
            body_bytes: self.sent.body,
            wire_bytes: self.sent.wire,
        };
        self.trial.write(self.number, fact);
        Ok(())
    }

    /// How much of the head may be sent, and when more of it may.
    fn head_limit(&self, response: &Response, now: Instant) -> (u64, Instant) {
        let start = self.requested.unwrap_or(now) + response.head_delay;
        if now < start {
            return (0, start);
        }
        let head = response.script.head_len();
        if response.head_pause.is_zero() || self.sent.wire >= head {
            return (u64::MAX, Instant::FAR);
        }
        let pauses = now.since(start).as_nanos() / response.head_pause.as_nanos().max(1);
        let bytes = u64::try_from(pauses).unwrap_or(u64::MAX).saturating_add(1);
        if bytes > head {
            return (u64::MAX, Instant::FAR);
        }
        let next = response
            .head_pause
            .saturating_mul(u32::try_from(bytes).unwrap_or(u32::MAX));
        (bytes, start + next)
    }

    /// When the link has carried `want` bytes more of this connection.
    fn ready_at(&mut self, now: Instant, want: u64) -> Instant {
        let own = self.pacer.ready_at(want);
        match &mut self.share {
            Some(share) => share.ready_at(now, want).max(own),
            None => own,
        }
    }

    /// The connection had nothing to send until now.
    fn rest(&mut self, now: Instant) {
        self.pacer.rest(now);
        self.share.iter_mut().for_each(Share::rest);
    }

    /// Moves a piece of the script onto the path: a segment, or all that is
    /// due where the path has no latency of its own.
    fn send(&mut self, response: &mut Response, now: Instant, left: u64, want: u64) {
        // Of a shared link no more than what was booked.
        let due = if self.path.is_instant() && self.share.is_none() {
            self.pacer.allowance(now).min(PIECE)
        } else {
            want
        };
        let mut rest = due.max(want).min(left);
        self.pacer.took(rest);
        self.share.iter_mut().for_each(Share::took);
        while rest > 0 {
            let bytes = response
                .script
                .next(usize::try_from(rest).unwrap_or(usize::MAX));
            if bytes.is_empty() {
                break;
            }
            rest -= bytes.len() as u64;
            self.path.send(now, bytes, rest > 0);
        }
    }

    /// Writes what has come through the path into the transport, as far as it
    /// takes it.
    pub(super) fn deliver(&mut self, now: Instant) -> Result<(), End> {
        let waker = std::task::Waker::noop();
        let mut cx = std::task::Context::from_waker(waker);
        while let Poll::Ready(more) = self.poll_deliver(&mut cx, now) {
            if !more? {
                break;
            }
        }
        Ok(())
    }

    /// Writes one piece; `false` when there is none.
    fn poll_deliver(
        &mut self,
        cx: &mut std::task::Context<'_>,
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

    /// Waits until `wake`, or until something can be read, or (with `write`)
    /// written; reads what comes.
    pub(super) async fn wait(&mut self, wake: Instant, write: bool) -> Result<(), End> {
        let mut time = pin!(self.clock.sleep_until(wake));
        let mut closing = self.closing.clone();
        let urgent = if self.resting {
            Closing::Gracefully
        } else {
            Closing::Now
        };
        let mut closing = pin!(closing.wait_for(|closing| *closing >= urgent));
        poll_fn(|cx| {
            if closing.as_mut().poll(cx).is_ready() {
                let reason = CloseReason::Shutdown;
                let exit = if self.resting {
                    Exit::Finish
                } else {
                    Exit::Abort
                };
                return Poll::Ready(Err(End { reason, exit }));
            }
            if !self.peer_finished && self.inbox.len() < READ_AHEAD {
                match self.wire.poll_read(cx, &mut self.inbox, READ_AHEAD) {
                    Poll::Pending => {}
                    Poll::Ready(Ok(read)) => {
                        self.peer_finished = read == 0;
                        self.skip_request_body();
                        return Poll::Ready(Ok(()));
                    }
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(End::from_io(&error))),
                }
            }
            if write {
                let now = self.clock.now();
                if let Poll::Ready(result) = self.poll_deliver(cx, now) {
                    return Poll::Ready(result.map(drop));
                }
            }
            time.as_mut().poll(cx).map(Ok)
        })
        .await
    }

    /// Reads the connection's counters, as often as the shortest idle timer
    /// needs.
    pub(super) fn look_for_life(&mut self, now: Instant) {
        if now < self.next_look() {
            return;
        }
        self.life.looked = now;
        if let Ok(counters) = self.wire.counters() {
            if counters.segments != self.life.counters.segments {
                self.life.segment = now;
            }
            if counters.payload != self.life.counters.payload {
                self.life.payload = now;
            }
            self.life.counters = counters;
        }
    }

    /// When the counters are to be read next.
    pub(super) fn next_look(&self) -> Instant {
        match self.look_interval() {
            Some(interval) => self.life.looked + interval,
            None => Instant::FAR,
        }
    }

    /// How closely the counters must be watched; also how late an idle timer
    /// may notice.
    pub(super) fn look_interval(&self) -> Option<Duration> {
        let idle = self.schedule.shortest_idle()?;
        Some((idle / 100).clamp(Duration::from_millis(1), Duration::from_millis(50)))
    }

    pub(super) fn flow(&self, now: Instant) -> FlowState {
        FlowState {
            now,
            connection: self.ordinal,
            request: self.request,
            requested: self.requested,
            sent: self.sent.wire,
            last_segment: self.life.segment,
            last_payload: self.life.payload,
            blocked_since: self.blocked_since,
        }
    }

    /// Bytes on the way: on the path, and unacknowledged in the kernel.
    pub(super) fn in_flight(&self) -> u64 {
        self.path.queued() + self.wire.counters().map_or(0, |counters| counters.unacked)
    }
}

impl End {
    fn from_io(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
                Self::gone(CloseReason::PeerReset)
            }
            _ => Self::gone(CloseReason::Error(error.to_string())),
        }
    }
}
