//! What the formats say of a suite, where it is not what they say of the catalogue.

use super::scoreboard::{Cell, Scoreboard, Sign, WORDS, word};
use crate::{
    results::{ClientFacts, Record},
    suite::{Left, ResumeFacts, Verdict},
};

/// The mark of cells whose client reported failure and left wrong bytes.
pub(super) const SPOILT: (&str, &str) = (
    "■",
    "no success, but wrong bytes are left: who resumes from there gets a wrong file",
);

/// The facts about a client of a suite.
pub(super) fn facts(client: Option<&ClientFacts>) -> Option<&ResumeFacts> {
    client.and_then(|client| client.resume.as_ref())
}

/// The verdict of a trial of a suite.
pub(super) fn verdict(record: &Record) -> Option<Verdict> {
    facts(record.client.as_ref()).map(|facts| facts.verdict)
}

/// True if the client reported no success and left bytes that are not the object's.
pub(super) fn leaves_wrong_bytes(facts: &ResumeFacts) -> bool {
    facts.left == Left::Spoilt && matches!(facts.verdict, Verdict::Error | Verdict::NoEnd)
}

/// The argument that asks for the suite of a trial; `None` without one.
pub(super) fn argument(record: &Record) -> Option<String> {
    facts(record.client.as_ref()).map(|facts| format!("--suite {}", facts.suite))
}

impl<'a> Scoreboard<'a> {
    /// The suite that the clients were asked, if they were.
    pub(super) fn suite(&self) -> Option<&'a str> {
        self.cells()
            .find_map(|cell| facts(cell.record.client.as_ref()))
            .map(|facts| facts.suite.as_str())
    }

    /// What a sign means here.
    pub(super) fn meaning(&self, sign: Sign) -> &'static str {
        match (self.suite(), sign) {
            (Some(_), Sign::Right) => "right: the file is whole, or failure was reported",
            (Some(_), Sign::Wrong) => {
                "wrong: success with a file that is not the object, or a MUST of RFC 9110 is broken"
            }
            _ => sign.meaning(),
        }
    }

    /// The words that occur, with what they mean.
    pub(super) fn words(&self) -> Vec<(&'static str, &'static str)> {
        let verdicts = [
            Verdict::Whole,
            Verdict::WholeWithoutResuming,
            Verdict::Error,
            Verdict::WrongFile,
            Verdict::NoEnd,
        ];
        let said = |word: &str| self.cells().any(|cell| cell.word() == word);
        let verdicts = verdicts.map(Verdict::word).into_iter();
        let verdicts = verdicts.filter(|_| self.suite().is_some());
        // Without a trial there is no verdict, but the kind: the tool failed.
        let is_kind =
            |cell: &Cell<'_>, said: &str| cell.verdict.is_none() && word(cell.kind) == said;
        let kinds = WORDS
            .into_iter()
            .filter(|(word, _)| self.cells().any(|cell| is_kind(cell, word)));
        verdicts
            .filter(|(word, _)| said(word))
            .chain(kinds)
            .collect()
    }
}
