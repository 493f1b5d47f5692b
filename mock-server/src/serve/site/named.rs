//! A scenario that is served by name. One whose body is coded is prepared when it
//! is first asked for, so that the server starts at once.

use std::{cell::OnceCell, rc::Rc};

use crate::{
    http1::{
        Played, Unplayable,
        origin::{Origin, OriginError},
    },
    link::{Refused, try_scenario},
    scenario::Scenario,
    serve::worker::Turn,
};

/// A scenario, and what is prepared of it.
#[derive(Debug)]
pub(in crate::serve) struct Named {
    scenario: Rc<Scenario>,
    seed: u64,
    played: OnceCell<Rc<Played>>,
}

impl Named {
    /// A scenario that was read from a file or is in the catalogue.
    ///
    /// # Errors
    /// It asks for a response that cannot be sent, or the kernel refuses a setting
    /// in its `[sockets]`.
    pub(in crate::serve) fn new(scenario: Scenario, seed: u64) -> Result<Rc<Self>, Unplayable> {
        match try_scenario(&scenario) {
            Ok(()) | Err(Refused::Lacking(_)) => {}
            Err(refused @ Refused::Setting { .. }) => return Err(refused.into()),
        }
        Origin::check(&scenario)?;
        let named = Self {
            scenario: Rc::new(scenario),
            seed,
            played: OnceCell::new(),
        };
        Ok(Rc::new(named))
    }

    /// A scenario that is prepared already.
    pub(in crate::serve) fn of(played: Rc<Played>) -> Rc<Self> {
        Rc::new(Self {
            scenario: Rc::clone(&played.scenario),
            seed: played.seed,
            played: OnceCell::from(played),
        })
    }

    /// The scenario.
    pub(in crate::serve) fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The numbers of connections and requests that have played it.
    pub(in crate::serve) fn counts(&self) -> (u32, u32) {
        self.played.get().map_or((0, 0), |played| played.counts())
    }

    /// The responses to play, unless preparing them takes time: see
    /// [`Self::prepare`].
    ///
    /// # Errors
    /// Its body cannot be made.
    pub(super) fn at_once(&self) -> Result<Option<Rc<Played>>, OriginError> {
        let waits = self.scenario.body.is_coded() || Origin::is_slow(&self.scenario);
        if self.played.get().is_none() && !waits {
            self.keep(Origin::new(&self.scenario)?);
        }
        Ok(self.played.get().map(Rc::clone))
    }

    /// Prepares it off this thread, in its turn.
    ///
    /// # Errors
    /// Its body cannot be made.
    pub(super) async fn prepare(&self, turn: Turn) -> Result<Rc<Played>, OriginError> {
        // Another connection may have asked for it meanwhile.
        if let Some(played) = self.at_once()? {
            return Ok(played);
        }
        let scenario = Scenario::clone(&self.scenario);
        let (_turn, origin) = turn.run(move || Origin::new(&scenario)).await;
        Ok(self.keep(origin?))
    }

    fn keep(&self, origin: Origin) -> Rc<Played> {
        let prepare = || Played::of(Rc::clone(&self.scenario), origin, self.seed);
        Rc::clone(self.played.get_or_init(prepare))
    }
}
