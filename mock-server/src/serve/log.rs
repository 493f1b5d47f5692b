//! Events and notes for people, a line each, beside the journal.

use std::rc::Rc;

use super::output::Lines;
use crate::{
    journal::{Event, Journal},
    text::{json_line, printable_lines},
};

/// Several journals that all get every event.
pub(super) struct All(pub(super) Vec<Rc<dyn Journal>>);

impl Journal for All {
    fn write(&self, event: Event) {
        for journal in &self.0 {
            journal.write(event.clone());
        }
    }

    fn note(&self, text: &str) {
        for journal in &self.0 {
            journal.note(text);
        }
    }

    fn advise(&self, text: &str) {
        for journal in &self.0 {
            journal.advise(text);
        }
    }
}

/// One line of JSON per event on standard error, and notes for people.
pub(super) struct Log {
    pub(super) lines: Lines,
}

impl Journal for Log {
    fn write(&self, event: Event) {
        if let Ok(line) = serde_json::to_string(&event) {
            self.lines.say(&json_line(&line));
        }
    }

    fn note(&self, text: &str) {
        self.lines.say(&format!("note: {}", printable_lines(text)));
    }

    fn advise(&self, text: &str) {
        self.note(text);
    }
}
