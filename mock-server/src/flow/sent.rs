//! What was handed to the transport.

use crate::clock::Instant;

/// Bytes handed to the transport, of the body and in all.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sent {
    /// Of the responses before the current one.
    earlier_body: u64,
    earlier_wire: u64,
    /// Of the current response, or the last if there is none.
    pub(crate) body: u64,
    pub(crate) wire: u64,
    /// Since when the transport takes nothing, though there is something to
    /// send.
    pub(super) blocked_since: Option<Instant>,
    /// The most that the kernel held and had not sent.
    pub(super) max_unsent: u64,
}

impl Sent {
    /// The next response begins.
    pub(super) fn begin(&mut self) {
        self.earlier_body += std::mem::take(&mut self.body);
        self.earlier_wire += std::mem::take(&mut self.wire);
    }

    /// Body bytes of all responses.
    pub(super) fn body_in_all(&self) -> u64 {
        self.earlier_body + self.body
    }

    /// Body bytes that were acknowledged, of all responses, where `wire` bytes
    /// were. What is missing of the current response is taken for body, which
    /// it is but for framing.
    pub(super) fn body_of_acked(&self, wire: u64) -> u64 {
        let missing = (self.earlier_wire + self.wire).saturating_sub(wire);
        self.body_in_all().saturating_sub(missing)
    }
}
