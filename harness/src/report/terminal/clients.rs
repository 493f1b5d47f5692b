//! The closing table of a run of clients: one line per scenario, one column per
//! client. A single client has its figures beside it.

use shortread_server::units::{ByteSize, counted, human_ns};

use super::{
    COLUMNS, Terminal, clip,
    closing::{times, to_explain, unexpected, warned},
    paint, suite,
};
use crate::{
    report::{
        scoreboard::{Cell, ScoreRow, Scoreboard, Sign},
        told::Told,
    },
    results::ClientFacts,
};

/// Between two columns.
const GAP: &str = "  ";

/// The most of a client's last line.
pub(super) const LAST_WORDS: usize = 40;

impl Terminal {
    /// The page for a run of clients.
    pub(super) fn scoreboard(self, told: &Told<'_>, board: &Scoreboard<'_>) -> Vec<String> {
        let mut lines = match board.clients.as_slice() {
            [_] if board.suite().is_some() => suite::lines(board),
            [_] => single(board),
            _ => self.blocks(board),
        };
        lines.push(String::new());
        lines.extend(closing(told, board));
        lines
    }

    /// As many clients side by side as a line has room for; then the others.
    fn blocks(self, board: &Scoreboard<'_>) -> Vec<String> {
        let widths = widths(board);
        let names = name_width(board);
        let mut lines = Vec::new();
        let mut first = 0;
        while first < widths.len() {
            let mut last = first;
            let mut used = names;
            while last < widths.len() {
                used += GAP.len() + widths[last];
                if used > self.columns && last > first && !self.wide {
                    break;
                }
                last += 1;
            }
            if first > 0 {
                lines.push(String::new());
            }
            lines.extend(block(board, &widths, first..last, names));
            first = last;
        }
        lines
    }
}

fn block(
    board: &Scoreboard<'_>,
    widths: &[usize],
    columns: std::ops::Range<usize>,
    names: usize,
) -> Vec<String> {
    let mut heading = format!("{:names$}", "scenario");
    for column in columns.clone() {
        let name = board.clients[column].name;
        heading.push_str(&format!("{GAP}{name:width$}", width = widths[column]));
    }
    let mut lines = vec![paint("2", heading.trim_end())];
    for row in &board.rows {
        let mut line = format!("{:names$}", clip(row.scenario, names));
        for column in columns.clone() {
            line.push_str(GAP);
            line.push_str(&cell(row.cells[column].as_ref(), widths[column]));
        }
        lines.push(line.trim_end().into());
    }
    lines
}

/// A single client has room for its figures.
fn single(board: &Scoreboard<'_>) -> Vec<String> {
    let width = widths(board)[0];
    let names = name_width(board);
    let heading = format!(
        "{:names$}{GAP}{:width$}{GAP}{:>8}   {:>8}  {:>7}  {:>6}  {:>7}  last line",
        "scenario", board.clients[0].name, "saved", "of", "when", "exit", "memory"
    );
    let mut lines = vec![paint("2", &heading)];
    for row in &board.rows {
        lines.push(figures(row, names, width));
    }
    lines
}

fn figures(row: &ScoreRow<'_>, names: usize, width: usize) -> String {
    let name = clip(row.scenario, names);
    let shown = cell(row.cells[0].as_ref(), width);
    let Some(Cell { record, .. }) = &row.cells[0] else {
        return format!("{name:names$}{GAP}{}", shown.trim_end());
    };
    let facts = record.client.as_ref();
    let exit = facts.and_then(exit);
    let memory = record.vm_hwm_bytes.map(|bytes| ByteSize(bytes).human());
    let said = facts.and_then(|facts| facts.stderr_tail.last().cloned());
    // The error of the tool, if it failed.
    let said = said.or_else(|| Some(record.outcome.error.first()?.message.clone()));
    let line = format!(
        "{name:names$}{GAP}{shown}{GAP}{:>8} / {:>8}  {:>7}  {:>6}  {:>7}  {}",
        ByteSize(record.delivered_bytes).human(),
        ByteSize(record.expected_bytes).human(),
        human_ns(record.elapsed_ns),
        exit.as_deref().unwrap_or("-"),
        memory.as_deref().unwrap_or("-"),
        clip(said.as_deref().unwrap_or_default(), LAST_WORDS),
    );
    line.trim_end().into()
}

