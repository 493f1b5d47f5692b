//! Chooses the scenario that a request plays.

use std::{cell::Cell, future::Future, pin::Pin, rc::Rc};

use super::origin::{Origin, OriginError, Request, Response, Script, file_response};
use crate::{
    clock::Instant,
    flow::next,
    held::{HeldShare, StreamLimit, TooManyStreams},
    link::{Refused, SharedLink},
    scenario::Scenario,
};

/// The reasons why a scenario cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum Unplayable {
    /// The body cannot be made.
    #[error(transparent)]
    Origin(#[from] OriginError),
    /// The kernel refuses its `[sockets]`.
    #[error(transparent)]
    Sockets(#[from] Refused),
}

/// A scenario ready to be served.
#[derive(Debug)]
pub struct Played {
    /// The scenario, already scaled if it should be.
    pub scenario: Rc<Scenario>,
    /// Its responses.
    pub origin: Rc<Origin>,
    /// The seed of all random numbers.
    pub seed: u64,
    connections: Cell<u32>,
    requests: Cell<u32>,
    /// The arrival of the first request.
    started: Cell<Option<Instant>>,
    /// The link, if its connections share one.
    shared: Option<Rc<SharedLink>>,
    /// Its share of the room for scenarios, if it came over the network.
    share: Option<Rc<HeldShare>>,
    /// Its share of the streams, for the same reason.
    streams: Option<StreamLimit>,
    /// True if that share was taken for this one, not for another key of it.
    is_first: bool,
}

impl Played {
    /// Prepares the scenario, and encodes its body if it has a coding.
    ///
    /// # Errors
    /// The body cannot be made.
    pub fn new(scenario: Scenario, seed: u64) -> Result<Rc<Self>, OriginError> {
        let origin = Origin::new(&scenario)?;
        Ok(Self::of(Rc::new(scenario), origin, seed))
    }

    /// Prepares a scenario whose `origin` is already made.
    pub(crate) fn of(scenario: Rc<Scenario>, origin: Origin, seed: u64) -> Rc<Self> {
        Rc::new(Self::fresh(scenario, Rc::new(origin), seed))
    }

    /// As [`Self::of`], for a scenario that takes `share` of the room for
    /// scenarios.
    pub(crate) fn within(
        scenario: Scenario,
        origin: Origin,
        seed: u64,
        share: HeldShare,
        streams: StreamLimit,
    ) -> Rc<Self> {
        Rc::new(Self {
            share: Some(Rc::new(share)),
            streams: Some(streams),
            ..Self::fresh(Rc::new(scenario), Rc::new(origin), seed)
        })
    }

    /// The same scenario with its own counters and link, so that tests do not
    /// disturb each other.
    pub(crate) fn anew(&self) -> Rc<Self> {
        let (scenario, origin) = (Rc::clone(&self.scenario), Rc::clone(&self.origin));
        Rc::new(Self {
            share: self.share.clone(),
            streams: self.streams.clone(),
            is_first: false,
            ..Self::fresh(scenario, origin, self.seed)
        })
    }

    fn fresh(scenario: Rc<Scenario>, origin: Rc<Origin>, seed: u64) -> Self {
        let link = &scenario.link;
        Self {
            shared: link.shared.then(|| SharedLink::new(link.rate)),
            scenario,
            origin,
            seed,
            connections: Cell::new(0),
            requests: Cell::new(0),
            started: Cell::new(None),
            share: None,
            streams: None,
            is_first: true,
        }
    }

    /// The link, if its connections share one.
    pub(super) fn shared(&self) -> Option<Rc<SharedLink>> {
        self.shared.clone()
    }

    /// The number of the next connection that plays it, from 1.
    pub(crate) fn next_connection(&self) -> u32 {
        next(&self.connections)
    }

    /// The number of the next request that plays it, from 1.
    pub(crate) fn next_request(&self) -> u32 {
        next(&self.requests)
    }
}

impl Played {
    /// The arrival of the first request that played it, which is `now` for the first.
    pub(super) fn started(&self, now: Instant) -> Instant {
        let started = self.started.get().unwrap_or(now);
        self.started.set(Some(started));
        started
    }

    /// The answer where the file that the object is has changed since: its validators and
    /// the places of its faults are those of another one.
    pub(super) fn refusal(&self, request: &Request) -> Option<Response> {
        let file = self.scenario.body.file.as_ref()?;
        let refusal = file_response(&OriginError::from(file.check().err()?));
        Some(match request.is_head() {
            true => refusal.without_body(),
            false => refusal,
        })
    }

    /// The number of connections and requests that have played it.
    pub(crate) fn counts(&self) -> (u32, u32) {
        (self.connections.get(), self.requests.get())
    }

    /// Takes a place among the bodies that are coded as they are sent, if `script` is one
    /// and came over the network.
    ///
    /// # Errors
    /// There are as many as may be.
    pub(super) fn take_stream(&self, script: &Script) -> Result<Option<HeldShare>, TooManyStreams> {
        let limit = self.streams.as_ref().filter(|_| script.is_coded_anew());
        limit.map(StreamLimit::take).transpose()
    }

    /// The bytes of room taken for it.
    pub(crate) fn own_bytes(&self) -> u64 {
        let share = self.share.as_ref().filter(|_| self.is_first);
        share.map_or(0, |share| share.bytes())
    }
}

/// The answer of a router to a request.
pub enum Routed {
    /// Play this scenario.
    Play(Rc<Played>),
    /// Answer this, without faults.
    Say(Box<Response>),
    /// Wait for the answer: the scenario has to be made first.
    Later(Pin<Box<dyn Future<Output = Self>>>),
}

/// Chooses the scenario of each connection and request.
pub trait Router {
    /// The scenario of a connection before its first request.
    fn at_accept(&self) -> Option<Rc<Played>>;
    /// The test that a request names. Its events carry this key.
    fn key(&self, _: &Request) -> Option<String> {
        None
    }
    /// The scenario of a request.
    fn route(&self, request: &Request) -> Routed;
}

/// Plays one scenario for every request.
impl Router for Rc<Played> {
    fn at_accept(&self) -> Option<Self> {
        Some(Self::clone(self))
    }

    fn route(&self, _: &Request) -> Routed {
        Routed::Play(Self::clone(self))
    }
}
