//! The limit on memory for scenarios that come over the network.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::{scenario::Scenario, units::ByteSize};

/// Most bytes that all scenarios from queries and PUT hold together: their texts,
/// pages and encoded bodies, including dropped scenarios that are still being
/// sent.
pub const MOST_HELD: u64 = 512 << 20;

/// Most bodies of such scenarios that are coded as they are sent, at a time: each takes
/// some MiB of memory, and its turns at coding.
pub(crate) const MOST_STREAMS: u64 = 32;

/// Approximate bytes of one, without its text, page and body.
const OVERHEAD: u64 = 4 << 10;

/// Factor for the memory of a parsed text: the text itself, and the plain data.
const PER_TEXT: u64 = 4;

/// Room that scenarios share.
#[derive(Debug, Clone)]
pub(crate) struct HeldLimit {
    held: Arc<AtomicU64>,
    most: u64,
}

/// A share of the room, given back when this is dropped.
#[derive(Debug)]
pub(crate) struct HeldShare {
    bytes: u64,
    held: Arc<AtomicU64>,
}

/// There is not enough room left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this scenario needs {} of memory; of the {} for scenarios from URLs and PUT, {} are in use",
    human(*needed),
    human(*most),
    human(*held)
)]
pub(crate) struct NoRoom {
    needed: u64,
    held: u64,
    most: u64,
}

/// The limit on bodies that are coded as they are sent, for scenarios that come over the
/// network.
#[derive(Debug, Clone)]
pub(crate) struct StreamLimit(HeldLimit);

/// As many bodies are coded as may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{MOST_STREAMS} bodies of scenarios from URLs and PUT are coded at the moment, the most; try \
     again after some have ended"
)]
pub(crate) struct TooManyStreams;

impl Default for StreamLimit {
    fn default() -> Self {
        Self(HeldLimit::of(MOST_STREAMS))
    }
}

impl StreamLimit {
    /// # Errors
    /// As many as may be are taken.
    pub(crate) fn take(&self) -> Result<HeldShare, TooManyStreams> {
        self.0.take(1).map_err(|_| TooManyStreams)
    }
}

impl Default for HeldLimit {
    fn default() -> Self {
        Self::of(MOST_HELD)
    }
}

impl HeldLimit {
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
    /// There is not enough room left.
    pub(crate) fn take(&self, bytes: u64) -> Result<HeldShare, NoRoom> {
        if !self.has(bytes) {
            return Err(NoRoom {
                needed: bytes,
                held: self.held(),
                most: self.most,
            });
        }
        self.held.fetch_add(bytes, Ordering::Relaxed);
        Ok(HeldShare {
            bytes,
            held: Arc::clone(&self.held),
        })
    }
}

impl HeldShare {
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Gives back the bytes that were not needed.
    pub(crate) fn shrink_to(&mut self, bytes: u64) {
        let less = self.bytes.saturating_sub(bytes);
        self.bytes -= less;
        self.held.fetch_sub(less, Ordering::Relaxed);
    }
}

impl Drop for HeldShare {
    fn drop(&mut self) {
        self.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Copies of the texts of an answer: as they were read, and as they are sent.
const COPIES: u64 = 2;

/// Approximate bytes of a scenario, without its body.
pub(crate) fn plain(scenario: &Scenario) -> u64 {
    // What an answer takes over from `[response]` stands in the file once only.
    let answers = scenario.answers.iter().map(|answer| &answer.response);
    let copied: usize = answers
        .map(|one| {
            let page = one.page.as_ref().map_or(0, String::len);
            one.header_bytes() + one.raw_bytes() + page
        })
        .sum();
    OVERHEAD + PER_TEXT * scenario.text.len() as u64 + COPIES * copied as u64
}

fn human(bytes: u64) -> String {
    ByteSize(bytes).human()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_given_back_once() {
        let room = HeldLimit::of(100);
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

    #[test]
    fn so_many_bodies_are_coded_at_a_time_and_another_when_one_has_ended() {
        let limit = StreamLimit::default();
        let mut taken: Vec<_> = (0..MOST_STREAMS).map(|_| limit.take().unwrap()).collect();
        assert_eq!(limit.clone().take().unwrap_err(), TooManyStreams);
        taken.pop();
        assert!(limit.take().is_ok());
    }

    #[test]
    fn what_answers_take_over_is_counted_for_each_of_them() {
        let counted = |answer: &str| {
            let field = "x".repeat(10_000);
            let text = format!(
                "title = 't'\ncause = 'c'\nbody.size = 1\nresponse.headers.X = '{field}'\n{answer}"
            );
            plain(&crate::scenario::parse("name", "it.toml", &text).unwrap())
        };
        let answer = "answer = [{ on = { request = 1 }, status = 503 }]";
        assert!(counted(answer) >= counted("") + 20_000);
    }
}
