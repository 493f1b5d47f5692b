//! Collects errors as the reader finds them, and the place of each key.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use super::{Diagnostics, MOST_KEPT, excerpt::Lines, shown};
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
    /// Entries of lists, and those of the file that they were made of.
    made_of: BTreeMap<String, String>,
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

    /// Notes that the entry `made` (`fault[3]`) comes from `written` in the file.
    pub(in crate::scenario) fn made_of(&mut self, made: String, written: String) {
        if made != written {
            self.made_of.insert(made, written);
        }
    }

    /// The path in the file that became `path`.
    fn written<'p>(&self, path: &'p str) -> Cow<'p, str> {
        let (entry, rest) = path.split_at(path.find(']').map_or(0, |end| end + 1));
        match self.made_of.get(entry) {
            Some(written) => Cow::Owned(format!("{written}{rest}")),
            None => Cow::Borrowed(path),
        }
    }

    /// True if the file sets the key `path`.
    pub(in crate::scenario) fn has(&self, path: &str) -> bool {
        self.keys.contains_key(&*self.written(path))
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
        let span = self.span_of(&problem.key).unwrap_or(0..0);
        // Several that were made of one entry have the same faults.
        let mut there = self.found.range((span.start, 0)..=(span.start, usize::MAX));
        if !there.any(|(_, found)| found.message == shown(&problem.message)) {
            self.error(span, problem.message, problem.help);
        }
    }

    /// The place of the key `path`, or of the table around it that the file sets.
    fn span_of(&self, path: &str) -> Option<Range<usize>> {
        let written = self.written(path);
        let mut path = &*written;
        loop {
            if let Some(span) = self.keys.get(path) {
                return Some(span.clone());
            }
            path = &path[..path.rfind(['.', '['])?];
        }
    }

    /// Line and column of that place in `text`, both from 1.
    pub(in crate::scenario) fn place_of(&self, path: &str, text: &str) -> Option<(usize, usize)> {
        let span = self.span_of(path)?;
        let (line, column, _) = Lines::new(text).place(&span);
        Some((line, column))
    }

    /// The errors of `text`, which was read from `file`.
    pub(in crate::scenario) fn finish(self, file: &str, text: &str) -> Diagnostics {
        Diagnostics::of(file, text, self.found.into_values(), self.count)
    }
}
