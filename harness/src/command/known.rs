//! Known and accepted failures: the TOML file of `--known`, with a `[[known]]`
//! for each.

use std::{collections::BTreeMap, io, ops::Range, path::Path};

use serde::Deserialize;
use shortread_server::{
    input,
    scenario::{Diagnostics, Kind, cases, catalogue, nearest},
};
use toml::Spanned;

use super::ClockKind;
use crate::outcome::Judgement;

/// The longest list, enough for ten thousand failures.
const LONGEST_FILE: u64 = 1 << 20;

/// The possible outcomes of a client.
const OUTCOMES: [Kind; 6] = [
    Kind::Complete,
    Kind::SilentTruncation,
    Kind::Truncated,
    Kind::Corrupt,
    Kind::WrongObject,
    Kind::Stalled,
];

/// The accepted failures of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The file name for messages.
    file: String,
    /// The entries by client and scenario.
    entries: BTreeMap<Key, KnownFailure>,
}

/// Client, scenario, and the clock if the entry is for one of them.
type Key = (String, String, Option<ClockKind>);

/// The identity of a cell of the scoreboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellKey<'a> {
    /// The client's name.
    pub client: &'a str,
    /// The scenario's name.
    pub scenario: &'a str,
    /// The clock that the client had.
    pub clock: ClockKind,
}

/// One accepted failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownFailure {
    /// The accepted outcome.
    pub outcome: Kind,
    /// The reason to accept it.
    pub why: String,
    /// True if the client passes now and then, so that passing is expected too.
    pub sometimes: bool,
    /// The line of its `[[known]]`, from 1.
    pub line: usize,
}

/// The reasons why a list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KnownError {
    /// The file cannot be read.
    #[error("cannot read the known failures in `{file}`: {reason}")]
    Unreadable {
        /// The path as given.
        file: String,
        /// The error of the operating system.
        reason: io::Error,
    },
    /// The file is too long, or endless.
    #[error("`{file}` is longer than 1 MiB, the limit for a list of known failures")]
    TooLong {
        /// The path as given.
        file: String,
    },
    /// The file has mistakes.
    #[error(transparent)]
    Invalid(Diagnostics),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    known: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    client: Spanned<String>,
    scenario: Spanned<String>,
    outcome: Spanned<String>,
    why: Spanned<String>,
    clock: Option<ClockKind>,
    #[serde(default)]
    sometimes: bool,
}

impl Known {
    /// Reads `file`. Each scenario must be in the catalogue or in `more`; a
    /// client need not be part of this run.
    ///
    /// # Errors
    /// The file cannot be read, or has mistakes: the first error of TOML syntax,
    /// or else all errors.
    /// first error, else all.
    pub fn load(file: &Path, more: &[&str]) -> Result<Self, KnownError> {
        let shown = file.display().to_string();
        match input::read_text(file, LONGEST_FILE) {
            Ok(Some(text)) => Self::parse(&shown, &text, more).map_err(KnownError::Invalid),
            Ok(None) => Err(KnownError::TooLong { file: shown }),
            Err(reason) => Err(KnownError::Unreadable {
                file: shown,
                reason,
            }),
        }
    }

    fn parse(file: &str, text: &str, more: &[&str]) -> Result<Self, Diagnostics> {
        let document: Document = toml::from_str(text).map_err(|error| {
            let span = error.span().unwrap_or_default();
            let help = "a [[known]] has `client`, `scenario`, `outcome`, `why`, and may have \
                        `clock = 'scaled'`, `sometimes = true`";
            let error = (span, error.message().to_owned(), Some(help.into()));
            Diagnostics::new(file, text, [error])
        })?;
        let mut entries: BTreeMap<Key, KnownFailure> = BTreeMap::new();
        let mut errors = Vec::new();
        let starts: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
        for spanned in document.known {
            let start = spanned.span().start;
            let line = starts.partition_point(|end| *end < start) + 1;
            let entry = spanned.into_inner();
            errors.extend(wrong(&entry, more));
            let key = (
                entry.client.get_ref().clone(),
                entry.scenario.get_ref().clone(),
                entry.clock,
            );
            if let Some(first) = entries.get(&key) {
                let message = format!(
                    "`{}` in `{}` is already listed in line {}",
                    key.0, key.1, first.line
                );
                errors.push((entry.scenario.span(), message, None));
                continue;
            }
            let failure = KnownFailure {
                // A word that is not an outcome is already among the errors.
                outcome: Kind::from_word(entry.outcome.get_ref()).unwrap_or(Kind::ToolError),
                why: entry.why.into_inner(),
                sometimes: entry.sometimes,
                line,
            };
            entries.insert(key, failure);
        }
        match errors.is_empty() {
            true => Ok(Self {
                file: file.into(),
                entries,
            }),
            false => Err(Diagnostics::new(file, text, errors)),
        }
    }

