//! Output lines, written by their own thread: a pipe that nobody empties must not
//! block downloads.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, Write},
    mem,
    os::fd::AsFd,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use tokio::sync::Notify;

use crate::clock::Clock;

/// Most bytes that can wait to be written.
const MOST_WAITING: usize = 4 << 20;

/// About the number of bytes written at once.
const BATCH: usize = 64 << 10;

/// Pause before another write to a descriptor that its owner made non-blocking.
const AGAIN: Duration = Duration::from_millis(10);

/// A destination for lines. Clones write to the same place; the thread ends with
/// the last one.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    owner: Arc<Owner>,
}

/// Ends the thread when it is dropped.
#[derive(Debug)]
struct Owner {
    queue: Arc<Queue>,
}

#[derive(Debug)]
struct Queue {
    waiting: Mutex<Backlog>,
    most: usize,
    /// Wakes the thread: there are lines to write.
    filled: Condvar,
    /// Wakes everybody else: lines were written, or never will be.
    emptied: Notify,
}

#[derive(Debug, Default)]
struct Backlog {
    lines: VecDeque<String>,
    /// Bytes in these lines, and in those being written.
    bytes: usize,
    /// Lines dropped for lack of room.
    dropped: u64,
    /// Dropped lines that were not reported yet.
    untold: u64,
    /// The number of writes so far.
    turns: u64,
    ended: bool,
    failed: Option<io::ErrorKind>,
}

/// The reasons why lines were not written.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unwritten {
    #[error("nothing could be written for {} s because nobody reads it", .0.as_secs())]
    Stuck(Duration),
    #[error(transparent)]
    Failed(io::Error),
}

impl Lines {
    /// # Errors
    /// No thread can be started.
    pub(super) fn to_stderr() -> io::Result<Self> {
        Self::to(descriptor(&io::stderr()), MOST_WAITING)
    }

    /// # Errors
    /// No thread can be started.
    pub(super) fn to_stdout() -> io::Result<Self> {
        Self::to(descriptor(&io::stdout()), MOST_WAITING)
    }

    /// Lines to `out`; at most `most` bytes can wait.
    pub(super) fn to(out: impl Write + Send + 'static, most: usize) -> io::Result<Self> {
        let queue = Arc::new(Queue {
            waiting: Mutex::default(),
            most,
            filled: Condvar::new(),
            emptied: Notify::new(),
        });
        let writer = Arc::clone(&queue);
        thread::Builder::new()
            .name("output".into())
            .spawn(move || writer.write_to(out))?;
        let owner = Arc::new(Owner { queue });
        Ok(Self { owner })
    }

    /// Queues a line. If there is no room it is dropped; the number of dropped
    /// lines is written as soon as there is room.
    pub(super) fn say(&self, line: &str) {
        let queue = &self.owner.queue;
        let mut waiting = queue.lock();
        if waiting.failed.is_some() || waiting.bytes + line.len() >= queue.most {
            waiting.dropped += 1;
            waiting.untold += 1;
            return;
        }
        let idle = waiting.lines.is_empty();
        waiting.tell_dropped();
        waiting.push(line);
        drop(waiting);
        queue.wake(idle);
    }

    /// Queues a line even without room, for output that has a limit elsewhere.
    pub(super) fn say_always(&self, line: &str) {
        let queue = &self.owner.queue;
        let mut waiting = queue.lock();
        let idle = waiting.lines.is_empty();
        waiting.push(line);
        drop(waiting);
        queue.wake(idle);
    }

    /// Queues a line once there is room for it.
    ///
    /// # Errors
    /// Nothing was written for `patience`, or never will be.
    pub(super) async fn say_in_turn(
        &self,
        line: &str,
        patience: Duration,
    ) -> Result<(), Unwritten> {
        let most = self.owner.queue.most;
        // A line longer than the whole room waits for an empty queue.
        let fits = |waiting: &Backlog| waiting.bytes == 0 || waiting.bytes + line.len() < most;
        self.until(fits, patience).await?;
        self.say_always(line);
        Ok(())
    }

