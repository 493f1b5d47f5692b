//! `on`: selectors that no request can match.

use super::Check;
use crate::scenario::Selector;

impl Check<'_> {
    /// Notes what in `on`, at `key`, contradicts itself. A request is never the third of
    /// its connection before it is the third of all.
    pub(super) fn selector(&mut self, key: &str, on: &Selector) {
        let last = on.request.and_then(|request| request.most());
        let position = on.position.map(|position| position.least());
        if let (Some(last), Some(position)) = (last, position)
            && position > last
        {
            self.problem(
                format!("{key}.position"),
                format!(
                    "no request is meant: request {position} of a connection is at least request \
                     {position} of all, and `request` ends at {last}"
                ),
                "write a smaller `position`, or a later `request`",
            );
        }
    }
}
