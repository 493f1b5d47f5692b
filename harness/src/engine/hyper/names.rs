//! The causes of hyper's errors, and the names that its users see.

use std::io;

use shortread_server::scenario::Deadline;

use crate::client::{Failure, FailureCause, Phase, cause_of, links};

impl Failure {
    /// The failure behind an error of hyper, from its predicates and sources.
    pub fn hyper(phase: Phase, error: &hyper::Error) -> Self {
        let below = links(error).find_map(|error| error.downcast_ref::<io::Error>());
        let (cause, kind) = if error.is_incomplete_message() {
            (FailureCause::ClosedEarly, "IncompleteMessage")
        } else if let Some(below) = below {
            let cause = match cause_of(below) {
                // hyper's decoder reports bad chunk framing as io errors.
                FailureCause::Io
                    if matches!(
                        below.kind(),
                        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData
                    ) =>
                {
                    FailureCause::Malformed
                }
                cause => cause,
            };
            let kind = match phase {
                Phase::Head => "Io",
                Phase::Body => "Body",
            };
            (cause, kind)
        } else if error.is_parse() {
            (FailureCause::Malformed, "Parse")
        } else if error.is_closed() || error.is_canceled() {
            // FIN came before or after the request was written. Which one is a race,
            // and both mean the same.
            (FailureCause::ClosedEarly, "IncompleteMessage")
        } else {
            (FailureCause::Io, "Other")
        };
        Self::new(cause, error).named(&format!("hyper::Error({kind})"))
    }

    /// Names a failure of the code around hyper as a user of hyper sees it, who
    /// brings the deadlines, the decoder and the file.
    pub(crate) fn name_for_hyper(&mut self) {
        if self.exception.is_some() {
            return;
        }
        let name = match self.cause {
            FailureCause::Deadline(Deadline::Keepalive)
            // The connection was gone before hyper got it.
            | FailureCause::Reset
            | FailureCause::ClosedEarly
            | FailureCause::Io => "hyper::Error(Io)",
            FailureCause::Deadline(_) => "tokio::time::error::Elapsed",
            FailureCause::Connect
            | FailureCause::Resources
            | FailureCause::Sink
            | FailureCause::DiskFull
            | FailureCause::Malformed => "std::io::Error",
            FailureCause::OutOfMemory => "AllocError",
            // The user's own check, which no library names.
            FailureCause::Rejected | FailureCause::Stalled => return,
        };
        self.exception = Some(name.into());
    }
}
