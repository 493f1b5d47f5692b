//! One connection, whatever protocol is spoken on it.
//!
//! A `Flow` sends `Outgoing` bytes to the client, as far as the fault
//! schedule allows and as fast as link and path are. It keeps the bytes from the
//! client, carries out faults, checks if the client is still connected, ends the
//! connection, and writes all of this to the journal. It does not know what the
//! bytes mean: the protocol that drives it does.
//!
//! [`ListenerState`] holds everything that the connections of one listener share.

mod carry_out;
mod close;
mod crowd;
mod inbox;
mod life;
mod listener_state;
mod outgoing;
mod pace;
mod send;
mod sent;
pub(crate) mod signal;
mod story;
mod switch;
mod waiting;

use std::rc::Rc;

pub(crate) use self::{
    close::{End, Exit},
    inbox::{Inbox, READ_AHEAD},
    listener_state::next,
    outgoing::Outgoing,
};
use self::{life::Life, pace::Pace, sent::Sent, signal::Watcher, story::Story};
pub use self::{
    listener_state::{ListenerState, Urgency},
    switch::{Reach, Switch, TooManyOrders},
};
use crate::{
    clock::{Alarm, Clock, Instant},
    fault::{FlowState, Schedule, Step},
    journal::{CloseReason, Fact, Progress},
    link::{Path, PathSettings, SharedLink, Wire},
    scenario::{Link, RequestFacts, Scenario, Sockets},
    units::Rate,
};

/// A connection and the parts that carry its bytes.
pub(crate) struct Flow<W: Wire> {
    wire: W,
    path: Path,
    pace: Pace,
    /// Bytes from the client.
    inbox: Inbox,
    sent: Sent,
    /// The scenario that it plays, once that is known.
    scenario: Option<Rc<Scenario>>,
    schedule: Schedule,
    exchange: Exchange,
    life: Life,
    /// Its waits.
    alarm: Alarm,
    /// Nothing is under way, so nothing would be lost if the connection ended
    /// now.
    resting: bool,
    story: Story,
    closing: Watcher<Urgency>,
    /// Orders to switch faults on or off.
    switched: Watcher<u64>,
}

/// The number of the connection and of the request within the scenario.
#[derive(Debug, Clone, Copy, Default)]
struct Exchange {
    /// The connection's number among those that play the scenario.
    connection: u32,
    /// The number of the last request; 0 before the first.
    request: u32,
    /// The time at which that request arrived.
    requested: Option<Instant>,
}

/// The part that a connection plays from now on.
pub(crate) struct Part {
    /// The faults, link and sockets of this connection.
    pub(crate) scenario: Rc<Scenario>,
    /// The seed of all random numbers.
    pub(crate) seed: u64,
    /// The connection's number among those that play the scenario, from 1.
    pub(crate) ordinal: u32,
    /// The link, if the connections of the scenario share one.
    pub(crate) shared: Option<Rc<SharedLink>>,
}

impl<W: Wire> Flow<W> {
    /// A connection of `listener` that plays nothing yet.
    pub(crate) fn new(wire: W, listener: Rc<ListenerState>) -> Self {
        let now = listener.clock.now();
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
            alarm: Alarm::default(),
            resting: true,
            closing: listener.closing(),
            switched: listener.switch.changes(),
            story: Story::new(listener),
            wire,
        }
    }

    /// Sets the socket options of a scenario.
    ///
    /// # Errors
    /// The end of the connection, if the kernel refuses.
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

    /// True once it plays a scenario.
    pub(crate) fn plays(&self) -> bool {
        self.scenario.is_some()
    }

    /// Marks that nothing is under way until the next request.
    pub(crate) fn rest(&mut self) {
        self.resting = true;
    }

    /// Marks that a request was read at this time.
    pub(crate) fn begin(&mut self, at: Instant) {
        self.resting = false;
        self.exchange.requested = Some(at);
    }

    /// Marks that this request plays the scenario and arrived at this time.
    pub(crate) fn asked(&mut self, facts: &RequestFacts<'_>, at: Instant) {
        (self.exchange.request, self.exchange.requested) = (facts.request, Some(at));
        self.schedule.asked(facts);
    }

    /// The number of the connection among those that play the scenario.
    pub(crate) fn ordinal(&self) -> u32 {
        self.exchange.connection
    }

    /// Sets the test to which the next events belong.
    pub(crate) fn set_key(&mut self, key: Option<String>) {
        self.story.set_key(key);
    }

    /// The bytes from the client.
    pub(crate) fn inbox(&mut self) -> &mut Inbox {
        &mut self.inbox
    }

    /// The state shared with the other connections of the listener.
    pub(crate) fn listener(&self) -> &ListenerState {
        self.story.listener()
    }

    pub(crate) fn clock(&self) -> Clock {
        self.listener().clock
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock().now()
    }

    /// The urgency with which the connection must end.
    pub(crate) fn closing(&self) -> Urgency {
        self.closing.get()
    }

    /// Writes the journal event of the accepted connection.
    pub(crate) fn write_accepted(&self) {
        let (peer, local) = self.wire.addresses();
        self.write(Fact::Accepted {
            peer,
            local,
            sockets: self.wire.facts(),
        });
    }

    /// Writes a fact about this connection to the journal.
    pub(crate) fn write(&self, fact: Fact) {
        self.story.write(fact);
    }

    /// Writes the kernel's facts about this connection to the journal, if there
    /// are any.
    fn write_tcp_info(&self) {
        if let Some(facts) = self.wire.tcp_facts() {
            self.write(Fact::TcpInfo(facts));
        }
    }

    /// Tells the journal the progress of the connection.
    fn show(&self, now: Instant) {
        if !self.listener().is_followed() {
            return;
        }
        let unacked = self.wire.counters().map(|counters| counters.unacked);
        let progress = Progress {
            at_ns: now,
            sent_bytes: self.sent.body_in_all(),
            unacked_bytes: unacked.ok().map(|bytes| bytes + self.path.queued()),
        };
        self.story.look(progress);
    }

    /// Carries out due faults while no response is under way. Returns the time of
    /// the next call.
    ///
    /// # Errors
    /// The end of the connection, if a fault ends it.
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

    /// Asks the schedule for the next step, after obeying the orders to switch
    /// faults.
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

    /// Obeys the switch: faults are on or off. Switching them off also ends a
    /// throttle.
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

    /// Sets the rate of the link, and the segment size that belongs to it.
    fn set_rate(&mut self, rate: Rate) {
        if let Some(scenario) = &self.scenario {
            self.pace
                .set_rate(rate, scenario.segment_at(rate), self.now());
        }
    }
}
