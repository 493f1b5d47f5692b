//! One connection, whatever protocol is spoken on it.
//!
//! A [`Flow`] carries what is [`Outgoing`] to the client, as far as the fault
//! schedule allows, as fast as link and path do; keeps what comes from the
//! client; carries faults out; watches whether somebody is still there; ends
//! the connection; and writes all of that down. What the bytes mean is the
//! protocol's affair, which drives it.
//!
//! [`Trial`] is what the connections of one listener share.

mod carry_out;
mod close;
mod inbox;
mod life;
mod outgoing;
mod pace;
mod send;
mod sent;
pub(crate) mod signal;
mod story;
mod switch;
mod trial;
mod waiting;

use std::rc::Rc;

pub(crate) use self::{
    close::{End, Exit},
    inbox::Inbox,
    outgoing::Outgoing,
    trial::next,
};
use self::{life::Life, pace::Pace, sent::Sent, signal::Watcher, story::Story};
pub use self::{
    switch::{Reach, Switch, TooManyOrders},
    trial::{Closing, Trial},
};
use crate::{
    clock::{Clock, Instant},
    fault::{FlowState, Schedule, Step},
    journal::{CloseReason, Fact, Progress},
    link::{Path, PathSettings, SharedLink, Wire},
    scenario::{Link, Scenario, Sockets},
    units::Rate,
};

/// A connection and what carries its bytes.
pub(crate) struct Flow<W: Wire> {
    wire: W,
    path: Path,
    pace: Pace,
    /// Bytes from the client.
    inbox: Inbox,
    sent: Sent,
    /// What it plays, once that is known.
    scenario: Option<Rc<Scenario>>,
    schedule: Schedule,
    exchange: Exchange,
    life: Life,
    /// Nothing is under way: nothing is lost if the connection ends now.
    resting: bool,
    story: Story,
    closing: Watcher<Closing>,
    /// Orders to switch faults on or off.
    switched: Watcher<u64>,
}

/// Which connection and which request of its scenario this is.
#[derive(Debug, Clone, Copy, Default)]
struct Exchange {
    /// The connection's number among those that play the scenario.
    connection: u32,
    /// That of the last request; 0 before any.
    request: u32,
    /// When that got here.
    requested: Option<Instant>,
}

/// What a connection plays from now on.
pub(crate) struct Part {
    /// Faults, link and sockets of this one.
    pub(crate) scenario: Rc<Scenario>,
    /// Of what is drawn.
    pub(crate) seed: u64,
    /// The connection's number among those that play the scenario, from 1.
    pub(crate) ordinal: u32,
    /// The link, where the scenario's connections share one.
    pub(crate) shared: Option<Rc<SharedLink>>,
}

impl<W: Wire> Flow<W> {
    /// A connection of `trial` that plays nothing yet.
    pub(crate) fn new(wire: W, trial: Rc<Trial>) -> Self {
        let now = trial.clock.now();
        let link = Link::default();
        Self {
            path: Path::new(PathSettings::new(&link, &Sockets::default()), 0),
            pace: Pace::new(&link, now),
            inbox: Inbox::default(),
            sent: Sent::default(),
            scenario: None,
            schedule: Schedule::new(&[], 0, 0),
            exchange: Exchange::default(),
            life: Life::new(now),
            resting: true,
            closing: trial.closing(),
            switched: trial.switch.changes(),
            story: Story::new(trial),
            wire,
        }
    }

    /// Gives the socket what a scenario asks for.
    ///
    /// # Errors
    /// The end of the connection, where the kernel refuses.
    pub(crate) fn configure(&mut self, sockets: &Sockets) -> Result<(), End> {
        self.wire.configure(sockets).map_err(|error| End {
            reason: CloseReason::Unable(error.to_string()),
            exit: Exit::Abort,
        })
    }

    /// Takes on a scenario's schedule and link.
    pub(crate) fn play(&mut self, part: Part) {
        let Part {
            scenario,
            seed,
            ordinal,
            shared,
        } = part;
        self.exchange.connection = ordinal;
        self.schedule = Schedule::new(&scenario.faults, seed, ordinal);
        self.pace = Pace::of(&scenario, shared, self.now());
        let mut path = PathSettings::new(&scenario.link, &scenario.sockets);
        if self.clock().is_simulated() {
            path = path.losing(scenario.link.loss);
        }
        self.path = Path::new(path, seed ^ (u64::from(self.story.number()) << 32));
        self.scenario = Some(scenario);
    }

