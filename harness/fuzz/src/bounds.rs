//! The limits on time and memory for one input.

use shortread::measure::{heap, process};

use crate::Heard;

/// CPU time and heap that one input may take, whatever it says.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// CPU time in nanoseconds.
    pub cpu_ns: u64,
    /// Heap in bytes, above what was in use before.
    pub heap_bytes: u64,
}

impl Bounds {
    /// For inputs of at most 64 KiB. A scenario of that length with 10,000 errors
    /// is read in 50 ms, and a user waits 1 s without suspecting an error;
    /// quadratic work takes 10 s. The client may hold its budget ([`crate`]'s
    /// client target: 32 MiB), once in the reader and once in the result of a read.
    pub const OF_ONE_INPUT: Self = Self {
        cpu_ns: 1_000_000_000,
        heap_bytes: 128 << 20,
    };

    /// Runs `target` with `input`.
    ///
    /// # Panics
    /// If it exceeds these bounds, or panics itself.
    pub fn hold(&self, target: fn(&[u8]) -> Heard, input: &[u8]) -> Heard {
        heap::reset_peak();
        let (before, begun) = (heap::live().unwrap_or_default(), process::cpu_ns());
        let heard = target(input);
        let cpu_ns = process::cpu_ns().saturating_sub(begun);
        let heap_bytes = heap::peak().unwrap_or_default().saturating_sub(before);
        assert!(
            cpu_ns <= self.cpu_ns,
            "an input of {} bytes took {cpu_ns} ns of CPU time, and may take {}",
            input.len(),
            self.cpu_ns
        );
        assert!(
            heap_bytes <= self.heap_bytes,
            "an input of {} bytes took {heap_bytes} bytes of heap, and may take {}",
            input.len(),
            self.heap_bytes
        );
        heard
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "ns of CPU time, and may take 0")]
    fn what_takes_more_than_it_may_is_found() {
        let none = Bounds {
            cpu_ns: 0,
            heap_bytes: 0,
        };
        let target = |input: &[u8]| {
            assert!(!input.is_empty());
            Heard::Taken
        };
        let _ = none.hold(target, b"x");
    }
}
