//! Heap use, counted at the allocator: what was asked for, not what the
//! system's allocator kept or the kernel mapped.
//!
//! Resident memory hides a doubling buffer (glibc moves large blocks by
//! mremap) and depends on the allocator; requested bytes do neither.
#![expect(
    unsafe_code,
    reason = "GlobalAlloc is an unsafe trait; every call is passed on to System unchanged"
)]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

static LIVE: AtomicU64 = AtomicU64::new(0);
static PEAK: AtomicU64 = AtomicU64::new(0);

/// The system's allocator, counted. A binary that wants figures installs it:
///
/// ```ignore
/// #[global_allocator]
/// static HEAP: harness::measure::heap::Counting = harness::measure::heap::Counting;
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Counting;

/// Bytes allocated now by the whole process; `None` where [`Counting`] is not
/// the allocator.
pub fn live() -> Option<u64> {
    // A program that runs has allocated something.
    match LIVE.load(Relaxed) {
        0 => None,
        bytes => Some(bytes),
    }
}

/// The most bytes allocated at once since the start or since [`reset_peak`].
pub fn peak() -> Option<u64> {
    live().map(|live| PEAK.load(Relaxed).max(live))
}

/// Begins a new peak at what is allocated now.
pub fn reset_peak() {
    PEAK.store(LIVE.load(Relaxed), Relaxed);
}

/// How much heap a trial may use, counted from what was in use at its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    limit: u64,
    baseline: u64,
}

/// The budget does not allow what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{needed} bytes of heap are needed and the budget is {limit}; raise `client.memory`")]
pub struct OverBudget {
    /// Bytes in use above the baseline, the request included.
    pub needed: u64,
    /// The budget.
    pub limit: u64,
}

impl Budget {
    /// `limit` bytes above what is in use now; `None` where heap use is not
    /// counted.
    pub fn from_now(limit: u64) -> Option<Self> {
        live().map(|baseline| Self { limit, baseline })
    }

    /// Whether `extra` more bytes fit.
    ///
    /// # Errors
    /// [`OverBudget`] where they do not.
    pub fn check(&self, extra: u64) -> Result<(), OverBudget> {
        self.check_live(live().unwrap_or_default(), extra)
    }

    fn check_live(&self, live: u64, extra: u64) -> Result<(), OverBudget> {
        let needed = live.saturating_sub(self.baseline).saturating_add(extra);
        if needed > self.limit {
            return Err(OverBudget {
                needed,
                limit: self.limit,
            });
        }
        Ok(())
    }
}

fn added(bytes: usize) {
    let live = LIVE.fetch_add(bytes as u64, Relaxed) + bytes as u64;
    PEAK.fetch_max(live, Relaxed);
}

fn removed(bytes: usize) {
    LIVE.fetch_sub(bytes as u64, Relaxed);
}

// SAFETY: each method hands its arguments to `System` unchanged and returns
// what `System` returned; counting touches two atomics and never allocates.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises about `layout` are passed on.
        let block = unsafe { System.alloc(layout) };
        if !block.is_null() {
            added(layout.size());
        }
        block
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises about `layout` are passed on.
        let block = unsafe { System.alloc_zeroed(layout) };
        if !block.is_null() {
            added(layout.size());
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: `block` came from `System` with this `layout`.
        unsafe { System.dealloc(block, layout) };
        removed(layout.size());
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: `block` came from `System` with this `layout`; the caller
        // promises that `size` is valid for its alignment.
        let moved = unsafe { System.realloc(block, layout, size) };
        if !moved.is_null() {
            // New minus old: that two copies may live for a moment is the
            // system allocator's affair.
            added(size);
            removed(layout.size());
        }
        moved
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Held by tests that allocate much or judge how much is allocated.
    pub(crate) static ALONE: Mutex<()> = Mutex::new(());

    #[global_allocator]
    static HEAP: Counting = Counting;

    // Other tests allocate beside this one, so the block is far larger than
    // what they use together.
    const BIG: usize = 1 << 28;

    #[test]
    fn a_block_counts_while_it_lives_and_stays_in_the_peak() {
        let _alone = ALONE.lock();
        let before = live().expect("the test binary counts");
        let block: Vec<u8> = Vec::with_capacity(BIG);
        let during = live().unwrap();
        assert!(during >= before + BIG as u64 / 2);
        drop(block);
        assert!(live().unwrap() < during - BIG as u64 / 2);
        assert!(peak().unwrap() >= during - BIG as u64 / 2);
    }

    #[test]
    fn a_budget_counts_from_its_start_and_includes_the_request() {
        let budget = Budget {
            limit: 100,
            baseline: 1_000,
        };
        assert_eq!(budget.check_live(1_060, 40), Ok(()));
        assert_eq!(
            budget.check_live(1_060, 41),
            Err(OverBudget {
                needed: 101,
                limit: 100
            })
        );
        // Less in use than at the start is no credit beyond the limit.
        assert_eq!(budget.check_live(500, 100), Ok(()));
        assert!(budget.check_live(500, 101).is_err());
    }
}
