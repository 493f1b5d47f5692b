//! Collects errors as the reader finds them, and the place of each key.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use super::{Diagnostics, MOST_KEPT, shown};
use crate::scenario::Problem;

/// An error before its place is worked out.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

/// Collects errors while a file is read, and where each key stands.
#[derive(Debug, Default)]
pub(in crate::scenario) struct Report {
    /// Those that stand first, by their place and the order in which they were
    /// found.
    found: BTreeMap<(usize, usize), Found>,
    /// With those that were not kept.
    count: usize,
    keys: BTreeMap<String, Range<usize>>,
    misspelt: BTreeSet<String>,
}

impl Report {
    /// Notes an error at the bytes `span`.
    pub(in crate::scenario) fn error(
        &mut self,
        span: Range<usize>,
        message: impl AsRef<str>,
        help: impl Into<Option<String>>,
    ) {
        let place = (span.start, self.count);
        self.count += 1;
        if self.found.len() >= MOST_KEPT {
            match self.found.last_key_value() {
                Some((last, _)) if *last < place => return,
                _ => self.found.pop_last(),
            };
        }
        let found = Found {
            span,
            message: shown(message.as_ref()),
            help: help.into().map(|help| shown(&help)),
        };
        self.found.insert(place, found);
    }

    /// Notes that the key `path` stands at `span`.
    pub(in crate::scenario) fn key(&mut self, path: &str, span: Range<usize>) {
        self.keys.insert(path.into(), span);
    }

    /// True if the file sets the key `path`.
    pub(in crate::scenario) fn has(&self, path: &str) -> bool {
        self.keys.contains_key(path)
    }

    /// Notes that the key `path` was probably meant by an unknown one.
    pub(in crate::scenario) fn misspelt(&mut self, path: &str) {
        self.misspelt.insert(path.into());
    }

    /// True if an unknown key probably meant `path`.
    pub(in crate::scenario) fn is_misspelt(&self, path: &str) -> bool {
        self.misspelt.contains(path)
    }

    /// True if any error was noted.
    pub(in crate::scenario) fn failed(&self) -> bool {
        self.count > 0
    }

    /// Notes a contradiction at its key; where the file leaves that key out,
    /// at the table around it, at last at the top of the file.
    pub(in crate::scenario) fn problem(&mut self, problem: Problem) {
        let mut path = problem.key.as_str();
        let span = loop {
            if let Some(span) = self.keys.get(path) {
                break span.clone();
            }
            match path.rfind(['.', '[']) {
                Some(end) => path = &path[..end],
                None => break 0..0,
            }
        };
        self.error(span, problem.message, problem.help);
    }

    /// The errors of `text`, which was read from `file`.
    pub(in crate::scenario) fn finish(self, file: &str, text: &str) -> Diagnostics {
        Diagnostics::of(file, text, self.found.into_values(), self.count)
    }
}
