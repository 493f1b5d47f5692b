//! `on`, of whatever is for some requests only.

use std::{fmt::Display, str::FromStr};

use super::{
    reads_otherwise,
    table::{Item, Table, wrong_type},
    value,
};
use crate::scenario::{
    Attempt, Ordinals, PathPattern, Protocol, Report, Selector, Span, validate::is_token,
};

/// Reads the `on` of `table`; without it every request is meant.
pub(super) fn read(report: &mut Report, table: &Table<'_>) -> Selector {
    let Some(on) = table.get(report, "on", Table::open) else {
        return Selector::default();
    };
    Selector {
        request: on.get(report, "request", ordinals),
        connection: on.get(report, "connection", ordinals),
        position: on.get(report, "position", ordinals),
        attempt: on.get(report, "attempt", |report, item| {
            value::word(report, item, Attempt::ALL, Attempt::word)
        }),
        time: on.get(report, "time", |report, item| {
            parsed::<Span>(report, item, "a range of times such as \"1h..\"")
        }),
        method: on.get(report, "method", method),
        protocol: on.get(report, "protocol", |report, item| {
            value::word(report, item, Protocol::ALL, Protocol::word)
        }),
        path: on.get(report, "path", path),
    }
}

/// `"/simple/*"`. One that is written as it is sent would match nothing.
fn path(report: &mut Report, item: &Item<'_>) -> Option<PathPattern> {
    let pattern: PathPattern = parsed(report, item, "a path such as \"/simple/demo/\"")?;
    let written = pattern.to_string();
    let Some(read) = reads_otherwise(&written) else {
        return Some(pattern);
    };
    report.error(
        item.span.clone(),
        format!("`{written}` can never match: paths are compared after percent decoding"),
        match read.parse::<PathPattern>() {
            Ok(_) => format!("write \"{read}\""),
            Err(error) => error.to_string(),
        },
    );
    None
}

/// `2`, or `"2.."`.
fn ordinals(report: &mut Report, item: &Item<'_>) -> Option<Ordinals> {
    if !item.value.is_integer() {
        return parsed(report, item, "a number, or a range such as \"2..\"");
    }
    match value::whole(report, item)? {
        0 => {
            let help = "they count from 1".to_owned();
            report.error(item.span.clone(), "0 selects nothing", help);
            None
        }
        number => Some(Ordinals::only(number)),
    }
}

/// A method is case-sensitive, and all that are registered are in capitals (RFC 9110,
/// section 9.1): another spelling would select nothing.
fn method(report: &mut Report, item: &Item<'_>) -> Option<String> {
    let text = value::text(report, item)?;
    let upper = text.to_ascii_uppercase();
    if is_token(&text) && upper == text {
        return Some(text);
    }
    let help = match is_token(&upper) {
        true => format!("write \"{upper}\""),
        false => "write \"GET\" or another".into(),
    };
    report.error(item.span.clone(), format!("`{text}` is not a method"), help);
    None
}

fn parsed<T: FromStr<Err: Display>>(
    report: &mut Report,
    item: &Item<'_>,
    wanted: &str,
) -> Option<T> {
    let Some(text) = item.value.as_str() else {
        wrong_type(report, item, wanted, None);
        return None;
    };
    text.parse()
        .map_err(|error: T::Err| report.error(item.span.clone(), error.to_string(), None))
        .ok()
}