    /// Whether it plays a scenario yet.
    pub(crate) fn plays(&self) -> bool {
        self.scenario.is_some()
    }

    /// Nothing is under way until the next request.
    pub(crate) fn rest(&mut self) {
        self.resting = true;
    }

    /// A request was read, at this moment.
    pub(crate) fn begin(&mut self, at: Instant) {
        self.resting = false;
        self.exchange.requested = Some(at);
    }

    /// It is the request of this number that plays the scenario, and got here
    /// at this moment.
    pub(crate) fn asked(&mut self, number: u32, at: Instant) {
        (self.exchange.request, self.exchange.requested) = (number, Some(at));
    }

    /// The test that what follows belongs to.
    pub(crate) fn set_key(&mut self, key: Option<String>) {
        self.story.set_key(key);
    }

    /// What came from the client.
    pub(crate) fn inbox(&mut self) -> &mut Inbox {
        &mut self.inbox
    }

    /// What it shares with the other connections of its listener.
    pub(crate) fn trial(&self) -> &Trial {
        self.story.trial()
    }

    pub(crate) fn clock(&self) -> Clock {
        self.trial().clock
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock().now()
    }

    /// Whether it is to end, and how soon.
    pub(crate) fn closing(&self) -> Closing {
        self.closing.get()
    }

    /// Writes down that it was accepted.
    pub(crate) fn write_accepted(&self) {
        let (peer, local) = self.wire.addresses();
        self.write(Fact::Accepted {
            peer,
            local,
            sockets: self.wire.facts(),
        });
    }

    /// Writes a fact about this connection down.
    pub(crate) fn write(&self, fact: Fact) {
        self.story.write(fact);
    }

    /// Writes down what the kernel knows of this connection, where it tells.
    fn write_tcp_info(&self) {
        if let Some(facts) = self.wire.tcp_facts() {
            self.write(Fact::TcpInfo(facts));
        }
    }

    /// Shows the journal how far the connection is.
    fn show(&self, now: Instant) {
        let unacked = self.wire.counters().map(|counters| counters.unacked);
        let progress = Progress {
            at_ns: now,
            sent_bytes: self.sent.body_in_all(),
            unacked_bytes: unacked.ok().map(|bytes| bytes + self.path.queued()),
        };
        self.story.look(progress);
    }

    /// Carries out what is due while no response is under way; tells when to
    /// ask again.
    ///
    /// # Errors
    /// The end of the connection, where a fault is that.
    pub(crate) async fn attend(&mut self) -> Result<Instant, End> {
        loop {
            let now = self.now();
            let step = self.step(now);
            match step.act {
                Some(fired) => self.carry_out(fired).await?,
                None => return Ok(step.until.min(self.next_look())),
            }
        }
    }

    /// What the schedule says now, once orders were obeyed.
    fn step(&mut self, now: Instant) -> Step {
        if self.switched.has_changed() {
            self.obey_switch();
        }
        self.look_for_life(now);
        self.schedule.next(&FlowState {
            now,
            connection: self.exchange.connection,
            request: self.exchange.request,
            requested: self.exchange.requested,
            sent: self.sent.wire,
            last_segment: self.life.segment,
            last_payload: self.life.payload,
            blocked_since: self.sent.blocked_since,
        })
    }

    /// Obeys the switch: faults are carried out or not. A throttle is over when
    /// they are not.
    fn obey_switch(&mut self) {
        self.switched.mark_seen();
        if self.story.has_faults() {
            self.schedule.arm(self.sent.wire);
            return;
        }
        self.schedule.disarm();
        let link = self.scenario.as_ref().map(|scenario| scenario.link.rate);
        if let Some(rate) = link.filter(|rate| *rate != self.pace.rate()) {
            self.set_rate(rate);
        }
    }

    /// From now on the link carries `rate`, in the segments that go with it.
    fn set_rate(&mut self, rate: Rate) {
        if let Some(scenario) = &self.scenario {
            self.pace
                .set_rate(rate, scenario.segment_at(rate), self.now());
        }
    }
}
