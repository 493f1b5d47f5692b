//! Which ends of an attempt lead to another one, how many there are, and how long a
//! client waits before each.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::backoff::{Backoff, Growth, Jitter};
use crate::client::FailureCause;

/// The attempts of a download.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Retry {
    /// Attempts after the first.
    pub attempts: u32,
    /// What the number is counted against.
    pub budget: Budget,
    /// No attempt begins later than this behind the first.
    pub within: Option<Duration>,
    /// The wait before an attempt.
    pub backoff: Backoff,
    /// Waits as long as `Retry-After` asks, at most so long; `None` ignores it.
    pub retry_after: Option<Duration>,
    /// The status codes that lead to another attempt.
    pub statuses: Vec<u16>,
}

/// What the number of attempts is counted against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Budget {
    /// The whole download.
    Total,
    /// Each stretch without progress: an attempt that brings so many bytes renews it.
    SinceProgress(u64),
}

impl Default for Retry {
    /// Five further attempts, 1 s to 30 s apart with full jitter, for what may be over
    /// soon: 408, 425, 429 and the errors of servers (RFC 9110, section 15.5.9 and
    /// 15.6; RFC 8470; RFC 6585).
    fn default() -> Self {
        Self {
            attempts: 5,
            budget: Budget::Total,
            within: None,
            backoff: Backoff {
                first: Duration::from_secs(1),
                growth: Growth::Times(2.0),
                most: Duration::from_secs(30),
                jitter: Jitter::Full,
            },
            retry_after: Some(Duration::from_secs(120)),
            statuses: vec![408, 425, 429, 500, 502, 503, 504],
        }
    }
}

impl Retry {
    /// True if a download with this failure may be tried again: GET is idempotent
    /// (section 9.2.2), so that whatever the path did to one attempt may not happen to the
    /// next. A deadline for everything is one of each attempt, as in the calls of most
    /// libraries.
    pub fn is_worth_it(cause: FailureCause) -> bool {
        match cause {
            FailureCause::Connect
            | FailureCause::Deadline(_)
            | FailureCause::Stalled
            | FailureCause::Reset
            | FailureCause::ClosedEarly
            | FailureCause::Malformed
            | FailureCause::Io => true,
            FailureCause::OutOfMemory
            | FailureCause::Sink
            | FailureCause::DiskFull
            | FailureCause::Resources
            | FailureCause::Rejected => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use shortread_server::scenario::Deadline;

    use super::*;

    #[test]
    fn what_the_path_did_is_tried_again_and_what_the_client_decided_is_not() {
        for cause in [
            FailureCause::Reset,
            FailureCause::ClosedEarly,
            FailureCause::Connect,
            FailureCause::Deadline(Deadline::SockRead),
            FailureCause::Deadline(Deadline::Total),
        ] {
            assert!(Retry::is_worth_it(cause), "{cause:?}");
        }
        for cause in [
            FailureCause::OutOfMemory,
            FailureCause::Sink,
            FailureCause::Rejected,
        ] {
            assert!(!Retry::is_worth_it(cause), "{cause:?}");
        }
    }
}
