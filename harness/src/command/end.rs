//! The end of a client's process.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shortread_server::clock::Instant;

use crate::outcome::Said;

/// The facts about a client's process, seen from outside.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientEnd {
    /// The time at which it started.
    pub started: Instant,
    /// The time at which it had ended.
    pub ended: Instant,
    /// Its exit status; `None` if a signal ended it.
    pub exit_status: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Set if it was stopped at the limit.
    pub stopped: Option<Stopped>,
    /// The last lines of its standard error.
    pub stderr_tail: Vec<String>,
    /// All bytes of its standard error.
    pub stderr_bytes: u64,
    /// The most resident memory of one of its processes.
    pub peak_rss_bytes: Option<u64>,
    /// True if each of its processes with a socket had the library of its clock;
    /// `None` if none was seen.
    #[serde(default)]
    pub library_seen: Option<bool>,
    /// CPU time of its processes, user and system, in nanoseconds.
    pub cpu_ns: Option<u64>,
}

/// The signal that stopped a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stopped {
    /// SIGTERM was enough.
    Term,
    /// SIGKILL, after a grace.
    Kill,
}

impl ClientEnd {
    /// Its answer to its caller. A stopped client said nothing, whatever its exit
    /// status.
    pub fn said(&self) -> Said {
        match (self.stopped, self.exit_status) {
            (Some(_), _) => Said::Nothing,
            (None, Some(0)) => Said::Success,
            (None, _) => Said::Failure,
        }
    }

    /// Its failure in one line: the exit status or signal, and its last line.
    pub fn failure(&self) -> String {
        let how = match (self.exit_status, self.signal) {
            (Some(status), _) => format!("exit status {status}"),
            (None, Some(signal)) => format!("signal {signal}"),
            (None, None) => "no exit status".into(),
        };
        match self.stderr_tail.last() {
            Some(line) => format!("{how}: {line}"),
            None => how,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_exit_of_its_own_says_something() {
        let said = |exit_status, stopped| {
            let end = ClientEnd {
                exit_status,
                stopped,
                ..ClientEnd::default()
            };
            end.said()
        };
        assert_eq!(said(Some(0), None), Said::Success);
        assert_eq!(said(Some(1), None), Said::Failure);
        // A crash is a failure that the caller notices.
        assert_eq!(said(None, None), Said::Failure);
        // An orderly end on SIGTERM is not a success.
        assert_eq!(said(Some(0), Some(Stopped::Term)), Said::Nothing);
    }

    #[test]
    fn a_failure_is_told_with_its_last_line() {
        let mut end = ClientEnd {
            exit_status: Some(18),
            ..ClientEnd::default()
        };
        assert_eq!(end.failure(), "exit status 18");
        end.stderr_tail = vec!["retrying".into(), "curl: (18) end".into()];
        assert_eq!(end.failure(), "exit status 18: curl: (18) end");
        (end.exit_status, end.signal) = (None, Some(11));
        assert_eq!(end.failure(), "signal 11: curl: (18) end");
    }
}
