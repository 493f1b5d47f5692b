//! Scenarios that come over the network: made within the room that there is for
//! them, off the thread that serves where that takes long.

use std::rc::Rc;

use super::{Id, Refusal, Site};
use crate::{
    held::{NoRoom, Share, plain},
    http1::{Played, Routed, Unplayable, origin::Origin},
    link::try_sockets,
    scenario::Scenario,
    serve::worker::Turn,
};

/// A body that has to be encoded takes a millisecond from about this size on.
const AT_ONCE: u64 = 128 << 10;

/// Why a scenario is not served.
#[derive(Debug, thiserror::Error)]
pub(in crate::serve) enum MakeError {
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    #[error("it cannot be served: {0}")]
    Unplayable(#[from] Unplayable),
}

/// What a site holds.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::serve) struct Figures {
    /// Bytes of scenarios that came over the network.
    pub(in crate::serve) held_bytes: u64,
    /// Scenarios with counters of their own.
    pub(in crate::serve) counted: usize,
    /// Of those, how many were forgotten to make room.
    pub(in crate::serve) forgotten: u64,
}

impl Site {
    /// Waits for the turn to make a scenario that takes long.
    pub(in crate::serve) async fn turn(&self) -> Turn {
        self.worker.turn().await
    }

    /// Makes `scenario` off this thread.
    ///
    /// # Errors
    /// When there is no room for it, or its body cannot be made.
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
        // The share goes with the job: memory is taken until that is done.
        let (turn, (share, made)) = turn
            .run(move || {
                let made = encode();
                if let Ok((scenario, origin)) = &made {
                    share.shrink_to(plain(scenario) + origin.held_bytes());
                }
                (share, made)
            })
            .await;
        let made = made.map(|(scenario, origin)| Played::within(scenario, origin, seed, share));
        (turn, made.map_err(|error| Unplayable::from(error).into()))
    }

    pub(in crate::serve) fn figures(&self) -> Figures {
        let (counted, forgotten) = self.counted.borrow().counts();
        Figures {
            held_bytes: self.room.held(),
            counted,
            forgotten,
        }
    }

    /// Room for `scenario`, whose settings the kernel takes; what was asked for
    /// longest ago goes for it.
    fn take(&self, scenario: &Scenario) -> Result<Share, MakeError> {
        try_sockets(&scenario.sockets).map_err(Unplayable::from)?;
        let needed = plain(scenario) + Origin::most_held_bytes(scenario);
        while !self.room.has(needed) && self.counted.borrow_mut().forget_the_oldest() {}
        Ok(self.room.take(needed)?)
    }

    /// The scenario `id`, made from `scenario` where it is not kept.
    pub(super) fn made(self: &Rc<Self>, id: Id, scenario: Scenario) -> Result<Routed, Refusal> {
        if let Some(played) = self.counted.borrow_mut().find(&id) {
            return Ok(Routed::Play(played));
        }
        if scenario.body.gzip && Origin::most_held_bytes(&scenario) > AT_ONCE {
            let later = Rc::clone(self).made_later(id, scenario);
            return Ok(Routed::Later(Box::pin(later)));
        }
        let share = self.take(&scenario)?;
        let origin =
            Origin::new(&scenario).map_err(|error| MakeError::from(Unplayable::from(error)))?;
        let played = Played::within(scenario, origin, self.seed, share);
        self.counted.borrow_mut().keep(id, Rc::clone(&played));
        Ok(Routed::Play(played))
    }

    async fn made_later(self: Rc<Self>, id: Id, scenario: Scenario) -> Routed {
        let turn = self.turn().await;
        // Another connection may have asked for the same meanwhile.
        if let Some(played) = self.counted.borrow_mut().find(&id) {
            return Routed::Play(played);
        }
        let (_turn, made) = self.make(turn, scenario).await;
        match made {
            Ok(played) => {
                self.counted.borrow_mut().keep(id, Rc::clone(&played));
                Routed::Play(played)
            }
            Err(error) => Routed::from(Refusal::from(error)),
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

impl From<MakeError> for Refusal {
    fn from(error: MakeError) -> Self {
        match error {
            MakeError::NoRoom(full) => Self {
                status: 507,
                text: format!("{full}; ask again when some of what is being sent has ended"),
            },
            MakeError::Unplayable(error) => Self {
                status: 400,
                text: error.to_string(),
            },
        }
    }
}
