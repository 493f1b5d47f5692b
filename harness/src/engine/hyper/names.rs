//! What hyper says of a failure, and what its users get to see.

use std::io;

use mock_server::scenario::Deadline;

use crate::client::{Failure, FailureCause, Phase, cause_of, links};

impl Failure {
    /// What hyper says, by its predicates and by the sources below it.
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
            // FIN before the request was written, or behind it: which of the two
            // is a race, and means the same.
            (FailureCause::ClosedEarly, "IncompleteMessage")
        } else {
            (FailureCause::Io, "Other")
        };
        Self::new(cause, &format!("hyper::Error({kind})"), error)
    }

    /// Names what a user of hyper gets where this crate's own code failed, and
    /// not hyper.
    pub(crate) fn name_for_hyper(&mut self) {
        let name = match self.cause {
            FailureCause::Deadline(Deadline::Keepalive) => return,
            FailureCause::Deadline(_) => "tokio::time::error::Elapsed",
            FailureCause::Connect | FailureCause::Sink => "std::io::Error",
            FailureCause::OutOfMemory => "AllocError",
            // A connection that was gone before hyper had it.
            FailureCause::Reset if self.exception.as_deref() == Some("ClientOSError") => {
                "hyper::Error(Io)"
            }
            _ => return,
        };
        self.exception = Some(name.into());
    }
}
