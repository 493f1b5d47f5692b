//! Finds the fired fault that led to an end.

use shortread_server::{
    clock::Instant,
    scenario::{Deadline, Kind, Limit, ProbeFate},
};

use super::FiredFault;

/// The last fault on `connection` that fired before `ended` and can explain
/// `kind`.
pub(super) fn of(
    kind: Kind,
    deadline: Option<Deadline>,
    connection: u32,
    ended: Instant,
    faults: &[FiredFault],
) -> Option<&FiredFault> {
    faults
        .iter()
        .filter(|fault| fault.connection.is_none_or(|number| number == connection))
        .filter(|fault| fault.at_ns <= ended)
        .filter(|fault| explains(fault, kind, deadline, ended))
        // Of two at the same instant the later in the journal.
        .max_by_key(|fault| fault.at_ns)
}

fn explains(fault: &FiredFault, kind: Kind, deadline: Option<Deadline>, ended: Instant) -> bool {
    let action = fault.action;
    match kind {
        // Looks complete to any client; and the kernel's ETIMEDOUT, in a black
        // hole, ends a close-delimited body as a close does.
        Kind::SilentTruncation => action.ends_response() || action.loses_connection(),
        // A connection that ended: by a close of any sort. A FIN can be seen
        // as RST, since a closed socket answers late segments so.
        Kind::Truncated | Kind::Reset | Kind::Refused => {
            action.closes() || action.probe_fate() == ProbeFate::Refused
        }
        // Answers keepalives: cannot be why they remained unanswered.
        Kind::TimedOut
            if deadline == Some(Deadline::Keepalive)
                && action.probe_fate() == ProbeFate::Answered =>
        {
            false
        }
        // A single wait that was too long is not the doing of a stall that was
        // over by then; a total that ran out may be.
        Kind::TimedOut | Kind::Stalled => match action.stall() {
            Some(_) if kind == Kind::TimedOut && deadline == Some(Deadline::Total) => true,
            Some(limit) => lasts(fault.at_ns, limit, ended),
            None => action.delays() || action.loses_connection(),
        },
        // Wrong bytes, bad syntax, too much memory and a full disk are in the
        // response itself, or in its length, not in what was done to the connection.
        Kind::Complete
        | Kind::Malformed
        | Kind::Corrupt
        | Kind::WrongObject
        | Kind::Rejected
        | Kind::OutOfMemory
        | Kind::DiskFull
        | Kind::ToolError => false,
    }
}

fn lasts(from: Instant, limit: Limit, until: Instant) -> bool {
    match limit {
        Limit::Never => true,
        Limit::After(time) => from + time >= until,
    }
}
