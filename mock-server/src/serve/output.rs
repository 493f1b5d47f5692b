//! Lines for whoever reads them, or does not: written by a thread of its own,
//! so that a pipe that nobody empties holds up no download.

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

/// So many bytes wait to be written at most.
const MOST_WAITING: usize = 4 << 20;

/// So many are written at once, about.
const BATCH: usize = 64 << 10;

/// Before a descriptor is tried again that its owner made non-blocking.
const AGAIN: Duration = Duration::from_millis(10);

/// Where lines go. Clones write to the same place; the thread ends with the
/// last one.
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
    waiting: Mutex<Waiting>,
    most: usize,
    /// For the thread: there is something to do.
    filled: Condvar,
    /// For everybody else: something was written, or never will be.
    emptied: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: VecDeque<String>,
    /// Of these and of what is being written.
    bytes: usize,
    /// Lines that had no place.
    dropped: u64,
    /// Of those, how many nobody was told of yet.
    untold: u64,
    /// How often something was written.
    turns: u64,
    ended: bool,
    failed: Option<io::ErrorKind>,
}

/// What was to be written is not.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unwritten {
    #[error("nothing could be written for {} s: nobody reads it", .0.as_secs())]
    Stuck(Duration),
    #[error(transparent)]
    Failed(io::Error),
}

impl Lines {
    /// # Errors
    /// When there is no thread.
    pub(super) fn to_stderr() -> io::Result<Self> {
        Self::to(descriptor(&io::stderr()), MOST_WAITING)
    }

    /// # Errors
    /// When there is no thread.
    pub(super) fn to_stdout() -> io::Result<Self> {
        Self::to(descriptor(&io::stdout()), MOST_WAITING)
    }

    /// Lines to `out`, of which at most `most` bytes wait.
    fn to(out: impl Write + Send + 'static, most: usize) -> io::Result<Self> {
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

    /// Writes a line soon. Where too much waits already it is dropped, and how
    /// many were is written as soon as there is room.
    pub(super) fn say(&self, line: &str) {
        let queue = &self.owner.queue;
        let mut waiting = queue.lock();
        if waiting.failed.is_some() || waiting.bytes + line.len() >= queue.most {
            waiting.dropped += 1;
            waiting.untold += 1;
            return;
        }
        waiting.tell_dropped();
        waiting.push(line);
        queue.filled.notify_one();
    }

    /// Writes a line soon, however much waits: for what somebody else bounds.
    pub(super) fn say_always(&self, line: &str) {
        let queue = &self.owner.queue;
        queue.lock().push(line);
        queue.filled.notify_one();
    }

    /// Writes a line soon, once there is room for it.
    ///
    /// # Errors
    /// When nothing was written for `patience`, or never will be.
    pub(super) async fn say_in_turn(
        &self,
        line: &str,
        patience: Duration,
    ) -> Result<(), Unwritten> {
        let most = self.owner.queue.most;
        // A line that is longer than all the room waits for an empty queue.
        let fits = |waiting: &Waiting| waiting.bytes == 0 || waiting.bytes + line.len() < most;
        self.until(fits, patience).await?;
        self.say_always(line);
        Ok(())
    }

    /// Waits until everything is written, what was dropped told of too.
    ///
    /// # Errors
    /// When nothing was written for `patience`, or never will be.
    pub(super) async fn flushed(&self, patience: Duration) -> Result<(), Unwritten> {
        let done = |waiting: &Waiting| waiting.bytes == 0 && waiting.untold == 0;
        self.until(done, patience).await
    }

    /// Lines that were dropped.
    pub(super) fn dropped(&self) -> u64 {
        self.owner.queue.lock().dropped
    }

    async fn until(
        &self,
        done: impl Fn(&Waiting) -> bool,
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

impl Waiting {
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
            1 => self.push("note: 1 line could not be written here: nobody read the others"),
            n => self.push(&format!(
                "note: {n} lines could not be written here: nobody read the others"
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
    /// Nothing in here panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The thread: writes until its owner is gone, or nothing can be written.
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

    /// Waits for lines, and takes some; tells whether there are any.
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

/// The descriptor without std's lock: a thread that holds that while it waits
/// for a reader would keep everybody else from it, the end of the program too.
fn descriptor(of: &impl AsFd) -> Box<dyn Write + Send> {
    match of.as_fd().try_clone_to_owned() {
        Ok(own) => Box::new(File::from(own)),
        // It is closed.
        Err(_) => Box::new(io::sink()),
    }
}

#[cfg(test)]
mod tests;
