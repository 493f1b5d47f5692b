//! `on`: selectors that no request can match.

use super::Check;
use crate::scenario::Selector;

impl Check<'_> {
    /// Notes what in `on`, at `key`, contradicts itself.
    ///
    /// Positions and connections say nothing of the request's number: a connection may
    /// have carried requests for other scenarios, or none at all.
    pub(super) fn selector(&mut self, key: &str, on: &Selector) {
        let is_first = on.request.and_then(|request| request.most()) == Some(1);
        if is_first && on.time.is_some_and(|time| !time.from.is_zero()) {
            self.problem(
                format!("{key}.time"),
                "no request is meant: times count from request 1, whose own time is 0",
                "write a later `request`, or a range that begins at 0 such as \"..30s\"",
            );
        }
    }
}
