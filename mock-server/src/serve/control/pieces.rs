//! A long journal in pieces. Each is written once the connection has room for it,
//! so it takes little memory, and the serving thread only for short times.

use std::{mem, sync::Arc};

use crate::{held::HeldShare, journal::Event, text::json_line};

/// Least bytes of a piece, except the last.
const PIECE: usize = 64 << 10;

/// The end of a journal in JSON, after its events.
const END: &str = "]}\n";

/// The pieces of one answer.
pub(super) struct Pieces {
    /// The text before the events, until it is sent.
    start: String,
    /// True once an event was sent.
    begun: bool,
    events: std::vec::IntoIter<Arc<Event>>,
    end: &'static str,
    /// The memory of the events, released after the last piece.
    _share: HeldShare,
}

impl Pieces {
    /// Puts `events` into `around`, the JSON of their journal without events.
    pub(super) fn new(around: &str, events: Vec<Arc<Event>>, share: HeldShare) -> Self {
        Self {
            start: around.strip_suffix(END).unwrap_or(around).to_owned(),
            begun: false,
            events: events.into_iter(),
            end: END,
            _share: share,
        }
    }
}

impl Iterator for Pieces {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let mut piece = mem::take(&mut self.start);
        while piece.len() < PIECE {
            let Some(event) = self.events.next() else {
                piece.push_str(mem::take(&mut self.end));
                break;
            };
            if mem::replace(&mut self.begun, true) {
                piece.push(',');
            }
            // Every event serializes.
            let text = serde_json::to_string(&*event).unwrap_or_default();
            piece.push_str(&json_line(&text));
        }
        (!piece.is_empty()).then_some(piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::Instant,
        held::HeldLimit,
        journal::{Fact, TestJournal},
        serve::control::{answer::in_json, journal::JournalAnswer},
    };

    fn told(count: u32) -> TestJournal {
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
        TestJournal {
            events: (0..count).map(event).collect(),
            dropped: 3,
            under_way: 1,
            is_final: false,
        }
    }

    #[test]
    fn an_answer_in_pieces_is_the_answer_in_one_and_gives_its_room_back() {
        let room = HeldLimit::of(1);
        for (count, least) in [(0, 1), (1, 1), (2_000, 3)] {
            let mut told = told(count);
            let whole = in_json(&JournalAnswer::of(Some("a"), &told)).unwrap();
            let events = mem::take(&mut told.events);
            let around = in_json(&JournalAnswer::of(Some("a"), &told)).unwrap();
            let pieces: Vec<String> = Pieces::new(&around, events, room.take(1).unwrap()).collect();
            assert!(pieces.len() >= least, "{}", pieces.len());
            assert!(pieces.iter().all(|piece| piece.len() < PIECE + 1_000));
            assert_eq!(pieces.concat(), whole);
        }
        assert_eq!(room.held(), 0);
    }
}
