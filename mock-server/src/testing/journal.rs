//! The server's word on what it did for one test.

use std::{fmt, sync::Arc};

use crate::{
    journal::{Event, Fact, TestJournal},
    text::json_line,
};

/// The events of one test, in their order, once nothing of it is under way.
#[derive(Debug, Clone, PartialEq)]
pub struct Journal {
    key: String,
    events: Vec<Arc<Event>>,
}

impl Journal {
    pub(super) fn new(key: &str, told: TestJournal) -> Self {
        Self {
            key: key.into(),
            events: told.events,
        }
    }

    /// All events.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.events.iter().map(AsRef::as_ref)
    }

    /// The number of requests.
    pub fn requests(&self) -> usize {
        self.count(|fact| matches!(fact, Fact::Request { .. }))
    }

    /// The number of connections.
    pub fn connections(&self) -> usize {
        self.count(|fact| matches!(fact, Fact::Accepted { .. }))
    }

    /// The faults that were carried out.
    pub fn faults(&self) -> usize {
        self.count(|fact| matches!(fact, Fact::Fault { .. }))
    }

    fn count(&self, is: impl Fn(&Fact) -> bool) -> usize {
        self.events().filter(|event| is(&event.fact)).count()
    }

    /// Panics with the journal unless a fault fired: a test of what a client does
    /// about a fault shows nothing without one.
    #[track_caller]
    pub fn assert_fault_fired(&self) -> &Self {
        assert!(self.faults() > 0, "no fault fired\n{self}");
        self
    }

    /// Panics with the journal if a fault fired.
    #[track_caller]
    pub fn assert_no_fault_fired(&self) -> &Self {
        assert!(self.faults() == 0, "a fault fired\n{self}");
        self
    }
}

/// A line of JSON for each event.
impl fmt::Display for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server's journal of `{}`:", self.key)?;
        if self.events.is_empty() {
            f.write_str(" empty; no request carried this key")?;
        }
        for event in self.events() {
            let line = serde_json::to_string(event).map_err(|_| fmt::Error)?;
            write!(f, "\n  {}", json_line(&line))?;
        }
        Ok(())
    }
}
