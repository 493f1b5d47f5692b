//! The timers of the kernels: keepalive, retransmission, zero-window probes.

use std::{cell::RefCell, rc::Rc, time::Duration};

use tokio::task::yield_now;

use super::state::{Kernels, wake};
use crate::{clock::Instant, scenario::Keepalive};

/// The first zero-window probe comes after Linux's least retransmission
/// timeout, each further one after twice the time before, up to two minutes.
const FIRST_PROBE: Duration = Duration::from_millis(200);
const LAST_PROBE: Duration = Duration::from_secs(120);

/// The time for which Linux retransmits on a path without delay: 15 times
/// (tcp_retries2), after 200 ms and doubling up to two minutes.
const RETRANSMISSION: Duration = Duration::from_millis(924_600);

/// The keepalive of the client's kernel (tcp(7)).
///
/// It is one timer, as Linux has it (tcp_keepalive_timer). Behind each probe
/// it waits an interval, then looks how long the other end has been quiet. An
/// answered probe is hence followed by the next after the longer of idle time
/// and interval: an interval of 75 s spoils an idle time of 10 s.
pub(super) async fn keepalive(link: Rc<RefCell<Kernels>>, settings: Keepalive) {
    let clock = link.borrow().clock;
    // The kernel has whole seconds, from 1.
    let interval = settings.interval.max(Duration::from_millis(1));
    let idle = settings.idle.max(Duration::from_millis(1));
    let mut due = link.borrow().heard + idle;
    let mut unanswered = 0;
    loop {
        clock.sleep_until(due).await;
        let mut link = link.borrow_mut();
        if link.client.closed || link.client.dead {
            return;
        }
        let now = clock.now();
        if link.retransmitting {
            // Data on its way is a question of its own.
            due = now + idle;
        } else if now < link.heard + idle {
            unanswered = 0;
            due = link.heard + idle;
        } else if unanswered >= settings.count {
            link.time_out_client();
            return;
        } else {
            unanswered = if link.exchange() { 0 } else { unanswered + 1 };
            due = now + interval;
        }
    }
}

/// The bytes that fill `notsent_lowat` leave, and room comes back by an event: the
/// program has to wait for it, and the client has its turn meanwhile.
pub(super) async fn leave(link: Rc<RefCell<Kernels>>) {
    yield_now().await;
    let mut link = link.borrow_mut();
    link.leaving = false;
    wake(&mut link.server_writes);
}

/// The client has sent into a black hole.
pub(super) fn retransmit(link: &Rc<RefCell<Kernels>>) {
    if std::mem::replace(&mut link.borrow_mut().retransmitting, true) {
        return;
    }
    let clock = link.borrow().clock;
    let end = clock.now() + RETRANSMISSION;
    // The task must not keep the connection.
    let link = Rc::downgrade(link);
    tokio::task::spawn_local(async move {
        clock.sleep_until(end).await;
        if let Some(link) = link.upgrade() {
            link.borrow_mut().time_out_client();
        }
    });
}

/// The zero-window probes of the server's kernel (RFC 9293, section 3.8.6.1).
/// The client's answers all of them, so they never end.
#[derive(Debug, Default)]
pub(super) struct WindowProbes {
    /// Since when the window is closed while something waits for it.
    since: Option<Instant>,
}

impl WindowProbes {
    /// The window is closed.
    pub(super) fn begin(&mut self, now: Instant) {
        self.since.get_or_insert(now);
    }

    /// It is open; how many were sent.
    pub(super) fn end(&mut self, now: Instant) -> u64 {
        let probes = self.by(now);
        self.since = None;
        probes
    }

    /// The number sent by `now`.
    pub(super) fn by(&self, now: Instant) -> u64 {
        let Some(since) = self.since else {
            return 0;
        };
        let (mut waited, mut pause, mut probes) = (now.since(since), FIRST_PROBE, 0);
        while waited >= pause {
            waited -= pause;
            probes += 1;
            if pause == LAST_PROBE {
                return probes + (waited.as_nanos() / LAST_PROBE.as_nanos()) as u64;
            }
            pause = (pause * 2).min(LAST_PROBE);
        }
        probes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_double_from_200_ms_to_two_minutes_and_go_on() {
        let mut probes = WindowProbes::default();
        probes.begin(Instant(0));
        let (mut at, mut pause) = (0, 200);
        for count in 0..14 {
            let due = at + pause;
            let just_before = Instant(due * 1_000_000 - 1);
            assert_eq!(probes.by(just_before), count, "before {due} ms");
            assert_eq!(probes.by(Instant(due * 1_000_000)), count + 1);
            (at, pause) = (due, (pause * 2).min(120_000));
        }
        // 200 ms doubles nine times to 102.4 s; then come the two minutes.
        assert_eq!(at, 204_600 + 4 * 120_000);
        assert_eq!(probes.end(Instant(at * 1_000_000)), 14);
        assert_eq!(probes.by(Instant::FAR), 0);
    }
}
