//! `answer=STATUS` and `version=SIZE`, and the parameters behind each that belong to
//! it.

use super::{
    fault::Wrong,
    selector,
    toml::{Kind, header, quoted, token},
};
use crate::scenario::StorePage;

/// The size of a version that is as long as the first.
const SAME: &str = "same";

/// An `[[answer]]` or a `[[version]]` as the lines of a scenario file, each with the
/// parameter that it comes from.
#[derive(Debug)]
pub(super) struct Part {
    table: &'static str,
    sent: String,
    lines: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    given: Vec<String>,
}

impl Part {
    /// The answer with the status that stands behind `answer=`, or with the page of a
    /// store.
    pub(super) fn answer(value: &str) -> Self {
        let line = match StorePage::from_word(value) {
            Some(_) => format!("page_of = {}", quoted(value)),
            None => format!("status = {}", token(Kind::Whole, value)),
        };
        Self::new("answer", format!("answer={value}"), Some(line))
    }

    /// The version with the size that stands behind `version=`.
    pub(super) fn version(value: &str) -> Self {
        let line = (value != SAME).then(|| format!("size = {}", quoted(value)));
        Self::new("version", format!("version={value}"), line)
    }

    fn new(table: &'static str, sent: String, line: Option<String>) -> Self {
        Self {
            table,
            lines: line.into_iter().map(|line| (line, sent.clone())).collect(),
            sent,
            headers: Vec::new(),
            given: Vec::new(),
        }
    }

    /// True if the parameter `name` of `table` belongs to it.
    pub(super) fn takes(&self, table: &str, name: &str) -> bool {
        match self.table {
            "answer" => table == "response" && name != "status",
            _ => ["etag", "last_modified"].contains(&name),
        }
    }

    /// Sets a parameter that follows it.
    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<(), Wrong> {
        let sent = format!("{name}={value}");
        if name == "header" {
            let (key, line) = header(value)?;
            self.once(format!("the field {key}"))?;
            self.headers.push((line, sent));
            return Ok(());
        }
        self.once(format!("`{name}`"))?;
        let value = match name {
            "on" => selector::table(value)?,
            _ => token(Kind::of(self.table, name), value),
        };
        self.lines.push((format!("{name} = {value}"), sent));
        Ok(())
    }

    /// Notes what is given, as it is shown, unless it was before.
    fn once(&mut self, what: String) -> Result<(), Wrong> {
        if self.given.contains(&what) {
            let message = format!("{what} is given twice for one {}", self.table);
            return Err((message, "keep one of them".into()));
        }
        self.given.push(what);
        Ok(())
    }

    /// Its lines in the file.
    pub(super) fn lines(self) -> Vec<(String, String)> {
        let mut lines = vec![(format!("[[{}]]", self.table), self.sent.clone())];
        lines.extend(self.lines);
        if !self.headers.is_empty() {
            lines.push((format!("[{}.headers]", self.table), self.sent));
            lines.extend(self.headers);
        }
        lines
    }
}
