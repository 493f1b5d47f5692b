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

/// Counts the task that `begin` begins until it ends or is dropped. A future that
/// were passed in would be kept twice: where it came in, and where it is awaited.
pub(super) fn counted<F: Future>(begin: impl FnOnce() -> F) -> impl Future<Output = F::Output> {
    ALIVE.set(ALIVE.get() + 1);
    let alive = Alive(());
    async move {
        let output = begin().await;
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
    fn counting_does_not_keep_a_future_twice() {
        async fn large() {
            let bytes = [0_u8; 4096];
            std::future::pending::<()>().await;
            std::hint::black_box(&bytes);
        }
        let own = size_of_val(&large());
        assert!(size_of_val(&counted(large)) < own + 256);
    }

    #[test]
    fn a_task_counts_from_its_start_until_it_ends_or_is_dropped() {
        let before = alive();
        let (ends, dropped) = (
            counted(|| std::future::ready(7)),
            counted(|| std::future::ready(8)),
        );
        assert_eq!(alive(), before + 2);
        drop(dropped);
        assert_eq!(alive(), before + 1);
        assert_eq!(tokio_test::block_on(ends), 7);
        assert_eq!(alive(), before);
    }
}
