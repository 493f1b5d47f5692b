//! Long answers: written off the thread that serves, one at a time, and no more
//! of them than memory is kept for until their clients have read them.

use bytes::Bytes;

use super::answer::{Answer, Refusal};
use crate::{
    held::{Room, Share},
    serve::worker::{Turn, Worker},
};

/// Bytes of long answers that wait to be read, at most: the whole journal
/// several times.
const MOST_UNREAD: u64 = 256 << 20;

/// So much is written at once on the thread that serves, in events or scenarios:
/// about a millisecond where a client has chosen the longest texts.
pub(super) const AT_ONCE: usize = 64;

/// Tells what takes long to write, or much memory to keep.
#[derive(Debug)]
pub(in crate::serve) struct Telling {
    worker: Worker,
    unread: Room,
}

/// A text that takes its share of the room until it was sent, or never will be.
struct Held {
    text: String,
    _share: Share,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

impl Default for Telling {
    fn default() -> Self {
        Self::of(MOST_UNREAD)
    }
}

impl Telling {
    fn of(most: u64) -> Self {
        Self {
            worker: Worker::default(),
            unread: Room::of(most),
        }
    }

    /// Waits for the turn to tell something long. What is told is collected
    /// behind this: many who ask in one moment hold up nobody else together.
    pub(super) async fn turn(&self) -> Turn {
        self.worker.turn().await
    }

    /// The answer that `write` writes, off this thread where there is a `turn`.
    ///
    /// # Errors
    /// What `write` says, or that too many answers wait to be read.
    pub(super) async fn answer(
        &self,
        turn: Option<Turn>,
        content_type: &'static str,
        write: impl FnOnce() -> Result<String, Refusal> + Send + 'static,
    ) -> Result<Answer, Refusal> {
        let text = match turn {
            None => write()?,
            Some(turn) => turn.run(write).await.1?,
        };
        let share = self.hold(text.len())?;
        let held = Held {
            text,
            _share: share,
        };
        Ok(Answer::text(200, content_type, Bytes::from_owner(held)))
    }

    /// Room for `bytes` that somebody is to read.
    ///
    /// # Errors
    /// When too much waits to be read already.
    pub(super) fn hold(&self, bytes: usize) -> Result<Share, Refusal> {
        let taken = self.unread.take(bytes as u64);
        taken.map_err(|_| {
            Refusal::new(
                503,
                format!(
                    "{} MB of answers wait to be read by those who asked, and this one has no room",
                    self.unread.held() / 1_000_000
                ),
            )
            .help("ask again when they were read; the journal of one test (key=TEST) is shorter")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_that_nobody_reads_take_so_much_memory_and_no_more() {
        let telling = Telling::of(100);
        let say = |bytes: usize| telling.answer(None, "text/plain", move || Ok("x".repeat(bytes)));
        let (one, two) = (say(60).await.ok(), say(40).await.ok());
        assert!(one.is_some() && two.is_some());
        let refused = say(1).await.err().unwrap();
        assert_eq!(refused.status, 503);
        drop(one);
        assert!(say(60).await.is_ok(), "what was read has left its room");
    }
}
