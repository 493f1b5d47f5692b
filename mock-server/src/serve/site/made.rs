//! Scenarios that come over the network: prepared within their memory limit, and
//! off the serving thread if that is slow.

use std::rc::Rc;

use super::{Id, Site, SiteRefusal};
use crate::{
    held::{HeldShare, NoRoom, plain},
    http1::{
        Played, Routed, Unplayable,
        origin::{Origin, OriginError, file_text},
    },
    link::{Lacking, Refused, try_scenario},
    scenario::Scenario,
    serve::worker::Turn,
};

/// The reasons why a scenario is not served.
#[derive(Debug, thiserror::Error)]
pub(in crate::serve) enum MakeError {
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    #[error("cannot serve it: {0}")]
    Unplayable(#[from] Unplayable),
}

/// The sizes of a site.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::serve) struct Figures {
    /// Bytes of scenarios that came over the network.
    pub(in crate::serve) held_bytes: u64,
    /// Scenarios with separate counters.
    pub(in crate::serve) counted: usize,
    /// Counters dropped to make room.
    pub(in crate::serve) forgotten: u64,
}

impl Site {
    /// Waits for the turn to prepare a slow scenario.
    pub(in crate::serve) async fn turn(&self) -> Turn {
        self.worker.turn().await
    }

    /// Prepares `scenario` off this thread.
    ///
    /// # Errors
    /// There is no room for it, or its body cannot be made.
    pub(in crate::serve) async fn make(
        &self,
        turn: Turn,
        scenario: Scenario,
    ) -> (Turn, Result<Rc<Played>, MakeError>) {
        let seed = self.seed;
        let mut share = match self.take(&scenario) {
            Ok(share) => share,
            Err(error) => return (turn, Err(error)),
        };
        let encode = move || Origin::new(&scenario).map(|origin| (scenario, origin));
        // The job keeps the share, since it takes memory until it is done.
        let (turn, (share, made)) = turn
            .run(move || {
                let made = encode();
                if let Ok((scenario, origin)) = &made {
                    share.shrink_to(plain(scenario) + origin.held_bytes());
                }
                (share, made)
            })
            .await;
        let streams = self.streams.clone();
        let made =
            made.map(|(scenario, origin)| Played::within(scenario, origin, seed, share, streams));
        (turn, made.map_err(MakeError::from))
    }

    pub(in crate::serve) fn figures(&self) -> Figures {
        let (counted, forgotten) = self.counted.borrow().counts();
        Figures {
            held_bytes: self.room.held(),
            counted,
            forgotten,
        }
    }

    /// Takes room for `scenario`, after the kernel has accepted its settings; the
    /// least recently used counters make room.
    fn take(&self, scenario: &Scenario) -> Result<HeldShare, MakeError> {
        try_scenario(scenario).map_err(Unplayable::from)?;
        let needed = plain(scenario) + Origin::most_held_bytes(scenario);
        while !self.room.has(needed) && self.counted.borrow_mut().forget_the_oldest() {}
        Ok(self.room.take(needed)?)
    }

    /// The scenario `id`, prepared from `scenario` unless it is kept.
    pub(super) fn made(self: &Rc<Self>, id: Id, scenario: Scenario) -> Result<Routed, SiteRefusal> {
        if let Some(played) = self.counted.borrow_mut().find(&id) {
            return Ok(Routed::Play(played));
        }
        if Origin::is_slow(&scenario) {
            let later = Rc::clone(self).made_later(id, scenario);
            return Ok(Routed::Later(Box::pin(later)));
        }
        let share = self.take(&scenario)?;
        let origin = Origin::new(&scenario).map_err(MakeError::from)?;
        let played = Played::within(scenario, origin, self.seed, share, self.streams.clone());
        let mut counted = self.counted.borrow_mut();
        if id.key.is_some() {
            // For other keys, which need not read the query again.
            let what = id.what.clone();
            counted.keep(Id { what, key: None }, played.anew());
        }
        counted.keep(id, Rc::clone(&played));
        Ok(Routed::Play(played))
    }

    async fn made_later(self: Rc<Self>, id: Id, scenario: Scenario) -> Routed {
        let turn = self.turn().await;
        // Another connection may have requested the same meanwhile.
        if let Some(played) = self.counted.borrow_mut().find(&id) {
            return Routed::Play(played);
        }
        let (_turn, made) = self.make(turn, scenario).await;
        match made {
            Ok(played) => {
                self.counted.borrow_mut().keep(id, Rc::clone(&played));
                Routed::Play(played)
            }
            Err(error) => Routed::from(SiteRefusal::from(error)),
        }
    }

    /// `played` with the counters of `id`.
    pub(super) fn counted(&self, id: Id, played: &Played) -> Rc<Played> {
        let mut counted = self.counted.borrow_mut();
        if let Some(kept) = counted.find(&id) {
            return kept;
        }
        let fresh = played.anew();
        counted.keep(id, Rc::clone(&fresh));
        fresh
    }
}

impl From<OriginError> for MakeError {
    fn from(error: OriginError) -> Self {
        Self::Unplayable(error.into())
    }
}

impl From<Lacking> for MakeError {
    fn from(lacking: Lacking) -> Self {
        Self::Unplayable(Refused::from(lacking).into())
    }
}

impl From<MakeError> for SiteRefusal {
    fn from(error: MakeError) -> Self {
        match error {
            MakeError::NoRoom(full) => {
                let text = format!("{full}; try again after some downloads have ended");
                Self::new(507, text)
            }
            MakeError::Unplayable(Unplayable::Origin(error @ OriginError::File(_))) => Self {
                is_broken: true,
                ..Self::new(500, file_text(&error))
            },
            MakeError::Unplayable(error) => {
                let status = match &error {
                    Unplayable::Sockets(Refused::Lacking(_)) => 501,
                    Unplayable::Sockets(Refused::Setting { .. }) | Unplayable::Origin(_) => 400,
                };
                Self::new(status, error.to_string())
            }
        }
    }
}
