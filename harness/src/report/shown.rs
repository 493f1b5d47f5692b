//! Makes a run safe to show. The text in a record may come from a file name, a
//! title, an exception or the output of a client, and must not act on a terminal
//! or change the direction of a page.
//!
//! It handles all texts of a run, so that none can be forgotten. CSV and JUnit
//! are for programs and have their own rules; they get the run unchanged.

use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use shortread_server::{
    scenario::Scenario,
    text::{printable, printable_lines, unprintable},
};

use super::RunView;
use crate::{
    results::agree::Agreement,
    results::{Record, RunInfo},
};

/// Fields that may have several lines.
const WITH_LINES: [&str; 6] = ["why", "text", "bytes", "page", "exception", "message"];

/// A copy of what a run tells, with what is unprintable spelt out.
#[derive(Debug)]
pub(super) struct Shown {
    info: RunInfo,
    records: Vec<Record>,
    scenarios: Vec<Arc<Scenario>>,
    agreement: Option<Agreement>,
}

impl Shown {
    /// `None` where the run can be shown as it is, as nearly every one can.
    pub(super) fn of(run: &RunView<'_>) -> Option<Self> {
        let scenarios = || run.scenarios.iter().map(Arc::as_ref);
        let harmless = is_harmless(run.info)
            && run.records.iter().all(is_harmless)
            && scenarios().all(is_harmless);
        if harmless {
            return None;
        }
        let records: Vec<Record> = run.records.iter().map(spelt).collect();
        Some(Self {
            info: spelt(run.info),
            agreement: run.agreement.and_then(|_| Agreement::of(&records)),
            records,
            scenarios: scenarios().map(|one| Arc::new(spelt(one))).collect(),
        })
    }

    /// The run, told by this copy.
    pub(super) fn view<'a>(&'a self, run: &RunView<'a>) -> RunView<'a> {
        RunView {
            info: &self.info,
            records: &self.records,
            scenarios: &self.scenarios,
            agreement: self.agreement.as_ref(),
            ..*run
        }
    }
}

/// `value` with what is unprintable in its texts spelt out.
pub(crate) fn spelt<T: Clone + Serialize + DeserializeOwned>(value: &T) -> T {
    let Ok(mut tree) = serde_json::to_value(value) else {
        return value.clone();
    };
    spell("", &mut tree);
    // Only texts have changed, and no type looks into them but by their words.
    serde_json::from_value(tree).unwrap_or_else(|_| value.clone())
}

fn is_harmless(value: &impl Serialize) -> bool {
    let mut tree = serde_json::to_value(value).unwrap_or_default();
    !spell("", &mut tree)
}

/// Spells out the texts below the field `name`. Returns true if any text needed it.
fn spell(name: &str, value: &mut Value) -> bool {
    match value {
        Value::String(text) => {
            if !text.contains(unprintable) {
                return false;
            }
            let shown = match WITH_LINES.contains(&name) {
                true => printable_lines(text),
                false => printable(text),
            };
            let changed = shown != text.as_str();
            *text = shown.into_owned();
            changed
        }
        // Each, and not up to the first.
        Value::Array(all) => all
            .iter_mut()
            .fold(false, |any, one| spell(name, one) | any),
        Value::Object(table) => {
            let all = table.iter_mut();
            all.fold(false, |any, (name, one)| spell(name, one) | any)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Html, Markdown, Terminal, samples};

    const HOSTILE: &str = "a\u{1b}[2Jb\u{202e}c\u{7}";

    /// Every field that a file's name, a client or an exception can reach.
    fn hostile() -> Vec<Record> {
        let mut records = samples::records();
        for record in &mut records {
            record.scenario = HOSTILE.into();
            record.id = format!("{HOSTILE}/{}", record.id);
            record.difference = Some(HOSTILE.into());
            record.as_expected = Some(false);
            record.outcome.exception = Some(format!("{HOSTILE}\n{HOSTILE}"));
        }
        records
    }

    #[test]
    fn nothing_foreign_reaches_a_terminal_or_a_page_raw() {
        let records = hostile();
        let mut wide = Vec::new();
        samples::export_into(&Terminal::new(true), &records, &mut wide);
        let terminal = anstream::adapter::strip_str(std::str::from_utf8(&wide).unwrap());
        let texts = [
            terminal.to_string(),
            samples::export(&Markdown, &records),
            samples::export(&Html, &records),
        ];
        for text in texts {
            let raw = |c: char| unprintable(c) && c != '\n' && c != '\t';
            assert!(!text.contains(raw), "{text:?}");
            assert!(text.contains("\\u{1b}[2J") && text.contains("\\u{202e}"));
        }
        // The table itself only writes colours.
        let wide = String::from_utf8(wide).unwrap();
        for (at, _) in wide.match_indices('\u{1b}') {
            let code: String = wide[at + 1..].chars().take(6).collect();
            assert!(code.starts_with('[') && code.contains('m'), "{code:?}");
        }
    }

    #[test]
    fn what_is_harmless_is_not_copied() {
        assert!(samples::records().iter().all(is_harmless));
        assert!(hostile().iter().all(|record| !is_harmless(record)));
    }
}
