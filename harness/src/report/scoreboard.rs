//! The scoreboard: clients x scenarios, with the outcome in each cell.
//!
//! It is only data, made from records, so that every format shows the same. A
//! sign and a word say everything that a colour may say too.

use serde::Serialize;
use shortread_server::scenario::Kind;

use super::{RunView, suited};
use crate::{results::Record, suite::Verdict};

/// The results of clients in scenarios.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scoreboard<'a> {
    /// The columns, in the order of the command line.
    pub clients: Vec<Column<'a>>,
    /// The rows, in the order of the records.
    pub rows: Vec<ScoreRow<'a>>,
}

/// One client.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Column<'a> {
    /// Its name.
    pub name: &'a str,
    /// As it was typed.
    pub command: &'a str,
    /// Its scenarios by sign, in the order of [`Sign::ALL`].
    pub counts: [usize; 4],
}

/// One scenario.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScoreRow<'a> {
    /// Its name.
    pub scenario: &'a str,
    /// A cell for each client; `None` where no trial has ended.
    pub cells: Vec<Option<Cell<'a>>>,
}

/// The result of one client in one scenario: the worst of its trials.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cell<'a> {
    /// The judgement of `[expect.any]`.
    pub sign: Sign,
    /// The outcome.
    pub kind: Kind,
    /// That of a suite, if it is one of its cases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// It is not what was expected, which includes the known failures.
    pub unexpected: bool,
    /// The scenario is scaled, and the client's clock was not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub own_limits_not_scaled: bool,
    /// It did not report success, and its file has the full size without being the
    /// object: preallocated, as a rule. Whoever goes by the size takes it for whole. In a
    /// suite it has wrong bytes, whatever its size: whoever resumes from there gets more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub full_size_left: bool,
    /// Trials with this sign and kind.
    pub count: usize,
    /// All of them.
    pub trials: usize,
    /// The record of the first trial with this sign and kind.
    #[serde(skip)]
    pub record: &'a Record,
}

/// The judgement by the rule for any client, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// The file is whole and the client says so, or it is not and it says that.
    Right,
    /// The file is short or wrong, or the client waits, and nothing tells it.
    Excused,
    /// No rule, or none that could be applied.
    Open,
    /// The rule is violated.
    Wrong,
}

impl Sign {
    /// Every sign, the best first.
    pub const ALL: [Self; 4] = [Self::Right, Self::Excused, Self::Open, Self::Wrong];

    /// One character.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Right => "✓",
            Self::Excused => "~",
            Self::Open => "?",
            Self::Wrong => "✗",
        }
    }

    /// The meaning.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Right => "right: the file is whole, or the client says that it is not",
            Self::Excused => "excused: nothing in the response tells any client, or ends it",
            Self::Open => "not judged",
            Self::Wrong => "wrong: the client could know better",
        }
    }

    fn of(record: &Record) -> Self {
        match (&record.any, record.outcome.kind) {
            (None, _) => Self::Open,
            (Some(any), _) if !any.accepted => Self::Wrong,
            (Some(_), Kind::Complete | Kind::Truncated) => Self::Right,
            (Some(_), _) => Self::Excused,
        }
    }
}

impl<'a> Scoreboard<'a> {
    /// The scoreboard of a run of clients; `None` for one of strategies.
    pub fn of(run: &RunView<'a>) -> Option<Self> {
        let planned = &run.info.clients;
        if planned.is_empty() {
            return None;
        }
        let mut scenarios: Vec<&str> = Vec::new();
        for record in run.records {
            if !scenarios.contains(&record.scenario.as_str()) {
                scenarios.push(&record.scenario);
            }
        }
        let row = |scenario| ScoreRow {
            scenario,
            cells: planned
                .iter()
                .map(|client| Cell::of(run.records, scenario, &client.name))
                .collect(),
        };
        let rows: Vec<ScoreRow<'a>> = scenarios.into_iter().map(row).collect();
        let count = |column: usize, sign: Sign| {
            let cells = rows.iter().filter_map(|row| row.cells[column].as_ref());
            cells.filter(|cell| cell.sign == sign).count()
        };
        let clients = planned
            .iter()
            .enumerate()
            .map(|(index, client)| Column {
                name: &client.name,
                command: &client.command,
                counts: Sign::ALL.map(|sign| count(index, sign)),
            })
            .collect();
        Some(Self { clients, rows })
    }

    /// The signs that occur, the best first.
    pub fn signs(&self) -> Vec<Sign> {
        let occurs = |sign: &Sign| self.cells().any(|cell| cell.sign == *sign);
        Sign::ALL.into_iter().filter(occurs).collect()
    }

