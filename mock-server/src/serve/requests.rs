//! Requests: read, parsed, kept apart where they are pipelined.

use super::{
    close::End,
    connection::{Connection, READ_AHEAD},
};
use crate::{
    journal::{CloseReason, Fact},
    link::Wire,
    origin::{Request, text_response},
};

impl<W: Wire> Connection<W> {
    /// The next request. Faults may come before it does.
    pub(super) async fn next_request(&mut self) -> Result<Request, End> {
        loop {
            let now = self.clock.now();
            self.look_for_life(now);
            let step = self.schedule.next(&self.flow(now));
            if let Some(fired) = step.act {
                self.carry_out(fired).await?;
                continue;
            }
            if self.skip == 0 {
                match Request::parse(&self.inbox) {
                    Ok(Some((request, consumed))) => {
                        self.inbox.drain(..consumed);
                        self.skip = request.body_len;
                        self.skip_request_body();
                        return Ok(self.accept_request(request));
                    }
                    Ok(None) if self.inbox.len() >= READ_AHEAD => {
                        return Err(self.refuse("the request head is longer than 64 KiB").await);
                    }
                    Ok(None) => {}
                    Err(bad) => return Err(self.refuse(&bad.to_string()).await),
                }
            }
            if self.peer_finished {
                return Err(End::finish(CloseReason::PeerClosed));
            }
            self.wait(step.until.min(self.next_look()), false).await?;
        }
    }

    /// Throws away what has come of a request's body.
    pub(super) fn skip_request_body(&mut self) {
        let n = self.skip.min(self.inbox.len() as u64);
        self.inbox.drain(..usize::try_from(n).unwrap_or(usize::MAX));
        self.skip -= n;
    }

    fn accept_request(&mut self, request: Request) -> Request {
        let number = self.trial.next_request();
        // The request needs its time to get here; what follows counts from
        // its arrival.
        let latency = self
            .played
            .as_ref()
            .map(|played| played.scenario.link.latency);
        let now = self.clock.now();
        self.requested = Some(now + latency.unwrap_or_default());
        self.trial.write(
            self.number,
            Fact::Request {
                number,
                method: request.method.clone(),
                target: request.target.clone(),
            },
        );
        request
    }

    /// Answers what is not a request, as far as the client takes the answer,
    /// and ends.
    async fn refuse(&mut self, reason: &str) -> End {
        self.trial.write(
            self.number,
            Fact::BadRequest {
                reason: reason.to_owned(),
            },
        );
        let body = format!("{reason}\n");
        let mut response = text_response(400, "text/plain; charset=utf-8", body);
        let now = self.clock.now();
        loop {
            let bytes = response.script.next(READ_AHEAD);
            if bytes.is_empty() {
                break;
            }
            self.path.send(now, bytes, false);
        }
        match self.flush(std::time::Duration::from_secs(1)).await {
            Ok(_) => End::finish(CloseReason::BadRequest),
            Err(end) => end,
        }
    }
}
