//! A scenario file in parts that can be taken out one by one.

use std::fmt::{self, Display};

/// The text of a scenario, line by line, each in its table.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Draft {
    tables: Vec<Table>,
}

/// A table and its lines; a list of tables has one of these for each.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Table {
    /// `[body]`, `[[fault]]`; empty at the top level.
    header: &'static str,
    lines: Vec<String>,
}

impl Draft {
    /// Begins a table.
    pub(crate) fn table(&mut self, header: &'static str) -> &mut Table {
        self.tables.push(Table {
            header,
            lines: Vec::new(),
        });
        let last = self.tables.len() - 1;
        &mut self.tables[last]
    }

    /// Every draft that has one table or one line less, the largest cuts first.
    pub(crate) fn smaller(&self) -> Vec<Self> {
        let tables = 0..self.tables.len();
        let without_table = tables.clone().map(|table| {
            let mut draft = self.clone();
            draft.tables.remove(table);
            draft
        });
        let without_line = tables.flat_map(|table| {
            (0..self.tables[table].lines.len()).map(move |line| {
                let mut draft = self.clone();
                draft.tables[table].lines.remove(line);
                draft
            })
        });
        without_table.chain(without_line).collect()
    }
}

impl Table {
    /// Sets `key` to a value as TOML has it.
    pub(crate) fn set(&mut self, key: &str, value: impl Display) {
        self.lines.push(format!("{key} = {value}"));
    }

    /// Sets `key` to a text without quotes or control characters.
    pub(crate) fn text(&mut self, key: &str, value: impl Display) {
        self.set(key, format_args!("\"{value}\""));
    }
}

impl Display for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A table without lines is one of defaults, or a part of a list that
        // the reader refuses.
        for table in &self.tables {
            if !table.header.is_empty() {
                writeln!(f, "\n{}", table.header)?;
            }
            for line in &table.lines {
                writeln!(f, "{line}")?;
            }
        }
        Ok(())
    }
}
