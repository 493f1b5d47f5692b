//! The closing table: the result of a run on one screen.

mod chunks;
mod clients;
mod closing;
mod cures;
mod fold;
mod suite;

use std::io::{self, Write};

use super::{
    Exporter, RunView,
    rows::{Row, Sharing, Story},
    shown::Shown,
    told::{Told, tell},
};
use crate::outcome::Group;
use closing::closing;
use fold::{Fold, folds};

/// The widest line where nothing is known of the screen, and on narrower ones.
const COLUMNS: usize = 100;

/// The widest line on any screen: with more, nothing is cut off.
const MOST_COLUMNS: usize = 140;

/// The most lines, where nothing is unexpected.
const LINES: usize = 40;

/// A table for people. Colours are always written; the stream in front of the
/// terminal takes them out where they are not wanted.
#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    /// Memory, the 99th percentile of the gap between chunks and the comparison
    /// of chunk sizes too, on as many lines of any width as it takes.
    wide: bool,
    columns: usize,
}

impl Default for Terminal {
    fn default() -> Self {
        Self {
            wide: false,
            columns: COLUMNS,
        }
    }
}

impl Terminal {
    /// The table, `wide` or not, in 100 columns.
    pub fn new(wide: bool) -> Self {
        Self {
            wide,
            ..Self::default()
        }
    }

    /// The same on a screen of `columns`: in up to 140 of them, if there are
    /// more than 100.
    #[must_use]
    pub fn on_screen(self, columns: usize) -> Self {
        Self {
            columns: columns.clamp(COLUMNS, MOST_COLUMNS),
            ..self
        }
    }
}

impl Exporter for Terminal {
    fn export(&self, run: &RunView<'_>, out: &mut dyn Write) -> io::Result<()> {
        if let Some(shown) = Shown::of(run) {
            return self.export(&shown.view(run), out);
        }
        for line in self.lines(run) {
            writeln!(out, "{line}")?;
        }
        Ok(())
    }
}

impl Terminal {
    fn lines(self, run: &RunView<'_>) -> Vec<String> {
        let told = tell(run, Sharing::SameBytes);
        if let Some(board) = &told.board {
            return self.scoreboard(&told, board);
        }
        if let Some(cures) = &told.cures {
            let mut lines = cures::lines(cures, self.columns);
            lines.push(String::new());
            lines.extend(closing(&told));
            return lines;
        }
        let exact = self.page(&told, usize::MAX);
        let calm = !self.wide && told.unexpected.is_none() && told.disagreements().is_empty();
        if calm && exact.len() > LINES {
            self.page(&tell(run, Sharing::AnyBytes), LINES)
        } else {
            exact
        }
    }

    /// With no more than `most` lines, as far as scenarios can share them.
    fn page(self, told: &Told<'_>, most: usize) -> Vec<String> {
        let stories = &told.stories;
        let mut closing = closing(told);
        let rows: usize = stories.iter().map(|story| story.rows.len()).sum();
        // The header, and a line between the table and its closing.
        let whole = 1 + rows + 1 + closing.len();
        let left = left(stories);
        let folds = folds(stories, whole.saturating_sub(most), self.columns - left);
        if !folds.is_empty() {
            closing[0].push_str(" Each: --wide.");
        }
        let mut lines = self.table(stories, &folds, left);
        if self.wide {
            lines.extend(chunks::lines(&told.run));
        }
        lines.push(String::new());
        lines.extend(closing);
        lines
    }

    /// In each group first what has lines of its own, then what shares them.
    fn table(self, stories: &[Story<'_>], folds: &[Fold<'_>], left: usize) -> Vec<String> {
        let alone: Vec<&Story<'_>> = stories
            .iter()
            .filter(|story| !folds.iter().any(|fold| fold.has(story.name)))
            .collect();
        let mut rows = self.rows(&alone, left).into_iter().peekable();
        let mut table = Vec::new();
        table.extend(rows.next().map(|(_, header)| header));
        for group in Group::ALL {
            let before = table.len();
            while let Some((_, line)) = rows.next_if(|(of, _)| *of == Some(group)) {
                table.push(line);
            }
            let shared = folds.iter().filter(|fold| fold.group == group);
            for text in shared.flat_map(|fold| fold.lines(self.columns - left)) {
                let first = table.len() == before;
                let heading = if first { group.heading() } else { "" };
                let heading = paint(colour(group), &format!("{heading:<left$}"));
                table.push(format!("{heading}{text}"));
            }
        }
        table
    }

    /// The header, and a line per row with its story's group.
    fn rows(self, stories: &[&Story<'_>], left: usize) -> Vec<(Option<Group>, String)> {
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
        let widths = self.widths(&table, left);
        table
            .iter()
            .zip(groups)
            .map(|(cells, group)| (group.map(|(group, _)| group), line(cells, &widths, group)))
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

    /// Each column as wide as its widest cell, that of the groups so that the
    /// next begins at `left`; unless `wide`, exceptions and then names give way
    /// until the line fits.
    fn widths(self, table: &[Vec<String>], left: usize) -> Vec<usize> {
        let mut widths: Vec<usize> = (0..table[0].len())
            .map(|column| {
                let cells = table.iter().map(|cells| cells[column].chars().count());
                cells.max().unwrap_or_default()
            })
            .collect();
        widths[0] = left.saturating_sub(SEPARATORS[1].len());
        if !self.wide {
            for (column, least) in [(EXCEPTION, 9), (NAME, 20)] {
                let separators: usize = SEPARATORS.iter().map(|text| text.len()).sum();
                let total = widths.iter().sum::<usize>() + separators;
                let excess = total.saturating_sub(self.columns);
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

/// The start of the column of scenarios.
fn left(stories: &[Story<'_>]) -> usize {
    let headings = stories.iter().map(|story| story.group.heading().len());
    headings.max().unwrap_or_default() + SEPARATORS[1].len()
}

/// The scenario on its first line; below it, what differs by its call.
fn name(story: &Story<'_>, row: &Row<'_>, index: usize) -> String {
    let world = row
        .world
        .map_or(String::new(), |world| format!(" ({world})"));
    let mark = format!("{world}{}", if row.unexpected() { " !" } else { "" });
    match (index, row.calls.as_slice()) {
        // If no row stands for most ways to read, each is named.
        (0, [call]) if story.rows.len() > 1 => format!("{}: {call}{mark}", story.name),
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
            // Behind the last one there is nothing to line up.
            false if column + 1 == cells.len() => cell,
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
mod fold_tests;
#[cfg(test)]
mod tests;
