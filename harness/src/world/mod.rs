//! Where trials run: the same plan, scenarios, client and server, over another
//! transport and by another clock.

pub mod simulated;
pub mod tcp;

use crate::results::{Detail, Record};

/// What happens in a run, in order.
#[derive(Debug)]
pub enum RunEvent {
    /// A trial begins; `index` is its place in the plan.
    Started {
        /// Its place in the plan.
        index: usize,
    },
    /// A trial goes on.
    Progress {
        /// Its place in the plan.
        index: usize,
        /// Bytes handed to the application so far.
        delivered_bytes: u64,
    },
    /// A trial has ended.
    Ended {
        /// Its place in the plan.
        index: usize,
        /// What came of it.
        record: Box<Record>,
        /// What is kept beside that.
        detail: Box<Detail>,
    },
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunEnd {
    /// Every trial has its record.
    Finished,
    /// It was interrupted; the trials that had ended have theirs.
    Interrupted,
}
