//! Reads and parses requests, and separates pipelined ones.

use std::time::Duration;

use super::{
    connection::Connection,
    origin::{BadRequest, Request, text_response},
    responding::Responding,
};
use crate::{
    clock::Instant,
    flow::{End, Inbox},
    journal::{CloseReason, Fact},
    link::Wire,
    text::printable,
};

/// Time limit for a request head from its first byte to its last, and for the
/// first request of a connection, unless a scenario says otherwise.
const HEAD_LIMIT: Duration = Duration::from_secs(60);

impl<W: Wire> Connection<W> {
    /// The next request. Faults may come first.
    pub(super) async fn next_request(&mut self) -> Result<Request, End> {
        // A connection without a scenario would show nothing by waiting.
        let mut begun = (!self.flow.plays()).then(|| self.flow.now());
        loop {
            let due = self.flow.attend().await?;
            let now = self.flow.now();
            match self.parse() {
                Ok(Some(request)) => return Ok(self.accept(request)),
                Ok(None) => {}
                Err(bad) => return Err(self.refuse(bad.status(), &bad.to_string()).await),
            }
            if begun.is_none() && !self.flow.inbox().bytes().is_empty() {
                begun = Some(now);
            }
            if self.flow.inbox().is_finished() {
                return Err(End::finish(CloseReason::PeerClosed));
            }
            let late = begun.map_or(Instant::FAR, |begun| begun + HEAD_LIMIT);
            if now >= late {
                let reason = "no whole request head came within 60 s";
                return Err(self.refuse(408, reason).await);
            }
            self.flow.wait(due.min(late), false).await?;
        }
    }

    /// The request at the start of the inbox, if it is complete.
    fn parse(&mut self) -> Result<Option<Request>, BadRequest> {
        let inbox = self.flow.inbox();
        if inbox.is_skipping() || !may_be_whole(inbox, self.looked_at) {
            return Ok(None);
        }
        let Some((request, consumed)) = Request::parse(inbox.bytes())? else {
            self.looked_at = inbox.bytes().len();
            return Ok(None);
        };
        inbox.take(consumed, request.body_len);
        self.looked_at = 0;
        Ok(Some(request))
    }

    fn accept(&mut self, request: Request) -> Request {
        let number = self.flow.listener().next_request();
        self.flow.set_key(self.router.key(&request));
        self.flow.write(Fact::Request {
            number,
            method: request.method.clone(),
            target: request.target.clone(),
            range: request.range.clone(),
            if_range: request.if_range.clone(),
        });
        request
    }

    /// Answers input that is not a request, as far as the client takes the
    /// answer, and ends.
    async fn refuse(&mut self, status: u16, reason: &str) -> End {
        self.flow.write(Fact::BadRequest {
            reason: reason.to_owned(),
        });
        let body = format!("{}\n", printable(reason));
        let since = self.flow.now();
        let response = text_response(status, "text/plain; charset=utf-8", body);
        self.flow.put(&mut Responding::plain(response, since));
        match self.flow.flush(Duration::from_secs(1)).await {
            Ok(_) => End::finish(CloseReason::BadRequest),
            Err(end) => end,
        }
    }
}

/// True if parsing the input again could tell more than the last time, at
/// `looked_at` bytes: a line has ended, or the head may be too long now. A head
/// that comes byte by byte is not parsed at each byte.
fn may_be_whole(inbox: &Inbox, looked_at: usize) -> bool {
    let bytes = inbox.bytes();
    let looked_at = looked_at.min(bytes.len());
    let new = &bytes[looked_at..];
    new.contains(&b'\n') || new.len() > looked_at / 8 || inbox.is_full()
}