    /// The marks that occur, with their meanings.
    pub fn marks(&self) -> Vec<(&'static str, &'static str)> {
        let occurs = |mark: &(_, _)| self.cells().any(|cell| cell.marks().contains(mark));
        [FULL_SIZE_LEFT, suited::SPOILT, NOT_SCALED]
            .into_iter()
            .filter(occurs)
            .collect()
    }

    /// Every cell, row by row.
    pub fn cells(&self) -> impl Iterator<Item = &Cell<'a>> {
        self.rows.iter().flat_map(|row| row.cells.iter().flatten())
    }
}

impl Column<'_> {
    /// `30 ✓  2 ~  1 ✗`: what occurs.
    pub fn tally(&self) -> String {
        let counts: Vec<String> = Sign::ALL
            .iter()
            .zip(self.counts)
            .filter(|(_, count)| *count > 0)
            .map(|(sign, count)| format!("{count} {}", sign.symbol()))
            .collect();
        counts.join(", ")
    }
}

impl<'a> Cell<'a> {
    fn of(records: &'a [Record], scenario: &str, client: &str) -> Option<Self> {
        let mine = || {
            records.iter().filter(|record| {
                record.scenario == scenario
                    && record.client.as_ref().is_some_and(|c| c.name == client)
            })
        };
        let end = |record: &Record| {
            let kind = record.outcome.kind;
            (Sign::of(record), kind, suited::verdict(record))
        };
        // Of several equals the first.
        let worst = mine().rev().max_by_key(|record| Sign::of(record))?;
        let (sign, kind, verdict) = end(worst);
        Some(Self {
            sign,
            kind,
            verdict,
            unexpected: mine().any(|record| record.passed() == Some(false)),
            own_limits_not_scaled: mine().any(|record| {
                let client = record.client.as_ref();
                client.is_some_and(|client| client.clock.not_scaled.is_some())
            }),
            full_size_left: mine().any(leaves_full_size),
            count: mine().filter(|record| end(record) == end(worst)).count(),
            trials: mine().count(),
            record: worst,
        })
    }

    /// [`FULL_SIZE_LEFT`] and [`NOT_SCALED`], where they apply.
    fn marks(&self) -> Vec<(&'static str, &'static str)> {
        [
            (
                self.full_size_left,
                match self.verdict {
                    Some(_) => suited::SPOILT,
                    None => FULL_SIZE_LEFT,
                },
            ),
            (self.own_limits_not_scaled, NOT_SCALED),
        ]
        .into_iter()
        .filter_map(|(applies, mark)| applies.then_some(mark))
        .collect()
    }

    /// `✗ short!`: the sign, the kind in a word, marks where it is unexpected, where a
    /// file of the full size is left and where the clock is real, and how often, where
    /// trials differ.
    pub fn text(&self) -> String {
        let unexpected = if self.unexpected { "!" } else { "" };
        let marks: String = self.marks().into_iter().map(|(mark, _)| mark).collect();
        let often = match self.count == self.trials {
            true => String::new(),
            false => format!(" {}/{}", self.count, self.trials),
        };
        format!(
            "{} {}{unexpected}{marks}{often}",
            self.sign.symbol(),
            self.word()
        )
    }

    /// The word of its verdict in a suite, else of its kind.
    pub fn word(&self) -> &'static str {
        self.verdict
            .map_or_else(|| word(self.kind), |verdict| verdict.word().0)
    }
}

/// True if the client did not claim success, and left a file that is as long as the
/// object, or longer, and is not the object.
fn leaves_full_size(record: &Record) -> bool {
    let client = record.client.as_ref();
    if let Some(facts) = suited::facts(client) {
        return suited::leaves_wrong_bytes(facts);
    }
    let finding = client.and_then(|client| client.finding.as_ref());
    matches!(record.outcome.kind, Kind::Truncated | Kind::Stalled)
        && finding.is_some_and(|finding| {
            !finding.is_whole() && finding.length_bytes >= finding.expected_bytes
        })
}

/// The mark of cells whose client left a file that only its size makes look whole.
pub const FULL_SIZE_LEFT: (&str, &str) = (
    "■",
    "no success, but a file of the full size is left, with wrong bytes",
);

/// The mark of cells whose client had the machine's clock in a scaled scenario.
pub const NOT_SCALED: (&str, &str) = ("°", "own limits not scaled");

/// The words of cells, with what they mean.
pub const WORDS: [(&str, &str); 7] = [
    ("whole", "success, every byte is right"),
    ("error", "failure was reported"),
    ("short", "success, and the file is short"),
    ("bad", "success, and bytes are wrong"),
    ("other", "success, and it is another object"),
    ("hang", "stopped at its limit"),
    ("tool", "the tool failed"),
];

