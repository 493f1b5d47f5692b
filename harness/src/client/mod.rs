//! The downloading side: connection, deadlines, body sources.

mod report;

pub use report::{ClientReport, Download, ErrorLink, Failure, FailureCause, Verdict};
