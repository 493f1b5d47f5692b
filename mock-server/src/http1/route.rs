//! Which scenario a request plays.

use std::{cell::Cell, future::Future, pin::Pin, rc::Rc};

use super::origin::{Origin, OriginError, Request, Response};
use crate::{
    flow::next,
    held::Share,
    link::{Refused, SharedLink, try_sockets},
    scenario::Scenario,
};

/// Why a scenario cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum Unplayable {
    /// Its body cannot be made.
    #[error(transparent)]
    Origin(#[from] OriginError),
    /// The kernel does not take its `[sockets]`.
    #[error(transparent)]
    Sockets(#[from] Refused),
}

/// A scenario ready to be served.
#[derive(Debug)]
pub struct Played {
    /// The scenario, scaled if it is to be.
    pub scenario: Rc<Scenario>,
    /// Its responses.
    pub origin: Rc<Origin>,
    /// The seed of what is drawn.
    pub seed: u64,
    connections: Cell<u32>,
    requests: Cell<u32>,
    /// The link, where its connections share one.
    shared: Option<Rc<SharedLink>>,
    /// What it holds of the room for scenarios, where it came over the network.
    share: Option<Rc<Share>>,
    /// Whether that was taken for this one, and not for another's sake.
    is_first: bool,
}

impl Played {
    /// Makes the scenario ready: encodes its body where it is encoded.
    ///
    /// # Errors
    /// When the body cannot be made.
    pub fn new(scenario: Scenario, seed: u64) -> Result<Rc<Self>, OriginError> {
        let origin = Origin::new(&scenario)?;
        Ok(Self::of(scenario, origin, seed))
    }

    /// Makes a scenario ready whose responses, `origin`, are made.
    pub(crate) fn of(scenario: Scenario, origin: Origin, seed: u64) -> Rc<Self> {
        Rc::new(Self::fresh(Rc::new(scenario), Rc::new(origin), seed))
    }

    /// Makes a scenario ready whose responses, `origin`, are made, and which
    /// takes `share` of the room for scenarios.
    pub(crate) fn within(scenario: Scenario, origin: Origin, seed: u64, share: Share) -> Rc<Self> {
        Rc::new(Self {
            share: Some(Rc::new(share)),
            ..Self::fresh(Rc::new(scenario), Rc::new(origin), seed)
        })
    }

    /// The same over real sockets, whose settings are tried.
    ///
    /// # Errors
    /// When the body cannot be made, or the kernel refuses what `[sockets]`
    /// asks for.
    pub(crate) fn over_tcp(scenario: Scenario, seed: u64) -> Result<Rc<Self>, Unplayable> {
        try_sockets(&scenario.sockets)?;
        Ok(Self::new(scenario, seed)?)
    }

    /// The same scenario with counters and a link of its own: what one test
    /// does to it is nothing to another.
    pub(crate) fn anew(&self) -> Rc<Self> {
        let (scenario, origin) = (Rc::clone(&self.scenario), Rc::clone(&self.origin));
        Rc::new(Self {
            share: self.share.clone(),
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
            share: None,
            is_first: true,
        }
    }

    /// The link, where its connections share one.
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
    /// How many connections and requests have played it.
    pub(crate) fn counts(&self) -> (u32, u32) {
        (self.connections.get(), self.requests.get())
    }

    /// The room that was taken for it.
    pub(crate) fn own_bytes(&self) -> u64 {
        let share = self.share.as_ref().filter(|_| self.is_first);
        share.map_or(0, |share| share.bytes())
    }
}

/// What to do with a request.
pub enum Routed {
    /// Play this scenario.
    Play(Rc<Played>),
    /// Answer this, without faults.
    Say(Box<Response>),
    /// Wait until it is known: the scenario has to be made first.
    Later(Pin<Box<dyn Future<Output = Self>>>),
}

/// Chooses what connections and requests play.
pub trait Router {
    /// What a connection plays before its first request.
    fn at_accept(&self) -> Option<Rc<Played>>;
    /// The test that a request names as its own; its events carry it.
    fn key(&self, _: &Request) -> Option<String> {
        None
    }
    /// What a request plays.
    fn route(&self, request: &Request) -> Routed;
}

/// One scenario whatever is asked for.
impl Router for Rc<Played> {
    fn at_accept(&self) -> Option<Self> {
        Some(Self::clone(self))
    }

    fn route(&self, _: &Request) -> Routed {
        Routed::Play(Self::clone(self))
    }
}
