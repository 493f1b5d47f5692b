//! The verdict on a case: what the client said, what its file is, and what it asked for.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shortread_server::{
    journal::{Event, Fact},
    scenario::{Kind, Scenario},
    units::ByteSize,
};

use super::{Case, FirstPart, breach::breach};
use crate::{
    outcome::{Judgement, Said},
    verify::{Finding, Saved},
};

/// What came of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Success, and the file is the object.
    Whole,
    /// Likewise, and the response to the last request brought all of it again.
    WholeWithoutResuming,
    /// Failure.
    Error,
    /// Success, and the file is not the object: the worst.
    WrongFile,
    /// It was stopped at its limit.
    NoEnd,
}

impl Verdict {
    /// The word of tables, with what it means.
    pub const fn word(self) -> (&'static str, &'static str) {
        match self {
            Self::Whole => ("whole", "success, every byte is right"),
            Self::WholeWithoutResuming => (
                "whole, anew",
                "success, every byte is right, and all of it was sent again",
            ),
            Self::Error => ("error", "failure was reported"),
            Self::WrongFile => ("WRONG FILE", "success, and the file is not the object"),
            Self::NoEnd => ("no end", "stopped at its limit"),
        }
    }
}

/// What the client left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Left {
    /// The object.
    Whole,
    /// The first part and more of the same object, all of it right.
    More,
    /// The first part as it was.
    Kept,
    /// Less than the first part, or no file: what was there is lost.
    Lost,
    /// Bytes that are not the object's: who resumes from there gets a wrong file.
    Spoilt,
}

impl Left {
    /// The words of tables.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Whole => "the object",
            Self::More => "more of it, all right",
            Self::Kept => "the first part",
            Self::Lost => "less than before",
            Self::Spoilt => "wrong bytes",
        }
    }

    /// What the file at `path` is, which began as `part` and was `found` to be so much of
    /// the object. The object was `replaced` since the part was saved.
    ///
    /// # Errors
    /// Errors of reading it.
    pub fn of(path: &Path, part: &FirstPart, found: &Finding, replaced: bool) -> io::Result<Self> {
        if found.is_whole() {
            return Ok(Self::Whole);
        }
        let mut start = Vec::new();
        if path.is_file() {
            let file = File::open(path)?;
            file.take(part.offset() + 1).read_to_end(&mut start)?;
        }
        let offset = part.bytes.len();
        Ok(match start.len() {
            length if length < offset => Self::Lost,
            _ if !start.starts_with(&part.bytes) => Self::Spoilt,
            length if length == offset => Self::Kept,
            _ if replaced || found.first_bad_offset.is_some() => Self::Spoilt,
            _ => Self::More,
        })
    }
}

/// The facts about a client that had a first part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResumeFacts {
    /// The suite.
    pub suite: String,
    /// What came of it.
    pub verdict: Verdict,
    /// What the file is in the end.
    pub left: Left,
    /// Bytes of the file before the client started.
    pub offset_bytes: u64,
    /// Requests with a `Range` field.
    pub ranges: u64,
    /// The section of RFC 9110 that speaks of the case, and what it says.
    pub rule: String,
    /// The MUST of RFC 9110 that a request, or putting parts together, broke; null if none.
    pub breach: Option<String>,
}

/// What was seen of a client.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// Its answer.
    pub said: Said,
    /// Its file, compared with the object at the end.
    pub saved: &'a Saved,
    /// What the file is.
    pub left: Left,
    /// The server's journal.
    pub events: &'a [Event],
}

/// The verdict on a client that was `seen` in `case` of `suite`, and had `part`.
pub fn judge(suite: &str, case: &Case, part: &FirstPart, seen: &Seen<'_>) -> ResumeFacts {
    let verdict = match seen.said {
        Said::Nothing => Verdict::NoEnd,
        Said::Failure => Verdict::Error,
        Said::Success if !seen.saved.finding.is_whole() => Verdict::WrongFile,
        Said::Success if came_again(seen) => Verdict::WholeWithoutResuming,
        Said::Success => Verdict::Whole,
    };
    let rule = format!("{} (RFC 9110, section {})", case.rule, case.section);
    let joined = case.never_resumed && verdict == Verdict::Whole;
    ResumeFacts {
        suite: suite.to_owned(),
        verdict,
        left: seen.left,
        offset_bytes: part.offset(),
        ranges: seen.events.iter().filter(|event| has_range(event)).count() as u64,
        breach: breach(seen.events, part).or_else(|| joined.then(|| rule.clone())),
        rule,
    }
}

impl ResumeFacts {
    /// The judgement: only a wrong file and a broken MUST are wrong. `None` if the client
    /// was stopped, for RFC 9110 says nothing of how often one may ask.
    pub fn judgement(&self, kind: Kind, found: &Finding) -> Option<Judgement> {
        let why = match (self.verdict, &self.breach) {
            (Verdict::NoEnd, _) => return None,
            (Verdict::WrongFile, _) => Some(format!(
                "it reports success, and its file {}: {}",
                wrong(self.left, self.offset_bytes, found),
                self.rule
            )),
            (_, breach) => breach.clone(),
        };
        Some(Judgement {
            kind,
            accepted: why.is_none(),
            why,
        })
    }
}

/// What is wrong with a file.
fn wrong(left: Left, offset: u64, found: &Finding) -> String {
    let human = |bytes: u64| ByteSize(bytes).human();
    if let (Some(version), Some(end)) = (found.version, found.version_end) {
        return format!(
            "is of version {version} of the object up to byte {end}, and that was replaced"
        );
    }
    match left {
        Left::Kept => "is the first part and nothing else".into(),
        Left::Lost => format!(
            "has {}, less than the first part of {}",
            human(found.length_bytes),
            human(offset)
        ),
        _ if found.true_prefix_bytes == found.expected_bytes => {
            format!("is {} too long", human(found.excess_bytes))
        }
        _ => match found.first_bad_offset {
            Some(at) => format!(
                "has {} and is not the object from byte {at} on",
                human(found.length_bytes)
            ),
            None => format!(
                "has {} of {}",
                human(found.length_bytes),
                human(found.expected_bytes)
            ),
        },
    }
}

/// True if the response to the last request brought as much as the object has. One before
/// may have too, if the client let it go.
fn came_again(seen: &Seen<'_>) -> bool {
    let object = seen.saved.finding.expected_bytes;
    let is_request = |event: &Event| matches!(event.fact, Fact::Request { .. });
    let Some(last) = seen.events.iter().rposition(is_request) else {
        return false;
    };
    let connection = seen.events[last].connection;
    seen.events[last..].iter().any(|event| {
        event.connection == connection
            && matches!(event.fact, Fact::ResponseEnd { body_bytes, .. } if body_bytes >= object)
    })
}

fn has_range(event: &Event) -> bool {
    matches!(&event.fact, Fact::Request { range: Some(_), .. })
}

/// `scenario` with the object that the server has in the end: its last version.
pub fn object_at_the_end(scenario: &Scenario) -> Scenario {
    let last = scenario.later_bodies().last();
    Scenario {
        body: last.unwrap_or_else(|| scenario.body.clone()),
        versions: Vec::new(),
        ..scenario.clone()
    }
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
