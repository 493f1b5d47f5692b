//! The client's event loop in simulated time: counts its memory, and stops its
//! tasks while a synchronous call blocks it.

use std::{
    cell::Cell,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::{Context, Poll},
};

use shortread_server::clock::{Clock, Elapsed, Instant};

use crate::measure::heap;

thread_local! {
    /// The time until which the loop of this thread's trial is blocked.
    static BLOCKED_UNTIL: Cell<Instant> = const { Cell::new(Instant(0)) };
}

/// A new trial begins on this thread, at `clock`'s zero.
pub(crate) fn begin() {
    BLOCKED_UNTIL.set(Instant(0));
}

/// Runs `work` as a task of the client's event loop. In real time it already is
/// one, and this does nothing.
///
/// In simulated time server and client share a thread. Memory allocated while
/// `work` is polled belongs to the client. While a call blocks the loop, none of
/// its tasks is polled, but server and link go on.
pub(crate) fn on_loop<F: Future>(clock: Clock, work: F) -> OnLoop<F> {
    OnLoop {
        clock,
        work: Box::pin(work),
        sleep: None,
    }
}

type Sleep = Pin<Box<dyn Future<Output = ()>>>;

/// See [`on_loop`].
pub(crate) struct OnLoop<F> {
    clock: Clock,
    work: Pin<Box<F>>,
    sleep: Option<(Instant, Sleep)>,
}

impl<F: Future> Future for OnLoop<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        if !self.clock.is_simulated() {
            return self.work.as_mut().poll(cx);
        }
        let clock = self.clock;
        let until = BLOCKED_UNTIL.get();
        if clock.now() < until {
            let sleep = match &mut self.sleep {
                Some((to, sleep)) if *to == until => sleep,
                slot => &mut slot.insert((until, Box::pin(clock.sleep_until(until)))).1,
            };
            if sleep.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
        self.sleep = None;
        let polled = {
            let _scope = heap::Scope::enter();
            self.work.as_mut().poll(cx)
        };
        let blocked = clock.take_blocked();
        if !blocked.is_zero() {
            BLOCKED_UNTIL.set(clock.now() + blocked);
        }
        polled
    }
}

/// The output of `work`, unless `due` comes first. The clock is checked each time
/// that `work` waits: a runtime checks timers at times of its own, and after a
/// call that blocked the loop, other tasks may or may not run first.
///
/// # Errors
/// [`Elapsed`] if the deadline came first.
pub(crate) async fn in_time<F: Future>(
    clock: Clock,
    due: Instant,
    work: F,
) -> Result<F::Output, Elapsed> {
    let mut work = pin!(work);
    let mut timer = pin!(clock.sleep_until(due));
    poll_fn(|cx| {
        if let Poll::Ready(output) = work.as_mut().poll(cx) {
            return Poll::Ready(Ok(output));
        }
        if clock.now() >= due {
            return Poll::Ready(Err(Elapsed));
        }
        timer.as_mut().poll(cx).map(|()| Err(Elapsed))
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::{rc::Rc, time::Duration};

    use shortread_server::clock::simulated_runtime;
    use tokio::task::LocalSet;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_blocked_loop_stands_still_and_the_rest_of_the_world_does_not() {
        let runtime = simulated_runtime().unwrap();
        LocalSet::new().block_on(&runtime, async {
            let clock = Clock::simulated();
            begin();
            let log = Rc::new(Cell::new([Instant(0); 2]));
            let note = move |slot: usize, log: &Cell<[Instant; 2]>| {
                let mut times = log.get();
                times[slot] = clock.now();
                log.set(times);
            };
            // A timer of the loop, due at 2 s, and one of the world.
            let loops = tokio::task::spawn_local(on_loop(clock, {
                let log = Rc::clone(&log);
                async move {
                    clock.sleep(2 * SECOND).await;
                    note(0, &log);
                }
            }));
            let worlds = tokio::task::spawn_local({
                let log = Rc::clone(&log);
                async move {
                    clock.sleep(2 * SECOND).await;
                    note(1, &log);
                }
            });
            // Two calls in a row take 5 s.
            let blocks = tokio::task::spawn_local(on_loop(clock, async move {
                clock.sleep(SECOND).await;
                clock.block(2 * SECOND);
                clock.block(3 * SECOND);
                clock.now()
            }));
            assert_eq!(blocks.await.unwrap(), Instant(0) + 6 * SECOND);
            worlds.await.unwrap();
            loops.await.unwrap();
            assert_eq!(
                log.get(),
                [Instant(0) + 6 * SECOND, Instant(0) + 2 * SECOND]
            );
        });
    }

    #[tokio::test]
    async fn a_deadline_that_passed_while_the_loop_was_blocked_ends_the_next_wait() {
        let clock = Clock::real();
        let mut polls = 0;
        // The timer runs before the loop is blocked; what follows it is late.
        let work = poll_fn(|cx| {
            polls += 1;
            if polls == 2 {
                clock.block(Duration::from_millis(200));
            }
            cx.waker().wake_by_ref();
            if polls == 3 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        });
        let due = clock.now() + Duration::from_millis(100);
        assert_eq!(in_time(clock, due, work).await, Err(Elapsed));
    }
}
