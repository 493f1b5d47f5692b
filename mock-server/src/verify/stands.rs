//! Recognizes bytes that do not belong to the object.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Zeros in a row that are a hole, not chance: one byte of the object in 256 is
/// zero.
const HOLE: usize = 8;

/// The kind of bytes at the first bad offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stands {
    /// Bytes of another offset of the object.
    Object,
    /// Bytes of the same offset, of another version of the object.
    Version,
    /// Zeros: the file was preallocated, or is sparse.
    Zeros,
    /// The head of an HTTP response.
    HttpHead,
    /// A page of HTML.
    Html,
    /// A gzip stream (RFC 1952): the coded form, if the file starts with it.
    Gzip,
    /// Anything else.
    Other,
}

impl Stands {
    /// True if it has nothing of the object: a file that starts like this is
    /// another object.
    pub(super) fn is_alien(self) -> bool {
        !matches!(self, Self::Object | Self::Zeros)
    }

    /// The kind of `sample`, which starts with `zeros` zeros and is no part of
    /// the object.
    pub(super) fn of(sample: &[u8], zeros: usize) -> Self {
        // A single wrong zero at the end of the file is not a hole yet.
        if zeros >= HOLE {
            return Self::Zeros;
        }
        let text = String::from_utf8_lossy(sample).to_ascii_lowercase();
        let any = |marks: &[&str]| marks.iter().any(|mark| text.contains(mark));
        if text.starts_with("http/1.") || text.starts_with("ttp/1.") {
            Self::HttpHead
        } else if any(&["<!doctype html", "<html", "<head>", "<title>", "<body"]) {
            Self::Html
        } else if sample.starts_with(&[0x1f, 0x8b, 8]) {
            Self::Gzip
        } else {
            Self::Other
        }
    }
}
