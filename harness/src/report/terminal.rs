//! The closing table: what a run came to, on one screen.

use std::io::{self, Write};

use mock_server::units::human_duration;

use super::{
    Exporter, RunView,
    rows::{Row, Sharing, Story, stories},
};
use crate::results::Group;

/// The widest line.
const COLUMNS: usize = 100;

/// The most lines, where nothing is unexpected.
const LINES: usize = 40;

/// How many unexpected trials are named.
const NAMED: usize = 10;

/// A table for people. Colours are always written; the stream in front of the
/// terminal takes them out where they are not wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminal {
    /// Memory and the 99th percentile of the gap between chunks too, on as many
    /// lines of any width as it takes.
    pub wide: bool,
}

impl Exporter for Terminal {
    fn export(&self, run: &RunView<'_>, out: &mut dyn Write) -> io::Result<()> {
        let exact = self.page(run, Sharing::SameBytes);
        let calm = !self.wide && run.unexpected().next().is_none();
        let page = if calm && exact.len() > LINES {
            self.page(run, Sharing::AnyBytes)
        } else {
            exact
        };
        for line in page {
            writeln!(out, "{line}")?;
        }
        Ok(())
    }
}

impl Terminal {
    fn page(self, run: &RunView<'_>, sharing: Sharing) -> Vec<String> {
        let stories = stories(run, sharing);
        let mut lines = self.table(&stories);
        lines.push(String::new());
        lines.extend(closing(run, &stories));
        lines
    }

    fn table(self, stories: &[Story<'_>]) -> Vec<String> {
        let mut table: Vec<Vec<String>> = vec![self.header()];
        let mut groups = vec![None];
        let mut last = None;
        for story in stories {
            for (index, row) in story.rows.iter().enumerate() {
                let group = if index == 0 && last != Some(story.group) {
                    last = Some(story.group);
                    story.group.heading()
                } else {
                    ""
                };
                table.push(self.cells(group, &name(story, row, index), row));
                groups.push(Some((story.group, row.unexpected())));
            }
        }
        let widths = self.widths(&table);
        table
            .iter()
            .zip(groups)
            .map(|(cells, group)| line(cells, &widths, group))
            .collect()
    }

    fn header(self) -> Vec<String> {
        let mut names = vec![
            "",
            "scenario",
            "delivered",
            "expected",
            "when",
            "ended by",
            "exception",
        ];
        if self.wide {
            names.extend(["peak heap", "gap p99"]);
        }
        names.into_iter().map(Into::into).collect()
    }

    fn cells(self, group: &str, name: &str, row: &Row<'_>) -> Vec<String> {
        let mut cells = vec![
            group.into(),
            name.into(),
            row.delivered(),
            row.expected(),
            row.when(),
            row.ended(),
            row.exception(),
        ];
        if self.wide {
            cells.extend([row.heap(), row.gap()]);
        }
        cells
    }

    /// Each column as wide as its widest cell; unless `wide`, exceptions and
    /// then names give way until the line fits.
    fn widths(self, table: &[Vec<String>]) -> Vec<usize> {
        let mut widths: Vec<usize> = (0..table[0].len())
            .map(|column| {
                let cells = table.iter().map(|cells| cells[column].chars().count());
                cells.max().unwrap_or_default()
            })
            .collect();
        if !self.wide {
            for (column, least) in [(EXCEPTION, 9), (NAME, 20)] {
                let separators: usize = SEPARATORS.iter().map(|text| text.len()).sum();
                let total = widths.iter().sum::<usize>() + separators;
                let excess = total.saturating_sub(COLUMNS);
                widths[column] = widths[column]
                    .saturating_sub(excess)
                    .max(least.min(widths[column]));
            }
        }
        widths
    }
}

const NAME: usize = 1;
const EXCEPTION: usize = 6;
/// In front of each column.
const SEPARATORS: [&str; 9] = ["", " ", " ", " / ", " ", "  ", " ", " ", " "];
/// Figures stand right.
const RIGHT: [usize; 5] = [2, 3, 4, 7, 8];

/// The scenario on its first line; below it, what differs by its call.
fn name(story: &Story<'_>, row: &Row<'_>, index: usize) -> String {
    let mark = if row.unexpected() { " !" } else { "" };
    match (index, row.calls.as_slice()) {
        (0, _) => format!("{}{mark}", story.name),
        (_, [call]) => format!("  {call}{mark}"),
        (_, [call, rest @ ..]) => format!("  {call} +{}{mark}", rest.len()),
        (_, []) => String::new(),
    }
}

fn line(cells: &[String], widths: &[usize], group: Option<(Group, bool)>) -> String {
    let mut text = String::new();
    for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let cell = clip(cell, *width);
        let cell = match RIGHT.contains(&column) {
            true => format!("{cell:>width$}"),
            false => format!("{cell:<width$}"),
        };
        let styled = match (column, group) {
            (_, None) => paint("2", &cell),
            (0, Some((group, _))) => paint(colour(group), &cell),
            (NAME, Some((_, true))) => paint("1;33", &cell),
            _ => cell,
        };
        // The slash of the header would say nothing.
        let separator = match (SEPARATORS[column], group) {
            (" / ", None) => "   ",
            (other, _) => other,
        };
        text.push_str(separator);
        text.push_str(&styled);
    }
    text.trim_end().into()
}

