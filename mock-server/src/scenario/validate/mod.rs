//! Finds mistakes in the meaning of a scenario: values out of range, settings
//! that contradict each other, faults and expectations that cannot come true.

mod body;
mod client;
mod coding;
mod delivered;
mod etag;
mod expect;
mod fault;
mod file;
mod fires;
mod link;
mod response;
mod selected;
mod selector;

use std::fmt::Display;

use super::{Scenario, grammar, nearest};

pub(super) use body::is_token;
pub(super) use client::{MOST_PARALLEL, MOST_PROBES};

/// A contradiction, at the key that is to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Key path with indices from 0: `fault[0].when.body`.
    pub key: String,
    /// The mistake: a lowercase fragment.
    pub message: String,
    /// The accepted input.
    pub help: Option<String>,
}

/// Everything that is wrong with `scenario`, its `[tcp]` scaling included.
/// `given` says whether the file sets a key; what it leaves at its default is
/// not held against it.
pub fn validate(scenario: &Scenario, given: impl Fn(&str) -> bool) -> Vec<Problem> {
    validate_at(scenario, given, Home::Named)
}

/// Where a server has a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) enum Home {
    /// At /s/NAME, and at its aliases.
    Named,
    /// At /download: a URL describes it.
    Url,
}

/// As [`validate`], for a scenario that is served there.
pub(in crate::scenario) fn validate_at(
    scenario: &Scenario,
    given: impl Fn(&str) -> bool,
    home: Home,
) -> Vec<Problem> {
    let mut check = Check {
        scenario,
        home,
        given: &given,
        problems: Vec::new(),
    };
    check.names();
    check.body();
    check.file();
    check.response();
    check.link();
    check.sockets();
    check.faults();
    check.client();
    check.sink();
    check.plan();
    check.expect();
    // A scaling of numbers that are wrong would only repeat what is wrong.
    if check.problems.is_empty()
        && let Err(error) = scenario.scaled()
    {
        check.problem(error.key(), &error.clash, error.remedy());
    }
    check.problems
}

struct Check<'a> {
    scenario: &'a Scenario,
    home: Home,
    given: &'a dyn Fn(&str) -> bool,
    problems: Vec<Problem>,
}

impl Check<'_> {
    fn problem(&mut self, key: impl Into<String>, message: impl Display, help: impl Display) {
        self.problems.push(Problem {
            key: key.into(),
            message: message.to_string(),
            help: Some(help.to_string()).filter(|help| !help.is_empty()),
        });
    }

    fn given(&self, key: &str) -> bool {
        (self.given)(key)
    }

    fn names(&mut self) {
        let scenario = self.scenario;
        for (key, text) in [("title", &scenario.title), ("cause", &scenario.cause)] {
            if text.trim().contains('\n') {
                self.problem(
                    key,
                    format!("`{key}` has more than one line"),
                    "put the rest into `why`",
                );
            }
        }
        let known: Vec<String> = grammar::settings().collect();
        for path in &scenario.decisive {
            if known.contains(path) {
                self.decisive(path);
                continue;
            }
            let known = || known.iter().map(String::as_str);
            let near = nearest::nearest(path, known());
            self.problem(
                "decisive",
                format!("`{path}` is not a setting"),
                match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "name a table or a key, such as `fault` or `client.total`".into(),
                },
            );
        }
    }

    /// A setting without which it would not fail must be in force. The tables
    /// that have defaults which matter are exempt: 300 s of `client.total` end
    /// a download without being mentioned.
    fn decisive(&mut self, path: &str) {
        let table = path.split('.').next().unwrap_or(path);
        let absent = match table {
            "fault" => self.scenario.faults.is_empty(),
            "sink" | "sockets" | "response" => !self.given(path),
            _ => false,
        };
        // Without a file nothing is given, and nothing can be said.
        if absent && self.given("decisive") {
            self.problem(
                "decisive",
                format!("`{path}` is decisive, but the file does not set it"),
                "set it, or take it out of `decisive`",
            );
        }
    }
}

#[cfg(test)]
mod tests;
