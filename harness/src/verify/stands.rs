//! What bytes are that are not the object's at their place.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Zeros in a row that are a hole and no accident: one byte of the object in
/// 256 is zero.
const HOLE: usize = 8;

/// What stands at the first bad offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stands {
    /// Bytes of another offset of the object.
    Object,
    /// Zeros: the file was preallocated, or is sparse.
    Zeros,
    /// The head of an HTTP response.
    HttpHead,
    /// A page of HTML.
    Html,
    /// A gzip stream (RFC 1952): the coded form, where it is the file's start.
    Gzip,
    /// Anything else.
    Other,
}

impl Stands {
    /// Whether it has nothing of the object: where a file begins so, it is
    /// another one.
    pub(super) fn is_alien(self) -> bool {
        !matches!(self, Self::Object | Self::Zeros)
    }

    /// What `sample` is, which begins with `zeros` zeros and is no piece of the
    /// object.
    pub(super) fn of(sample: &[u8], zeros: usize) -> Self {
        // A single wrong zero at the file's end is no hole yet.
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
