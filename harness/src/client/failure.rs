//! Turns each error into a [`Failure`]: its cause by the error's kind and number,
//! never by its text. The exception is the engine's to name (`Engine::name`).

use std::{error::Error, io};

use shortread_server::scenario::Deadline;

use super::report::{ErrorLink, Failure, FailureCause};
use crate::measure::heap::OverBudget;

/// Errors of socket(2) and connect(2) for which no peer is needed: no descriptor,
/// buffer or port is left.
#[cfg(unix)]
const OWN_LACK: [i32; 5] = [
    libc::EMFILE,
    libc::ENFILE,
    libc::ENOBUFS,
    libc::ENOMEM,
    libc::EADDRNOTAVAIL,
];
#[cfg(not(unix))]
const OWN_LACK: [i32; 0] = [];

/// The phase of the exchange: a library may raise other exceptions before the end
/// of the response head than after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The head is not complete.
    Head,
    /// The head is complete.
    Body,
}

impl Failure {
    /// No connection: nobody took it, or this machine could not make one.
    pub fn connect(error: &io::Error) -> Self {
        let cause = match error.raw_os_error() {
            Some(number) if OWN_LACK.contains(&number) => FailureCause::Resources,
            _ => FailureCause::Connect,
        };
        Self::new(cause, error)
    }

    /// A deadline of the client passed.
    pub fn deadline(deadline: Deadline) -> Self {
        let text = format!("the `{deadline}` deadline passed");
        Self::of(FailureCause::Deadline(deadline), &text)
    }

    /// Reading from or writing to the connection failed.
    pub fn transport(error: &io::Error) -> Self {
        Self::new(cause_of(error), error)
    }

    /// The bytes are not in the announced coding.
    pub fn malformed(error: &(dyn Error + 'static)) -> Self {
        Self::new(FailureCause::Malformed, error)
    }

    /// The memory budget is used up.
    pub fn memory(over: &OverBudget) -> Self {
        Self::new(FailureCause::OutOfMemory, over)
    }

    /// Storing a chunk failed.
    pub fn sink(error: &io::Error) -> Self {
        Self::new(FailureCause::Sink, error)
    }

    /// A check of the client around the library failed.
    pub fn rejected(error: &(dyn Error + 'static)) -> Self {
        Self::new(FailureCause::Rejected, error)
    }

    /// The disk is full, as the scenario says: ENOSPC.
    pub(crate) fn disk_full() -> Self {
        #[cfg(unix)]
        let error = io::Error::from_raw_os_error(libc::ENOSPC);
        #[cfg(not(unix))]
        let error = io::Error::from(io::ErrorKind::StorageFull);
        Self::new(FailureCause::DiskFull, &error)
    }

    /// A failure in words.
    pub(crate) fn of(cause: FailureCause, message: &str) -> Self {
        Self {
            cause,
            error: vec![message.to_owned().into()],
            exception: None,
        }
    }

    /// The same, raised as `exception`.
    pub(crate) fn named(mut self, exception: &str) -> Self {
        self.exception = Some(exception.into());
        self
    }

    /// A failure with the chain of `error`.
    pub(crate) fn new(cause: FailureCause, error: &(dyn Error + 'static)) -> Self {
        Self {
            cause,
            error: chain(error),
            exception: None,
        }
    }
}

/// The cause behind an error of the transport.
pub(crate) fn cause_of(error: &io::Error) -> FailureCause {
    match error.kind() {
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::ConnectionAborted => FailureCause::Reset,
        io::ErrorKind::TimedOut => FailureCause::Deadline(Deadline::Keepalive),
        io::ErrorKind::UnexpectedEof => FailureCause::ClosedEarly,
        _ => FailureCause::Io,
    }
}

/// `error` and all its sources, outermost first.
pub(crate) fn links<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}

fn chain(error: &(dyn Error + 'static)) -> Vec<ErrorLink> {
    links(error)
        .flat_map(|error| match error.downcast_ref::<io::Error>() {
            Some(error) => link(error),
            None => vec![ErrorLink {
                message: error.to_string(),
                errno: None,
            }],
        })
        .collect()
}

fn link(error: &io::Error) -> Vec<ErrorLink> {
    vec![ErrorLink {
        message: error.to_string(),
        errno: error.raw_os_error(),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn os(errno: i32) -> io::Error {
        io::Error::from_raw_os_error(errno)
    }

    #[test]
    #[cfg_attr(not(shortread_linux), ignore = "error numbers are those of Linux")]
    fn the_error_number_names_the_cause() {
        for (errno, cause) in [
            (libc::ECONNRESET, FailureCause::Reset),
            (libc::EPIPE, FailureCause::Reset),
            (libc::ECONNABORTED, FailureCause::Reset),
            (libc::ETIMEDOUT, FailureCause::Deadline(Deadline::Keepalive)),
            (libc::EHOSTUNREACH, FailureCause::Io),
        ] {
            let failure = Failure::transport(&os(errno));
            assert_eq!(failure.cause, cause);
            assert_eq!(failure.error[0].errno, Some(errno));
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_this_machine_lacks_is_no_refusal() {
        let cause = |errno| Failure::connect(&os(errno)).cause;
        assert_eq!(cause(libc::EMFILE), FailureCause::Resources);
        assert_eq!(cause(libc::EADDRNOTAVAIL), FailureCause::Resources);
        assert_eq!(cause(libc::ECONNREFUSED), FailureCause::Connect);
    }
}
