//! Counts the tasks that serve connections. `LocalSet` does not tell, and a task
//! that never ends holds the memory of its connection as long as the server runs.

use std::{cell::Cell, future::Future};

thread_local! {
    /// Each server has its own thread and runs all of its tasks there.
    static ALIVE: Cell<u64> = const { Cell::new(0) };
}

struct Alive(());

impl Drop for Alive {
    fn drop(&mut self) {
        ALIVE.set(ALIVE.get() - 1);
    }
}

/// Counts `work` until it ends or is dropped.
pub(super) fn counted<F: Future>(work: F) -> impl Future<Output = F::Output> {
    ALIVE.set(ALIVE.get() + 1);
    let alive = Alive(());
    async move {
        let output = work.await;
        drop(alive);
        output
    }
}

/// Tasks of this thread that serve a connection to the site or to the control
/// interface.
pub(super) fn alive() -> u64 {
    ALIVE.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_counts_from_its_start_until_it_ends_or_is_dropped() {
        let before = alive();
        let (ends, dropped) = (
            counted(std::future::ready(7)),
            counted(std::future::ready(8)),
        );
        assert_eq!(alive(), before + 2);
        drop(dropped);
        assert_eq!(alive(), before + 1);
        assert_eq!(tokio_test::block_on(ends), 7);
        assert_eq!(alive(), before);
    }
}
