//! A row in words: the bytes, the time, the side that ended it, and the
//! exception.

use shortread_server::scenario::Kind;

use crate::report::rows::Row;

/// The result of the trials of `row`, to follow the ways to read.
pub(in crate::report) fn sentence(row: &Row<'_>) -> String {
    let outcome = &row.records[0].outcome;
    let delivered = row.delivered().replace('*', "");
    let (expected, when) = (row.expected(), row.when());
    let by = outcome.ended_by.map_or("nobody", |party| party.word());
    let mut text = match outcome.kind {
        Kind::Complete => format!("all {expected} in {when}."),
        Kind::SilentTruncation => format!(
            "success was reported after {when} with {delivered} of {expected}; the {by} ended it."
        ),
        Kind::Corrupt => format!("success was reported after {when}, with wrong bytes."),
        Kind::WrongObject => format!("success was reported after {when} for another object."),
        Kind::TimedOut => format!(
            "{delivered} of {expected} when the client's deadline `{}` passed after {when}.",
            outcome.deadline.map_or("?", |deadline| deadline.word())
        ),
        Kind::Stalled => {
            format!("{delivered} of {expected}, and no end after {when}, when the harness gave up.")
        }
        Kind::ToolError => format!("the tool failed: {}.", row.exception()),
        kind => format!("{delivered} of {expected} after {when}: {kind}, by the {by}."),
    };
    if let Some(exception) = &outcome.exception {
        text.push_str(&format!(" Raised: `{}`.", exception.replace('`', "'")));
    }
    if let Some(index) = outcome.cause {
        let faults = row.records.iter().flat_map(|record| &record.server.faults);
        let action = faults
            .filter(|fault| fault.index == index)
            .map(|fault| format!(" (`{}`)", fault.action))
            .next()
            .unwrap_or_default();
        text.push_str(&format!(
            " Fault {}{action} led to it.",
            index.saturating_add(1)
        ));
    }
    if row.read_lost_all {
        text.push_str(" `response.read()` returned none of it.");
    }
    text
}
