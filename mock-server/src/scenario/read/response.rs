//! `[response]`

use super::{
    selector,
    table::{Item, Table, bounded, wrong_type},
    value,
};
use crate::scenario::{
    Answer, Digest, Partial, Raw, RawAt, Report, Response, StorePage, Validators, Version,
};

/// Bytes of text that all answers together may take over from `[response]`: each has a
/// copy.
const MOST_INHERITED: usize = 4 << 20;

/// Reads `[response]` with its `[[response.raw]]`.
pub(super) fn read(report: &mut Report, root: &Table<'_>) -> Response {
    let default = Response::default();
    match root.get(report, "response", Table::open) {
        Some(table) => settings(report, &table, default),
        None => default,
    }
}

/// Reads every `[[answer]]`. What one leaves out is as `[response]` has it.
pub(super) fn answers(report: &mut Report, root: &Table<'_>, response: &Response) -> Vec<Answer> {
    let tables = root.tables(report, "answer");
    let copied = tables.iter().map(|table| copied(table, response));
    if copied.fold(0, usize::saturating_add) > MOST_INHERITED {
        report.error(
            tables.first().map_or_else(|| root.span(), Table::span),
            format!(
                "the answers take over more than {MOST_INHERITED} bytes from `[response]`, as each \
                 has a copy of its texts"
            ),
            "write shorter fields or a shorter page there (`page_size` repeats one), or fewer \
             answers"
                .to_owned(),
        );
        return Vec::new();
    }
    let answer = |table: &Table<'_>| {
        let on = selector::read(report, table);
        let mut response = settings(report, table, response.clone());
        // A status that tells of a failure, or of another place, comes without the object,
        // and so does one that has no content at all.
        let without = response.status >= 300 || matches!(response.status, 204 | 205);
        if without && response.page.is_none() {
            response.page = Some(String::new());
        }
        Answer { on, response }
    };
    tables.iter().map(answer).collect()
}

/// Bytes of text that the answer `table` takes over from `response`.
fn copied(table: &Table<'_>, response: &Response) -> usize {
    let without = |name| table.item(name).is_none();
    let of = |name, bytes: usize| bytes * usize::from(without(name));
    let page = match without("page_of") {
        true => "page",
        // It has a page of its own.
        false => "page_of",
    };
    of("headers", response.header_bytes())
        .saturating_add(of(page, response.page.as_ref().map_or(0, String::len)))
        .saturating_add(of("raw", response.raw_bytes()))
}

/// Reads every `[[version]]`.
pub(super) fn versions(report: &mut Report, root: &Table<'_>) -> Vec<Version> {
    let tables = root.tables(report, "version");
    let version = |table: &Table<'_>| Version {
        on: selector::read(report, table),
        size: table.get(report, "size", value::size),
        etag: table.get(report, "etag", value::text),
        last_modified: table.get(report, "last_modified", value::text),
    };
    tables.iter().map(version).collect()
}

/// Reads the settings of a response; those that are left out are `default`'s.
fn settings(report: &mut Report, table: &Table<'_>, default: Response) -> Response {
    let raw = table.tables(report, "raw");
    let raw: Vec<Raw> = raw
        .iter()
        .filter_map(|table| piece(report, table))
        .collect();
    let redirect = table.get(report, "redirect", value::text);
    let status = table.get(report, "status", value::whole);
    let store = page_of(report, table);
    let found = store.map(|store| store.page().status);
    let found = found.or(redirect.is_some().then_some(302));
    let mut default = inherited(table, status.or(found), default);
    if let Some(store) = store {
        preset(&mut default, store);
    }
    let mut headers = table.get(report, "headers", headers);
    if let (Some(own), Some(store)) = (&mut headers, store) {
        add_fields(own, store);
    }
    Response {
        status: status.or(found).unwrap_or(default.status),
        headers: headers.unwrap_or(default.headers),
        head_delay: table
            .get(report, "head_delay", value::duration)
            .unwrap_or(default.head_delay),
        head_pause: table
            .get(report, "head_pause", value::duration)
            .unwrap_or(default.head_pause),
        page: table.get(report, "page", value::any_text).or(default.page),
        page_type: table
            .get(report, "page_type", value::text)
            .or(default.page_type),
        page_size: table
            .get(report, "page_size", value::size)
            .or(default.page_size),
        retry_after: table
            .get(report, "retry_after", value::duration)
            .or(default.retry_after),
        retry_after_date: table
            .get(report, "retry_after_date", value::duration)
            .or(default.retry_after_date),
        redirect: redirect.or(default.redirect),
        ranges: table
            .get(report, "ranges", value::flag)
            .unwrap_or(default.ranges),
        range: table
            .get(report, "range", |report, item| {
                value::word(report, item, Partial::ALL, Partial::word)
            })
            .unwrap_or(default.range),
        validators: table
            .get(report, "validators", |report, item| {
                value::word(report, item, Validators::ALL, Validators::word)
            })
            .unwrap_or(default.validators),
        digest: table
            .get(report, "digest", |report, item| {
                value::word(report, item, Digest::ALL, Digest::word)
            })
            .unwrap_or(default.digest),
        etag: table.get(report, "etag", value::text).or(default.etag),
        // Raw bytes have their places in another body.
        raw: match table
            .item("raw")
            .or(table.item("page"))
            .or(table.item("page_of"))
        {
            Some(_) => raw,
            None => default.raw,
        },
    }
}

