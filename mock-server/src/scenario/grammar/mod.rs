//! The keys of each table, and what each may be. The reader refuses all others, and
//! takes its suggestions from here; the schema is made from it.

#[cfg(test)]
mod default_tests;
mod tables;

use std::ops::Bound;

use schemars::{JsonSchema, Schema, SchemaGenerator};

pub(super) use tables::{ACTIONS, TABLES};

/// One table of the grammar.
#[derive(Debug)]
pub(super) struct Grammar {
    /// The key path of the table, without indices; empty for the top level.
    pub(super) path: &'static str,
    /// As a person writes it.
    pub(super) shown: &'static str,
    /// Its keys, tables in it included.
    pub(super) keys: &'static [Key],
}

/// A key of a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    /// As it is written.
    pub(super) name: &'static str,
    /// The kinds of value that it takes: one of these.
    pub(super) values: &'static [Value],
    /// The default of a file that leaves it out, in the words of the reference:
    /// `required`, or nothing where there is nothing to say.
    pub(super) default: &'static str,
    /// Its meaning, as the reference has it.
    pub(super) meaning: &'static str,
}

/// A kind of value.
#[derive(Debug)]
pub(super) enum Value {
    /// A string that is not blank.
    Text,
    /// The same, in one line.
    Line,
    /// A string, perhaps empty.
    AnyText,
    /// `"64KiB"`, or a whole number of bytes.
    Size,
    /// `"2MB/s"`.
    Rate,
    /// `"350s"`.
    Duration,
    /// True or false.
    Flag,
    /// A whole number, both ends included.
    Whole(u64, u64),
    /// A number with or without a fraction.
    Number(Bound<f64>, Bound<f64>),
    /// One of these words.
    Listed(&'static [&'static str]),
    /// A word of `vocabulary`.
    Word(fn(&mut SchemaGenerator) -> Schema),
    /// The word of an action that has no argument.
    Action,
    /// The key path of a setting.
    Setting,
    /// `"chunk-3"`.
    Landmark,
    /// `"2.."`, or a whole number.
    Ordinals,
    /// `"1h.."`.
    Span,
    /// The method of a request.
    Method,
    /// A path of the server that nothing else has.
    Path,
    /// The path of a request, or all that begin with it.
    PathPattern,
    /// Bytes in hexadecimal.
    Hex,
    /// `aiohttp-3.14.5`.
    Release,
    /// The same, or `<aiohttp-3.14`.
    Releases,
    /// A list of such values.
    List(&'static Self),
    /// The same, none of them twice.
    Distinct(&'static Self),
    /// The same, at least one.
    NotEmpty(&'static Self),
    /// The same, at least one, each larger than the one before it.
    Ascending(&'static Self),
    /// Two sizes, the least and the most.
    Bounds,
    /// Header fields: names that are free, and texts.
    Fields,
    /// The table that has the path of the key.
    Table,
    /// A list of such tables.
    Tables,
}

/// The schema of a type of `vocabulary`.
fn word<T: JsonSchema>(schemas: &mut SchemaGenerator) -> Schema {
    schemas.subschema_for::<T>()
}

impl Grammar {
    /// The names of the keys, in their order.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> + Clone {
        self.keys.iter().map(|key| key.name)
    }

    /// True if exactly one of the keys is written at a time.
    pub(super) fn is_a_choice(&self) -> bool {
        [
            "fault.when",
            "fault.then",
            "response.raw.at",
            "answer.raw.at",
        ]
        .contains(&self.path)
    }

    /// The key path of the table or the list of tables that is `key` here.
    pub(super) fn below(&self, key: &str) -> String {
        match self.path {
            "" => key.into(),
            path => format!("{path}.{key}"),
        }
    }
}

impl Key {
    /// True if the table is wrong without it, whatever else stands in the file.
    pub(super) fn is_required(&self) -> bool {
        self.default == "required"
    }
}

/// Raw pieces of a response: each splits what is sent there, so that a response
/// keeps a place for each.
const MOST_RAW: usize = 256;

/// `[[expect.trial]]`: each pair of them is compared.
const MOST_EXPECTATIONS: usize = 256;

/// Releases or sizes in a list that selects trials: each pair of expectations
/// compares them, and there are fewer releases.
const MOST_SELECTED: usize = 128;

/// Entries of any other list, and header fields. A person writes far fewer; more
/// would take the time of everything that compares entries with each other.
const MOST_ENTRIES: usize = 1000;

/// The most entries that the list or the table of header fields at `path` may
/// have.
pub(super) fn most_entries(path: &str) -> usize {
    match without_indices(path).as_str() {
        "expect.trial" => MOST_EXPECTATIONS,
        "response.raw" | "answer.raw" => MOST_RAW,
        path if path.starts_with("expect.trial.") || path.starts_with("plan.") => MOST_SELECTED,
        _ => MOST_ENTRIES,
    }
}

/// The table at `path`, whose indices (`fault[0].when`) are ignored.
pub(super) fn at(path: &str) -> Option<&'static Grammar> {
    let plain = without_indices(path);
    TABLES.iter().find(|table| table.path == plain)
}

/// `fault[0].when` -> `fault.when`.
pub(super) fn without_indices(path: &str) -> String {
    let mut inside = false;
    path.chars()
        .filter(|c| {
            inside |= *c == '[';
            let keep = !inside;
            inside &= *c != ']';
            keep
        })
        .collect()
}

/// The tables of a file (not the inline ones) that have the key `key`, as a
/// person writes them.
pub(super) fn homes(key: &str) -> impl Iterator<Item = &'static str> {
    TABLES
        .iter()
        .filter(move |table| table.shown.starts_with('[') && table.names().any(|name| name == key))
        .map(|table| table.shown)
}

