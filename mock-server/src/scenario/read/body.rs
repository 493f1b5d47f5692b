//! `[body]`

use super::{table::Table, value};
use crate::scenario::{Body, Framing, Report};

/// Reads `[body]`. Where a page is sent instead, it may be left out.
pub(super) fn read(report: &mut Report, root: &Table<'_>, page: bool) -> Body {
    let default = Body::default();
    let Some(item) = root.item("body") else {
        if !page && !report.is_misspelt("body") {
            report.error(
                root.span(),
                "`[body]` is missing",
                "add [body] with `size = \"5GiB\"`".to_owned(),
            );
        }
        return default;
    };
    let Some(table) = Table::open(report, &item) else {
        return default;
    };
    let size = if page {
        table.get(report, "size", value::size)
    } else {
        table.require(report, "size", "\"5GiB\"", value::size)
    };
    let encoding = table.get(report, "encoding", |report, item| {
        value::word(report, item, Body::ENCODINGS, |word| word)
    });
    Body {
        size: size.unwrap_or(default.size),
        version: table
            .get(report, "version", value::whole)
            .unwrap_or(default.version),
        framing: table
            .get(report, "framing", |report, item| {
                value::word(report, item, Framing::ALL, Framing::word)
            })
            .unwrap_or(default.framing),
        chunk: table
            .get(report, "chunk", value::size)
            .unwrap_or(default.chunk),
        gzip: encoding == Some("gzip"),
        truncate_at: table.get(report, "truncate_at", value::size),
        declared_size: table.get(report, "declared_size", value::size),
    }
}
