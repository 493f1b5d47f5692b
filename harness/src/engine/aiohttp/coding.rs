//! A release's reading of `Content-Encoding`.

use super::parser::ParserRules;
use crate::engine::http1::ContentCoding;

/// A coding that the library takes for one that it decodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Coding {
    /// As the release's texts have it.
    name: Box<str>,
    kind: ContentCoding,
    /// It is inflated as zlib, and nothing is made of its first byte or of its end:
    /// what becomes of a name in capital letters that a release does not lower.
    by_default: bool,
}

impl Coding {
    /// The value of `Content-Encoding`. `None` for what is passed on as it is.
    pub(super) fn of(value: &[u8], rules: &ParserRules, zstd: bool) -> Option<Self> {
        let written = std::str::from_utf8(value).ok()?;
        let lower = written.to_ascii_lowercase();
        let known = matches!(&*lower, "gzip" | "deflate" | "br") || (zstd && lower == "zstd");
        if !known {
            return None;
        }
        let by_default = rules.coding_keeps_capitals && lower != written;
        Some(Self {
            kind: match &*lower {
                "gzip" if !by_default => ContentCoding::Gzip,
                _ => ContentCoding::Deflate,
            },
            name: if by_default { written } else { &lower }.into(),
            by_default,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn kind(&self) -> ContentCoding {
        self.kind
    }

    pub(super) fn by_default(&self) -> bool {
        self.by_default
    }
}
