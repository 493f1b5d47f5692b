//! Carrying out a fault on a connection.

use std::time::Duration;

use super::{
    close::{End, Exit},
    connection::Connection,
};
use crate::{
    fault::Fired,
    journal::{CloseReason, Fact},
    link::Wire,
    scenario::{Action, Trigger},
};

/// How often a drain looks at the send queue: no event tells when the last
/// byte is acknowledged.
const DRAIN_TICK: Duration = Duration::from_millis(1);

impl<W: Wire> Connection<W> {
    /// Carries out a fault whose moment has come. One that ends the
    /// connection returns how.
    pub(super) async fn carry_out(&mut self, fired: Fired) -> Result<(), End> {
        let Some(fault) = self
            .played
            .as_ref()
            .and_then(|played| played.scenario.faults.get(fired.index))
            .cloned()
        else {
            return Ok(());
        };
        match fault.then {
            Action::Throttle(rate) => {
                self.set_rate(rate);
                self.note(fired, &fault);
                return Ok(());
            }
            // The response is cut by whoever sends it.
            Action::Stall(_) | Action::End => {
                self.note(fired, &fault);
                return Ok(());
            }
            _ if fault.drain => self.drain(fault.drain_limit).await?,
            // FIN stands behind all that was sent before it.
            Action::Fin => {
                self.flush(fault.drain_limit).await?;
            }
            _ => {}
        }
        self.settle(fault.settle).await?;
        if fault.then == Action::Blackhole {
            if let Err(error) = self.wire.darken() {
                return Err(End::gone(CloseReason::Unable(error.to_string())));
            }
            self.dark = true;
        }
        self.note(fired, &fault);
        self.path.drop_all();
        Err(End {
            reason: CloseReason::Fault,
            exit: match fault.then {
                Action::Fin => Exit::Finish,
                Action::Blackhole => Exit::Park,
                Action::Forget => Exit::Forget,
                _ => Exit::Abort,
            },
        })
    }

    fn note(&self, fired: Fired, fault: &crate::scenario::Fault) {
        let error_bound = match fault.when {
            Trigger::Idle { after, .. } => {
                (after / 100).clamp(Duration::from_millis(1), Duration::from_millis(50))
            }
            _ => Duration::ZERO,
        };
        self.show(self.clock.now());
        self.write(Fact::Fault {
            index: fired.index,
            action: fired.action,
            by: fault.by,
            at_bytes: self.sent.body,
            at_wire_bytes: self.sent.wire,
            in_flight_bytes: self.in_flight(),
            error_bound_ns: error_bound.as_nanos() as u64,
        });
        self.write_tcp_info();
    }

    /// Hands the transport what is still on the path, for at most `limit`;
    /// tells whether it took everything.
    pub(super) async fn flush(&mut self, limit: Duration) -> Result<bool, End> {
        let end = self.clock.now() + limit;
        loop {
            let now = self.clock.now();
            self.deliver(now)?;
            if self.path.queued() == 0 || now >= end {
                return Ok(self.path.queued() == 0);
            }
            let write = self.path.arrived(now).is_some();
            self.wait_out(self.path.next_event(now).min(end), write)
                .await?;
        }
    }

    /// Waits until all that was sent is acknowledged, for at most `limit`.
    async fn drain(&mut self, limit: Duration) -> Result<(), End> {
        let end = self.clock.now() + limit;
        if !self.flush(limit).await? {
            return Ok(());
        }
        while self.in_flight() > 0 {
            let now = self.clock.now();
            if now >= end {
                break;
            }
            self.wait_out(end.min(now + DRAIN_TICK), false).await?;
        }
        Ok(())
    }

    /// Leaves the client time to read what it has: it may look at the end of
    /// the connection first where both are there.
    async fn settle(&mut self, time: Duration) -> Result<(), End> {
        let end = self.clock.now() + time;
        while self.clock.now() < end {
            self.wait_out(end, false).await?;
        }
        Ok(())
    }
}
