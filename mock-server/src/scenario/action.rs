//! What a fault does, and what each action answers for itself: its word, and
//! how it changes the flow of bytes. No match here has a wildcard, so that a
//! new action is not forgotten.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Limit;
use crate::units::{self, Rate};

/// What a fault does.
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

impl Action {
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

    /// For how long nothing more comes from the server by this action, where
    /// it leaves the connection open.
    pub const fn silence(self) -> Option<Limit> {
        match self {
            Self::Blackhole | Self::Forget => Some(Limit::Never),
            Self::Stall(limit) => Some(limit),
            Self::Fin | Self::Reset | Self::Throttle(_) | Self::End => None,
        }
    }

    /// Whether nothing more ever comes, and nobody is told.
    pub const fn silences_for_ever(self) -> bool {
        matches!(self.silence(), Some(Limit::Never))
    }

    /// Whether the response is over by it, as the server sees it.
    pub const fn ends_response(self) -> bool {
        match self {
            Self::Fin | Self::Reset | Self::End => true,
            Self::Blackhole | Self::Forget | Self::Stall(_) | Self::Throttle(_) => false,
        }
    }

    /// Whether bytes come later than the link alone would bring them, and
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
        match self {
            Self::Stall(Limit::Never) => f.write_str(":forever"),
            Self::Stall(Limit::After(time)) => write!(f, ":{}", units::print_duration(*time)),
            Self::Throttle(rate) => write!(f, ":{rate}"),
            Self::Fin | Self::Reset | Self::Blackhole | Self::Forget | Self::End => Ok(()),
        }
    }
}