/// The word of a kind that a client can come to.
pub const fn word(kind: Kind) -> &'static str {
    let index = match kind {
        Kind::Complete => 0,
        Kind::SilentTruncation => 2,
        Kind::Corrupt => 3,
        Kind::WrongObject => 4,
        Kind::Stalled => 5,
        Kind::ToolError => 6,
        Kind::Truncated
        | Kind::Reset
        | Kind::TimedOut
        | Kind::Refused
        | Kind::Malformed
        | Kind::Rejected
        | Kind::OutOfMemory
        | Kind::DiskFull => 1,
    };
    WORDS[index].0
}

#[cfg(test)]
mod tests {
    use shortread_server::body::Pattern;

    use super::*;
    use crate::{
        report::client_samples::{clients, view},
        verify::verify,
    };

    #[test]
    fn each_client_has_a_cell_in_each_scenario() {
        let (info, records) = clients();
        let run = view(&info, &records);
        let board = Scoreboard::of(&run).unwrap();
        let names: Vec<&str> = board.clients.iter().map(|column| column.name).collect();
        assert_eq!(names, ["curl", "mine"]);
        let texts: Vec<Vec<String>> = board
            .rows
            .iter()
            .map(|row| {
                let cells = row.cells.iter();
                cells
                    .map(|cell| cell.as_ref().map_or("-".into(), Cell::text))
                    .collect()
            })
            .collect();
        assert_eq!(
            texts,
            [
                ["✓ whole", "✓ whole"],
                ["✓ error", "✗ short!"],
                ["~ short", "✗ bad"],
                ["~ hang", "? hang"],
                ["✗ error! 1/2", "-"],
            ]
        );
        assert_eq!(board.clients[0].tally(), "2 ✓, 2 ~, 1 ✗");
        assert_eq!(board.signs(), Sign::ALL);
        assert_eq!(board.marks(), []);
    }

    #[test]
    fn a_cell_whose_clock_was_not_scaled_is_marked() {
        let (info, mut records) = clients();
        if let Some(client) = &mut records[3].client {
            client.clock.not_scaled = Some("a static program".into());
        }
        let run = view(&info, &records);
        let board = Scoreboard::of(&run).unwrap();
        let cell = board.rows[1].cells[1].as_ref().unwrap();
        assert_eq!(cell.text(), "✗ short!°");
        assert_eq!(board.marks(), [NOT_SCALED]);
    }

    #[test]
    fn a_failure_that_leaves_a_file_of_the_full_size_is_marked() {
        let (info, mut records) = clients();
        let object = Pattern::PLAIN.slices(0..1000).collect::<Vec<_>>().concat();
        let allocated = [&object[..600], &[0; 400]].concat();
        let text = |records: &mut Vec<Record>, index: usize, file: &[u8]| {
            if let Some(client) = &mut records[index].client {
                client.finding = Some(verify(&mut &*file, 1000).unwrap());
            }
            let run = view(&info, records);
            let board = Scoreboard::of(&run).unwrap();
            let cell = board.rows[index / 2].cells[index % 2].as_ref().unwrap();
            (cell.text(), board.marks())
        };
        // A failure: preallocated, with more than there is, short, whole.
        let marked = vec![FULL_SIZE_LEFT];
        for (file, expected) in [
            (&allocated[..], ("✓ error■", marked.clone())),
            (&[&object[..], &[0; 9]].concat()[..], ("✓ error■", marked)),
            (&object[..600], ("✓ error", vec![])),
            (&object[..], ("✓ error", vec![])),
        ] {
            let (cell, marks) = text(&mut records, 2, file);
            assert_eq!((cell.as_str(), marks), expected);
        }
        // Stopped while it waited.
        assert_eq!(text(&mut records, 6, &allocated).0, "~ hang■");
        // Its word says it already: success, and bytes are wrong.
        assert_eq!(text(&mut records, 5, &allocated).0, "✗ bad");
    }

    #[test]
    fn a_run_of_strategies_has_none() {
        let info = crate::results::samples::run_info();
        assert_eq!(Scoreboard::of(&view(&info, &[])), None);
    }

    #[test]
    fn it_is_data_for_other_formats() {
        let (info, records) = clients();
        let run = view(&info, &records);
        let json = serde_json::to_value(Scoreboard::of(&run)).unwrap();
        let cell = &json["rows"][1]["cells"][1];
        assert_eq!(
            cell.to_string(),
            r#"{"count":1,"kind":"silent-truncation","sign":"wrong","trials":1,"unexpected":true}"#
        );
    }
}
