//! The clock: the only module that knows the time.
//!
//! Everything else asks a [`Clock`] and waits on it. Times of events are
//! nanoseconds of CLOCK_MONOTONIC, so that the server process and the trial
//! processes of one machine write times that can be compared.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "this is the clock module"
)]

mod alarm;

use std::{
    cell::{Cell, RefCell},
    future::Future,
    io,
    ops::{Add, Sub},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};
use tokio::runtime::{Builder, Runtime};

pub(crate) use alarm::Alarm;

/// A point in time, in nanoseconds from the clock's zero.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Instant(pub u64);

impl Instant {
    /// A point that is never reached.
    pub const FAR: Self = Self(u64::MAX);

    /// The time since `earlier`; zero if that is later.
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

/// The deadline came before the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the deadline passed")]
pub struct Elapsed;

/// Tells the time, and waits for times. Cheap to copy; belongs to one runtime.
#[derive(Debug, Clone, Copy)]
pub struct Clock(Kind);

#[derive(Debug, Clone, Copy)]
enum Kind {
    Real,
    Simulated {
        origin: tokio::time::Instant,
        /// Its timers fire at multiples of this, in microseconds.
        grain: u64,
    },
}

/// The runtime's timers have a grain of 1 ms. A simulated nanosecond is this many
/// nanoseconds of the runtime, so simulated timers have a grain of 1 us. The
/// runtime waits at most 30 years, so a simulation at most 11 days.
const STRETCH: u64 = 1000;

/// The longest wait of the runtime, in its own nanoseconds: 29 years.
const LONGEST: u64 = 29 * 365 * 24 * 3600 * 1_000_000_000;

thread_local! {
    /// The time for which simulated code has blocked its thread since the last
    /// poll.
    static BLOCKED: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    /// The place where this thread's simulated clock shows its last time.
    static SHOWN: RefCell<Option<Arc<AtomicU64>>> = const { RefCell::new(None) };
}

/// Makes the simulated clocks of this thread write their times, in nanoseconds,
/// into `shown` too, so that another thread can see if time passes.
pub fn show(shown: Arc<AtomicU64>) {
    SHOWN.set(Some(shown));
}

/// A date, as the time since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date(Duration);

impl Date {
    /// 1 January 2026. All objects are from then, their later versions from the days
    /// behind it.
    pub const OBJECTS: Self = Self(Duration::from_secs(1_767_225_600));

    /// 1 January 2027, at which simulated time begins: a year later, so that the dates of
    /// objects are old enough to be strong validators (RFC 9110, section 8.8.2.2).
    pub const START: Self = Self(Duration::from_secs(1_798_761_600));

    /// So many seconds after the Unix epoch.
    pub const fn at(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// Whole seconds since the Unix epoch.
    pub const fn seconds(self) -> u64 {
        self.0.as_secs()
    }

    /// As HTTP writes a time that is waited for (RFC 9110, section 5.6.7): rounded up to a
    /// second; at most the year 9999.
    pub fn to_http(self) -> String {
        http(self.0.as_secs() + u64::from(self.0.subsec_nanos() > 0))
    }

    /// As HTTP writes a time that has passed: rounded down.
    pub fn to_http_past(self) -> String {
        http(self.0.as_secs())
    }
}

fn http(seconds: u64) -> String {
    /// The last second of the year 9999.
    const LAST: u64 = 253_402_300_799;
    httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.min(LAST)))
}

impl Add<Duration> for Date {
    type Output = Self;

    fn add(self, by: Duration) -> Self {
        Self(self.0.saturating_add(by))
    }
}

/// A runtime of this thread whose time is simulated: it passes when nothing else is to
/// be done.
///
/// # Errors
/// The system refuses one.
pub fn simulated_runtime() -> io::Result<Runtime> {
    Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
}

impl Clock {
    /// The date, as a server writes it into its responses.
    pub fn date(&self) -> Date {
        match self.0 {
            Kind::Real => Date(
                SystemTime::now()
                    .duration_since(SystemTime::UNIX_EPOCH)
                    .unwrap_or_default(),
            ),
            Kind::Simulated { .. } => Date::START + Duration::from_nanos(self.now().0),
        }
    }

    /// The machine's own clock, CLOCK_MONOTONIC.
    pub const fn real() -> Self {
        Self(Kind::Real)
    }

    /// A simulated clock at zero. Once every task of the runtime waits, time
    /// jumps to the next deadline.
    ///
    /// # Panics
    /// Outside of a current-thread runtime whose clock is paused.
    pub fn simulated() -> Self {
        Self::coarse(Self::FINEST)
    }

    /// The grain of a simulated clock.
    pub const FINEST: Duration = Duration::from_micros(1);

    /// A simulated clock whose timers fire at the next multiple of `grain`, as
    /// coarse as those of a machine; in whole microseconds, at least one.
    ///
    /// # Panics
    /// As [`Clock::simulated`].
    pub fn coarse(grain: Duration) -> Self {
        BLOCKED.set(Duration::ZERO);
        Self(Kind::Simulated {
            origin: tokio::time::Instant::now(),
            grain: u64::try_from(grain.as_micros()).unwrap_or(u64::MAX).max(1),
        })
    }

    /// True if time is simulated.
    pub const fn is_simulated(self) -> bool {
        matches!(self.0, Kind::Simulated { .. })
    }

