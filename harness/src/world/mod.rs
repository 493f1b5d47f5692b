//! The two worlds: the same plan, scenarios, client and server, with different
//! transports and clocks.

pub mod simulated;
pub mod tcp;

use crate::results::{Detail, Record};

/// The events of a run, in order.
#[derive(Debug)]
pub enum RunEvent {
    /// A trial begins; `index` is its place in the plan.
    Started {
        /// Its place in the plan.
        index: usize,
    },
    /// A trial made progress.
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
        /// Its record.
        record: Box<Record>,
        /// Details that are kept beside the record.
        detail: Box<Detail>,
    },
}

/// The end of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunEnd {
    /// Every trial has its record.
    Finished,
    /// The run was interrupted; the trials that had ended have their records.
    Interrupted,
}
