//! Long answers of the journal, within bounded memory: written as they are read.
//!
//! What is on its way holds its events, even those that the journal has dropped
//! since, so all answers together share some room. The text is written in pieces
//! when the connection has room for them: it takes neither memory nor, for long,
//! the thread that serves.

use std::{convert::Infallible, mem, sync::Arc};

use bytes::Bytes;
use hyper::body::Frame;
use tokio::task::yield_now;
use tokio_stream::{Stream, StreamExt as _};

use super::{
    super::room::{Room, Share},
    answer::{Refusal, in_json},
    journal::Journal,
};
use crate::{
    journal::{Event, Told},
    text::json_line,
};

/// About the bytes of events that all long answers on their way may hold.
pub(super) const MOST_TOLD: u64 = 256 << 20;

/// An answer of fewer bytes of events is never refused: as many as there may be
/// connections come to 16 MiB.
const SHORT: u64 = 64 << 10;

/// A piece is sent once it has so many bytes.
const PIECE: usize = 64 << 10;

/// The room for long answers.
#[derive(Debug)]
pub(in crate::serve) struct Telling(Room);

/// What an answer holds until it was sent.
#[derive(Debug)]
pub(super) enum Held {
    Short,
    Long {
        /// Given back as this is dropped.
        _share: Share,
    },
}

impl Default for Telling {
    fn default() -> Self {
        Self(Room::of(MOST_TOLD))
    }
}

impl Telling {
    /// # Errors
    /// When other long answers leave no room.
    pub(super) fn hold(&self, told: &Told) -> Result<Held, Refusal> {
        let bytes = told.bytes();
        if bytes < SHORT {
            return Ok(Held::Short);
        }
        let share = self.0.take(bytes).map_err(|_| {
            Refusal::new(
                503,
                "others read so much of the journal now that there is no memory for one more",
            )
            .help("ask again, or for one test: key=TEST")
        })?;
        Ok(Held::Long { _share: share })
    }
}

/// `journal` with the events of `told`, in pieces; `held` is given back behind
/// the last one.
pub(super) fn in_pieces(
    journal: &Journal<'_>,
    told: Vec<Arc<Event>>,
    held: Held,
) -> Result<impl Stream<Item = Result<Frame<Bytes>, Infallible>> + use<>, Refusal> {
    let empty = in_json(journal)?;
    // The events are what it ends with.
    let (start, end) = empty.split_at(empty.trim_end().len().saturating_sub("]}".len()));
    let mut parts = Parts {
        start: start.to_owned(),
        begun: false,
        events: told.into_iter(),
        end: end.to_owned(),
        _held: held,
    };
    let pieces = tokio_stream::iter(std::iter::from_fn(move || parts.piece()));
    // Between two of them it is the others' turn.
    Ok(pieces.then(|piece| async {
        yield_now().await;
        Ok(Frame::data(piece))
    }))
}

struct Parts {
    /// What stands before the events, until it was sent.
    start: String,
    /// An event was sent.
    begun: bool,
    events: std::vec::IntoIter<Arc<Event>>,
    end: String,
    _held: Held,
}

impl Parts {
    fn piece(&mut self) -> Option<Bytes> {
        let mut piece = mem::take(&mut self.start);
        while piece.len() < PIECE {
            let Some(event) = self.events.next() else {
                piece.push_str(&mem::take(&mut self.end));
                break;
            };
            // Nothing in an event fails to serialize.
            let text = serde_json::to_string(&*event).unwrap_or_default();
            if mem::replace(&mut self.begun, true) {
                piece.push(',');
            }
            piece.push_str(&json_line(&text));
        }
        (!piece.is_empty()).then(|| piece.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Instant, journal::Fact};

    fn told(count: u32) -> Told {
        let event = |connection| {
            Arc::new(Event {
                at_ns: Instant(7),
                utc: None,
                connection,
                key: Some("a \"test\"".into()),
                fact: Fact::BadRequest {
                    reason: "a \u{202e}sentence".into(),
                },
            })
        };
        Told {
            events: (0..count).map(event).collect(),
            dropped: 3,
            under_way: 1,
            is_final: false,
        }
    }

    #[tokio::test]
    async fn an_answer_in_pieces_is_the_answer_in_one() {
        for (count, least) in [(0, 1), (1, 1), (2_000, 3)] {
            let told = told(count);
            let whole = in_json(&Journal::of(Some("a"), &told)).unwrap();
            let empty = Journal {
                events: Vec::new(),
                ..Journal::of(Some("a"), &told)
            };
            let pieces = in_pieces(&empty, told.events.clone(), Held::Short).unwrap();
            let pieces: Vec<Bytes> = pieces
                .map(|piece| piece.unwrap().into_data().unwrap())
                .collect()
                .await;
            assert!(pieces.len() >= least, "{}", pieces.len());
            assert!(pieces.iter().all(|piece| piece.len() < PIECE + 1_000));
            assert_eq!(pieces.concat(), whole.as_bytes());
        }
    }

    #[tokio::test]
    async fn long_answers_share_their_room_and_short_ones_are_never_refused() {
        let (long, short) = (told(2_000), told(2));
        let telling = Telling(Room::of(3 * long.bytes() - 1));
        let one = telling.hold(&long).unwrap();
        let two = telling.hold(&long).unwrap();
        let refused = telling.hold(&long).unwrap_err();
        assert_eq!(refused.status, 503);
        assert!(matches!(telling.hold(&short), Ok(Held::Short)));
        drop(two);
        let again = telling.hold(&long).unwrap();
        // An answer that is left gives back what it held.
        let nothing = Told::default();
        let empty = Journal::of(None, &nothing);
        let mut left = Box::pin(in_pieces(&empty, long.events.clone(), again).unwrap());
        assert!(left.next().await.is_some());
        assert!(telling.hold(&long).is_err());
        drop((left, one));
        assert_eq!(telling.0.held(), 0);
    }
}
