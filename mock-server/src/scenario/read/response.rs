//! `[response]`

use super::{
    table::{Item, Table, bounded, wrong_type},
    value,
};
use crate::scenario::{Raw, RawAt, Report, Response};

/// Reads `[response]` with its `[[response.raw]]`.
pub(super) fn read(report: &mut Report, root: &Table<'_>) -> Response {
    let default = Response::default();
    let Some(table) = root.get(report, "response", Table::open) else {
        return default;
    };
    let raw = table.tables(report, "raw");
    Response {
        status: table
            .get(report, "status", value::whole)
            .unwrap_or(default.status),
        headers: table.get(report, "headers", headers).unwrap_or_default(),
        head_delay: table
            .get(report, "head_delay", value::duration)
            .unwrap_or_default(),
        head_pause: table
            .get(report, "head_pause", value::duration)
            .unwrap_or_default(),
        page: table.get(report, "page", value::any_text),
        ranges: table
            .get(report, "ranges", value::flag)
            .unwrap_or(default.ranges),
        etag: table.get(report, "etag", value::text),
        raw: raw
            .iter()
            .filter_map(|table| piece(report, table))
            .collect(),
    }
}

/// Names and values, in the order of the file.
fn headers(report: &mut Report, item: &Item<'_>) -> Option<Vec<(String, String)>> {
    let table = Table::open(report, item)?;
    if !bounded(report, item, table.len()) {
        return None;
    }
    let fields = table.in_order().into_iter().filter_map(|(key, item)| {
        report.key(&item.path, key.span().start..item.span.end);
        Some((key.get_ref().to_string(), value::any_text(report, &item)?))
    });
    Some(fields.collect())
}

fn piece(report: &mut Report, table: &Table<'_>) -> Option<Raw> {
    let at = table.require(report, "at", "{ body = \"12MiB\" }", place);
    let bytes = table.get(report, "bytes", value::any_text);
    let replace = table.get(report, "replace", value::size);
    Some(Raw {
        at: at?,
        bytes: bytes.unwrap_or_default(),
        replace: replace.unwrap_or_default(),
    })
}

fn place(report: &mut Report, item: &Item<'_>) -> Option<RawAt> {
    if item.value.as_str() == Some("end") {
        return Some(RawAt::End);
    }
    if !item.value.is_table() {
        let help = "write { head = 17 }, { body = \"12MiB\" } or \"end\"";
        wrong_type(report, item, "a place", Some(help.into()));
        return None;
    }
    let (key, item) = Table::open(report, item)?.only(report)?;
    match key {
        "head" => value::size(report, &item).map(|bytes| RawAt::Head(bytes.0)),
        "body" => value::size(report, &item).map(RawAt::Body),
        // Noted when the table was opened.
        _ => None,
    }
}