/// Its exit status, or the signal that ended it.
pub(super) fn exit(facts: &ClientFacts) -> Option<String> {
    match (facts.exit_status, facts.signal) {
        (Some(status), _) => Some(status.to_string()),
        (None, signal) => signal.map(|signal| format!("sig {signal}")),
    }
}

pub(super) fn cell(cell: Option<&Cell<'_>>, width: usize) -> String {
    let Some(cell) = cell else {
        return format!("{:width$}", "-");
    };
    let text = cell.text();
    let padding = width.saturating_sub(text.chars().count());
    let code = match (cell.sign, cell.unexpected) {
        (Sign::Wrong, true) => "1;31",
        (_, true) => "1;33",
        (Sign::Wrong, false) => "31",
        (Sign::Right, false) => "32",
        (Sign::Excused | Sign::Open, false) => "33",
    };
    // Outside of the colour, where it can be cut off.
    format!("{}{:padding$}", paint(code, &text), "")
}

/// Each column as wide as its widest cell.
pub(super) fn widths(board: &Scoreboard<'_>) -> Vec<usize> {
    let width = |text: &str| text.chars().count();
    let column = |index: usize| {
        let cells = board
            .rows
            .iter()
            .filter_map(|row| row.cells[index].as_ref());
        let widest = cells.map(|cell| width(&cell.text())).max();
        widest.unwrap_or(0).max(width(board.clients[index].name))
    };
    (0..board.clients.len()).map(column).collect()
}

pub(super) fn name_width(board: &Scoreboard<'_>) -> usize {
    let names = board.rows.iter().map(|row| row.scenario.chars().count());
    names.max().unwrap_or(0).clamp("scenario".len(), 32)
}

fn closing(told: &Told<'_>, board: &Scoreboard<'_>) -> Vec<String> {
    let run = &told.run;
    let rows = match board.suite() {
        Some(suite) => format!("suite {suite}: {}", counted(board.rows.len(), "case")),
        None => counted(board.rows.len(), "scenario"),
    };
    let mut lines = vec![format!(
        "{rows} x {} ({}):",
        counted(board.clients.len(), "client"),
        counted(told.circumstances.records, "trial"),
    )];
    let names = board.clients.iter().map(|column| column.name.len()).max();
    let names = names.unwrap_or_default();
    for column in &board.clients {
        lines.push(format!("  {:names$}  {}", column.name, column.tally()));
    }
    for sign in board.signs() {
        lines.push(format!("{} {}", sign.symbol(), board.meaning(sign)));
    }
    for (mark, meaning) in board.marks() {
        lines.push(format!("{mark} {meaning}"));
    }
    lines.extend(words(board));
    lines.extend(unexpected(told));
    lines.extend(warned(told));
    lines.push(told.exit.clone());
    lines.push(times(run));
    if let Some(name) = next(told, board) {
        lines.push(to_explain(run, name));
    }
    if let Some(folder) = run.folder {
        lines.push(format!("Report: {}", folder.join("report.html").display()));
    }
    lines
}

/// The words that occur, explained: as many in a line as it has room for.
fn words(board: &Scoreboard<'_>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (word, meaning) in board.words() {
        let text = format!("{word}: {meaning}");
        match lines.last_mut() {
            Some(line) if line.len() + text.len() + 2 <= COLUMNS => {
                line.push_str(&format!("; {text}"));
            }
            _ => lines.push(text),
        }
    }
    lines
}

