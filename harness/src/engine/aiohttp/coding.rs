//! A release's reading of `Content-Encoding`.

use super::{parser::ParserRules, reader::Rules};
use crate::engine::http1::{BehindBr, ContentCoding, Decoding, ZstdPieces};

/// What the packages do that decode br and zstd. They are taken for installed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packages {
    br: BehindBr,
    zstd: Option<ZstdPieces>,
}

impl Packages {
    pub(super) fn of(rules: &Rules) -> Self {
        Self {
            br: rules.behind_br,
            zstd: rules.zstd,
        }
    }
}

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
    pub(super) fn of(value: &[u8], rules: &ParserRules, packages: &Packages) -> Option<Self> {
        let written = std::str::from_utf8(value).ok()?;
        let lower = written.to_ascii_lowercase();
        let kind = match &*lower {
            "gzip" => ContentCoding::Gzip,
            "deflate" => ContentCoding::Deflate,
            "br" => ContentCoding::Br(packages.br),
            "zstd" => ContentCoding::Zstd(packages.zstd?),
            _ => return None,
        };
        let by_default = rules.coding_keeps_capitals && lower != written;
        Some(Self {
            kind,
            name: if by_default { written } else { &lower }.into(),
            by_default,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn decoding(&self, rules: &Rules) -> Decoding {
        match self.by_default {
            true => Decoding::zlib(rules.inflate, rules.members),
            false => Decoding::new(self.kind, rules.inflate, rules.members),
        }
    }
}
