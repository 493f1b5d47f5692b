//! The client's event loop in simulated time: whose memory is counted, and
//! what stands still while a synchronous call blocks it.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use mock_server::clock::{Clock, Instant};

use crate::measure::heap;

thread_local! {
    /// Until when the loop of this thread's trial is blocked.
    static BLOCKED_UNTIL: Cell<Instant> = const { Cell::new(Instant(0)) };
    /// Who was woken meanwhile.
    static TURNS: RefCell<Turns> = const { RefCell::new(Turns::NONE) };
}

/// A new trial begins on this thread, at `clock`'s zero.
pub(crate) fn begin() {
    BLOCKED_UNTIL.set(Instant(0));
    TURNS.set(Turns::NONE);
}

/// Tasks that were woken while the loop stood still, in that order: so they
/// run when it goes on, as in a loop that keeps a queue. The timers of the
/// simulation do not keep the order of those that end in one moment.
struct Turns {
    waiting: VecDeque<(u64, Waker)>,
    /// How many tasks there have been.
    tasks: u64,
}

impl Turns {
    const NONE: Self = Self {
        waiting: VecDeque::new(),
        tasks: 0,
    };

    /// Takes a place behind the others, unless `task` has one.
    fn join(&mut self, task: u64, waker: &Waker) {
        match self.waiting.iter_mut().find(|(other, _)| *other == task) {
            Some((_, known)) => known.clone_from(waker),
            None => self.waiting.push_back((task, waker.clone())),
        }
    }

    /// Whether it is the turn of `task`; if not, it is woken when it is.
    fn come_to(&mut self, task: u64, waker: &Waker) -> bool {
        if self.waiting.is_empty() {
            return true;
        }
        self.join(task, waker);
        let first = self
            .waiting
            .front()
            .is_some_and(|(first, _)| *first == task);
        if first {
            self.waiting.pop_front();
        }
        self.wake_first();
        first
    }

    /// `task` is over.
    fn leave(&mut self, task: u64) {
        let before = self.waiting.len();
        self.waiting.retain(|(other, _)| *other != task);
        if self.waiting.len() < before {
            self.wake_first();
        }
    }

    fn wake_first(&self) {
        if let Some((_, waker)) = self.waiting.front() {
            waker.wake_by_ref();
        }
    }
}

/// `work` as a task of the client's event loop. In real time it is that
/// anyway, and this does nothing.
///
/// In simulated time server and client share a thread. What is allocated while
/// `work` is polled is the client's, and what blocks the loop keeps all of its
/// tasks from being polled for as long, while the server and the link go on.
pub(crate) fn on_loop<F: Future>(clock: Clock, work: F) -> OnLoop<F> {
    let task = TURNS.with_borrow_mut(|turns| {
        turns.tasks += 1;
        turns.tasks
    });
    OnLoop {
        clock,
        task,
        work: Box::pin(work),
        sleep: None,
    }
}

type Sleep = Pin<Box<dyn Future<Output = ()>>>;

/// See [`on_loop`].
pub(crate) struct OnLoop<F> {
    clock: Clock,
    task: u64,
    work: Pin<Box<F>>,
    sleep: Option<(Instant, Sleep)>,
}

impl<F: Future> Future for OnLoop<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        if !self.clock.is_simulated() {
            return self.work.as_mut().poll(cx);
        }
        let (clock, task) = (self.clock, self.task);
        let until = BLOCKED_UNTIL.get();
        if clock.now() < until {
            TURNS.with_borrow_mut(|turns| turns.join(task, cx.waker()));
            let sleep = match &mut self.sleep {
                Some((to, sleep)) if *to == until => sleep,
                slot => &mut slot.insert((until, Box::pin(clock.sleep_until(until)))).1,
            };
            if sleep.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
        self.sleep = None;
        if !TURNS.with_borrow_mut(|turns| turns.come_to(task, cx.waker())) {
            return Poll::Pending;
        }
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

impl<F> Drop for OnLoop<F> {
    fn drop(&mut self) {
        // Where the thread ends, there are no turns any more.
        let _ = TURNS.try_with(|turns| {
            if let Ok(mut turns) = turns.try_borrow_mut() {
                turns.leave(self.task);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::{rc::Rc, time::Duration};

    use tokio::task::LocalSet;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_blocked_loop_stands_still_and_the_rest_of_the_world_does_not() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
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
            // Two calls without a pause between them: 5 s.
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
}
