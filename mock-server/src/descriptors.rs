//! The limit on open files of this process, including sockets.

/// The system's limit, before and after [`raise`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The soft limit at the start of the process.
    pub given: u64,
    /// The limit that holds now.
    pub now: u64,
}

/// Raises the soft limit on open files to the hard one (RLIMIT_NOFILE,
/// getrlimit(2)). Shells set the soft limit to 1024 for select(2), which nothing
/// here uses. Children inherit the limit, so a process that starts any must not
/// call this. Returns `None` if the system does not tell.
pub fn raise() -> Option<Limit> {
    system::raise()
}

#[cfg(unix)]
mod system {
    #![expect(unsafe_code, reason = "getrlimit and setrlimit")]

    use super::Limit;

    pub(super) fn raise() -> Option<Limit> {
        let mut limit = get()?;
        let given = limit.rlim_cur;
        limit.rlim_cur = limit.rlim_max;
        // SAFETY: `limit` is a valid structure, which is only read.
        let raised = unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) } == 0;
        let now = if raised { get()?.rlim_cur } else { given };
        Some(Limit { given, now })
    }

    fn get() -> Option<libc::rlimit> {
        let mut limit = libc::rlimit {
            rlim_cur: 0,
            rlim_max: 0,
        };
        // SAFETY: `limit` is a valid structure to write to.
        let told = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) } == 0;
        told.then_some(limit)
    }
}

#[cfg(not(unix))]
mod system {
    pub(super) fn raise() -> Option<super::Limit> {
        None
    }
}
