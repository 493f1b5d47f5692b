//! Requests: read, parsed, kept apart where they are pipelined.

use std::time::Duration;

use super::{
    close::End,
    connection::{Connection, READ_AHEAD},
};
use crate::{
    clock::Instant,
    journal::{CloseReason, Fact},
    link::Wire,
    origin::{Request, text_response},
    text::printable,
};

/// A request head that was begun must be whole after so long, and the first of
/// a connection must have come, where no scenario says otherwise.
const HEAD_LIMIT: Duration = Duration::from_secs(60);

impl<W: Wire> Connection<W> {
    /// The next request. Faults may come before it does.
    pub(super) async fn next_request(&mut self) -> Result<Request, End> {
        // A connection without a scenario has nothing to show by waiting.
        let mut begun = self.played.is_none().then(|| self.clock.now());
        loop {
            let now = self.clock.now();
            if self.switched.has_changed().unwrap_or(false) {
                self.obey_switch();
            }
            self.look_for_life(now);
            let step = self.schedule.next(&self.flow(now));
            if let Some(fired) = step.act {
                self.carry_out(fired).await?;
                continue;
            }
            if self.skip == 0 && self.may_be_whole() {
                match Request::parse(&self.inbox) {
                    Ok(Some((request, consumed))) => {
                        self.inbox.drain(..consumed);
                        self.looked_at = 0;
                        self.skip = request.body_len;
                        self.skip_request_body();
                        return Ok(self.accept_request(request));
                    }
                    Ok(None) => self.looked_at = self.inbox.len(),
                    Err(bad) => return Err(self.refuse(bad.status(), &bad.to_string()).await),
                }
            }
            if begun.is_none() && !self.inbox.is_empty() {
                begun = Some(now);
            }
            if self.peer_finished {
                return Err(End::finish(CloseReason::PeerClosed));
            }
            let late = begun.map_or(Instant::FAR, |begun| begun + HEAD_LIMIT);
            if now >= late {
                let reason = "no whole request head came within 60 s";
                return Err(self.refuse(408, reason).await);
            }
            let wake = step.until.min(self.next_look()).min(late);
            self.wait(wake, false).await?;
        }
    }

    /// Whether parsing again what has come could tell more than the last time:
    /// a line came to its end, or so much came that it may be wrong by now. A
    /// head that comes byte by byte is not parsed at each of them.
    fn may_be_whole(&self) -> bool {
        let looked_at = self.looked_at.min(self.inbox.len());
        let new = &self.inbox[looked_at..];
        new.contains(&b'\n') || new.len() > looked_at / 8 || self.inbox.len() >= READ_AHEAD
    }

    /// Throws away what has come of a request's body.
    pub(super) fn skip_request_body(&mut self) {
        let n = self.skip.min(self.inbox.len() as u64);
        self.inbox.drain(..usize::try_from(n).unwrap_or(usize::MAX));
        self.skip -= n;
    }

    fn accept_request(&mut self, request: Request) -> Request {
        let number = self.trial.next_request();
        self.key = self.trial.router.key(&request);
        // The request needs its time to get here; what follows counts from
        // its arrival.
        let latency = self
            .played
            .as_ref()
            .map(|played| played.scenario.link.latency);
        let now = self.clock.now();
        self.requested = Some(now + latency.unwrap_or_default());
        self.write(Fact::Request {
            number,
            method: request.method.clone(),
            target: request.target.clone(),
        });
        request
    }

    /// Answers what is not a request, as far as the client takes the answer,
    /// and ends.
    async fn refuse(&mut self, status: u16, reason: &str) -> End {
        self.write(Fact::BadRequest {
            reason: reason.to_owned(),
        });
        let body = format!("{}\n", printable(reason));
        let mut response = text_response(status, "text/plain; charset=utf-8", body);
        let now = self.clock.now();
        loop {
            let bytes = response.script.next(READ_AHEAD);
            if bytes.is_empty() {
                break;
            }
            self.path.send(now, bytes, false);
        }
        match self.flush(Duration::from_secs(1)).await {
            Ok(_) => End::finish(CloseReason::BadRequest),
            Err(end) => end,
        }
    }
}
