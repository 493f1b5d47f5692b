//! The kernel's figures for this process: resident memory from /proc (proc(5)),
//! and CPU time from its clock. Unknown figures are left out.

use std::fs;

use rustix::time::{ClockId, clock_gettime};

/// The peak of resident memory so far, in bytes (`VmHWM` of /proc/self/status).
pub fn vm_hwm_bytes() -> Option<u64> {
    parse_vm_hwm(&fs::read_to_string("/proc/self/status").ok()?)
}

/// CPU time of this process in nanoseconds, user and system, of all its threads
/// so far (`CLOCK_PROCESS_CPUTIME_ID` of clock_gettime(2)).
pub fn cpu_ns() -> u64 {
    nanoseconds(ClockId::ProcessCPUTime)
}

fn nanoseconds(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    seconds
        .saturating_mul(1_000_000_000)
        .saturating_add(u64::try_from(time.tv_nsec).unwrap_or_default())
}

/// Memory and CPU time of the children that this process has waited for, and of
/// theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChildrenUsage {
    /// The largest resident memory of one of them, in bytes (`ru_maxrss`). Linux
    /// counts from the fork, so it is never less than this process had then.
    pub max_rss_bytes: u64,
    /// CPU time of all, user and system, in nanoseconds.
    pub cpu_ns: u64,
}

/// The figures of getrusage(2); `None` if it fails.
#[expect(unsafe_code, reason = "getrusage has no safe wrapper in std or rustix")]
pub fn children_usage() -> Option<ChildrenUsage> {
    // SAFETY: all zeros is a value of this struct of integers.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: it writes one `rusage`, and `usage` is one.
    let result = unsafe { libc::getrusage(libc::RUSAGE_CHILDREN, &raw mut usage) };
    if result != 0 {
        return None;
    }
    // Kibibytes on Linux, bytes on macOS (getrusage(2) of each).
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    let ns = |time: libc::timeval| {
        let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
        let micros = u64::try_from(time.tv_usec).unwrap_or_default();
        seconds
            .saturating_mul(1_000_000_000)
            .saturating_add(micros.saturating_mul(1_000))
    };
    Some(ChildrenUsage {
        max_rss_bytes: u64::try_from(usage.ru_maxrss).ok()?.checked_mul(unit)?,
        cpu_ns: ns(usage.ru_utime).saturating_add(ns(usage.ru_stime)),
    })
}

fn parse_vm_hwm(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_memory_is_read_in_bytes() {
        let status = "Name:\tshortread\nVmPeak:\t  999 kB\nVmHWM:\t    1234 kB\nVmRSS:\t 9 kB\n";
        assert_eq!(parse_vm_hwm(status), Some(1_263_616));
        assert_eq!(parse_vm_hwm("Name:\tshortread\n"), None);
        assert_eq!(parse_vm_hwm("VmHWM:\t much kB\n"), None);
    }

    #[cfg(shortread_linux)]
    #[test]
    fn this_process_has_memory() {
        assert!(vm_hwm_bytes().unwrap() > 1 << 16);
    }

    #[test]
    fn the_time_of_a_thread_that_has_ended_still_counts() {
        let before = cpu_ns();
        let work = || (0..5_000_000u64).fold(1u64, |hash, n| (hash ^ n).wrapping_mul(0x9E37_79B9));
        let of_thread = std::thread::spawn(move || {
            let start = nanoseconds(ClockId::ThreadCPUTime);
            std::hint::black_box(work());
            nanoseconds(ClockId::ThreadCPUTime) - start
        });
        let of_thread = of_thread.join().unwrap();
        assert!(of_thread > 0);
        assert!(cpu_ns() - before >= of_thread);
    }
}
