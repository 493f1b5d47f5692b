//! How much memory scenarios may take that somebody sent over the network.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::{scenario::Scenario, units::ByteSize};

/// The bytes that all scenarios may hold together which came by a query or by
/// PUT: their texts, pages and encoded bodies, those included that are no
/// longer known and are still being sent.
pub const MOST_HELD: u64 = 512 << 20;

/// About what one takes without its text, page and body.
const OVERHEAD: u64 = 4 << 10;

/// What a text takes once it was read: the text, and the plain data.
const PER_TEXT: u64 = 4;

/// Room that scenarios share.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    held: Arc<AtomicU64>,
    most: u64,
}

/// Room that was taken, given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    bytes: u64,
    held: Arc<AtomicU64>,
}

/// There is not so much left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this scenario needs {} of memory, and of the {} for all that came by URL or by PUT {} are taken",
    human(*needed),
    human(*most),
    human(*held)
)]
pub(crate) struct NoRoom {
    needed: u64,
    held: u64,
    most: u64,
}

impl Default for Room {
    fn default() -> Self {
        Self::of(MOST_HELD)
    }
}

impl Room {
    pub(crate) fn of(most: u64) -> Self {
        Self {
            held: Arc::default(),
            most,
        }
    }

    pub(crate) fn held(&self) -> u64 {
        self.held.load(Ordering::Relaxed)
    }

    pub(crate) fn has(&self, bytes: u64) -> bool {
        self.held().saturating_add(bytes) <= self.most
    }

    /// # Errors
    /// When there is not so much left.
    pub(crate) fn take(&self, bytes: u64) -> Result<Share, NoRoom> {
        if !self.has(bytes) {
            return Err(NoRoom {
                needed: bytes,
                held: self.held(),
                most: self.most,
            });
        }
        self.held.fetch_add(bytes, Ordering::Relaxed);
        Ok(Share {
            bytes,
            held: Arc::clone(&self.held),
        })
    }
}

impl Share {
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Gives back what turned out not to be needed.
    pub(crate) fn shrink_to(&mut self, bytes: u64) {
        let less = self.bytes.saturating_sub(bytes);
        self.bytes -= less;
        self.held.fetch_sub(less, Ordering::Relaxed);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// About the bytes that a scenario takes beside its body.
pub(crate) fn plain(scenario: &Scenario) -> u64 {
    OVERHEAD + PER_TEXT * scenario.text.len() as u64
}

fn human(bytes: u64) -> String {
    ByteSize(bytes).human()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_given_back_once() {
        let room = Room::of(100);
        let mut one = room.take(60).unwrap();
        let full = room.take(41).unwrap_err();
        assert_eq!((full.needed, full.held, full.most), (41, 60, 100));
        one.shrink_to(50);
        one.shrink_to(70);
        let two = room.take(50).unwrap();
        assert_eq!((one.bytes(), two.bytes(), room.held()), (50, 50, 100));
        drop((one, two));
        assert_eq!(room.held(), 0);
        assert!(room.take(u64::MAX).is_err());
    }
}
