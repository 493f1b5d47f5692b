//! Which fired fault led to an end.

use mock_server::{
    clock::Instant,
    scenario::{Action, Deadline, Kind, Limit},
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
    use Action::{Blackhole, End, Fin, Forget, Reset, Stall, Throttle};
    match (kind, fault.action) {
        // A connection that ended: by a close of any sort. A FIN can be seen
        // as RST, since a closed socket answers late segments so.
        (
            Kind::SilentTruncation | Kind::Truncated | Kind::Reset | Kind::Refused,
            Fin | Reset | Forget,
        ) => true,
        // The kernel's ETIMEDOUT ends a close-delimited body as a close does.
        (Kind::SilentTruncation, Blackhole) => true,
        // Looks complete to any client.
        (Kind::SilentTruncation, End) => true,
        // Answers keepalives: cannot be why they remained unanswered.
        (Kind::TimedOut, Stall(_) | Throttle(_)) if deadline == Some(Deadline::Keepalive) => false,
        // A single wait that was too long is not the doing of a stall that was
        // over by then; a total that ran out may be.
        (Kind::TimedOut, Stall(limit)) if deadline != Some(Deadline::Total) => {
            lasts(fault.at_ns, limit, ended)
        }
        (Kind::Stalled, Stall(limit)) => lasts(fault.at_ns, limit, ended),
        (Kind::TimedOut | Kind::Stalled, Stall(_) | Throttle(_) | Blackhole | Forget) => true,
        // Wrong bytes, bad syntax and too much memory are in the response
        // itself, not in what was done to the connection.
        _ => false,
    }
}

fn lasts(from: Instant, limit: Limit, until: Instant) -> bool {
    match limit {
        Limit::Never => true,
        Limit::After(time) => from + time >= until,
    }
}
