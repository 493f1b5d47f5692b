//! The matrix of remedies, below the table or in its place.

use super::{colour, paint};
use crate::{
    explain::wrap::paragraph,
    outcome::Group,
    report::cures::{Cell, Cures, Effect, Line},
};

/// Between two columns.
const GAP: &str = "  ";

/// Before what came of a scenario, where each has lines of its own.
const INDENT: &str = "  ";

/// The matrix, without the lines in which nothing was wrong and nothing became so, and
/// what its words mean. One that is wider than `columns` is a list by scenario.
pub(super) fn lines(cures: &Cures<'_>, columns: usize) -> Vec<String> {
    let telling = |line: &&Line<'_>| line.is_telling();
    let told: Vec<&Line<'_>> = cures.lines.iter().filter(telling).collect();
    let table = table(cures, &told);
    let mut lines = match width(&table) <= columns {
        true => painted(&table),
        false => told
            .iter()
            .flat_map(|line| list(cures, line, columns))
            .collect(),
    };
    let calm = cures.lines.len() - told.len();
    if calm > 0 {
        lines.push(format!("{calm} more: whole without any, and with each."));
    }
    let words = cures.words().into_iter();
    let words: Vec<String> = words
        .map(|(word, meaning)| format!("{word}: {meaning}"))
        .collect();
    for text in [
        cures.summary().replace('`', ""),
        format!("{}.", words.join("; ")),
    ] {
        lines.extend(paragraph(&text, "", columns).lines().map(str::to_owned));
    }
    lines
}

/// A text and its colour.
type Painted = (String, Option<&'static str>);

fn table(cures: &Cures<'_>, told: &[&Line<'_>]) -> Vec<Vec<Painted>> {
    let plain = |text: &str| (text.to_owned(), Some("2"));
    let mut head = vec![plain("scenario"), plain("without")];
    head.extend(cures.recipes.iter().map(|recipe| plain(recipe)));
    head.push(plain("cheapest cure, and what it adds"));
    let rows = told.iter().map(|line| row(cures, line));
    std::iter::once(head).chain(rows).collect()
}

fn row(cures: &Cures<'_>, line: &Line<'_>) -> Vec<Painted> {
    let mut row = vec![
        (line.name.clone(), None),
        (without(line), Some(colour(group(line)))),
    ];
    row.extend(line.cells.iter().map(|cell| painted_cell(cell.as_ref())));
    let cheapest = line.cheapest.map(|index| cures.told(line, index));
    row.push((cheapest.unwrap_or_else(|| "-".into()), None));
    row
}

fn widths(table: &[Vec<Painted>]) -> Vec<usize> {
    let width = |column: usize| {
        let cells = table.iter().map(|row| row[column].0.chars().count());
        cells.max().unwrap_or(0)
    };
    (0..table[0].len()).map(width).collect()
}

fn width(table: &[Vec<Painted>]) -> usize {
    let widths = widths(table);
    widths.iter().sum::<usize>() + GAP.len() * (widths.len() - 1)
}

fn painted(table: &[Vec<Painted>]) -> Vec<String> {
    let widths = widths(table);
    let cell = |((text, code), width): (&Painted, &usize)| {
        let text = format!("{text:<width$}");
        code.map_or(text.clone(), |code| paint(code, &text))
    };
    let row = |row: &Vec<Painted>| {
        let (last, cells) = row.split_last()?;
        let cells: Vec<String> = cells.iter().zip(&widths).map(cell).collect();
        let last = cell((last, &0));
        Some(format!("{}{GAP}{last}", cells.join(GAP)))
    };
    table.iter().filter_map(row).collect()
}

/// A scenario, then the recipes by what they come to, then the cheapest cure.
fn list(cures: &Cures<'_>, line: &Line<'_>, columns: usize) -> Vec<String> {
    let end = paint(colour(group(line)), &without(line));
    let mut lines = vec![format!("{}  {end}", line.name)];
    let mut texts: Vec<(Painted, Vec<&str>)> = Vec::new();
    for (recipe, cell) in cures.recipes.iter().zip(&line.cells) {
        let text = painted_cell(cell.as_ref());
        match texts.iter_mut().find(|(known, _)| *known == text) {
            Some((_, recipes)) => recipes.push(recipe),
            None => texts.push((text, vec![recipe])),
        }
    }
    for ((text, code), recipes) in texts {
        // The colour is put on when the lines are cut: its codes have no width.
        let all = format!("{text}: {}", recipes.join(", "));
        let mut wrapped = paragraph(&all, INDENT, columns);
        if let Some(code) = code {
            wrapped = wrapped.replacen(&text, &paint(code, &text), 1);
        }
        lines.extend(wrapped.lines().map(str::to_owned));
    }
    if let Some(index) = line.cheapest {
        let cheapest = format!("cheapest cure: {}", cures.told(line, index));
        lines.extend(
            paragraph(&cheapest, INDENT, columns)
                .lines()
                .map(str::to_owned),
        );
    }
    lines
}

fn group(line: &Line<'_>) -> Group {
    Group::of(line.plain.outcome.kind)
}

fn without(line: &Line<'_>) -> String {
    let text = format!("{} {}", group(line).heading(), line.without());
    text.trim_end().to_owned()
}

fn painted_cell(cell: Option<&Cell<'_>>) -> Painted {
    let Some(cell) = cell else {
        return ("not run".into(), None);
    };
    let code = match cell.effect {
        Effect::Cured if cell.whole == cell.trials() => Some("32"),
        Effect::Wrong => Some("1;31"),
        Effect::Worse => Some("35"),
        Effect::NotMeasured => Some("1;31"),
        Effect::Cured | Effect::Partly | Effect::Noticed | Effect::Tidy => Some("33"),
        Effect::Dear | Effect::Same | Effect::Whole => None,
    };
    (cell.text(), code)
}
