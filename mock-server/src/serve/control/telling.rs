//! Long answers: written off the serving thread, one at a time, and limited by
//! the memory of those not yet read.

use bytes::Bytes;

use super::answer::{Answer, Refusal};
use crate::{
    held::{HeldLimit, HeldShare},
    serve::worker::{Turn, Worker},
};

/// Most bytes of long answers that wait to be read: the whole journal several
/// times.
const MOST_UNREAD: u64 = 256 << 20;

/// Most events or scenarios written at once on the serving thread: about a
/// millisecond of work, even with the longest texts that clients can choose.
pub(super) const AT_ONCE: usize = 64;

/// Writes answers that take much time or memory.
#[derive(Debug)]
pub(in crate::serve) struct Telling {
    worker: Worker,
    unread: HeldLimit,
}

/// A text that holds its share of memory until it is sent or dropped.
struct Held {
    text: String,
    _share: HeldShare,
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
            unread: HeldLimit::of(most),
        }
    }

    /// Waits for the turn to write a long answer. Events are collected after
    /// this, so that many requests at the same time do not block others.
    pub(super) async fn turn(&self) -> Turn {
        self.worker.turn().await
    }

    /// The answer that `write` produces, off this thread if there is a `turn`.
    ///
    /// # Errors
    /// The error of `write`, or too many answers wait to be read.
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

    /// Takes room for `bytes` of an answer.
    ///
    /// # Errors
    /// Too many bytes already wait to be read.
    pub(super) fn hold(&self, bytes: usize) -> Result<HeldShare, Refusal> {
        let taken = self.unread.take(bytes as u64);
        taken.map_err(|_| {
            Refusal::new(
                503,
                format!(
                    "{} MB of answers wait for their readers, and there is no room for this one",
                    self.unread.held() / 1_000_000
                ),
            )
            .help("try again later; the journal of one test (key=TEST) is shorter")
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
