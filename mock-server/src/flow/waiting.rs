//! Waits of a connection.
//!
//! Every wait goes through [`Flow::wait`], so a client that vanishes ends all of
//! them. FIN and RST are read as they come; if nothing is read,
//! [`Life`](super::life) checks for the client.

use std::{future::poll_fn, mem, pin::pin, task::Poll};

use super::{End, Exit, Flow, Urgency, inbox::READ_AHEAD};
use crate::{
    clock::Instant,
    journal::{CloseReason, Fact},
    link::Wire,
};

impl<W: Wire> Flow<W> {
    /// Waits as [`Self::wait`] does, if no fault can be switched any more.
    pub(crate) async fn wait_out(&mut self, wake: Instant, write: bool) -> Result<(), End> {
        self.switched.mark_seen();
        self.wait(wake, write).await
    }

    /// Waits until `wake`, until bytes can be read or, with `write`, written.
    /// Reads what comes.
    pub(crate) async fn wait(&mut self, wake: Instant, write: bool) -> Result<(), End> {
        let wake = wake.min(self.watch_client()?);
        let clock = self.clock();
        // What a trial measures over sockets was measured with the runtime's timers, whose
        // grain brings the bytes of a millisecond at once: expectations rest on that.
        let among = match self.listener().is_followed() {
            true => usize::MAX,
            false => self.listener().open(),
        };
        let mut alarm = mem::take(&mut self.alarm);
        let ended = self.wait_for(alarm.until(clock, wake, among), write).await;
        self.alarm = alarm;
        ended
    }

    async fn wait_for(&mut self, time: impl Future<Output = ()>, write: bool) -> Result<(), End> {
        let mut time = pin!(time);
        let mut closing = self.closing.clone();
        let urgent = if self.resting {
            Urgency::Gracefully
        } else {
            Urgency::Now
        };
        let mut closing = pin!(closing.wait_for(|closing| closing >= urgent));
        let mut switched = self.switched.clone();
        let mut switched = pin!(switched.changed());
        poll_fn(|cx| {
            if switched.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Ok(()));
            }
            if closing.as_mut().poll(cx).is_ready() {
                let reason = CloseReason::Shutdown;
                let exit = if self.resting {
                    Exit::Finish
                } else {
                    Exit::Abort
                };
                return Poll::Ready(Err(End { reason, exit }));
            }
            if !self.is_deaf() {
                match self.wire.poll_read(cx, &mut self.inbox.bytes, READ_AHEAD) {
                    Poll::Pending => {}
                    Poll::Ready(Ok(read)) => {
                        if read == 0 {
                            self.inbox.finished = true;
                            self.write(Fact::FinReceived {});
                        }
                        self.inbox.skip();
                        return Poll::Ready(Ok(()));
                    }
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(End::from_io(&error))),
                }
            }
            if write {
                let now = self.now();
                if let Poll::Ready(result) = self.poll_deliver(cx, now) {
                    return Poll::Ready(result.map(drop));
                }
            }
            time.as_mut().poll(cx).map(Ok)
        })
        .await
    }
}
