//! The exceptions of a release of aiohttp for failures that its protocol layer
//! does not name.

use shortread_server::scenario::Deadline;

use super::reader::Rules;
use crate::client::{Failure, FailureCause};

impl Failure {
    /// Names a deadline's exception as the release does: by a class of its own, or,
    /// in releases before that, by `ServerTimeoutError`, from which it derives.
    pub(crate) fn name_by(&mut self, rules: &Rules) {
        let own_class = match self.cause {
            FailureCause::Deadline(Deadline::SockRead) => rules.socket_timeout_error,
            FailureCause::Deadline(Deadline::Connect) => rules.connection_timeout_error,
            _ => true,
        };
        if !own_class {
            self.exception = Some("ServerTimeoutError".into());
        }
    }
}
