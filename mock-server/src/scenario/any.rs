//! `[expect.any]`: the rule for any client that plays a scenario.

use serde::{Deserialize, Serialize};

use super::{Scenario, Success, Trigger};
use crate::units::ByteSize;

/// `[expect.any]`: a rule for any client, whatever its settings, so it follows
/// from what the server does alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectAny {
    /// The success that one attempt, a GET on a connection, must, may or must not
    /// have.
    pub success: Success,
    /// True bytes from the object's start that one response brings to a client
    /// that takes what comes: the least and the most. `None` says nothing; with
    /// `required` it is all of them.
    pub prefix: Option<[ByteSize; 2]>,
    /// True if nothing on the wire ends it, so that a client without a limit on
    /// silence may wait forever.
    pub hang: bool,
}

impl From<Success> for ExpectAny {
    /// The rule of a file that says no more.
    fn from(success: Success) -> Self {
        Self {
            success,
            prefix: None,
            hang: false,
        }
    }
}

impl Scenario {
    /// True if the result depends on the client's behaviour, on its number of
    /// attempts or on a draw, so that some clients get all of the object and
    /// others do not.
    pub fn depends_on_the_client(&self) -> bool {
        self.faults.iter().any(|fault| {
            matches!(
                fault.when,
                Trigger::Idle { .. }
                    | Trigger::Blocked(_)
                    | Trigger::Request(_)
                    | Trigger::Connection(_)
                    | Trigger::Chance(_)
            )
        })
    }
}
