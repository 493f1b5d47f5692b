//! The scoreboard as a table: clients across, scenarios down.

use crate::report::{Scoreboard, scoreboard::Sign};

use super::prose;

/// The table, worked out.
#[derive(Debug)]
pub(super) struct Board {
    pub(super) clients: Vec<BoardClient>,
    pub(super) rows: Vec<BoardLine>,
    /// The signs and marks that occur, with what they mean.
    pub(super) signs: Vec<(&'static str, &'static str)>,
    /// The words that occur, the same.
    pub(super) words: Vec<(&'static str, &'static str)>,
}

/// A column.
#[derive(Debug)]
pub(super) struct BoardClient {
    pub(super) name: String,
    pub(super) command: String,
    pub(super) tally: String,
}

/// A row.
#[derive(Debug)]
pub(super) struct BoardLine {
    /// Of its section.
    pub(super) id: String,
    pub(super) name: String,
    /// Class and text of each cell; `None` without a trial.
    pub(super) cells: Vec<Option<(&'static str, String)>>,
}

impl Board {
    /// `place` is where a scenario has its section.
    pub(super) fn of(board: &Scoreboard<'_>, place: impl Fn(&str) -> usize) -> Self {
        let clients = board.clients.iter().map(|client| BoardClient {
            name: client.name.into(),
            command: client.command.into(),
            tally: client.tally(),
        });
        let rows = board.rows.iter().map(|row| BoardLine {
            id: prose::id(row.scenario, place(row.scenario)),
            name: row.scenario.into(),
            cells: row
                .cells
                .iter()
                .map(|cell| cell.as_ref().map(|cell| (class(cell.sign), cell.text())))
                .collect(),
        });
        Self {
            clients: clients.collect(),
            rows: rows.collect(),
            signs: board
                .signs()
                .into_iter()
                .map(|sign| (sign.symbol(), board.meaning(sign)))
                .chain(board.marks())
                .collect(),
            words: board.words(),
        }
    }
}

/// The colour beside the sign, which says the same.
const fn class(sign: Sign) -> &'static str {
    match sign {
        Sign::Right => "ok",
        Sign::Excused => "cut",
        Sign::Open => "tool",
        Sign::Wrong => "silent",
    }
}
