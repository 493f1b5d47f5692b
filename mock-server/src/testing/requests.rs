//! The requests that a fault is for, as a value.

use std::fmt;

/// Some of the requests of a download, which are counted for each key.
///
/// ```
/// # use shortread_server::testing::{Fault, Requests, Server};
/// # let server = Server::spawn()?;
/// // The first attempt is cut, its resumption is not.
/// let cut = server
///     .download(8_000_000)
///     .fault(Fault::fin().at(3_000_000).only(Requests::FirstAttempts));
/// # drop(cut);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Requests {
    /// Those without a `Range` field.
    FirstAttempts,
    /// Those with a `Range` field.
    Resumptions,
    /// The n-th alone, from 1.
    Number(u32),
    /// The n-th, from 1, and all later ones.
    From(u32),
    /// Every n-th, from 1.
    Every(u32),
    /// All but the first of each connection.
    OnUsedConnections,
}

impl Requests {
    /// True if there is such a request.
    pub(super) const fn are_some(self) -> bool {
        !matches!(self, Self::Number(0) | Self::From(0) | Self::Every(0))
    }
}

/// As a URL has it.
impl fmt::Display for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FirstAttempts => f.write_str("first"),
            Self::Resumptions => f.write_str("resumption"),
            Self::Number(n) => write!(f, "{n}"),
            Self::From(n) => write!(f, "{n}.."),
            Self::Every(n) => write!(f, "every-{n}"),
            Self::OnUsedConnections => f.write_str("position:2.."),
        }
    }
}
