//! The traffic of an attempt as a client around the library sees it, and the guard that
//! may end the attempt for it.

use std::{cell::Cell, fmt, future::Future, pin::pin, rc::Rc, time::Duration};

use shortread_server::clock::{Clock, Elapsed, Instant};

use super::{event_loop::in_time, report::Failure};

/// The traffic of one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    began: Instant,
    /// The time that the application has spent with what came, so far.
    consumed: Duration,
    /// It has been busy with it from then on.
    busy_since: Option<Instant>,
    /// The head is complete.
    in_body: bool,
    received: u64,
    last_byte: Duration,
}

impl Traffic {
    /// An attempt begins.
    pub fn begin(now: Instant) -> Self {
        Self {
            began: now,
            ..Self::default()
        }
    }

    /// The network's share of the time since the attempt began: without the time that the
    /// application has spent with what came, in which a slow disk looks like a slow server.
    pub fn network_time(&self, now: Instant) -> Duration {
        let busy = self
            .busy_since
            .map_or(Duration::ZERO, |since| now.since(since));
        now.since(self.began)
            .saturating_sub(self.consumed)
            .saturating_sub(busy)
    }

    /// Bytes of the body taken off the transport.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// The network time without a byte.
    pub fn silence(&self, now: Instant) -> Duration {
        self.network_time(now).saturating_sub(self.last_byte)
    }

    /// Bytes came: so many of the body have been taken off the transport by now.
    pub fn receive(&mut self, now: Instant, received: u64) {
        // Those of the head are not counted, and are bytes.
        if received > self.received || !self.in_body {
            self.received = received;
            self.last_byte = self.network_time(now);
        }
    }

    /// The response head is complete.
    pub fn head(&mut self) {
        self.in_body = true;
    }

    /// The application becomes busy with what came, or is done.
    pub fn busy(&mut self, now: Instant, busy: bool) {
        let since = match busy {
            true => self.busy_since.or(Some(now)),
            false => None,
        };
        if let (Some(from), None) = (self.busy_since, since) {
            self.consumed += now.since(from);
        }
        self.busy_since = since;
    }
}

/// Ends an attempt for its traffic. It decides, and does no I/O.
pub trait Guard: fmt::Debug {
    /// Looks at the traffic, and says when to look again.
    ///
    /// # Errors
    /// The attempt is over.
    fn look(&mut self, traffic: &Traffic, now: Instant) -> Result<Instant, Failure>;
}

/// The traffic of a download's current attempt, and its guard.
pub(crate) struct Guarded {
    pub(crate) traffic: Rc<Cell<Traffic>>,
    pub(crate) guard: Option<Box<dyn Guard>>,
}

/// The output of `work`, unless its guard ends it or the harness gives it up.
///
/// # Errors
/// [`Elapsed`] if `give_up` came first.
pub(crate) async fn guarded<F>(
    clock: Clock,
    give_up: Instant,
    mut guarded: Guarded,
    work: F,
) -> Result<Result<(), Failure>, Elapsed>
where
    F: Future<Output = Result<(), Failure>>,
{
    let mut work = pin!(work);
    loop {
        let look = guarded.guard.as_mut().map_or(Ok(Instant::FAR), |guard| {
            guard.look(&guarded.traffic.get(), clock.now())
        });
        let again = match look {
            Ok(again) => again.min(give_up),
            Err(failure) => return Ok(Err(failure)),
        };
        match in_time(clock, again, work.as_mut()).await {
            Ok(output) => return Ok(output),
            Err(Elapsed) if again >= give_up => return Err(Elapsed),
            Err(Elapsed) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant(0) + Duration::from_secs(seconds)
    }

    #[test]
    fn the_time_of_a_busy_application_is_not_the_networks() {
        let mut traffic = Traffic::begin(at(10));
        traffic.receive(at(11), 0);
        assert_eq!(traffic.silence(at(12)), Duration::from_secs(1));
        traffic.head();
        traffic.receive(at(12), 100);
        assert_eq!(traffic.silence(at(15)), Duration::from_secs(3));
        traffic.busy(at(15), true);
        assert_eq!(traffic.silence(at(40)), Duration::from_secs(3));
        assert_eq!(traffic.network_time(at(40)), Duration::from_secs(5));
        traffic.busy(at(41), false);
        assert_eq!(traffic.silence(at(43)), Duration::from_secs(5));
        // The same count again is no byte.
        traffic.receive(at(44), 100);
        assert_eq!(traffic.silence(at(44)), Duration::from_secs(6));
        traffic.receive(at(44), 101);
        assert_eq!(traffic.silence(at(44)), Duration::ZERO);
        assert_eq!(traffic.received(), 101);
    }
}
