//! The table of one client in a suite: a line per case.

use super::{
    clients::{LAST_WORDS, cell, exit, name_width, widths},
    clip, paint,
};
use crate::{
    report::{
        scoreboard::{Cell, ScoreRow, Scoreboard},
        suited::facts,
    },
    results::Record,
    suite::ResumeFacts,
};

/// Between two columns.
const GAP: &str = "  ";

/// The widest words for what is left.
const LEFT: usize = 21;

pub(super) fn lines(board: &Scoreboard<'_>) -> Vec<String> {
    let width = widths(board)[0];
    let names = name_width(board);
    let heading = format!(
        "{:names$}{GAP}{:width$}{GAP}requests  {:>6}{GAP}{:LEFT$}{GAP}why",
        "case", board.clients[0].name, "exit", "left"
    );
    let mut lines = vec![paint("2", &heading)];
    lines.extend(board.rows.iter().map(|row| line(row, names, width)));
    lines
}

fn line(row: &ScoreRow<'_>, names: usize, width: usize) -> String {
    let name = clip(row.scenario, names);
    let shown = cell(row.cells[0].as_ref(), width);
    let Some(Cell { record, .. }) = &row.cells[0] else {
        return format!("{name:names$}{GAP}{}", shown.trim_end());
    };
    let client = record.client.as_ref();
    let Some(facts) = facts(client) else {
        let why = record.outcome.error.first();
        let why = why.map_or("", |link| &link.message);
        return format!("{name:names$}{GAP}{shown}{GAP}{why}");
    };
    let exit = client.and_then(exit);
    let line = format!(
        "{name:names$}{GAP}{shown}{GAP}{:>8}  {:>6}{GAP}{:LEFT$}{GAP}{}",
        requests(record, facts),
        exit.as_deref().unwrap_or("-"),
        facts.left.words(),
        clip(&why(record, facts), LAST_WORDS),
    );
    line.trim_end().into()
}

/// All of them, and those for a range: `2 (1)`.
fn requests(record: &Record, facts: &ResumeFacts) -> String {
    match (record.server.requests, facts.ranges) {
        (all, ranges) if all == ranges => all.to_string(),
        (all, ranges) => format!("{all} ({ranges})"),
    }
}

/// What is wrong, or the client's last line.
fn why(record: &Record, facts: &ResumeFacts) -> String {
    match record.any.as_ref().and_then(|any| any.why.as_ref()) {
        // The list below has all of it.
        Some(_) => facts.breach.clone().unwrap_or_else(|| facts.rule.clone()),
        None => {
            let tail = record.client.as_ref().map(|client| &client.stderr_tail);
            tail.and_then(|tail| tail.last().cloned())
                .unwrap_or_default()
        }
    }
}
