//! Tables and their keys, with the place of each.

use std::{borrow::Cow, ops::Range};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::scenario::{diagnostic::Report, grammar, nearest};

/// A value with its key path and its place.
#[derive(Debug, Clone)]
pub(super) struct Item<'a> {
    pub(super) path: String,
    pub(super) span: Range<usize>,
    pub(super) value: &'a DeValue<'a>,
}

/// A table whose unknown keys have been noted.
#[derive(Debug)]
pub(super) struct Table<'a> {
    path: String,
    span: Range<usize>,
    entries: &'a DeTable<'a>,
}

impl<'a> Table<'a> {
    /// The top level of a file.
    pub(super) fn root(report: &mut Report, entries: &'a DeTable<'a>) -> Self {
        let table = Self {
            path: String::new(),
            span: 0..0,
            entries,
        };
        table.check(report);
        table
    }

    /// `item` as a table.
    pub(super) fn open(report: &mut Report, item: &Item<'a>) -> Option<Self> {
        let Some(entries) = item.value.as_table() else {
            let help = grammar::at(&item.path).map(|table| match table.shown {
                // `[[fault]]` where `[fault]` was meant, and the other way round.
                shown if shown.starts_with('[') => format!("write {shown}"),
                _ => format!("write a table with {}", nearest::either(table.names())),
            });
            wrong_type(report, item, "a table", help);
            return None;
        };
        let table = Self {
            path: item.path.clone(),
            span: item.span.clone(),
            entries,
        };
        table.check(report);
        Some(table)
    }

    /// Notes where each key stands, and the unknown ones as errors.
    fn check(&self, report: &mut Report) {
        let Some(grammar) = grammar::at(&self.path) else {
            return;
        };
        for (key, value) in self.entries {
            let name: &str = key.get_ref();
            report.key(&self.path_of(name), place(key, value));
            if grammar.names().any(|known| known == name) {
                continue;
            }
            let mut help = String::new();
            if let Some(near) = nearest::nearest(name, grammar.names()) {
                help = format!("did you mean `{near}`? ");
                report.misspelt(&self.path_of(near));
            } else {
                let homes: Vec<_> = grammar::homes(name).collect();
                if !homes.is_empty() {
                    help = format!("`{name}` belongs in {}; ", homes.join(" or "));
                }
            }
            let known = nearest::all_of(grammar.names());
            help += &format!("{} knows {known}", grammar.shown);
            report.error(
                key.span(),
                format!("unknown key `{name}` in {}", grammar.shown),
                help,
            );
        }
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.into()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// The place of the table: its header, or all of it if it is inline.
    pub(super) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// The number of keys.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The keys and values, in the order of the file.
    pub(super) fn in_order(&self) -> Vec<(&'a Spanned<Cow<'a, str>>, Item<'a>)> {
        let mut all: Vec<_> = self
            .entries
            .iter()
            .map(|(key, value)| (key, self.wrap(key.get_ref(), value)))
            .collect();
        all.sort_by_key(|(key, _)| key.span().start);
        all
    }

    /// The value of `key`, if it is there.
    pub(super) fn item(&self, key: &str) -> Option<Item<'a>> {
        self.entries.get(key).map(|value| self.wrap(key, value))
    }

    fn wrap(&self, key: &str, value: &'a Spanned<DeValue<'a>>) -> Item<'a> {
        Item {
            path: self.path_of(key),
            span: value.span(),
            value: value.get_ref(),
        }
    }

    /// The value of `key` as `read` reads it; `None` where it is absent or wrong.
    pub(super) fn get<T>(
        &self,
        report: &mut Report,
        key: &str,
        read: impl FnOnce(&mut Report, &Item<'a>) -> Option<T>,
    ) -> Option<T> {
        self.item(key).and_then(|item| read(report, &item))
    }

    /// As `get`, for a key that must be there, if only misspelt: that was noted.
    pub(super) fn require<T>(
        &self,
        report: &mut Report,
        key: &str,
        example: &str,
        read: impl FnOnce(&mut Report, &Item<'a>) -> Option<T>,
    ) -> Option<T> {
        if self.item(key).is_none() && !report.is_misspelt(&self.path_of(key)) {
            let shown = grammar::at(&self.path).map_or("the table", |table| table.shown);
            report.error(
                self.span(),
                format!("`{key}` is missing in {shown}"),
                format!("add `{key} = {example}`"),
            );
        }
        self.get(report, key, read)
    }

    /// The tables of `[[key]]`, each opened.
    pub(super) fn tables(&self, report: &mut Report, key: &str) -> Vec<Table<'a>> {
        let Some(item) = self.item(key) else {
            return Vec::new();
        };
        let count = item.value.as_array().map_or(0, |array| array.len());
        if !bounded(report, &item, count) {
            return Vec::new();
        }
        let items = elements(&item);
        for item in &items {
            report.key(&item.path, item.span.clone());
        }
        if item.value.is_array() {
            items
                .iter()
                .filter_map(|item| Table::open(report, item))
                .collect()
        } else {
            let help = format!("write [[{}]], with two brackets", item.path);
            wrong_type(report, &item, "a list of tables", Some(help));
            Vec::new()
        }
    }

    /// The only key of a table that must have one, with its value.
    pub(super) fn only(&self, report: &mut Report) -> Option<(&'a str, Item<'a>)> {
        let mut all = self.in_order();
        if all.len() == 1 {
            let (key, item) = all.remove(0);
            return Some((key.get_ref(), item));
        }
        if let Some(grammar) = grammar::at(&self.path) {
            report.error(
                self.span(),
                format!("{} needs exactly one key, not {}", grammar.shown, all.len()),
                format!("choose {}", nearest::either(grammar.names())),
            );
        }
        None
    }
}

/// The place of a key: `key = value` if that is one line, else the header or the
/// key.
fn place(key: &Spanned<Cow<'_, str>>, value: &Spanned<DeValue<'_>>) -> Range<usize> {
    let (key, value) = (key.span(), value.span());
    if value.start <= key.start {
        value
    } else {
        key.start..value.end
    }
}

/// True if `item` may have its `count` entries; notes an error otherwise.
pub(super) fn bounded(report: &mut Report, item: &Item<'_>, count: usize) -> bool {
    let most = grammar::most_entries(&item.path);
    if count > most {
        let shown = grammar::without_indices(&item.path);
        report.error(
            item.span.clone(),
            format!("`{shown}` has {count} entries"),
            format!("write at most {most}"),
        );
    }
    count <= most
}

/// The elements of an array; none where it is not one.
pub(super) fn elements<'a>(item: &Item<'a>) -> Vec<Item<'a>> {
    let elements = item
        .value
        .as_array()
        .into_iter()
        .flat_map(|array| array.iter());
    elements
        .enumerate()
        .map(|(index, value)| Item {
            path: format!("{}[{index}]", item.path),
            span: value.span(),
            value: value.get_ref(),
        })
        .collect()
}

/// Notes that `item` is not what it should be.
pub(super) fn wrong_type(report: &mut Report, item: &Item<'_>, wanted: &str, help: Option<String>) {
    let article = match item.value {
        DeValue::Integer(_) | DeValue::Array(_) => "an",
        _ => "a",
    };
    let message = format!(
        "`{}` must be {wanted}, not {article} {}",
        grammar::without_indices(&item.path),
        item.value.type_str()
    );
    report.error(item.span.clone(), message, help);
}
