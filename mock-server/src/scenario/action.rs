//! The actions of faults. Each answers for itself: its word, and its effect on
//! the flow of bytes. No match here has a wildcard, so that a new action cannot
//! be forgotten.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use super::Limit;
use crate::units::{self, Rate};

/// The action of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Close in order: FIN behind what was sent.
    Fin,
    /// Abort: RST.
    Reset,
    /// Nothing passes any more, not even acknowledgements.
    Blackhole,
    /// As a black hole, but the client's next segment is answered with RST.
    Forget,
    /// Send nothing for this long; TCP still answers.
    Stall(Limit),
    /// Go on at this rate.
    Throttle(Rate),
    /// End the body as if it were complete: the chunk that was begun, the last
    /// chunk; or FIN, where that is how the end is told.
    End,
}

/// The end of the response as the client sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The end that was announced, though bytes are missing.
    Whole,
    /// The connection is closed in order.
    Fin,
    /// It is aborted, and what waits in the server's kernel is lost.
    Rst,
}

/// The fate of a keepalive probe that the client sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeFate {
    /// The server's TCP answers: the connection is in good health.
    Answered,
    /// Nobody answers; the client's kernel gives up after its count of them.
    Lost,
    /// It is answered with RST.
    Refused,
    /// None is sent: the client has been told of an end.
    Over,
}

impl Action {
    /// One of each, in the order in which they are told; those with an argument
    /// with one that a file may have.
    pub(super) const EACH: [Self; 7] = [
        Self::Fin,
        Self::Reset,
        Self::Blackhole,
        Self::Forget,
        Self::End,
        Self::Stall(Limit::After(Duration::from_secs(30))),
        Self::Throttle(Rate::per_second(10_000).expect("not zero")),
    ];

    /// Its name, without its argument.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fin => "fin",
            Self::Reset => "reset",
            Self::Blackhole => "blackhole",
            Self::Forget => "forget",
            Self::Stall(_) => "stall",
            Self::Throttle(_) => "throttle",
            Self::End => "end",
        }
    }

    /// The argument behind its word, as a file spells it; `None` if it has none.
    pub(super) fn argument(self) -> Option<String> {
        match self {
            Self::Stall(Limit::Never) => Some("forever".into()),
            Self::Stall(Limit::After(time)) => Some(units::print_duration(time)),
            Self::Throttle(rate) => Some(rate.to_string()),
            Self::Fin | Self::Reset | Self::Blackhole | Self::Forget | Self::End => None,
        }
    }

    /// The one that is called so, with the argument that it has in
    /// [`Self::EACH`].
    pub(super) fn called(word: &str) -> Option<Self> {
        Self::EACH.into_iter().find(|action| action.word() == word)
    }

    /// For how long the server sends nothing, while its TCP still answers.
    pub const fn stall(self) -> Option<Limit> {
        match self {
            Self::Stall(limit) => Some(limit),
            Self::Fin
            | Self::Reset
            | Self::Blackhole
            | Self::Forget
            | Self::Throttle(_)
            | Self::End => None,
        }
    }

    /// The rate at which it goes on.
    pub const fn throttle(self) -> Option<Rate> {
        match self {
            Self::Throttle(rate) => Some(rate),
            Self::Fin
            | Self::Reset
            | Self::Blackhole
            | Self::Forget
            | Self::Stall(_)
            | Self::End => None,
        }
    }

    /// For how long nothing more comes from the server by this action, where
    /// it leaves the connection open.
    pub const fn silence(self) -> Option<Limit> {
        match self {
            Self::Blackhole | Self::Forget => Some(Limit::Never),
            Self::Stall(limit) => Some(limit),
            Self::Fin | Self::Reset | Self::Throttle(_) | Self::End => None,
        }
    }

    /// True if nothing more ever comes, and nobody is told.
    pub const fn silences_for_ever(self) -> bool {
        matches!(self.silence(), Some(Limit::Never))
    }

    /// The end that it gives to the response, as the server sees it; `None` if the
    /// response goes on, or if nobody is told.
    pub const fn ending(self) -> Option<Ending> {
        match self {
            Self::Fin => Some(Ending::Fin),
            Self::Reset => Some(Ending::Rst),
            Self::End => Some(Ending::Whole),
            Self::Blackhole | Self::Forget | Self::Stall(_) | Self::Throttle(_) => None,
        }
    }

    /// True if the response is over by it, as the server sees it.
    pub const fn ends_response(self) -> bool {
        self.ending().is_some()
    }

    /// True if the connection is over by it, and the client is told: by FIN or
    /// RST.
    pub const fn closes(self) -> bool {
        matches!(self.ending(), Some(Ending::Fin | Ending::Rst))
    }

    /// The fate of the client's keepalive probes behind it.
    pub const fn probe_fate(self) -> ProbeFate {
        match self {
            Self::Stall(_) | Self::Throttle(_) => ProbeFate::Answered,
            Self::Blackhole => ProbeFate::Lost,
            Self::Forget => ProbeFate::Refused,
            Self::Fin | Self::Reset | Self::End => ProbeFate::Over,
        }
    }

    /// True if the path drops the connection without a word: a client that only
    /// waits learns of nothing.
    pub const fn loses_connection(self) -> bool {
        matches!(self.probe_fate(), ProbeFate::Lost | ProbeFate::Refused)
    }

    /// True if bytes come later than the link alone would bring them, and
    /// still come.
    pub const fn delays(self) -> bool {
        match self {
            Self::Stall(_) | Self::Throttle(_) => true,
            Self::Fin | Self::Reset | Self::Blackhole | Self::Forget | Self::End => false,
        }
    }
}

/// As a URL spells it: `stall:30s`.
impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())?;
        match self.argument() {
            Some(argument) => write!(f, ":{argument}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A new action is not in the list by itself; here it does not compile.
    #[test]
    fn each_action_is_listed_once_and_has_a_word_of_its_own() {
        let place = |action: Action| match action {
            Action::Fin => 0,
            Action::Reset => 1,
            Action::Blackhole => 2,
            Action::Forget => 3,
            Action::End => 4,
            Action::Stall(_) => 5,
            Action::Throttle(_) => 6,
        };
        let places: Vec<usize> = Action::EACH.into_iter().map(place).collect();
        assert_eq!(places, [0, 1, 2, 3, 4, 5, 6]);
        for (index, action) in Action::EACH.into_iter().enumerate() {
            let mut others = Action::EACH.into_iter().skip(index + 1);
            assert!(others.all(|other| other.word() != action.word()));
        }
    }

    #[test]
    fn what_ends_a_response_neither_stalls_nor_delays_nor_loses_it() {
        for action in Action::EACH {
            let goes_on = action.silence().is_some() || action.delays();
            assert_ne!(action.ends_response(), goes_on, "{action}");
            assert_eq!(
                action.ends_response(),
                action.probe_fate() == ProbeFate::Over
            );
            assert_eq!(
                action.silences_for_ever(),
                action.loses_connection(),
                "{action}"
            );
        }
    }
}
