//! The exceptions of a release of aiohttp for failures that its protocol layer
//! does not name.

use shortread_server::scenario::Deadline;

use super::reader::Rules;
use crate::client::{Failure, FailureCause, Phase};

impl Failure {
    /// Names it as the release does. A deadline has a class of its own or, in
    /// releases before that, `ServerTimeoutError`, from which it derives.
    pub(crate) fn name_by(&mut self, rules: &Rules, phase: Phase) {
        // What the client around it decides is no exception of the library.
        let own = matches!(self.cause, FailureCause::Rejected | FailureCause::Stalled);
        if own || self.exception.is_some() {
            return;
        }
        if self.cause == FailureCause::Deadline(Deadline::SockRead) {
            self.error = vec!["Timeout on reading data from socket".to_owned().into()];
        }
        self.exception = Some(exception(self.cause, rules, phase).into());
    }
}

fn exception(cause: FailureCause, rules: &Rules, phase: Phase) -> &'static str {
    let own = |class, has_own: bool| if has_own { class } else { "ServerTimeoutError" };
    match (cause, phase) {
        (FailureCause::Connect | FailureCause::Resources, _) => "ClientConnectorError",
        (FailureCause::Deadline(Deadline::Connect), _) => {
            own("ConnectionTimeoutError", rules.connection_timeout_error)
        }
        (FailureCause::Deadline(Deadline::SockRead), _) => {
            own("SocketTimeoutError", rules.socket_timeout_error)
        }
        // aiohttp has no deadline for the head alone. `asyncio.wait_for` serves
        // there, and raises the same exception as `total`.
        (FailureCause::Deadline(Deadline::Head | Deadline::Total), _) => "TimeoutError",
        (FailureCause::OutOfMemory, _) => "MemoryError",
        // Raised by the application's own write, whatever the release.
        (
            FailureCause::Sink
            | FailureCause::DiskFull
            | FailureCause::Rejected
            | FailureCause::Stalled,
            _,
        ) => "OSError",
        (FailureCause::ClosedEarly, Phase::Head) => "ServerDisconnectedError",
        (FailureCause::Malformed, Phase::Head) => "ClientResponseError",
        (
            FailureCause::Deadline(Deadline::Keepalive) | FailureCause::Reset | FailureCause::Io,
            Phase::Head,
        ) => "ClientOSError",
        (
            FailureCause::Deadline(Deadline::Keepalive)
            | FailureCause::Reset
            | FailureCause::ClosedEarly
            | FailureCause::Malformed
            | FailureCause::Io,
            Phase::Body,
        ) => "ClientPayloadError",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::aiohttp::reader::Profile;

    fn name(profile: &str, cause: FailureCause, phase: Phase) -> String {
        let rules = Profile::parse(profile).unwrap().0.rules;
        let mut failure = Failure::of(cause, "");
        failure.name_by(&rules, phase);
        failure.exception.unwrap()
    }

    #[test]
    fn a_deadline_has_the_class_of_its_release() {
        let of = |profile, deadline| name(profile, FailureCause::Deadline(deadline), Phase::Body);
        assert_eq!(
            of("aiohttp-3.9.5", Deadline::SockRead),
            "ServerTimeoutError"
        );
        assert_eq!(
            of("aiohttp-3.10.0", Deadline::SockRead),
            "SocketTimeoutError"
        );
        assert_eq!(of("aiohttp-3.9.5", Deadline::Connect), "ServerTimeoutError");
        assert_eq!(
            of("aiohttp-3.10.0", Deadline::Connect),
            "ConnectionTimeoutError"
        );
        assert_eq!(of("aiohttp-3.9.5", Deadline::Total), "TimeoutError");
    }

    #[test]
    fn the_exception_depends_on_how_far_it_came() {
        let of = |cause, phase| name("aiohttp-3.14.5", cause, phase);
        assert_eq!(of(FailureCause::Reset, Phase::Head), "ClientOSError");
        assert_eq!(of(FailureCause::Reset, Phase::Body), "ClientPayloadError");
        assert_eq!(
            of(FailureCause::ClosedEarly, Phase::Head),
            "ServerDisconnectedError"
        );
    }

    #[test]
    fn a_failure_that_has_a_name_keeps_it() {
        let mut failure = Failure::of(FailureCause::Sink, "full").named("Own");
        failure.name_by(&Profile::newest().rules, Phase::Body);
        assert_eq!(failure.exception.as_deref(), Some("Own"));
    }
}
