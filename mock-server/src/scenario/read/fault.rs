//! `[[fault]]`

use super::{
    selector,
    table::{Item, Table, wrong_type},
    value,
};
use crate::{
    scenario::{Action, Counts, Fault, Party, Report, Trigger, grammar},
    units::ByteSize,
};

/// Reads every `[[fault]]`, in the order of the file.
pub(super) fn read(report: &mut Report, root: &Table<'_>) -> Vec<Fault> {
    let tables = root.tables(report, "fault");
    let mut faults = Vec::new();
    for (index, table) in tables.iter().enumerate() {
        for fault in each(report, table) {
            // Those behind a list have other numbers than in the file.
            report.made_of(
                format!("fault[{}]", faults.len()),
                format!("fault[{index}]"),
            );
            faults.push(fault);
        }
        if faults.len() > grammar::most_entries("fault") {
            let message = format!("these are {} faults, those of lists included", faults.len());
            let help = format!("write at most {}", grammar::most_entries("fault"));
            report.error(table.span(), message, help);
            break;
        }
    }
    faults
}

/// One fault for each of its offsets.
fn each(report: &mut Report, table: &Table<'_>) -> Vec<Fault> {
    let mut offsets = Vec::new();
    let fault = fault(report, table, &mut offsets);
    let each = fault.into_iter().flat_map(|fault| {
        let others = offsets.iter().map(|at| Fault {
            when: Trigger::Object(*at),
            ..fault.clone()
        });
        let others: Vec<Fault> = others.collect();
        std::iter::once(fault).chain(others)
    });
    each.collect()
}

/// The first of the faults in `table`; `more` gets the offsets of the others.
fn fault(report: &mut Report, table: &Table<'_>, more: &mut Vec<ByteSize>) -> Option<Fault> {
    let on = selector::read(report, table);
    let when = table.require(report, "when", "{ body = \"12MiB\" }", |report, item| {
        trigger(report, item, more)
    });
    let then = table.require(report, "then", "\"reset\"", action);
    let by = table.get(report, "by", |report, item| {
        value::word(report, item, Party::ALL, Party::word)
    });
    let drain = table.get(report, "drain", value::flag);
    let drain_limit = table.get(report, "drain_limit", value::duration);
    let settle = table.get(report, "settle", value::duration);
    let default = Fault::new(when?, then?);
    let drain = drain.unwrap_or(default.drain);
    Some(Fault {
        on,
        by: by.unwrap_or(default.by),
        drain,
        settle: settle.unwrap_or_else(|| Fault::settles(drain, default.then)),
        drain_limit: drain_limit.unwrap_or(default.drain_limit),
        ..default
    })
}

fn trigger(report: &mut Report, item: &Item<'_>, more: &mut Vec<ByteSize>) -> Option<Trigger> {
    if !item.value.is_table() {
        let help = "write { body = \"12MiB\" }, { idle = \"350s\" }, { request = 2 }, ...";
        wrong_type(report, item, "a table with one key", Some(help.into()));
        return None;
    }
    let (key, item) = Table::open(report, item)?.only(report)?;
    match key {
        "body" => value::size(report, &item).map(Trigger::Body),
        "wire" => value::size(report, &item).map(Trigger::Wire),
        "object" => {
            let mut all = value::ascending_sizes(report, &item)?.into_iter();
            let first = all.next().map(Trigger::Object);
            more.extend(all);
            first
        }
        "place" => value::place(report, &item).map(Trigger::Place),
        "elapsed" => value::duration(report, &item).map(Trigger::Elapsed),
        "idle" => idle(report, &item),
        "blocked" => value::duration(report, &item).map(Trigger::Blocked),
        "request" => value::whole(report, &item).map(Trigger::Request),
        "connection" => value::whole(report, &item).map(Trigger::Connection),
        "chance" => value::number(report, &item).map(Trigger::Chance),
        // Noted when the table was opened.
        _ => None,
    }
}

/// The words of other tools for an action, with ours.
const ELSEWHERE: [(&str, &str); 8] = [
    ("rst", "`reset`"),
    ("close", "`fin`"),
    ("eof", "`fin`"),
    ("drop", "`blackhole`"),
    ("hang", FOR_EVER),
    ("freeze", FOR_EVER),
    ("timeout", FOR_EVER),
    (
        "slow",
        "{ throttle = \"10KB/s\" }, in a URL `throttle:10KB/s`",
    ),
];
const FOR_EVER: &str = "{ stall = \"forever\" }, in a URL `stall:forever`";

fn unknown_action(report: &mut Report, item: &Item<'_>, word: &str) {
    let words = Action::EACH.map(Action::word);
    let other = (ELSEWHERE.iter()).find(|(other, _)| other.eq_ignore_ascii_case(word));
    match other {
        Some((_, ours)) => {
            value::wrong_word(report, item, word, format!("did you mean {ours}?"));
        }
        None => value::unknown_word(report, item, word, words.into_iter()),
    }
}

/// `"350s"`, or `{ after = "350s", counts = "payload" }`. A middlebox that
/// tracks flows sees segments, so that is the default.
fn idle(report: &mut Report, item: &Item<'_>) -> Option<Trigger> {
    if !item.value.is_table() {
        let after = value::duration(report, item)?;
        return Some(Trigger::Idle {
            after,
            counts: Counts::Segments,
        });
    }
    let table = Table::open(report, item)?;
    let after = table.require(report, "after", "\"350s\"", value::duration);
    let counts = table.get(report, "counts", |report, item| {
        value::word(report, item, Counts::ALL, Counts::word)
    });
    Some(Trigger::Idle {
        after: after?,
        counts: counts.unwrap_or(Counts::Segments),
    })
}

fn action(report: &mut Report, item: &Item<'_>) -> Option<Action> {
    if let Some(word) = item.value.as_str() {
        let Some(action) = Action::called(word) else {
            unknown_action(report, item, word);
            return None;
        };
        let Some(example) = action.argument() else {
            return Some(action);
        };
        report.error(
            item.span.clone(),
            format!("`{word}` needs a value"),
            format!("write {{ {word} = \"{example}\" }}"),
        );
        return None;
    }
    if !item.value.is_table() {
        let help = "write \"reset\", \"fin\", \"blackhole\", \"forget\", \"end\", { stall = \"30s\" } or \
                    { throttle = \"10KB/s\" }";
        wrong_type(
            report,
            item,
            "a word or a table with one key",
            Some(help.into()),
        );
        return None;
    }
    let (key, item) = Table::open(report, item)?.only(report)?;
    match Action::called(key)? {
        Action::Stall(_) => value::limit(report, &item, "forever").map(Action::Stall),
        Action::Throttle(_) => value::rate(report, &item).map(Action::Throttle),
        // Noted when the table was opened.
        Action::Fin | Action::Reset | Action::Blackhole | Action::Forget | Action::End => None,
    }
}
