//! The downloading side: connection, deadlines, body sources.

mod connect;
mod decode;
mod failure;
mod gzip;
mod head;
mod report;

pub use report::{ClientReport, Download, ErrorLink, Failure, FailureCause, Verdict};
