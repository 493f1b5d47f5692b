//! Heap use, counted at the allocator: the requested bytes, not those that the
//! system's allocator kept or the kernel mapped.
//!
//! Resident memory hides a doubling buffer (glibc moves large blocks by mremap)
//! and depends on the allocator. Requested bytes do neither.
#![expect(
    unsafe_code,
    reason = "GlobalAlloc is an unsafe trait; every call is passed on to System unchanged"
)]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// The account of a simulated trial, which has its own thread but shares it with
/// the server. It has no destructor, so the allocator may use it at any time.
struct Account {
    open: Cell<bool>,
    /// True while allocations belong to the client.
    counting: Cell<bool>,
    /// Live bytes. They may go below zero, since counted blocks may be freed
    /// elsewhere.
    live: Cell<i64>,
    peak: Cell<i64>,
}

thread_local! {
    static ACCOUNT: Account = const {
        Account {
            open: Cell::new(false),
            counting: Cell::new(false),
            live: Cell::new(0),
            peak: Cell::new(0),
        }
    };
}

impl Account {
    fn add(&self, bytes: i64) {
        self.live.set(self.live.get() + bytes);
        self.peak.set(self.peak.get().max(self.live.get()));
    }
}

/// Opens this thread's account at zero. Until it is closed, [`live`], [`peak`]
/// and [`Budget`] count the bytes allocated within a [`Scope`] here.
pub(crate) fn open_account() {
    ACCOUNT.with(|account| {
        account.open.set(true);
        account.counting.set(false);
        account.live.set(0);
        account.peak.set(0);
    });
}

/// Returns to the figures of the whole process.
pub(crate) fn close_account() {
    ACCOUNT.with(|account| account.open.set(false));
}

/// Bytes that the real client would hold and this one does not, since it only
/// needs their number. They are charged to the open account until dropped, if
/// there is one.
#[derive(Debug)]
pub(crate) struct Charge(u64);

impl Charge {
    pub(crate) fn new(bytes: u64) -> Self {
        let mut charge = Self(0);
        charge.grow(bytes);
        charge
    }

    pub(crate) fn grow(&mut self, bytes: u64) {
        ACCOUNT.with(|account| account.add(bytes.cast_signed()));
        self.0 += bytes;
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        ACCOUNT.with(|account| account.add(-self.0.cast_signed()));
    }
}

/// While this lives, allocations on this thread belong to the client.
pub(crate) struct Scope(());

impl Scope {
    pub(crate) fn enter() -> Self {
        ACCOUNT.with(|account| account.counting.set(true));
        Self(())
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        ACCOUNT.with(|account| account.counting.set(false));
    }
}

/// Counts within a scope; at the very end of a thread there is no account.
fn on_account(bytes: i64) {
    let _ = ACCOUNT.try_with(|account| {
        if account.counting.get() {
            account.add(bytes);
        }
    });
}

static LIVE: AtomicU64 = AtomicU64::new(0);
static PEAK: AtomicU64 = AtomicU64::new(0);

/// The system's allocator with counters. A binary that needs figures installs it:
///
/// ```ignore
/// #[global_allocator]
/// static HEAP: shortread::measure::heap::Counting = shortread::measure::heap::Counting;
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Counting;

/// Bytes allocated now by the whole process; `None` if [`Counting`] is not the
/// allocator.
pub fn live() -> Option<u64> {
    if let Some(live) = from_account(|account| &account.live) {
        return Some(live);
    }
    // A running program has allocated something.
    match LIVE.load(Relaxed) {
        0 => None,
        bytes => Some(bytes),
    }
}

/// The most bytes allocated at once since the start or since [`reset_peak`].
pub fn peak() -> Option<u64> {
    if let Some(peak) = from_account(|account| &account.peak) {
        return Some(peak);
    }
    live().map(|live| PEAK.load(Relaxed).max(live))
}

fn from_account(figure: impl Fn(&Account) -> &Cell<i64>) -> Option<u64> {
    ACCOUNT.with(|account| {
        account
            .open
            .get()
            .then(|| figure(account).get().max(0).cast_unsigned())
    })
}

/// Restarts the peak at the bytes allocated now.
pub fn reset_peak() {
    PEAK.store(LIVE.load(Relaxed), Relaxed);
}

/// The heap that a trial may use, counted from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    limit: u64,
    baseline: u64,
}

/// The budget is exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{needed} bytes of heap are needed and the budget is {limit}; raise `client.memory`")]
pub struct OverBudget {
    /// Bytes in use above the baseline, including the request.
    pub needed: u64,
    /// The budget.
    pub limit: u64,
}

impl Budget {
    /// Allows `limit` bytes above those in use now; `None` if heap use is not
    /// counted.
    pub fn from_now(limit: u64) -> Option<Self> {
        live().map(|baseline| Self { limit, baseline })
    }

    /// Checks that `extra` more bytes fit.
    ///
    /// # Errors
    /// [`OverBudget`] if they do not.
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
    on_account(bytes as i64);
}

fn removed(bytes: usize) {
    LIVE.fetch_sub(bytes as u64, Relaxed);
    on_account(-(bytes as i64));
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
            // Counts new minus old, since a moment with two copies is an affair of the
            // system's allocator.
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

    /// Held by tests that allocate much, or that judge allocation.
    pub(crate) static ALONE: Mutex<()> = Mutex::new(());

    #[global_allocator]
    static HEAP: Counting = Counting;

    // Other tests allocate at the same time, so the block is far larger than all
    // of their memory.
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
        // Using less than at the start gives no credit beyond the limit.
        assert_eq!(budget.check_live(500, 100), Ok(()));
        assert!(budget.check_live(500, 101).is_err());
    }
}