/// Unexpected results come before wrong ones, and these before excused ones.
fn next<'a>(told: &Told<'a>, board: &Scoreboard<'a>) -> Option<&'a str> {
    let worst = board
        .rows
        .iter()
        .rev()
        .max_by_key(|row| row.cells.iter().flatten().map(|cell| cell.sign).max());
    told.most_interesting(worst.map(|row| row.scenario))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{
        Exporter as _, RunView,
        client_samples::{clients, view},
    };

    fn shown(terminal: Terminal, run: &RunView<'_>) -> String {
        let mut out = Vec::new();
        terminal.export(run, &mut out).unwrap();
        anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string()
    }

    #[test]
    fn clients_stand_side_by_side() {
        let (info, records) = clients();
        insta::assert_snapshot!(shown(Terminal::default(), &view(&info, &records)), @r"
        scenario             curl          mine
        healthy              ✓ whole       ✓ whole
        fin-chunked          ✓ error       ✗ short!
        fin-close-delimited  ~ short       ✗ bad
        stall-forever        ~ hang        ? hang
        slow-head            ✗ error! 1/2  -

        5 scenarios x 2 clients (10 trials):
          curl  2 ✓, 2 ~, 1 ✗
          mine  1 ✓, 1 ?, 2 ✗
        ✓ right: the file is whole, or the client says that it is not
        ~ excused: nothing in the response tells any client, or ends it
        ? not judged
        ✗ wrong: the client could know better
        whole: success, every byte is right; error: failure was reported
        short: success, and the file is short; bad: success, and bytes are wrong; hang: stopped at its limit
        Unexpected (!): 2 of 10 trials. Without an expectation: 1.
          fin-chunked/client/mine/tcp/1: it reports success with 600 MB right bytes of 1 GB
          slow-head/client/curl/tcp/2: it reports failure, and the whole object was to be had
        Exit code 10: an outcome is not the expected one.
        Real time 192 s.
        Next: shortread explain fin-chunked
        Report: results/2026-11-22T16-03-00Z-tcp/report.html
        ");
    }

    #[test]
    fn a_single_client_has_its_figures_beside_it() {
        let (mut info, mut records) = clients();
        info.clients.truncate(1);
        records.retain(|record| record.client.as_ref().is_some_and(|c| c.name == "curl"));
        info.planned_trials = records.len() as u64;
        insta::assert_snapshot!(shown(Terminal::default(), &view(&info, &records)), @r"
        scenario             curl             saved         of     when    exit   memory  last line
        healthy              ✓ whole           1 GB /     1 GB      8 s       0   9.4 MB
        fin-chunked          ✓ error         600 MB /     1 GB    4.2 s      18   9.4 MB  curl: (18) the end | came early
        fin-close-delimited  ~ short         600 MB /     1 GB    4.2 s       0   9.4 MB
        stall-forever        ~ hang          600 MB /     1 GB    4.2 s  sig 15   9.4 MB
        slow-head            ✗ error! 1/2    600 MB /     1 GB    4.2 s      18   9.4 MB  curl: (18) the end | came early

        5 scenarios x 1 client (6 trials):
          curl  2 ✓, 2 ~, 1 ✗
        ✓ right: the file is whole, or the client says that it is not
        ~ excused: nothing in the response tells any client, or ends it
        ✗ wrong: the client could know better
        whole: success, every byte is right; error: failure was reported
        short: success, and the file is short; hang: stopped at its limit
        Unexpected (!): 1 of 6 trials.
          slow-head/client/curl/tcp/2: it reports failure, and the whole object was to be had
        Exit code 10: an outcome is not the expected one.
        Real time 192 s.
        Next: shortread explain slow-head
        Report: results/2026-11-22T16-03-00Z-tcp/report.html
        ");
    }

    #[test]
    fn too_many_clients_for_a_line_go_below_unless_wide() {
        let (mut info, records) = clients();
        let curl = info.clients[0].clone();
        for number in 0..12 {
            let mut more = curl.clone();
            more.name = format!("curl-{number:02}");
            info.clients.push(more);
        }
        let run = view(&info, &records);
        let lines = |wide| {
            let text = shown(Terminal::new(wide), &run);
            let headings = text.lines().filter(|line| line.starts_with("scenario"));
            headings.count()
        };
        assert_eq!((lines(false), lines(true)), (2, 1));
        let longest = shown(Terminal::default(), &run);
        let table = longest.lines().take_while(|line| !line.contains(" x "));
        assert!(
            table
                .into_iter()
                .all(|line| line.chars().count() <= COLUMNS)
        );
    }
}
