//! One connection: requests in, scripts out, as far and as fast as the
//! schedule, the pacer and the path allow.

use std::{rc::Rc, time::Duration};

use tokio::task::yield_now;

use super::{
    Closing, Played, Routed, Trial,
    close::{End, Exit},
    signal::Watcher,
    waiting::{Life, Watch},
};
use crate::{
    clock::{Clock, Instant},
    fault::{FlowState, Schedule},
    journal::{CloseReason, Fact, Progress},
    link::{Pacer, Path, PathSettings, Share, Wire},
    origin::{OffsetMap as _, Request, Response},
    scenario::{Action, Link, Sockets},
    units::Rate,
};

/// After a blockage longer than this the link counts as having been idle:
/// what could have passed is gone. A shorter one is the transport's own
/// breathing and is caught up.
pub(super) const BREATH: Duration = Duration::from_millis(20);

/// Most bytes taken from a script at once.
pub(super) const PIECE: u64 = 1 << 20;

/// Bytes that a connection sends before the others have their turn: a client
/// that reads as fast as it is sent would keep them waiting.
const TURN: u64 = 1 << 20;

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
    /// The test that the last request named.
    pub(super) key: Option<String>,
    pub(super) schedule: Schedule,
    pub(super) pacer: Pacer,
    /// Its part of the link, where it shares one.
    pub(super) share: Option<Share>,
    pub(super) path: Path,
    /// Bytes that are sent at a time, at the rate in force.
    segment: u64,
    pub(super) closing: Watcher<Closing>,
    /// Orders to switch faults on or off.
    pub(super) switched: Watcher<u64>,
    /// Bytes of requests not yet parsed.
    pub(super) inbox: Vec<u8>,
    /// How many of them a request was looked for in, in vain.
    pub(super) looked_at: usize,
    /// Bytes of a request body still to be thrown away.
    pub(super) skip: u64,
    pub(super) peer_finished: bool,
    /// In a black hole: nothing is heard of the client.
    pub(super) dark: bool,
    /// Waiting for a request: nothing is lost if the connection ends now.
    pub(super) resting: bool,
    pub(super) request: u32,
    pub(super) requested: Option<Instant>,
    pub(super) life: Life,
    /// Whether a client that cannot be heard is still there.
    pub(super) watch: Watch,
    pub(super) blocked_since: Option<Instant>,
    pub(super) sent: Sent,
    pub(super) max_unsent: u64,
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
            key: None,
            schedule: Schedule::new(&[], 0, number),
            pacer: Pacer::new(link.rate, now),
            share: None,
            path: Path::new(PathSettings::new(&link, &Sockets::default()), 0),
            segment: link.segment_at(link.rate),
            closing: trial.closing(),
            switched: trial.switch.changes(),
            inbox: Vec::new(),
            looked_at: 0,
            skip: 0,
            peer_finished: false,
            dark: false,
            resting: true,
            request: 0,
            requested: None,
            life: Life::new(now),
            watch: Watch::default(),
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
        self.write(Fact::Accepted {
            peer,
            local,
            sockets: self.wire.facts(),
        });
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
        let arrived = self.clock.now();
        self.requested = Some(arrived);
        self.resting = false;
        let mut response = self.answer(&request, arrived).await?;
        let closes = !request.keep_alive || response.close;
        self.respond(&mut response, closes).await?;
        Ok(!closes && self.closing.get() == Closing::No)
    }

    /// The response that the request is routed to.
    async fn answer(&mut self, request: &Request, arrived: Instant) -> Result<Response, End> {
        let mut routed = self.trial.router.route(request);
        loop {
            routed = match routed {
                Routed::Later(routed) => self.meanwhile(routed).await?,
                Routed::Say(response) if request.is_head() => return Ok(response.without_body()),
                Routed::Say(response) => return Ok(*response),
                Routed::Play(played) => {
                    self.play(Rc::clone(&played))?;
                    self.request = played.next_request();
                    // The request needs its time to get here; what follows
                    // counts from its arrival. Before it was read, nobody knew
                    // whose link it came over.
                    self.requested = Some(arrived + played.scenario.link.latency);
                    return Ok(played.origin.respond(request));
                }
            };
        }
    }

    /// What comes of `future`, where the connection does not end before it: a
    /// client that has left gives up its place among those who wait.
    async fn meanwhile<T>(&mut self, future: impl Future<Output = T>) -> Result<T, End> {
        let mut future = std::pin::pin!(future);
        loop {
            tokio::select! {
                biased;
                done = &mut future => return Ok(done),
                waited = self.wait_out(Instant::FAR, false) => waited?,
            }
        }
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
            let reason = CloseReason::Unable(error.to_string());
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
        self.segment = scenario.segment_at(scenario.link.rate);
        self.played = Some(played);
        Ok(())
    }

    /// From now on the link carries `rate`, in the segments that go with it.
    pub(super) fn set_rate(&mut self, rate: Rate) {
        self.pacer.set_rate(rate, self.clock.now());
        if let Some(played) = &self.played {
            self.segment = played.scenario.segment_at(rate);
        }
    }

    /// Obeys the switch: faults are carried out or not. A throttle is over when
    /// they are not.
    pub(super) fn obey_switch(&mut self) {
        self.switched.mark_seen();
        if self.trial.switch.enabled(self.number, self.key.as_deref()) {
            self.schedule.arm(self.sent.wire);
            return;
        }
        self.schedule.disarm();
        let link = self.played.as_ref().map(|played| played.scenario.link.rate);
        if let Some(rate) = link.filter(|rate| *rate != self.pacer.rate()) {
            self.set_rate(rate);
        }
    }

    /// Plays one response to its last byte; the connection `closes` with it.
    async fn respond(&mut self, response: &mut Response, closes: bool) -> Result<(), End> {
        self.sent.earlier_body += self.sent.body;
        self.sent.earlier_wire += self.sent.wire;
        (self.sent.body, self.sent.wire) = (0, 0);
        self.schedule.begin_response(&response.script);
        self.obey_switch();
        let mut script_len = response.script.wire_len();
        // The link is idle until the first byte.
        let mut held = true;
        // The window is full, so the link is idle whatever its rate.
        let mut full = false;
        let mut turn = 0;
        loop {
            let now = self.clock.now();
            // Before the schedule is asked: it has to know of a blockage.
            self.deliver(now)?;
            self.sent.wire = response.script.sent();
            self.sent.body = response.script.body_at_wire(self.sent.wire);
            self.show(now);
            if self.switched.has_changed() {
                self.obey_switch();
            }
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
                        turn += self.send(response, now, left, want);
                        // In the virtual world nothing waits for a thread.
                        if turn >= TURN && !self.clock.is_simulated() {
                            turn = 0;
                            yield_now().await;
                        }
                        continue;
                    }
                    wake = wake.min(ready);
                }
            } else if self.sent.wire == script_len && self.path.queued() == 0 {
                break;
            } else {
                // Held back, by a stall or behind the last byte.
                held = true;
            }
            let write = self.path.arrived(now).is_some();
            self.wait(wake, write).await?;
        }
        self.schedule.end_response();
        let fact = Fact::ResponseEnd {
            body_bytes: self.sent.body,
            wire_bytes: self.sent.wire,
            closes,
        };
        self.write(fact);
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

    /// Writes down what the kernel knows of this connection, where it tells.
    pub(super) fn write_tcp_info(&self) {
        if let Some(facts) = self.wire.tcp_facts() {
            self.write(Fact::TcpInfo(facts));
        }
    }

    /// Writes a fact about this connection down.
    pub(super) fn write(&self, fact: Fact) {
        self.trial.write(self.number, self.key.as_deref(), fact);
    }

    /// Shows the journal how far the connection is.
    pub(super) fn show(&self, now: Instant) {
        let unacked = self.wire.counters().map(|counters| counters.unacked);
        let progress = Progress {
            at_ns: now,
            sent_bytes: self.sent.earlier_body + self.sent.body,
            unacked_bytes: unacked.ok().map(|bytes| bytes + self.path.queued()),
        };
        self.trial.look(self.number, progress);
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
}
