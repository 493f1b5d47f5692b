//! Bytes handed to the transport.

use crate::clock::Instant;

/// Counts the bytes handed to the transport.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sent {
    /// Body bytes of the responses before the current one.
    earlier_body: u64,
    earlier_wire: u64,
    /// Body bytes of the current response, or of the last one.
    pub(crate) body: u64,
    pub(crate) wire: u64,
    /// The time since which the transport takes nothing although there are bytes
    /// to send.
    pub(super) blocked_since: Option<Instant>,
    /// The most unsent bytes that the kernel was seen to hold.
    pub(super) max_unsent: u64,
    /// Bytes written since the last look at that.
    unseen: u64,
}

/// Bytes that may be written between two looks at the kernel's queue: a look is a
/// system call, and many slow connections need few.
const UNSEEN: u64 = 64 << 10;

impl Sent {
    /// The next response begins.
    pub(super) fn begin(&mut self) {
        self.earlier_body += std::mem::take(&mut self.body);
        self.earlier_wire += std::mem::take(&mut self.wire);
    }

    /// Notes `bytes` that the transport took. Returns true if the kernel's queue
    /// should be looked at.
    pub(super) fn wrote(&mut self, bytes: u64) -> bool {
        self.unseen += bytes;
        self.unseen >= UNSEEN
    }

    /// Notes that the kernel holds `unsent` bytes.
    pub(super) fn holds(&mut self, unsent: u64) {
        (self.max_unsent, self.unseen) = (self.max_unsent.max(unsent), 0);
    }

    /// Body bytes of all responses.
    pub(super) fn body_in_all(&self) -> u64 {
        self.earlier_body + self.body
    }

    /// Acknowledged body bytes of all responses, if `wire` bytes were
    /// acknowledged. The missing part of the current response counts as body,
    /// which it is except for framing.
    pub(super) fn body_of_acked(&self, wire: u64) -> u64 {
        let missing = (self.earlier_wire + self.wire).saturating_sub(wire);
        self.body_in_all().saturating_sub(missing)
    }
}
