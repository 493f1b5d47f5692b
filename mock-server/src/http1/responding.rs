//! A response being sent: its script, and the pauses of its head.

use bytes::Bytes;

use super::origin::{Response, Script};
use crate::{
    clock::Instant, fault::OffsetMap, flow::Outgoing, held::HeldShare, scenario::Landmark,
};

/// A response being sent; its time counts from `since`.
pub(super) struct Responding {
    pub(super) response: Response,
    pub(super) since: Instant,
    /// Its place among the bodies that are coded as they are sent.
    pub(super) _stream: Option<HeldShare>,
}

impl Responding {
    /// A response outside any scenario.
    pub(super) fn plain(response: Response, since: Instant) -> Self {
        Self {
            response,
            since,
            _stream: None,
        }
    }
}

impl Responding {
    fn script(&self) -> &Script {
        &self.response.script
    }
}

impl OffsetMap for Responding {
    fn wire_of_body(&self, body: u64) -> Option<u64> {
        self.script().wire_of_body(body)
    }

    fn body_at_wire(&self, wire: u64) -> u64 {
        self.script().body_at_wire(wire)
    }

    fn wire_len(&self) -> u64 {
        self.script().wire_len()
    }

    fn body_len(&self) -> u64 {
        self.script().body_len()
    }

    fn wire_of_place(&self, place: Landmark) -> Option<u64> {
        self.script().wire_of_place(place)
    }

    fn wire_of_object(&self, at: u64) -> Option<u64> {
        self.script().wire_of_object(at)
    }

    fn object_start(&self) -> u64 {
        self.script().object_start()
    }
}

impl Outgoing for Responding {
    fn next(&mut self, max: usize) -> Bytes {
        match self.response.script.is_ready() {
            true => self.response.script.next(max),
            false => Bytes::new(),
        }
    }

    fn prepare(&mut self) -> bool {
        self.response.script.prepare()
    }

    fn sent(&self) -> u64 {
        self.script().sent()
    }

    fn is_open_ended(&self) -> bool {
        self.response.is_open_ended
    }

    fn end_body(&mut self) {
        self.response.script.end_body();
    }

    fn ready(&self, now: Instant) -> (u64, Instant) {
        let start = self.since + self.response.head_delay;
        if now < start {
            return (0, start);
        }
        let (head, pause) = (self.script().head_len(), self.response.head_pause);
        if pause.is_zero() || self.sent() >= head {
            return (u64::MAX, Instant::FAR);
        }
        let pauses = now.since(start).as_nanos() / pause.as_nanos().max(1);
        let bytes = u64::try_from(pauses).unwrap_or(u64::MAX).saturating_add(1);
        if bytes >= head {
            // A timer that was late must not make its last bytes wait for a whole
            // segment of the body: they are due.
            return (head, Instant::FAR);
        }
        let next = pause.saturating_mul(u32::try_from(bytes).unwrap_or(u32::MAX));
        (bytes, start + next)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{super::origin::text_response, *};

    const MS: u64 = 1_000_000;

    /// A head that comes byte by byte, a millisecond each, and a body.
    fn slow() -> Responding {
        Responding {
            response: Response {
                head_delay: Duration::from_millis(10),
                head_pause: Duration::from_millis(1),
                ..text_response(200, "text/plain", "body")
            },
            since: Instant(0),
            _stream: None,
        }
    }

    #[test]
    fn of_a_slow_head_what_is_due_is_ready_however_late_somebody_asks() {
        let mut slow = slow();
        assert_eq!(slow.ready(Instant(9 * MS)), (0, Instant(10 * MS)));
        assert_eq!(slow.ready(Instant(10 * MS)), (1, Instant(11 * MS)));
        assert_eq!(slow.ready(Instant(12 * MS)), (3, Instant(13 * MS)));
        // The body is not part of it: it would make the head wait for a segment.
        let head = slow.script().head_len();
        for late in [head + 9, head + 10, 1000] {
            assert_eq!(slow.ready(Instant(late * MS)), (head, Instant::FAR));
        }
        while slow.sent() < head {
            slow.next(4);
        }
        assert_eq!(slow.ready(Instant(13 * MS)), (u64::MAX, Instant::FAR));
    }
}
