//! Runs slow work off the thread that serves.

use std::sync::Arc;

use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    task::spawn_blocking,
};

/// Does one slow job at a time on its own thread; other jobs wait. So two jobs
/// need neither twice the memory nor a second core.
#[derive(Debug, Default)]
pub(super) struct Worker {
    turn: Arc<Mutex<()>>,
}

/// The right to run a job.
#[derive(Debug)]
pub(super) struct Turn {
    _held: OwnedMutexGuard<()>,
}

impl Worker {
    /// Waits for the turn.
    pub(super) async fn turn(&self) -> Turn {
        let turn = Arc::clone(&self.turn);
        Turn {
            _held: turn.lock_owned().await,
        }
    }
}

impl Turn {
    /// Runs `job`, and returns the turn with its result. If the caller stops
    /// waiting, the job keeps the turn until it is done.
    pub(super) async fn run<T: Send + 'static>(
        self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> (Self, T) {
        let done = spawn_blocking(move || {
            let done = job();
            (self, done)
        });
        match done.await {
            Ok(done) => done,
            Err(error) => match error.try_into_panic() {
                // A panic in a job is a bug of the server, so it must show.
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime ends, and everything that waits ends with it.
                Err(_) => std::future::pending().await,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio_test::{assert_pending, task};

    use super::*;

    #[tokio::test]
    async fn one_thing_is_done_at_a_time_even_where_nobody_waits_for_it() {
        let worker = Worker::default();
        let (go_on, wait) = mpsc::channel::<()>();
        let mut first = task::spawn({
            let turn = worker.turn().await;
            turn.run(move || wait.recv())
        });
        assert_pending!(first.poll());
        drop(first);
        let mut second = task::spawn(worker.turn());
        assert_pending!(second.poll());
        go_on.send(()).unwrap();
        let (_turn, done) = second.await.run(|| 7).await;
        assert_eq!(done, 7);
    }
}
