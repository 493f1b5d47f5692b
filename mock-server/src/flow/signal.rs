//! A value that several connections of a thread watch.
//!
//! Waiting connections wake in the order in which they began to wait. tokio's
//! `watch` spreads them over eight lists by a random number, so connections that
//! end at the same moment would end in another order in each run.

use std::{cell::Cell, fmt, rc::Rc};

use tokio::sync::Notify;

/// The side that sets the value.
pub(crate) struct Signal<T>(Rc<Shared<T>>);

struct Shared<T> {
    value: Cell<T>,
    /// The number of times that it was set.
    version: Cell<u64>,
    changed: Notify,
}

/// The side that watches the value.
pub(crate) struct Watcher<T> {
    shared: Rc<Shared<T>>,
    seen: u64,
}

impl<T: Copy> Signal<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Rc::new(Shared {
            value: Cell::new(value),
            version: Cell::new(0),
            changed: Notify::new(),
        }))
    }

    /// The current value.
    pub(crate) fn get(&self) -> T {
        self.0.value.get()
    }

    /// Sets it and wakes all that wait for a change.
    pub(crate) fn set(&self, value: T) {
        self.0.value.set(value);
        self.0.version.set(self.0.version.get() + 1);
        self.0.changed.notify_waiters();
    }

    /// A watcher that has seen the current value.
    pub(crate) fn watch(&self) -> Watcher<T> {
        Watcher {
            seen: self.0.version.get(),
            shared: Rc::clone(&self.0),
        }
    }
}

impl<T: Copy> Watcher<T> {
    /// The current value.
    pub(crate) fn get(&self) -> T {
        self.shared.value.get()
    }

    /// True if the value was set since this watcher last saw it.
    pub(crate) fn has_changed(&self) -> bool {
        self.shared.version.get() != self.seen
    }

    /// Marks the current value as seen.
    pub(crate) fn mark_seen(&mut self) {
        self.seen = self.shared.version.get();
    }

    /// Waits until the value is set again, and marks it as seen.
    pub(crate) async fn changed(&mut self) {
        while !self.has_changed() {
            self.shared.changed.notified().await;
        }
        self.mark_seen();
    }

    /// Waits until the value is `wanted`; returns at once if it is.
    pub(crate) async fn wait_for(&mut self, wanted: impl Fn(T) -> bool) {
        while !wanted(self.get()) {
            self.shared.changed.notified().await;
        }
        self.mark_seen();
    }
}

impl<T> Clone for Watcher<T> {
    fn clone(&self) -> Self {
        Self {
            shared: Rc::clone(&self.shared),
            seen: self.seen,
        }
    }
}

impl<T: Copy + fmt::Debug> fmt::Debug for Signal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Signal").field(&self.get()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use tokio::task::{LocalSet, spawn_local, yield_now};

    use super::*;

    #[tokio::test]
    async fn who_waits_is_woken_in_the_order_of_waiting() {
        let woken = Rc::new(RefCell::new(Vec::new()));
        let all = LocalSet::new();
        all.run_until(async {
            let signal = Signal::new(0);
            // This is less than a LocalSet polls before it lets the test go on.
            let tasks: Vec<_> = (0..32)
                .map(|number| {
                    let (mut watcher, woken) = (signal.watch(), Rc::clone(&woken));
                    spawn_local(async move {
                        watcher.wait_for(|value| value == 1).await;
                        woken.borrow_mut().push(number);
                    })
                })
                .collect();
            yield_now().await;
            signal.set(1);
            for task in tasks {
                task.await.unwrap();
            }
        })
        .await;
        assert_eq!(*woken.borrow(), (0..32).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_change_is_seen_once_and_none_is_missed() {
        let signal = Signal::new('a');
        let mut watcher = signal.watch();
        assert!(!watcher.has_changed());
        signal.set('b');
        signal.set('c');
        assert!(watcher.clone().has_changed());
        watcher.changed().await;
        assert_eq!((watcher.get(), watcher.has_changed()), ('c', false));
        signal.set('d');
        watcher.wait_for(|value| value == 'd').await;
        assert!(!watcher.has_changed());
        assert_eq!(signal.get(), 'd');
    }
}
