//! `[body]`

use super::{
    table::{Item, Table},
    value,
};
use crate::{
    body::ObjectFile,
    scenario::{Accept, Body, Coding, Framing, Report, grammar},
};

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
    let file = table.get(report, "file", value::text);
    // A wrong one was noted, and meant no size all the same.
    let size = if page || table.item("file").is_some() {
        table.get(report, "size", value::size)
    } else {
        table.require(report, "size", "\"5GiB\"", value::size)
    };
    Body {
        size: size.unwrap_or(default.size),
        // Not looked at: that is for whoever knows where the scenario stands.
        file: file.as_deref().map(ObjectFile::named),
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
        encoding: table
            .get(report, "encoding", codings)
            .unwrap_or(default.encoding),
        ratio: table
            .get(report, "ratio", value::whole)
            .unwrap_or(default.ratio),
        members: table
            .get(report, "members", value::whole)
            .unwrap_or(default.members),
        garbage: table
            .get(report, "garbage", value::size)
            .unwrap_or(default.garbage),
        declared_encoding: table.get(report, "declared_encoding", codings),
        accept: table
            .get(report, "accept", |report, item| {
                value::word(report, item, Accept::ALL, Accept::word)
            })
            .unwrap_or(default.accept),
        truncate_at: table.get(report, "truncate_at", value::size),
        declared_size: table.get(report, "declared_size", value::size),
    }
}

/// A coding, or several in the order in which they are applied. `identity` is none, and
/// stands alone.
fn codings(report: &mut Report, item: &Item<'_>) -> Option<Vec<Coding>> {
    let mut all = value::one_or_many(report, item, |report, item| {
        value::word(report, item, Coding::ALL, Coding::word)
    })?;
    let key = grammar::without_indices(&item.path);
    let listed = item.value.as_array().map_or(1, |list| list.len());
    let wrong = if listed == 0 {
        Some((
            format!("`{key}` is an empty list"),
            "write one coding or more, or `identity` for none",
        ))
    } else if listed > 1 && all.contains(&Coding::Identity) {
        Some((
            format!("`identity` in `{key}` codes nothing, so it stands alone"),
            "leave it out of the list",
        ))
    } else {
        None
    };
    if let Some((message, help)) = wrong {
        report.error(item.span.clone(), message, help.to_owned());
        return None;
    }
    all.retain(|coding| *coding != Coding::Identity);
    Some(all)
}
