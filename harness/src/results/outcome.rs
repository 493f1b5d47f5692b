//! A stand-in for the judgement of a trial until `harness::outcome` is here.

use mock_server::{
    journal::{Event, Fact},
    scenario::{Deadline, Kind, Party, Scenario},
};
use serde::{Deserialize, Serialize};

use crate::client::{Download, ErrorLink, FailureCause, Verdict};

/// How a trial ended, with its evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// What happened.
    pub kind: Kind,
    /// Who ended it; null where nobody did, or where it ended as it should.
    pub ended_by: Option<Party>,
    /// The deadline that passed.
    pub deadline: Option<Deadline>,
    /// Index of the fired fault that led to it.
    pub cause: Option<usize>,
    /// The error chain, outermost first.
    pub error: Vec<ErrorLink>,
    /// What the real library would raise.
    pub exception: Option<String>,
}

/// The outcome of one download.
pub fn judge(scenario: &Scenario, download: &Download, events: &[Event]) -> Outcome {
    let fault = events.iter().find_map(|event| match event.fact {
        Fact::Fault { index, by, .. } => Some((index, by)),
        _ => None,
    });
    let whole = download.delivered_bytes == scenario.body.size.0;
    let by_fault = fault.map_or(Party::Server, |(_, by)| by);
    let (kind, ended_by, deadline) = match &download.verdict {
        Verdict::GaveUp => (Kind::Stalled, None, None),
        Verdict::Success if download.first_bad_offset.is_some() => {
            (Kind::Corrupt, Some(Party::Server), None)
        }
        Verdict::Success if whole => (Kind::Complete, None, None),
        Verdict::Success => (Kind::SilentTruncation, Some(by_fault), None),
        Verdict::Failure(failure) => match failure.cause {
            FailureCause::Connect => (Kind::Refused, Some(Party::Server), None),
            FailureCause::Deadline(deadline) => {
                (Kind::TimedOut, Some(Party::Client), Some(deadline))
            }
            FailureCause::Reset => (Kind::Reset, Some(by_fault), None),
            FailureCause::ClosedEarly => (Kind::Truncated, Some(by_fault), None),
            FailureCause::Malformed => (Kind::Malformed, Some(Party::Server), None),
            FailureCause::OutOfMemory => (Kind::OutOfMemory, Some(Party::Client), None),
            FailureCause::Sink | FailureCause::Io => (Kind::ToolError, None, None),
        },
    };
    let (error, exception) = match &download.verdict {
        Verdict::Failure(failure) => (failure.error.clone(), failure.exception.clone()),
        _ => (Vec::new(), None),
    };
    Outcome {
        kind,
        ended_by,
        deadline,
        cause: fault
            .map(|(index, _)| index)
            .filter(|_| kind != Kind::Complete),
        error,
        exception,
    }
}