fn closing(run: &RunView<'_>, stories: &[Story<'_>]) -> Vec<String> {
    let mut lines = vec![counts(run, stories)];
    lines.extend(unexpected(run));
    if stories
        .iter()
        .flat_map(|story| &story.rows)
        .any(|row| row.read_lost_all)
    {
        lines.push("* but response.read() returns nothing of what had arrived".into());
    }
    lines.push(run.exit_meaning());
    lines.push(times(run));
    if let Some(name) = most_interesting(run, stories) {
        lines.push(format!(
            "Next: {}",
            paint("1", &format!("shortread explain {name}"))
        ));
    }
    if let Some(folder) = run.folder {
        lines.push(format!("Report: {}", folder.join("report.md").display()));
    }
    lines
}

fn counts(run: &RunView<'_>, stories: &[Story<'_>]) -> String {
    let counts: Vec<String> = Group::ALL
        .iter()
        .filter_map(|group| {
            let count = stories.iter().filter(|story| story.group == *group).count();
            (count > 0).then(|| format!("{count} {group}"))
        })
        .collect();
    format!(
        "{} scenarios ({} trials), by their worst trial: {}.",
        stories.len(),
        run.records.len(),
        counts.join(", ")
    )
}

fn unexpected(run: &RunView<'_>) -> Vec<String> {
    let open = run
        .records
        .iter()
        .filter(|r| r.as_expected.is_none())
        .count();
    let without = match open {
        0 => String::new(),
        n => format!(" Without an expectation: {n}."),
    };
    let count = run.unexpected().count();
    if count == 0 {
        return vec![format!("Unexpected: none.{without}")];
    }
    let mut lines = vec![format!(
        "Unexpected (!): {count} of {} trials.{without}",
        run.records.len()
    )];
    lines.extend(run.unexpected().take(NAMED).map(|record| {
        let difference = record.difference.as_deref().unwrap_or("it differs");
        format!("  {}: {difference}", paint("33", &record.id))
    }));
    if count > NAMED {
        lines.push(format!("  and {} more, in summary.json", count - NAMED));
    }
    lines
}

fn times(run: &RunView<'_>) -> String {
    let time = |ns: u64| human_duration(std::time::Duration::from_nanos(ns));
    let mut text = match run.info.real_ns {
        Some(real) => format!("Real time {}", time(real)),
        None => "Not finished".into(),
    };
    if let Some(simulated) = run.info.simulated_ns {
        text.push_str(&format!(", simulated time {}", time(simulated)));
    }
    let scaled = run.records.iter().filter(|r| r.scaled.is_some()).count();
    if scaled > 0 {
        text.push_str(&format!(
            "; {scaled} of {} trials ran with scaled numbers, the report says from what",
            run.records.len()
        ));
    }
    text + "."
}

