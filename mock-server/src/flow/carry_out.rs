//! Carries out the faults of a connection.

use std::time::Duration;

use super::{End, Exit, Flow};
use crate::{
    fault::{Fired, idle_error_bound},
    journal::{CloseReason, Fact},
    link::Wire,
    scenario::{Action, Fault},
};

/// Pause between two looks of a drain at the send queue: no event tells when the
/// last byte is acknowledged.
const DRAIN_TICK: Duration = Duration::from_millis(1);

impl<W: Wire> Flow<W> {
    /// Carries out a fault whose moment has come. If the fault ends the
    /// connection, the error says how.
    pub(super) async fn carry_out(&mut self, fired: Fired) -> Result<(), End> {
        let scenario = self.scenario.as_ref();
        let fault = scenario.and_then(|scenario| scenario.faults.get(fired.index));
        let Some(fault) = fault.cloned() else {
            return Ok(());
        };
        let exit = match fault.then {
            Action::Throttle(rate) => {
                self.set_rate(rate);
                self.note(fired, &fault);
                return Ok(());
            }
            // The schedule holds the bytes back; the sender of the response ends it.
            Action::Stall(_) | Action::End => {
                self.note(fired, &fault);
                return Ok(());
            }
            Action::Fin => Exit::Finish,
            Action::Reset => Exit::Abort,
            Action::Blackhole => Exit::Park,
            Action::Forget => Exit::Forget,
        };
        self.clear_the_way(&fault, exit).await?;
        if exit == Exit::Park {
            if let Err(error) = self.wire.darken() {
                return Err(End::gone(CloseReason::Unable(error.to_string())));
            }
            self.life.dark = true;
        }
        if exit == Exit::Forget {
            // The answer to a probe of ours would be taken for the client's next
            // segment. A kernel that cannot be told sends none.
            let _ = self.wire.keep_silent();
        }
        self.note(fired, &fault);
        // FIN comes behind what was sent, and some of that never arrives.
        let exit = match exit {
            Exit::Finish if self.path.is_blocked() => Exit::Park,
            exit => exit,
        };
        self.path.drop_all();
        Err(End {
            reason: CloseReason::Fault,
            exit,
        })
    }

    /// Waits until the client has everything that it should get before the fault.
    async fn clear_the_way(&mut self, fault: &Fault, exit: Exit) -> Result<(), End> {
        if fault.drain {
            self.drain(fault.drain_limit).await?;
        } else if exit == Exit::Finish {
            // FIN must follow all that was sent before it.
            self.flush(fault.drain_limit).await?;
        }
        self.settle(fault.settle).await
    }

    fn note(&self, fired: Fired, fault: &Fault) {
        let error_bound = fault.when.idle().map_or(Duration::ZERO, idle_error_bound);
        self.show(self.now());
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

    /// Hands the rest of the path to the transport, for at most `limit`. Returns
    /// true if the transport took everything.
    pub(crate) async fn flush(&mut self, limit: Duration) -> Result<bool, End> {
        let end = self.now() + limit;
        loop {
            let now = self.now();
            self.deliver(now).await?;
            if self.path.queued() == 0 || now >= end {
                return Ok(self.path.queued() == 0);
            }
            let write = self.path.arrived(now).is_some();
            self.wait_out(self.path.next_event(now).min(end), write)
                .await?;
        }
    }

    /// Waits for at most `limit` until the client's kernel has acknowledged all
    /// bytes.
    async fn drain(&mut self, limit: Duration) -> Result<(), End> {
        let end = self.now() + limit;
        if !self.flush(limit).await? {
            return Ok(());
        }
        while self.in_flight() > 0 {
            let now = self.now();
            if now >= end {
                break;
            }
            self.wait_out(end.min(now + DRAIN_TICK), false).await?;
        }
        Ok(())
    }

    /// Gives the client time to read its bytes. Otherwise it may see the end of
    /// the connection first.
    async fn settle(&mut self, time: Duration) -> Result<(), End> {
        let end = self.now() + time;
        while self.now() < end {
            self.wait_out(end, false).await?;
        }
        Ok(())
    }
}