    /// Waits until everything is written, including the report of dropped lines.
    ///
    /// # Errors
    /// Nothing was written for `patience`, or never will be.
    pub(super) async fn flushed(&self, patience: Duration) -> Result<(), Unwritten> {
        let done = |waiting: &Backlog| waiting.bytes == 0 && waiting.untold == 0;
        self.until(done, patience).await
    }

    /// Lines that were dropped.
    pub(super) fn dropped(&self) -> u64 {
        self.owner.queue.lock().dropped
    }

    async fn until(
        &self,
        done: impl Fn(&Backlog) -> bool,
        patience: Duration,
    ) -> Result<(), Unwritten> {
        let queue = &self.owner.queue;
        let clock = Clock::real();
        loop {
            let emptied = queue.emptied.notified();
            let turns = {
                let waiting = queue.lock();
                if let Some(kind) = waiting.failed {
                    return Err(Unwritten::Failed(kind.into()));
                }
                if done(&waiting) {
                    return Ok(());
                }
                waiting.turns
            };
            let late = clock.timeout_at(clock.now() + patience, emptied).await;
            if late.is_err() && queue.lock().turns == turns {
                return Err(Unwritten::Stuck(patience));
            }
        }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.queue.lock().ended = true;
        self.queue.filled.notify_one();
    }
}

impl Backlog {
    fn push(&mut self, line: &str) {
        if self.failed.is_some() {
            return;
        }
        let mut whole = String::with_capacity(line.len() + 1);
        whole.push_str(line);
        whole.push('\n');
        self.bytes += whole.len();
        self.lines.push_back(whole);
    }

    fn tell_dropped(&mut self) {
        match mem::take(&mut self.untold) {
            0 => {}
            1 => self.push("note: 1 line was dropped here because nobody read the output"),
            n => self.push(&format!(
                "note: {n} lines were dropped here because nobody read the output"
            )),
        }
    }

    fn fail(&mut self, kind: io::ErrorKind) {
        self.dropped += self.lines.len() as u64;
        self.lines.clear();
        self.bytes = 0;
        self.failed = Some(kind);
    }
}

impl Queue {
    /// No code panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, Backlog> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the thread if it is idle. Otherwise it looks for lines by itself,
    /// and waking costs a system call.
    fn wake(&self, idle: bool) {
        if idle {
            self.filled.notify_one();
        }
    }

    /// Runs the thread: writes until its owner is gone, or writing fails.
    fn write_to(&self, mut out: impl Write) {
        let mut batch = String::new();
        while self.take(&mut batch) {
            let written = self.write_all(&mut out, batch.as_bytes());
            let mut waiting = self.lock();
            match written {
                Ok(()) => {
                    waiting.bytes -= batch.len();
                    waiting.turns += 1;
                }
                Err(error) => waiting.fail(error.kind()),
            }
            let failed = waiting.failed.is_some();
            drop(waiting);
            self.emptied.notify_waiters();
            if failed {
                return;
            }
        }
    }

    /// Waits for lines and takes some. Returns false if there are no more.
    fn take(&self, batch: &mut String) -> bool {
        batch.clear();
        let mut waiting = self.lock();
        loop {
            if waiting.lines.is_empty() {
                waiting.tell_dropped();
            }
            while batch.len() < BATCH
                && let Some(line) = waiting.lines.pop_front()
            {
                batch.push_str(&line);
            }
            if !batch.is_empty() || waiting.ended {
                return !batch.is_empty();
            }
            let woken = self.filled.wait(waiting);
            waiting = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn write_all(&self, out: &mut impl Write, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match out.write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => {
                    bytes = &bytes[n..];
                    self.lock().turns += 1;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let waiting = self.lock();
                    drop(self.filled.wait_timeout(waiting, AGAIN));
                }
                Err(error) => return Err(error),
            }
        }
        out.flush()
    }
}

/// The descriptor without the lock of std: a thread that waits for a reader with
/// that lock would block everybody else, even the end of the program.
fn descriptor(of: &impl AsFd) -> Box<dyn Write + Send> {
    match of.as_fd().try_clone_to_owned() {
        Ok(own) => Box::new(File::from(own)),
        // The descriptor is closed.
        Err(_) => Box::new(io::sink()),
    }
}

#[cfg(test)]
mod tests;