    /// The accepted failure of a cell: the entry for its clock, else the one for
    /// any clock.
    pub fn of(&self, cell: &CellKey<'_>) -> Option<&KnownFailure> {
        let with = |clock| {
            let key = (cell.client.to_owned(), cell.scenario.to_owned(), clock);
            self.entries.get(&key)
        };
        with(Some(cell.clock)).or_else(|| with(None))
    }

    /// The unexpected part of an outcome `kind` of a cell, as a sentence without a
    /// full stop; `None` if there is none. Without a judgement nothing counts as a
    /// failure.
    pub fn difference(
        &self,
        cell: &CellKey<'_>,
        kind: Kind,
        judgement: &Judgement,
    ) -> Option<String> {
        let Some(known) = self.of(cell) else {
            return judgement.why.clone();
        };
        let place = format!("{}:{}", self.file, known.line);
        match &judgement.why {
            None if known.sometimes => None,
            None => Some(format!(
                "it passes, but {place} lists it as {}; remove that entry",
                known.outcome
            )),
            Some(_) if kind == known.outcome => None,
            Some(why) => Some(format!("{why}; {place} only accepts {}", known.outcome)),
        }
    }
}

type Wrong = (Range<usize>, String, Option<String>);

fn wrong(entry: &Entry, more: &[&str]) -> Vec<Wrong> {
    let mut errors: Vec<Wrong> = Vec::new();
    for (key, value) in [("client", &entry.client), ("why", &entry.why)] {
        if value.get_ref().trim().is_empty() {
            errors.push((value.span(), format!("`{key}` is empty"), None));
        }
    }
    let names = || {
        let all = catalogue().iter().chain(cases()).map(|(name, _)| *name);
        all.chain(more.iter().copied())
    };
    let scenario = entry.scenario.get_ref();
    if !names().any(|name| name == scenario) {
        let help = match nearest(scenario, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                "`shortread list` shows all; a scenario from a file must be part of the run".into()
            }
        };
        let message = format!("no scenario is called `{scenario}`");
        errors.push((entry.scenario.span(), message, Some(help)));
    }
    let outcome = entry.outcome.get_ref();
    if !OUTCOMES.iter().any(|kind| kind.word() == outcome) {
        let words = OUTCOMES.map(|kind| format!("`{kind}`")).join(", ");
        let near = nearest(outcome, OUTCOMES.map(Kind::word));
        let help = match near {
            Some(near) => format!("did you mean `{near}`? accepted: {words}"),
            None => format!("accepted: {words}"),
        };
        let message = format!("`{outcome}` is not an outcome of a client");
        errors.push((entry.outcome.span(), message, Some(help)));
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = r#"# What is accepted.
[[known]]
client = "curl"
scenario = "gzip-cut"
outcome = "silent-truncation"
why = "it saves the coded bytes"

[[known]]
client = "wget"
scenario = "reset-race"
outcome = "truncated"
why = "a race"
sometimes = true
"#;

    fn judgement(why: Option<&str>) -> Judgement {
        Judgement {
            kind: Kind::SilentTruncation,
            accepted: why.is_none(),
            why: why.map(Into::into),
        }
    }

    fn refused(text: &str) -> String {
        Known::parse("known.toml", text, &[])
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_listed_failure_is_expected_and_another_is_not() {
        let known = Known::parse("known.toml", LIST, &[]).unwrap();
        let short = judgement(Some("it is short"));
        let told = |client, scenario, kind, judgement: &Judgement| {
            let clock = ClockKind::Real;
            let cell = CellKey {
                client,
                scenario,
                clock,
            };
            known.difference(&cell, kind, judgement)
        };
        let (silent, corrupt) = (Kind::SilentTruncation, Kind::Corrupt);
        assert_eq!(told("curl", "gzip-cut", silent, &short), None);
        assert_eq!(
            told("curl", "gzip-cut", corrupt, &short).unwrap(),
            "it is short; known.toml:2 only accepts silent-truncation"
        );
        assert_eq!(
            told("curl", "healthy", silent, &short).unwrap(),
            "it is short"
        );
        assert_eq!(
            told("curl", "healthy", Kind::Complete, &judgement(None)),
            None
        );
    }

    #[test]
    fn a_listed_failure_that_passes_names_the_line_to_remove() {
        let known = Known::parse("known.toml", LIST, &[]).unwrap();
        let passes = judgement(None);
        let cell = |client, scenario| CellKey {
            client,
            scenario,
            clock: ClockKind::Real,
        };
        assert_eq!(
            known
                .difference(&cell("curl", "gzip-cut"), Kind::Truncated, &passes)
                .unwrap(),
            "it passes, but known.toml:2 lists it as silent-truncation; remove that entry"
        );
        // Unless the entry says that it passes now and then.
        assert_eq!(
            known.difference(&cell("wget", "reset-race"), Kind::Complete, &passes),
            None
        );
    }

    #[test]
    fn an_entry_for_one_clock_is_not_for_the_other() {
        let text = LIST.replace(
            "scenario = \"gzip-cut\"",
            "scenario = \"gzip-cut\"\nclock = \"scaled\"",
        );
        let known = Known::parse("known.toml", &text, &[]).unwrap();
        let cell = |clock| CellKey {
            client: "curl",
            scenario: "gzip-cut",
            clock,
        };
        assert!(known.of(&cell(ClockKind::Scaled)).is_some());
        assert_eq!(known.of(&cell(ClockKind::Real)), None);
        // Both may be listed; the entry for the clock counts before the one for any.
        let both = format!("{text}{}", LIST.split_once("\n\n").unwrap().0);
        let both = Known::parse("known.toml", &both, &[]).unwrap();
        assert_eq!(both.of(&cell(ClockKind::Scaled)).unwrap().line, 2);
        assert_ne!(both.of(&cell(ClockKind::Real)).unwrap().line, 2);
        assert!(refused(&text.replace("scaled", "fast")).contains("unknown variant"));
    }

    #[test]
    fn errors_point_at_line_and_column() {
        insta::assert_snapshot!(refused("[[known]]\nclient = \"curl\"\nscenario = \"gzip-ct\"\noutcome = \"silent\"\nwhy = \" \"\n"), @r#"
        error: no scenario is called `gzip-ct`
         --> known.toml:3:12
          |
        3 | scenario = "gzip-ct"
          |            ^^^^^^^^^
          |
          = help: did you mean `gzip-cut`?

        error: `silent` is not an outcome of a client
         --> known.toml:4:11
          |
        4 | outcome = "silent"
          |           ^^^^^^^^
          |
          = help: accepted: `complete`, `silent-truncation`, `truncated`, `corrupt`, `wrong-object`, `stalled`

        error: `why` is empty
         --> known.toml:5:7
          |
        5 | why = " "
          |       ^^^
        "#);
        insta::assert_snapshot!(refused("[[known]]\nclient = \"curl\"\nscenarios = \"gzip-cut\"\n"), @r#"
error: unknown field `scenarios`, expected one of `client`, `scenario`, `outcome`, `why`, `clock`, `sometimes`
 --> known.toml:3:1
  |
3 | scenarios = "gzip-cut"
  | ^^^^^^^^^
  |
  = help: a [[known]] has `client`, `scenario`, `outcome`, `why`, and may have `clock = 'scaled'`, `sometimes = true`
"#);
        insta::assert_snapshot!(refused("[[known]]\nclient = 3\n"), @r"
        error: invalid type: integer `3`, expected a string
         --> known.toml:2:10
          |
        2 | client = 3
          |          ^
          |
          = help: a [[known]] has `client`, `scenario`, `outcome`, `why`, and may have `clock = 'scaled'`, `sometimes = true`
        ");
        insta::assert_snapshot!(refused("[[known]\n"), @r"
        error: unclosed array table, expected `]`
         --> known.toml:1:9
          |
        1 | [[known]
          |         ^
          |
          = help: a [[known]] has `client`, `scenario`, `outcome`, `why`, and may have `clock = 'scaled'`, `sometimes = true`
        ");
        let twice = LIST
            .replace("wget", "curl")
            .replace("reset-race", "gzip-cut");
        insta::assert_snapshot!(refused(&twice), @r#"
        error: `curl` in `gzip-cut` is already listed in line 2
          --> known.toml:10:12
           |
        10 | scenario = "gzip-cut"
           |            ^^^^^^^^^^
        "#);
    }

    #[test]
    fn the_example_of_the_document_and_our_own_list_are_read() {
        let document = include_str!("../../../docs/CLIENTS.md");
        let (_, example) = document.split_once("```toml\n").unwrap();
        let (example, _) = example.split_once("```").unwrap();
        let known = Known::parse("docs/CLIENTS.md", example, &[]).unwrap();
        assert_eq!(known.entries.len(), 2);
        let ours = include_str!("../../clients/known-failures.toml");
        let read = Known::parse("known-failures.toml", ours, &[]);
        assert!(read.is_ok(), "{}", read.unwrap_err());
        for outcome in OUTCOMES {
            assert!(document.contains(&format!("| `{outcome}` |")), "{outcome}");
        }
    }

    #[test]
    fn a_scenario_of_a_file_is_known_while_it_runs() {
        let text = LIST.replace("gzip-cut", "mine");
        assert!(Known::parse("known.toml", &text, &["mine"]).is_ok());
        assert!(Known::parse("known.toml", &text, &[]).is_err());
        assert_eq!(Known::parse("empty", "", &[]).unwrap().entries.len(), 0);
    }
}
