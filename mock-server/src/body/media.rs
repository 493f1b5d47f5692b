//! The types of files, by the ends of their names.

use std::path::Path;

/// A file that says nothing of itself (RFC 9110, section 8.3).
const UNKNOWN: &str = "application/octet-stream";

/// The types of names that are often downloaded, as IANA has them registered.
const TYPES: &[(&str, &str)] = &[
    ("bz2", "application/x-bzip2"),
    ("css", "text/css; charset=utf-8"),
    ("csv", "text/csv; charset=utf-8"),
    ("gif", "image/gif"),
    ("gz", "application/gzip"),
    ("htm", "text/html; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("md", "text/markdown; charset=utf-8"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("parquet", "application/vnd.apache.parquet"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("tar", "application/x-tar"),
    ("tgz", "application/gzip"),
    ("toml", "application/toml"),
    ("txt", "text/plain; charset=utf-8"),
    ("wasm", "application/wasm"),
    ("webm", "video/webm"),
    ("webp", "image/webp"),
    ("whl", "application/zip"),
    ("xml", "application/xml"),
    ("xz", "application/x-xz"),
    ("yaml", "application/yaml"),
    ("zip", "application/zip"),
    ("zst", "application/zstd"),
];

/// The type that the name of `path` says.
pub(super) fn content_type(path: &Path) -> &'static str {
    let name = path.extension().and_then(|name| name.to_str());
    name.map_or(UNKNOWN, of_extension)
}

fn of_extension(extension: &str) -> &'static str {
    let is = |known: &str| known.eq_ignore_ascii_case(extension);
    let found = TYPES.iter().find(|(known, _)| is(known));
    found.map_or(UNKNOWN, |(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_says_nothing_is_of_no_type() {
        assert_eq!(content_type(Path::new("a.whl")), "application/zip");
        assert_eq!(
            content_type(Path::new("a.TXT")),
            "text/plain; charset=utf-8"
        );
        for unheard in ["a.unheard", "file", "whl"] {
            assert_eq!(content_type(Path::new(unheard)), UNKNOWN);
        }
        assert!(TYPES.is_sorted_by_key(|(known, _)| known));
    }
}
