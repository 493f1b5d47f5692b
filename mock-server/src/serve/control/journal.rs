//! `GET /journal`: the events of one test or of all.

use std::{mem, time::Duration};

use serde::Serialize;
use tokio::task::yield_now;
use tokio_stream::{
    Stream, StreamExt as _,
    wrappers::{BroadcastStream, errors::BroadcastStreamRecvError},
};

use super::{
    Control,
    answer::{Answer, JSON, Refusal, in_json},
    pieces::Pieces,
    telling::AT_ONCE,
};
use crate::{
    held::HeldShare,
    journal::{Event, TestJournal},
    scenario::query::{self, check_key, form},
    serve::worker::Turn,
    units,
};

/// Default patience of `wait=end`.
const PATIENCE: Duration = Duration::from_secs(30);

/// The longest patience that a request may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// The events of a test.
#[derive(Debug, Serialize)]
pub(super) struct JournalAnswer<'a> {
    pub(super) key: Option<&'a str>,
    /// True if no event follows, unless the client sends another request.
    #[serde(rename = "final")]
    pub(super) is_final: bool,
    /// Connections on which a response is under way.
    pub(super) under_way: usize,
    /// Events that were dropped to make room.
    pub(super) dropped: u64,
    pub(super) events: Vec<&'a Event>,
}

/// The parsed query.
#[derive(Debug, Default, PartialEq)]
struct JournalQuery {
    key: Option<String>,
    wait: bool,
    stream: bool,
    timeout: Option<Duration>,
}

impl Control {
    pub(super) async fn tell_journal(&self, query: &str) -> Result<Answer, Refusal> {
        let asked = JournalQuery::read(query)?;
        if asked.stream {
            return self.stream(asked.key).await;
        }
        let patience = asked.timeout.unwrap_or(PATIENCE);
        let late = self.clock.now() + patience;
        loop {
            let key = asked.key.as_deref();
            if asked.wait {
                let end = self.journal.until_final(key);
                let end = self.clock.timeout_at(late, end).await;
                end.map_err(|_| self.not_final(key, patience))?;
            }
            let turn = self.turn(key).await;
            let told = self.told(key);
            // New requests may have come while other answers were collected.
            if !asked.wait || told.is_final {
                return self.tell(asked.key, told, turn).await;
            }
        }
    }

    /// Answers with the events so far, in pieces if there are many.
    async fn tell(
        &self,
        key: Option<String>,
        mut told: TestJournal,
        turn: Option<Turn>,
    ) -> Result<Answer, Refusal> {
        let Some(turn) = turn else {
            let write = move || in_json(&JournalAnswer::of(key.as_deref(), &told));
            return self.telling.answer(None, JSON, write).await;
        };
        let share = self.hold(&told, turn).await?;
        let events = mem::take(&mut told.events);
        let around = in_json(&JournalAnswer::of(key.as_deref(), &told))?;
        let events = in_turns(Pieces::new(&around, events, share));
        Ok(Answer::pieces(JSON, events))
    }

    /// Takes room for the events of `told`, which were collected in their `turn`.
    async fn hold(&self, told: &TestJournal, turn: Turn) -> Result<HeldShare, Refusal> {
        // Whoever waits for this turn has to collect too, and downloads come
        // first.
        yield_now().await;
        drop(turn);
        self.telling.hold(told.bytes())
    }

    /// The turn to answer, if there are many events.
    async fn turn(&self, key: Option<&str>) -> Option<Turn> {
        match self.journal.count(key) <= AT_ONCE {
            true => None,
            false => Some(self.telling.turn().await),
        }
    }

    fn told(&self, key: Option<&str>) -> TestJournal {
        self.journal.told(key)
    }

    fn not_final(&self, key: Option<&str>, patience: Duration) -> Refusal {
        let told = self.told(key);
        let whose = key.map_or("the journal".into(), |key| format!("the test `{key}`"));
        let patience = units::print_duration(patience);
        let what = match (told.under_way, told.events.len()) {
            // `verify` recognizes an unknown test by these last words.
            (0, 0) => match self.journal.counts().forgotten {
                0 => "nothing was asked for".into(),
                n => format!("{n} tests were dropped to make room, or nothing was asked for"),
            },
            (1, _) => "1 connection is under way".into(),
            (n, _) => format!("{n} connections are under way"),
        };
        Refusal::new(
            504,
            format!("{whose} is not final after {patience}: {what}"),
        )
        .help("add timeout=TIME to wait longer, or leave out wait=end to get the events so far")
    }

