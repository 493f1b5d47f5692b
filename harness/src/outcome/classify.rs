//! The rules, one arm each; `tests.rs` states them one by one.

use std::cmp::Reverse;

use shortread_server::scenario::{Deadline, Kind, Party};

use super::{FiredFault, Outcome, cause, group::badness};
use crate::client::{ClientReport, Download, Failure, FailureCause, Verdict};

/// The outcome of a trial: that of its worst download, or of the first among
/// equally bad ones. `expected_bytes` is the size of the object of each download.
pub fn classify(report: &ClientReport, expected_bytes: u64, faults: &[FiredFault]) -> Outcome {
    report
        .downloads
        .iter()
        .map(|download| classify_download(download, expected_bytes, faults))
        // Of several equals `min_by_key` keeps the first.
        .min_by_key(|outcome| Reverse(badness(outcome.kind)))
        .unwrap_or_else(|| Outcome {
            kind: Kind::ToolError,
            ended_by: None,
            deadline: None,
            cause: None,
            error: Vec::new(),
            exception: None,
        })
}

/// The outcome of one download. Without a connection no fault explains it but
/// one whose connection is not known.
pub fn classify_download(
    download: &Download,
    expected_bytes: u64,
    faults: &[FiredFault],
) -> Outcome {
    let (kind, deadline) = match &download.verdict {
        Verdict::Success => (success(download, expected_bytes), None),
        Verdict::GaveUp => (Kind::Stalled, None),
        Verdict::Failure(failure) => failed(download, failure, expected_bytes),
    };
    let fault = cause::of(
        kind,
        deadline,
        download.connection.unwrap_or_default(),
        download.ended,
        faults,
    );
    let (error, exception) = match &download.verdict {
        Verdict::Failure(failure) => (failure.error.clone(), failure.exception.clone()),
        Verdict::Success | Verdict::GaveUp => (Vec::new(), None),
    };
    Outcome {
        kind,
        ended_by: ended_by(kind, &download.verdict, fault.map(|fault| fault.by)),
        deadline,
        cause: fault.map(|fault| fault.index),
        error,
        exception,
    }
}

/// The client said success: the bytes say whether that is true.
fn success(download: &Download, expected: u64) -> Kind {
    let expected = download.object_bytes.unwrap_or(expected);
    let partial_or_whole = download
        .status
        .is_none_or(|status| matches!(status, 200 | 206));
    match download.first_bad_offset {
        // An error page, saved as the file.
        Some(_) if !partial_or_whole => Kind::WrongObject,
        // Alien from the start and of another length: not a damaged copy.
        Some(0) if download.delivered_bytes != expected => Kind::WrongObject,
        Some(_) => Kind::Corrupt,
        // An empty error page has no byte that could be wrong.
        None if download.delivered_bytes < expected && !partial_or_whole => Kind::WrongObject,
        None if download.delivered_bytes < expected => Kind::SilentTruncation,
        // Right as far as the object goes, then more.
        None if download.delivered_bytes > expected => Kind::Corrupt,
        None => Kind::Complete,
    }
}

/// The client said failure: its error's source says how.
fn failed(download: &Download, failure: &Failure, expected: u64) -> (Kind, Option<Deadline>) {
    let expected = download.object_bytes.unwrap_or(expected);
    let kind = match failure.cause {
        FailureCause::Deadline(deadline) => return (Kind::TimedOut, Some(deadline)),
        FailureCause::Stalled => Kind::TimedOut,
        FailureCause::Connect => Kind::Refused,
        FailureCause::Malformed => Kind::Malformed,
        FailureCause::OutOfMemory => Kind::OutOfMemory,
        FailureCause::Rejected => Kind::Rejected,
        FailureCause::DiskFull => Kind::DiskFull,
        // The harness's own file and descriptors: nothing about the download.
        FailureCause::Sink | FailureCause::Resources => Kind::ToolError,
        // Whatever ends a connection behind the last announced byte took
        // nothing away, if the bytes reached the application and are right.
        FailureCause::Reset | FailureCause::ClosedEarly | FailureCause::Io
            if download
                .declared_bytes
                .is_some_and(|declared| download.received_bytes >= declared)
                && download.delivered_bytes == expected
                && download.first_bad_offset.is_none() =>
        {
            Kind::Complete
        }
        // A connection, but no byte of a response on it.
        FailureCause::Reset | FailureCause::ClosedEarly | FailureCause::Io
            if download.first_byte.is_none() =>
        {
            Kind::Refused
        }
        FailureCause::Reset => Kind::Reset,
        FailureCause::ClosedEarly | FailureCause::Io => Kind::Truncated,
    };
    (kind, None)
}

fn ended_by(kind: Kind, verdict: &Verdict, fault: Option<Party>) -> Option<Party> {
    let io_error = matches!(
        verdict,
        Verdict::Failure(Failure {
            cause: FailureCause::Io,
            ..
        })
    );
    match kind {
        // It came to the end that was announced, or to none.
        Kind::Complete | Kind::Corrupt | Kind::WrongObject | Kind::Stalled => None,
        // The client's own limits, its own disk, its own parser and checks gave up on it.
        Kind::TimedOut
        | Kind::OutOfMemory
        | Kind::DiskFull
        | Kind::Malformed
        | Kind::Rejected
        | Kind::ToolError => Some(Party::Client),
        // The peer closed. Without a fault to blame it was the origin; other
        // errors of the transport (EHOSTUNREACH and the like) speak of the path.
        Kind::SilentTruncation | Kind::Truncated | Kind::Reset | Kind::Refused => {
            Some(fault.unwrap_or(if io_error {
                Party::Network
            } else {
                Party::Server
            }))
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
