//! `alias`: the paths at which a server has the scenario besides its own.

use super::{table::Item, value};
use crate::scenario::{Report, query::percent};

/// First pieces of paths that are the server's own; the empty one is `/` itself.
const OWN: [&str; 4] = ["", "s", "download", "expected"];

/// Why a path is not written as a client sends it.
const DECODED: &str = "paths are compared as they read after percent decoding";

/// Reads the paths. None stands there twice.
pub(super) fn read(report: &mut Report, item: &Item<'_>) -> Option<Vec<String>> {
    let mut known: Vec<String> = Vec::new();
    value::one_or_many(report, item, |report, item| {
        let path = value::text(report, item)?;
        let wrong = match mistake(&path) {
            Some(help) => Some((format!("`{path}` cannot be an alias"), help)),
            None if known.contains(&path) => Some((
                format!("the alias `{path}` is given twice"),
                "keep one of them".into(),
            )),
            None => None,
        };
        if let Some((message, help)) = wrong {
            report.error(item.span.clone(), message, help);
            return None;
        }
        known.push(path.clone());
        Some(path)
    })
}

/// What to write in place of `path`; `None` for one that can be an alias.
fn mistake(path: &str) -> Option<String> {
    let help = match path.strip_prefix('/') {
        None => "write a path that begins with /, such as \"/bucket/key\"",
        Some(rest) if rest.starts_with('/') => {
            "clients take what stands behind // for a host (RFC 3986, section 4.2): write one / at \
             its start"
        }
        Some(_) if is_own(path) => {
            "/, /s, /download and /expected are the server's own; write another, such as \
             \"/bucket/key\" or \"/download/key\""
        }
        Some(_) if !is_plain(path) => {
            "write the path alone, without a query: all queries are for it"
        }
        Some(_) if path.ends_with('*') => {
            "it is one path, in which a star stands for nothing: write each path, as in \
             [\"/a/b\", \"/a/c\"]"
        }
        Some(_) => {
            let read = reads_otherwise(path)?;
            return Some(match is_alias(&read) {
                true => format!("{DECODED}: write \"{read}\""),
                false => format!("{DECODED}, and then this is none"),
            });
        }
    };
    Some(help.into())
}

/// `path` after percent decoding, if it is written encoded. What cannot be decoded is empty.
pub(super) fn reads_otherwise(path: &str) -> Option<String> {
    let digits = path.as_bytes().windows(3);
    let mut encoded = digits.filter(|three| three[0] == b'%');
    encoded
        .any(|three| three[1..].iter().all(u8::is_ascii_hexdigit))
        .then(|| percent(path).unwrap_or_default())
}

/// True if a scenario can have `path` as an alias, as it reads after percent decoding.
fn is_alias(path: &str) -> bool {
    path.starts_with('/') && !is_own(path) && is_plain(path)
}

/// True for a path that the server has something else at. One below /download is no
/// query's: some clients ask for files there.
fn is_own(path: &str) -> bool {
    let mut pieces = path.strip_prefix('/').unwrap_or(path).splitn(2, '/');
    let (first, below) = (pieces.next().unwrap_or_default(), pieces.next());
    let is_below = first == "download" && below.is_some_and(|below| !below.is_empty());
    OWN.contains(&first) && !is_below
}

/// True if a scenario file can state `path` as it is.
pub(in crate::scenario) fn can_be_stated(path: &str) -> bool {
    mistake(path).is_none()
}

/// True if `name` is none of the first pieces of the server's own paths.
pub(in crate::scenario) fn is_free(name: &str) -> bool {
    !OWN.contains(&name)
}

/// True if it is a path without a query, and nothing that acts on a terminal.
fn is_plain(path: &str) -> bool {
    !path.contains(['?', '#']) && !path.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_is_an_alias_unless_the_server_has_something_there() {
        for (path, is) in [
            ("/a b.whl", true),
            ("/100%25.bin", true),
            ("/download/key", true),
            ("/download/", false),
            ("/download", false),
            ("/s/x", false),
            ("//x", false),
            ("/a?b", false),
            ("a", false),
        ] {
            assert_eq!(is_alias(path), is, "{path}");
        }
    }
}