    /// Streams the events so far and then each new one, a line each.
    async fn stream(&self, key: Option<String>) -> Result<Answer, Refusal> {
        let turn = self.telling.turn().await;
        let later = BroadcastStream::new(self.journal.follow());
        let told = self.told(key.as_deref());
        let share = self.hold(&told, turn).await?;
        let later = later.filter_map(move |event| match event {
            Ok(event) if key.is_some() && event.key != key => None,
            Ok(event) => line(&event),
            Err(BroadcastStreamRecvError::Lagged(n)) => Some(format!("{{\"dropped\":{n}}}\n")),
        });
        Ok(Answer::lines(known(told, share).chain(later)))
    }
}

/// The lines of the events so far, some at a time as they are read; other tasks
/// run in between.
fn known(told: TestJournal, share: HeldShare) -> impl Stream<Item = String> {
    let mut events = told.events.into_iter();
    let lines = std::iter::from_fn(move || {
        // This is released after the last line.
        let _held = &share;
        let some = events.by_ref().take(AT_ONCE);
        let lines: String = some.filter_map(|event| line(&event)).collect();
        (!lines.is_empty()).then_some(lines)
    });
    in_turns(lines)
}

/// Lets other tasks run between two pieces.
fn in_turns(pieces: impl Iterator<Item = String>) -> impl Stream<Item = String> {
    tokio_stream::iter(pieces).then(|piece| async {
        yield_now().await;
        piece
    })
}

impl<'a> JournalAnswer<'a> {
    pub(super) fn of(key: Option<&'a str>, told: &'a TestJournal) -> Self {
        Self {
            key,
            is_final: told.is_final,
            under_way: told.under_way,
            dropped: told.dropped,
            events: told.events.iter().map(AsRef::as_ref).collect(),
        }
    }
}

fn line(event: &Event) -> Option<String> {
    in_json(event).ok()
}

impl JournalQuery {
    fn read(query: &str) -> Result<Self, Refusal> {
        let mut asked = Self::default();
        for (name, value) in query::pieces(query) {
            let refuse = |text: String| Refusal::new(400, format!("{name}: {text}"));
            let value = form(value.unwrap_or_default()).map_err(|e| refuse(e.to_string()))?;
            match (name, value.as_str()) {
                ("key", key) => {
                    check_key(key).map_err(|error| refuse(error.to_string()))?;
                    asked.key = Some(value);
                }
                ("wait", "end") => asked.wait = true,
                ("stream", "true") => asked.stream = true,
                ("stream", "false") => asked.stream = false,
                ("timeout", text) => {
                    let time = units::parse_duration(text).map_err(|e| refuse(e.to_string()))?;
                    asked.timeout = Some(time.min(LONGEST_WAIT));
                }
                ("wait", other) => {
                    return Err(refuse(format!("`{other}` is not an event to wait for"))
                        .help("accepted: wait=end"));
                }
                ("stream", other) => {
                    return Err(refuse(format!("`{other}` is neither `true` nor `false`")));
                }
                _ => {
                    let name: String = name.chars().take(100).collect();
                    return Err(Refusal::new(
                        400,
                        format!("`{name}` is not a parameter of /journal"),
                    )
                    .help("accepted: key, wait=end, timeout, stream=true"));
                }
            }
        }
        if asked.stream && asked.wait {
            return Err(Refusal::new(
                400,
                "stream=true and wait=end cannot be combined: a stream never ends",
            ));
        }
        Ok(asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_and_what_is_wrong_in_it_is_named() {
        let asked = JournalQuery::read("key=a+b&wait=end&timeout=5s").unwrap();
        let expected = JournalQuery {
            key: Some("a b".into()),
            wait: true,
            stream: false,
            timeout: Some(Duration::from_secs(5)),
        };
        assert_eq!(asked, expected);
        let patient = JournalQuery::read("wait=end&timeout=2h").unwrap();
        assert_eq!(patient.timeout, Some(Duration::from_secs(3600)));
        for (query, says) in [
            ("kye=a", "`kye` is not a parameter of /journal"),
            (
                "wait=forever",
                "wait: `forever` is not an event to wait for",
            ),
            ("stream=1", "stream: `1` is neither `true` nor `false`"),
            ("timeout=5", "timeout: "),
            ("key=%00", "key: "),
            ("stream=true&wait=end", "cannot be combined"),
        ] {
            let refusal = JournalQuery::read(query).unwrap_err();
            assert_eq!(refusal.status, 400);
            assert!(refusal.error.contains(says), "{query}: {}", refusal.error);
        }
    }
}
