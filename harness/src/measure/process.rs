//! What the kernel says of this process: resident memory and CPU time. From
//! /proc (proc(5)); where there is none, nothing is said.

use std::fs;

/// The most resident memory so far in bytes (`VmHWM` of /proc/self/status).
pub fn vm_hwm_bytes() -> Option<u64> {
    parse_vm_hwm(&fs::read_to_string("/proc/self/status").ok()?)
}

/// CPU time of all living threads in nanoseconds, user and system (the first
/// number of each /proc/self/task/N/schedstat).
pub fn cpu_ns() -> Option<u64> {
    let mut sum = 0u64;
    for task in fs::read_dir("/proc/self/task").ok()? {
        // A thread may end between the listing and the reading.
        let Ok(text) = fs::read_to_string(task.ok()?.path().join("schedstat")) else {
            continue;
        };
        sum = sum.saturating_add(text.split_ascii_whitespace().next()?.parse().ok()?);
    }
    (sum > 0).then_some(sum)
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

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_memory_and_cpu_time() {
        assert!(vm_hwm_bytes().unwrap() > 1 << 16);
        assert!(cpu_ns().is_some());
    }
}
