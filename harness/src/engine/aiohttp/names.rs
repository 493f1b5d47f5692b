//! What a release of aiohttp calls a failure that its protocol layer does not
//! name.

use mock_server::scenario::Deadline;

use super::reader::Rules;
use crate::client::{Failure, FailureCause};

impl Failure {
    /// Names a deadline's exception as the release does: before 3.10 both had
    /// the class that they derive from since.
    pub(crate) fn name_by(&mut self, rules: &Rules) {
        let socket = FailureCause::Deadline(Deadline::SockRead);
        let connect = FailureCause::Deadline(Deadline::Connect);
        if (self.cause == socket || self.cause == connect) && !rules.socket_timeout_error {
            self.exception = Some("ServerTimeoutError".into());
        }
    }
}
