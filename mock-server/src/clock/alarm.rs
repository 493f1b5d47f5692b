//! A timer that fires at its nanosecond, where the runtime's have a grain of 1 ms.

use std::time::Duration;

use super::{Clock, Instant};

/// A connection that is woken over and over is woken no more often than this, times the
/// number of connections, and at most [`COARSE`].
const PAUSE: Duration = Duration::from_micros(500);

/// The grain of the runtime's timers.
const COARSE: Duration = Duration::from_millis(1);

/// More connections than this share the runtime's timers, which wake all of them at once.
const FEW: usize = 16;

/// A timer of one connection. On Linux a timerfd (timerfd_create(2)), which is not subject
/// to the slack of a thread's timers; elsewhere, and in simulated time, the runtime's.
#[derive(Debug, Default)]
pub(crate) struct Alarm {
    /// When it last fired.
    fired: Instant,
    timer: kernel::Timer,
}

impl Alarm {
    /// Waits until `deadline`, as [`Clock::sleep_until`] does, but to some 50 us, if few
    /// connections share the thread: `among`. An alarm that fired less than its pause ago
    /// fires when that is over.
    pub(crate) async fn until(&mut self, clock: Clock, deadline: Instant, among: usize) {
        if among > FEW || clock.is_simulated() || deadline == Instant::FAR {
            return clock.sleep_until(deadline).await;
        }
        if clock.now() >= deadline {
            return;
        }
        let among = u32::try_from(among.max(1)).unwrap_or(u32::MAX);
        let pause = PAUSE.saturating_mul(among).min(COARSE);
        let at = deadline.max(self.fired + pause);
        if !self.timer.until(at).await {
            clock.sleep_until(at).await;
        }
        self.fired = clock.now();
    }
}

#[cfg(shortread_linux)]
mod kernel {
    use std::os::fd::OwnedFd;

    use rustix::{
        io::{Errno, read},
        time::{
            Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
            timerfd_settime,
        },
    };
    use tokio::io::{Interest, unix::AsyncFd};

    use super::Instant;

    /// Made when it is first needed. `None` if the kernel refuses one.
    #[derive(Debug, Default)]
    pub(super) enum Timer {
        #[default]
        New,
        Made(AsyncFd<OwnedFd>),
        Refused,
    }

    impl Timer {
        /// Waits until `deadline`. Returns false if it cannot.
        pub(super) async fn until(&mut self, deadline: Instant) -> bool {
            if matches!(self, Self::New) {
                *self = make().map_or(Self::Refused, Self::Made);
            }
            let Self::Made(timer) = self else {
                return false;
            };
            match wait(timer, deadline).await {
                Ok(()) => true,
                Err(_) => {
                    *self = Self::Refused;
                    false
                }
            }
        }
    }

    #[expect(unsafe_code, reason = "tokio has no safe way to register a descriptor")]
    fn make() -> Option<AsyncFd<OwnedFd>> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags).ok()?;
        // SAFETY: an `OwnedFd` is open, and stays the same descriptor, as long as it lives,
        // and `AsyncFd` takes it off the reactor before it drops it.
        unsafe { AsyncFd::register_with_interest(timer, Interest::READABLE) }.ok()
    }

    async fn wait(timer: &AsyncFd<OwnedFd>, deadline: Instant) -> std::io::Result<()> {
        const SECOND: u64 = 1_000_000_000;
        // Zero disarms it.
        let nanos = deadline.0.clamp(1, i64::MAX as u64);
        let at = Itimerspec {
            it_interval: Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            },
            it_value: Timespec {
                tv_sec: (nanos / SECOND) as i64,
                tv_nsec: (nanos % SECOND) as _,
            },
        };
        // Forgets what has expired before, so that a wake-up of an earlier wait, which was
        // given up, is none of this one.
        timerfd_settime(timer.get_ref(), TimerfdTimerFlags::ABSTIME, &at)?;
        loop {
            let mut ready = timer.readable().await?;
            let expired = ready.try_io(|timer| {
                let mut count = [0; 8];
                match read(timer.get_ref(), &mut count) {
                    Ok(_) => Ok(()),
                    Err(Errno::AGAIN) => Err(std::io::ErrorKind::WouldBlock.into()),
                    Err(error) => Err(error.into()),
                }
            });
            if let Ok(result) = expired {
                return result;
            }
        }
    }
}

#[cfg(not(shortread_linux))]
mod kernel {
    use super::Instant;

    #[derive(Debug, Default)]
    pub(super) struct Timer;

    impl Timer {
        #[expect(clippy::unused_async, reason = "as on Linux")]
        pub(super) async fn until(&mut self, _: Instant) -> bool {
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::simulated_runtime;

    fn real<F: Future>(work: F) -> F::Output {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().build().unwrap().block_on(work)
    }

    #[test]
    fn it_fires_at_its_time_and_not_before() {
        real(async {
            let (clock, mut alarm) = (Clock::real(), Alarm::default());
            for micros in [1, 10, 100, 1_000, 3_000] {
                let at = clock.now() + Duration::from_micros(micros);
                alarm.until(clock, at, 1).await;
                assert!(clock.now() >= at);
            }
        });
    }

    #[test]
    fn a_wait_that_was_given_up_does_not_end_the_next_one() {
        real(async {
            let (clock, mut alarm) = (Clock::real(), Alarm::default());
            let soon = clock.now() + Duration::from_micros(300);
            tokio::select! {
                biased;
                () = alarm.until(clock, soon, 1) => {}
                () = tokio::task::yield_now() => {}
            }
            while clock.now() < soon {
                tokio::task::yield_now().await;
            }
            let later = clock.now() + Duration::from_millis(2);
            alarm.until(clock, later, 1).await;
            assert!(clock.now() >= later);
        });
    }

    #[test]
    fn it_wakes_a_connection_no_more_often_than_its_pause() {
        real(async {
            let (clock, mut alarm) = (Clock::real(), Alarm::default());
            // A time that has passed before it is waited for is no alarm.
            let mut fired = Vec::new();
            while fired.len() < 8 {
                let before = alarm.fired;
                let soon = clock.now() + Duration::from_micros(50);
                alarm.until(clock, soon, 2).await;
                if alarm.fired != before {
                    fired.push(alarm.fired);
                }
            }
            for pair in fired.windows(2) {
                assert!(pair[1].since(pair[0]) >= PAUSE * 2);
            }
        });
    }

    #[test]
    fn in_simulated_time_it_is_the_clocks_own() {
        simulated_runtime().unwrap().block_on(async {
            let (clock, mut alarm) = (Clock::simulated(), Alarm::default());
            for step in 1..100 {
                alarm.until(clock, Instant(step * 1_000), 1).await;
                assert_eq!(clock.now(), Instant(step * 1_000));
            }
        });
    }
}