/// Every path that a scenario's failure can hang on: all settings and their
/// tables, but not what describes, scales or judges.
pub(super) fn settings() -> impl Iterator<Item = String> {
    let setting = |path: &str| {
        !path.is_empty()
            && !["tcp", "plan", "expect"].contains(&path.split('.').next().unwrap_or_default())
    };
    TABLES
        .iter()
        .filter(move |table| setting(table.path))
        .flat_map(|table| {
            let keys = table.names().map(|key| table.below(key));
            std::iter::once(table.path.to_owned()).chain(keys)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_do_not_matter() {
        assert_eq!(without_indices("fault[12].when.idle"), "fault.when.idle");
        assert_eq!(at("expect.trial[3]").unwrap().shown, "[[expect.trial]]");
        assert!(at("response.headers").is_none());
    }

    #[test]
    fn what_can_be_decisive_are_settings() {
        let all: Vec<_> = settings().collect();
        for path in [
            "fault",
            "client.total",
            "body.declared_size",
            "response.headers",
        ] {
            assert!(all.iter().any(|known| known == path), "{path}");
        }
        assert!(
            !all.iter()
                .any(|path| path.starts_with("expect") || path == "title")
        );
    }

    const REFERENCE: &str = include_str!("../../../../docs/SCENARIOS.md");

    /// The row of a table, in the reference, that begins in one of these ways.
    fn row(starts: &[String], meaning: &str) -> Option<&'static str> {
        let end = format!("| {meaning} |");
        REFERENCE
            .lines()
            .find(|line| line.ends_with(&end) && starts.iter().any(|start| line.starts_with(start)))
    }

    #[test]
    fn the_reference_says_of_each_key_what_the_schema_says() {
        for table in TABLES {
            for key in table.keys {
                let starts = [
                    format!("| `{}` |", key.name),
                    format!("| `{{ {} = ", key.name),
                ];
                let row = row(&starts, key.meaning);
                let row = row.unwrap_or_else(|| panic!("`{}` of {}", key.name, table.shown));
                // Tables of the reference without a column for it have two.
                if row.matches(" | ").count() > 1 {
                    assert!(
                        row.contains(&format!("| {} | {}", key.default, key.meaning)),
                        "{row}"
                    );
                }
            }
        }
        for (word, meaning) in ACTIONS {
            assert!(
                row(&[format!("| `\"{word}\"` |")], meaning).is_some(),
                "`{word}`"
            );
        }
    }

    #[test]
    fn the_words_for_actions_are_those_without_an_argument() {
        use crate::scenario::Action;
        let words = Action::EACH
            .into_iter()
            .filter(|action| action.argument().is_none());
        let words: Vec<_> = words.map(Action::word).collect();
        assert_eq!(ACTIONS.map(|(word, _)| word).to_vec(), words);
        let keys: Vec<_> = at("fault.then").unwrap().names().collect();
        let others = Action::EACH
            .into_iter()
            .filter(|action| action.argument().is_some());
        assert_eq!(keys, others.map(Action::word).collect::<Vec<_>>());
    }

    #[test]
    fn every_table_is_below_a_key_that_says_so() {
        for table in TABLES.iter().filter(|table| !table.path.is_empty()) {
            let (above, name) = table.path.rsplit_once('.').unwrap_or(("", table.path));
            let above = at(above).unwrap();
            let key = above.keys.iter().find(|key| key.name == name).unwrap();
            let is_table = |value: &Value| matches!(value, Value::Table | Value::Tables);
            assert!(key.values.iter().any(is_table), "{}", table.path);
        }
    }
}
