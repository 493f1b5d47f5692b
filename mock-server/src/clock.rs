//! The one module that knows what time it is.
//!
//! Everything else asks a [`Clock`] and waits on it. Times of events are
//! nanoseconds of CLOCK_MONOTONIC, so that the server process and the trial
//! processes of one machine write times that can be compared.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "this is the clock module"
)]

use std::{
    future::Future,
    ops::{Add, Sub},
    time::Duration,
};

use serde::{Deserialize, Serialize};

/// A point in time, in nanoseconds from the clock's zero.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Instant(pub u64);

impl Instant {
    /// A point that is never reached.
    pub const FAR: Self = Self(u64::MAX);

    /// How long after `earlier` this is; zero if it is not.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    /// Saturates at [`Instant::FAR`].
    fn add(self, by: Duration) -> Self {
        Self(
            self.0
                .saturating_add(u64::try_from(by.as_nanos()).unwrap_or(u64::MAX)),
        )
    }
}

impl Sub<Duration> for Instant {
    type Output = Self;

    /// Saturates at the clock's zero.
    fn sub(self, by: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(u64::try_from(by.as_nanos()).unwrap_or(u64::MAX)),
        )
    }
}

/// Elapsed too long: the deadline came before the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the deadline passed")]
pub struct Elapsed;

/// Tells the time and waits for it. Cheap to copy; belongs to one runtime.
#[derive(Debug, Clone, Copy)]
pub struct Clock(());

impl Clock {
    /// The machine's own clock, CLOCK_MONOTONIC.
    pub const fn real() -> Self {
        Self(())
    }

    /// Now.
    pub fn now(self) -> Instant {
        monotonic()
    }

    /// Waits until `deadline`; at once if it has passed. Timers have a grain
    /// of 1 ms and fire late, never early.
    pub async fn sleep_until(self, deadline: Instant) {
        if deadline == Instant::FAR {
            return std::future::pending().await;
        }
        let left = deadline.since(self.now());
        if !left.is_zero() {
            tokio::time::sleep(left).await;
        }
    }

    /// Waits for `time`.
    pub async fn sleep(self, time: Duration) {
        self.sleep_until(self.now() + time).await;
    }

    /// `work`'s output, unless `deadline` comes first. Where both are ready,
    /// the output wins.
    ///
    /// # Errors
    /// [`Elapsed`] when the deadline came first.
    pub async fn timeout_at<F: Future>(
        self,
        deadline: Instant,
        work: F,
    ) -> Result<F::Output, Elapsed> {
        tokio::select! {
            biased;
            output = work => Ok(output),
            () = self.sleep_until(deadline) => Err(Elapsed),
        }
    }

    /// Blocks the thread, and with it every task of a single-threaded runtime:
    /// what a synchronous call does to an event loop.
    pub fn block(self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// Seconds and nanoseconds of UTC since 1970: for file names and run headers,
/// never for measuring.
pub fn wall() -> Duration {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default()
}

/// The wall clock as `2026-11-22T16:03:00Z`.
pub fn wall_rfc3339() -> String {
    humantime::format_rfc3339_seconds(std::time::UNIX_EPOCH + wall()).to_string()
}

#[cfg(unix)]
#[expect(
    unsafe_code,
    reason = "clock_gettime has no safe wrapper in std that shows the number"
)]
fn monotonic() -> Instant {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is a valid, writable timespec for the whole call, and
    // CLOCK_MONOTONIC is always available, so the call cannot fail.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time) };
    Instant(time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64)
}