/// An unexpected scenario before the worst, the worst before the others.
fn most_interesting<'a>(run: &RunView<'a>, stories: &[Story<'a>]) -> Option<&'a str> {
    run.unexpected()
        .next()
        .map(|record| record.scenario.as_str())
        .or_else(|| stories.first().map(|story| story.name))
}

fn colour(group: Group) -> &'static str {
    match group {
        Group::Silent | Group::Tool => "1;31",
        Group::Cut => "33",
        Group::Hang => "35",
        Group::Ok => "32",
    }
}

/// `text` in a colour (SGR, ECMA-48 section 8.3.117).
fn paint(code: &str, text: &str) -> String {
    format!("\x1b[{code}m{text}\x1b[0m")
}

fn clip(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.into();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{
        report::samples,
        results::{Record, RunInfo, Scaled},
    };

    fn shown(terminal: Terminal, run: &RunView<'_>) -> String {
        let mut out = Vec::new();
        terminal.export(run, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let plain = anstream::adapter::strip_str(&text).to_string();
        plain
            .lines()
            .map(str::trim_end)
            .collect::<Vec<_>>()
            .join("\n")
    }

    fn view<'a>(info: &'a RunInfo, records: &'a [Record]) -> RunView<'a> {
        RunView {
            info,
            records,
            scenarios: &[],
            folder: Some(Path::new("results/2026-11-22T16-03-00Z-tcp")),
            check: false,
        }
    }

    #[test]
    fn the_worst_comes_first_and_what_came_to_the_same_shares_a_line() {
        let info = crate::results::samples::run_info();
        let records = samples::records();
        insta::assert_snapshot!(shown(Terminal::default(), &view(&info, &records)), @r"
                   scenario          delivered   expected   when  ended by       exception
            SILENT close-delimited    12.58 MB /     1 GB 6.29 s  server: short  -
            CUT    total-2MBps         600 MB* /     1 GB  300 s  client: total  TimeoutError
                   memory-budget          1 GB /     1 GB    8 s  complete       -
                     response.read()       0 B /     1 GB  4.1 s  client: memory MemoryError
            HANG   blackhole           500 MB* /     1 GB 20 min  nobody         -
            OK     healthy                1 GB /     1 GB    8 s  complete       -

            5 scenarios (30 trials), by their worst trial: 1 SILENT, 2 CUT, 1 HANG, 1 OK.
            Unexpected: none.
            * but response.read() returns nothing of what had arrived
            Exit code 0: the run did its work, whatever the downloads came to.
            Real time 192 s.
            Next: shortread explain close-delimited
            Report: results/2026-11-22T16-03-00Z-tcp/report.md
            ");
    }

    #[test]
    fn wide_adds_memory_and_gaps() {
        let info = crate::results::samples::run_info();
        let records = samples::records();
        insta::assert_snapshot!(shown(Terminal { wide: true }, &view(&info, &records)), @r"
                   scenario          delivered   expected   when  ended by       exception    peak heap gap p99
            SILENT close-delimited    12.58 MB /     1 GB 6.29 s  server: short  -               1.2 MB  2.1 ms
            CUT    total-2MBps         600 MB* /     1 GB  300 s  client: total  TimeoutError    1.2 MB  2.1 ms
                   memory-budget          1 GB /     1 GB    8 s  complete       -               1.2 MB  2.1 ms
                     response.read()       0 B /     1 GB  4.1 s  client: memory MemoryError     1.2 MB  2.1 ms
            HANG   blackhole           500 MB* /     1 GB 20 min  nobody         -               1.2 MB  2.1 ms
            OK     healthy                1 GB /     1 GB    8 s  complete       -               1.2 MB  2.1 ms

            5 scenarios (30 trials), by their worst trial: 1 SILENT, 2 CUT, 1 HANG, 1 OK.
            Unexpected: none.
            * but response.read() returns nothing of what had arrived
            Exit code 0: the run did its work, whatever the downloads came to.
            Real time 192 s.
            Next: shortread explain close-delimited
            Report: results/2026-11-22T16-03-00Z-tcp/report.md
            ");
    }

    #[test]
    fn what_is_unexpected_is_marked_and_named_and_comes_next() {
        let info = crate::results::samples::run_info();
        let mut records = samples::records();
        records[9].as_expected = Some(false);
        records[9].difference = Some("it came to timed-out instead of complete".into());
        records[0].as_expected = None;
        for record in &mut records[6..12] {
            record.scaled = Some(Scaled {
                time: 0.01,
                size: 0.01,
            });
        }
        let run = RunView {
            check: true,
            ..view(&info, &records)
        };
        insta::assert_snapshot!(shown(Terminal::default(), &run), @r"
                   scenario          delivered   expected   when  ended by       exception
            SILENT close-delimited    12.58 MB /     1 GB 6.29 s  server: short  -
            CUT    total-2MBps !       600 MB* /     1 GB  300 s  client: total  TimeoutError
                   memory-budget          1 GB /     1 GB    8 s  complete       -
                     response.read()       0 B /     1 GB  4.1 s  client: memory MemoryError
            HANG   blackhole           500 MB* /     1 GB 20 min  nobody         -
            OK     healthy                1 GB /     1 GB    8 s  complete       -

            5 scenarios (30 trials), by their worst trial: 1 SILENT, 2 CUT, 1 HANG, 1 OK.
            Unexpected (!): 1 of 30 trials. Without an expectation: 1.
              total-2MBps/fixed-chunk-65536/aiohttp-3.14.5/tcp/1: it came to timed-out instead of complete
            * but response.read() returns nothing of what had arrived
            Exit code 10: an outcome is not the expected one.
            Real time 192 s; 6 of 30 trials ran with scaled numbers, the report says from what.
            Next: shortread explain total-2MBps
            Report: results/2026-11-22T16-03-00Z-tcp/report.md
            ");
    }

    #[test]
    fn an_interrupted_run_says_how_far_it_came() {
        let mut info = crate::results::samples::run_info();
        info.interrupted = true;
        info.planned_trials = 144;
        let records = samples::all("healthy", samples::complete(), 1_000_000_000, 8.0);
        let shown = shown(Terminal::default(), &view(&info, &records));
        assert!(
            shown.contains("Exit code 130: interrupted; 6 of 144 trials have a record."),
            "{shown}"
        );
    }

    #[test]
    fn colours_are_there_for_a_terminal() {
        let info = crate::results::samples::run_info();
        let records = samples::records();
        let mut out = Vec::new();
        Terminal::default()
            .export(&view(&info, &records), &mut out)
            .unwrap();
        assert!(
            String::from_utf8(out)
                .unwrap()
                .contains("\x1b[1;31mSILENT\x1b[0m")
        );
    }

    #[test]
    fn twenty_eight_scenarios_fit_a_screen_even_where_every_strategy_differs() {
        let info = crate::results::samples::run_info();
        let mut records = Vec::new();
        for number in 0..28 {
            let name = format!("a-rather-long-scenario-name-{number}");
            let mut six = samples::all(&name, samples::reset(), 600_000_000, 300.2);
            for (index, record) in six.iter_mut().enumerate().skip(1) {
                record.delivered_bytes -= index as u64 * 50_000_000;
            }
            records.extend(six);
        }
        let shown = shown(Terminal::default(), &view(&info, &records));
        assert!(shown.lines().count() <= LINES, "{shown}");
        for line in shown.lines().take(29) {
            assert!(line.chars().count() <= COLUMNS, "{line}");
        }
        insta::assert_snapshot!(shown.lines().nth(1).unwrap(), @"CUT a-rather-long-scenario-name-0  350-550 MB* /     1 GB 300 s  network: reset ClientPayloadError");
    }
}