    /// The current time.
    pub fn now(self) -> Instant {
        match self.0 {
            Kind::Real => monotonic(),
            Kind::Simulated { origin, .. } => {
                let stretched = u64::try_from(origin.elapsed().as_nanos()).unwrap_or(u64::MAX);
                let now = Instant(stretched / STRETCH) + BLOCKED.get();
                SHOWN.with_borrow(|shown| {
                    if let Some(shown) = shown {
                        shown.store(now.0, Ordering::Relaxed);
                    }
                });
                now
            }
        }
    }

    /// Waits until `deadline`; at once if it has passed. Timers fire late,
    /// never early: real ones have a grain of 1 ms, simulated ones of 1 us.
    pub async fn sleep_until(self, deadline: Instant) {
        if deadline == Instant::FAR {
            return std::future::pending().await;
        }
        match self.0 {
            Kind::Real => {
                let left = deadline.since(self.now());
                if !left.is_zero() {
                    tokio::time::sleep(left).await;
                }
            }
            Kind::Simulated { origin, grain } => {
                // Up to the next microsecond: the runtime rounds to its own
                // milliseconds in a way of its own.
                let grains = deadline.0.div_ceil(1000).div_ceil(grain);
                let micros = grains.saturating_mul(grain);
                let stretched = micros.saturating_mul(1000 * STRETCH).min(LONGEST);
                tokio::time::sleep_until(origin + Duration::from_nanos(stretched)).await;
            }
        }
    }

    /// Waits for `time`.
    pub async fn sleep(self, time: Duration) {
        self.sleep_until(self.now() + time).await;
    }

    /// The output of `work`, unless `deadline` comes first. If both are ready,
    /// the output wins.
    ///
    /// # Errors
    /// [`Elapsed`] if the deadline came first.
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

    /// Blocks the thread, and with it every task of a single-threaded runtime, as
    /// a synchronous call blocks an event loop. In simulated time this is only
    /// noted: the poller of the tasks asks [`Clock::take_blocked`] and polls none
    /// of them for that time.
    pub fn block(self, time: Duration) {
        match self.0 {
            Kind::Real => std::thread::sleep(time),
            Kind::Simulated { .. } => BLOCKED.set(BLOCKED.get() + time),
        }
    }

    /// The time for which simulated code has blocked since the last call. Until
    /// then, [`Clock::now`] includes it.
    pub fn take_blocked(self) -> Duration {
        BLOCKED.take()
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

impl Clock {
    /// This clock, and the machine's wall clock at the same moment, in UTC with
    /// microseconds. In simulated time there is no wall clock.
    pub fn now_and_utc(self) -> (Instant, Option<String>) {
        let now = self.now();
        let utc = (!self.is_simulated())
            .then(|| humantime::format_rfc3339_micros(std::time::UNIX_EPOCH + wall()).to_string());
        (now, utc)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn simulate<F: Future>(work: impl FnOnce(Clock) -> F) -> F::Output {
        let runtime = simulated_runtime().unwrap();
        runtime.block_on(async { work(Clock::simulated()).await })
    }

    #[test]
    fn simulated_timers_fire_at_their_microsecond() {
        simulate(|clock| async move {
            for step in 1..=1000 {
                clock.sleep_until(Instant(step * 100_000)).await;
                assert_eq!(clock.now(), Instant(step * 100_000));
            }
            clock.sleep_until(Instant(300_000_000_000)).await;
            assert_eq!(clock.now(), Instant(300_000_000_000));
        });
    }

    #[test]
    fn coarse_timers_fire_together_at_the_next_multiple_of_their_grain() {
        let runtime = simulated_runtime().unwrap();
        runtime.block_on(async {
            let clock = Clock::coarse(Duration::from_millis(1));
            for (due, fires) in [(1, 1), (999_999, 1), (1_000_000, 1), (1_000_001, 2)] {
                clock.sleep_until(Instant(due)).await;
                assert_eq!(clock.now(), Instant(fires * 1_000_000), "{due}");
            }
            // One that is over fires at once.
            clock.sleep_until(Instant(1_500_000)).await;
            assert_eq!(clock.now(), Instant(2_000_000));
        });
    }

    #[test]
    fn what_a_simulated_clock_tells_can_be_seen_from_elsewhere() {
        let shown = Arc::new(AtomicU64::new(0));
        show(Arc::clone(&shown));
        simulate(|clock| async move {
            clock.sleep(Duration::from_secs(5)).await;
            clock.now();
        });
        assert_eq!(shown.load(Ordering::Relaxed), 5_000_000_000);
    }

    #[test]
    fn ten_simulated_days_pass_at_once() {
        simulate(|clock| async move {
            let days = Duration::from_secs(10 * 24 * 3600);
            clock.sleep(days).await;
            assert_eq!(clock.now().since(Instant(0)), days);
        });
    }

    #[test]
    fn of_output_and_deadline_at_one_instant_the_output_wins() {
        simulate(|clock| async move {
            let at = Instant(5_000);
            assert_eq!(clock.timeout_at(at, clock.sleep_until(at)).await, Ok(()));
            let never = std::future::pending::<()>();
            assert_eq!(clock.timeout_at(at, never).await, Err(Elapsed));
        });
    }

    #[test]
    fn blocking_is_noted_and_counts_as_now_until_it_is_taken() {
        simulate(|clock| async move {
            clock.block(Duration::from_secs(3));
            assert_eq!(clock.now(), Instant(3_000_000_000));
            assert_eq!(clock.take_blocked(), Duration::from_secs(3));
            assert_eq!(clock.now(), Instant(0));
        });
    }
}
