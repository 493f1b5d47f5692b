//! A fault as a value, written as the parameters of a URL.

use std::{fmt, marker::PhantomData, time::Duration};

use super::{
    Requests,
    kind::{AnyFraming, Drains, Fixed, Settles},
};
use crate::{
    scenario::{Action, Limit, Party, Trigger},
    units::print_duration,
};

/// Something that goes wrong, and when: an action, such as [`Fault::reset`], with its
/// trigger, such as [`at`](super::FaultAction::at).
///
/// What does not fit together does not compile: an action without a trigger, a trigger
/// or a pause that the action cannot have, a second pause, a
/// [download](super::Download) without the framing that the fault needs. A number out of
/// range panics where it is given.
///
/// `P` is the pause that may still be set, `N` the framing that it needs
/// ([`kind`](super::kind)).
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use = "a fault happens only in a download: `.fault(...)`"]
pub struct Fault<P = Fixed, N = AnyFraming> {
    action: Action,
    when: Trigger,
    by: Option<Party>,
    on: Option<Requests>,
    pause: Option<Pause>,
    kind: PhantomData<(P, N)>,
}

/// The time between what is sent before it and the fault.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Pause {
    AtOnce,
    Settle(Duration),
}

impl<N> Fault<Settles, N> {
    /// It does not wait until what was sent is acknowledged: RST destroys bytes that
    /// the client has not read yet.
    pub fn at_once(self) -> Fault<Fixed, N> {
        self.with(Some(Pause::AtOnce))
    }

    /// It waits until what was sent is acknowledged, and so long again, at most a
    /// second, in which the client reads what arrived.
    pub fn settle(self, time: Duration) -> Fault<Fixed, N> {
        self.with(Some(Pause::Settle(time)))
    }
}

impl<N> Fault<Drains, N> {
    /// It does not wait until what was sent is acknowledged.
    pub fn at_once(self) -> Fault<Fixed, N> {
        self.with(Some(Pause::AtOnce))
    }
}

impl<P, N> Fault<P, N> {
    pub(super) fn new(action: Action, when: Trigger) -> Self {
        Self {
            action,
            when,
            by: None,
            on: None,
            pause: None,
            kind: PhantomData,
        }
    }

    /// The party that the fault stands for, in journals and verdicts.
    ///
    /// # Panics
    /// It was given before.
    #[track_caller]
    pub fn by(self, party: Party) -> Self {
        assert!(self.by.is_none(), "the party of `{self}` is given twice");
        let by = Some(party);
        Self { by, ..self }
    }

    /// It happens to these requests alone, and to each of them, not once on a
    /// connection.
    ///
    /// # Panics
    /// They were given before, or are none.
    #[track_caller]
    pub fn only(self, requests: Requests) -> Self {
        assert!(
            self.on.is_none(),
            "the requests of `{self}` are given twice"
        );
        assert!(
            requests.are_some(),
            "requests count from 1, but these are `{requests}`"
        );
        let on = Some(requests);
        Self { on, ..self }
    }

    /// The same without a choice of its pause: faults of different actions have one
    /// type so, and fit into one array.
    pub fn fixed(self) -> Fault<Fixed, N> {
        let pause = self.pause;
        self.with(pause)
    }

    fn with(self, pause: Option<Pause>) -> Fault<Fixed, N> {
        let Self {
            action,
            when,
            by,
            on,
            ..
        } = self;
        Fault {
            pause,
            by,
            on,
            ..Fault::new(action, when)
        }
    }

    /// The parameters of a URL, in their order.
    pub(super) fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut all = vec![("fault", self.to_string())];
        all.extend(self.on.map(|on| ("on", on.to_string())));
        all.extend(self.by.map(|by| ("by", by.word().to_owned())));
        match self.pause {
            None => {}
            Some(Pause::AtOnce) => all.push(("drain", "false".into())),
            Some(Pause::Settle(time)) => {
                all.push(("drain", "true".into()));
                all.push(("settle", print_duration(time)));
            }
        }
        all
    }
}

/// `ACTION[:ARGUMENT]@TRIGGER:VALUE`.
impl<P, N> fmt::Display for Fault<P, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.action.word())?;
        match self.action {
            Action::Stall(Limit::After(time)) => write!(f, ":{}", print_duration(time))?,
            Action::Stall(Limit::Never) => f.write_str(":forever")?,
            Action::Throttle(rate) => write!(f, ":{rate}")?,
            Action::Reset | Action::Fin | Action::Blackhole | Action::Forget | Action::End => {}
        }
        match self.when {
            Trigger::Body(size) => write!(f, "@body:{size}"),
            Trigger::Wire(size) => write!(f, "@wire:{size}"),
            Trigger::Object(size) => write!(f, "@object:{size}"),
            Trigger::Place(place) => write!(f, "@place:{place}"),
            Trigger::Elapsed(time) => write!(f, "@elapsed:{}", print_duration(time)),
            Trigger::Idle { after, .. } => write!(f, "@idle:{}", print_duration(after)),
            Trigger::Blocked(time) => write!(f, "@blocked:{}", print_duration(time)),
            Trigger::Request(n) => write!(f, "@request:{n}"),
            Trigger::Connection(n) => write!(f, "@connection:{n}"),
            Trigger::Chance(share) => write!(f, "@chance:{share}"),
        }
    }
}

#[cfg(test)]
#[path = "fault_tests.rs"]
mod tests;
