//! `on`: selectors that no request can match.

use super::{Check, Home};
use crate::scenario::{PathPattern, Scenario, Selector};

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
        if let Some(path) = on.path.as_ref().filter(|path| !self.is_at(path)) {
            let help = match self.home {
                Home::Named => format!(
                    "it is at /s/{} and what is below, and at each path of `alias`: write one of \
                     these, or that path into `alias`",
                    self.scenario.name
                ),
                Home::Url => "it is at /download and what is below: write one of these".into(),
            };
            self.problem(
                format!("{key}.path"),
                format!("this can never match: the scenario is not at {path}"),
                help,
            );
        }
    }

    /// True if the scenario is served at one of those paths. Under its name and below it
    /// is where `serve` has it, at the root where `run` asks for it, and below /download
    /// what a URL describes, which is nowhere else.
    fn is_at(&self, path: &PathPattern) -> bool {
        if self.home == Home::Url {
            return path.meets_below("/download");
        }
        let Scenario { name, alias, .. } = self.scenario;
        alias.iter().any(|alias| path.contains(alias))
            || path.meets_below(&format!("/s/{name}"))
            || path.contains("/")
    }
}