/// The page of a store that the table names.
fn page_of(report: &mut Report, table: &Table<'_>) -> Option<StorePage> {
    let store = table.get(report, "page_of", |report, item| {
        value::word(report, item, StorePage::ALL, StorePage::word)
    })?;
    if table.item("page").is_some()
        && let Some(item) = table.item("page_of")
    {
        let help = "keep one of them".to_owned();
        report.error(item.span, "the page is given as `page` too", help);
    }
    Some(store)
}

/// Makes the page of a store what a table has where it says nothing else.
fn preset(default: &mut Response, store: StorePage) {
    let page = store.page();
    default.page = Some(page.body.to_owned());
    default.page_type = Some(page.kind.to_owned());
    default.page_size = None;
    add_fields(&mut default.headers, store);
}

/// Adds the fields of a store's page to those that are stated.
fn add_fields(fields: &mut Vec<(String, String)>, store: StorePage) {
    for (name, value) in store.page().fields {
        let is_there = |(known, _): &(String, String)| known.eq_ignore_ascii_case(name);
        if !fields.iter().any(is_there) {
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
}

/// What is left of `default` beside settings that take its place under another name: one
/// form of `Retry-After` the other, another status a redirect, `validators` a tag that it
/// leaves out.
fn inherited(table: &Table<'_>, status: Option<u16>, mut default: Response) -> Response {
    let has = |name| table.item(name).is_some();
    if has("retry_after") || has("retry_after_date") {
        (default.retry_after, default.retry_after_date) = (None, None);
    }
    if status.is_some_and(|status| !(300..=399).contains(&status)) {
        default.redirect = None;
    }
    let validators = table.item("validators");
    let validators = validators.and_then(|item| Validators::from_word(item.value.as_str()?));
    if validators.is_some_and(|validators| !validators.has_etag()) {
        default.etag = None;
    }
    default
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
    let text = table
        .get(report, "bytes", value::any_text)
        .map(String::into_bytes);
    let binary = table.get(report, "bytes_hex", hex);
    if let (Some(_), Some(item)) = (&text, table.item("bytes_hex")) {
        let help = "keep one of them".to_owned();
        report.error(item.span, "the bytes are given as `bytes` too", help);
    }
    let replace = table.get(report, "replace", value::size);
    Some(Raw {
        at: at?,
        bytes: text.or(binary).unwrap_or_default(),
        replace: replace.unwrap_or_default(),
    })
}

/// `"1f 8b 08"`.
fn hex(report: &mut Report, item: &Item<'_>) -> Option<Vec<u8>> {
    let text = value::any_text(report, item)?;
    let digits: Option<Vec<u8>> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    match digits.filter(|digits| digits.len().is_multiple_of(2)) {
        Some(digits) => Some(
            digits
                .chunks(2)
                .map(|pair| pair[0] << 4 | pair[1])
                .collect(),
        ),
        None => {
            let help = "write two digits for each byte, as in \"1f 8b 08\"".to_owned();
            report.error(
                item.span.clone(),
                "these are not bytes in hexadecimal",
                help,
            );
            None
        }
    }
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
