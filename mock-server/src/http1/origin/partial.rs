//! The answer to a request for a range: the right part, or one of the ways
//! in which servers get it wrong (RFC 9110, section 15.3.7).

use std::ops::Range;

use bytes::Bytes;

use super::script::Insertion;
use crate::scenario::{Partial, RawAt};

/// The bytes that `more` sends behind the end of the object.
const SURPLUS: u64 = 1000;

/// Stands between the parts of several.
const BOUNDARY: &str = "shortread-boundary";

/// The part of a body that a response carries, and what it says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) status: u16,
    pub(super) bytes: Range<u64>,
    /// The `Content-Range` field.
    pub(super) says: Option<String>,
    /// A false `Content-Length`.
    pub(super) declared: Option<u64>,
    /// Bytes that go on behind the end of the object.
    pub(super) extra: u64,
    /// It is wrapped as one of several parts.
    pub(super) multipart: Option<Multipart>,
}

impl Part {
    /// All of a body of `len` bytes.
    pub(super) const fn whole(status: u16, len: u64) -> Self {
        Self {
            status,
            bytes: 0..len,
            says: None,
            declared: None,
            extra: 0,
            multipart: None,
        }
    }
}

/// The part that answers a request for `asked`, of an object of `len` bytes.
pub(super) fn part(how: Partial, asked: Range<u64>, len: u64) -> Part {
    let says = |part: &Range<u64>, total: &dyn std::fmt::Display| {
        format!("bytes {}-{}/{total}", part.start, part.end - 1)
    };
    let earlier = asked.start / 2;
    let size = asked.end - asked.start;
    let right = Part {
        status: 206,
        says: Some(says(&asked, &len)),
        bytes: asked.clone(),
        ..Part::whole(206, 0)
    };
    match how {
        // These two have been answered otherwise, where they concern the request.
        Partial::Ignore | Partial::Unsatisfiable => right,
        Partial::Honour | Partial::AnyIfRange => right,
        Partial::As200 => Part {
            status: 200,
            ..right
        },
        Partial::OtherStart => {
            let bytes = earlier..asked.end;
            Part {
                says: Some(says(&bytes, &len)),
                bytes,
                ..right
            }
        }
        Partial::LaterStart => {
            // A range of one byte has no later one.
            let bytes = asked.start + size / 2..asked.end;
            Part {
                says: Some(says(&bytes, &len)),
                bytes,
                ..right
            }
        }
        Partial::Whole => {
            let bytes = 0..len;
            Part {
                says: Some(says(&bytes, &len)),
                bytes,
                ..right
            }
        }
        Partial::WrongStart => Part {
            bytes: earlier..earlier + size,
            ..right
        },
        Partial::OtherTotal => Part {
            says: Some(says(&asked, &(len + 1))),
            ..right
        },
        Partial::UnknownTotal => Part {
            says: Some(says(&asked, &'*')),
            ..right
        },
        Partial::NoContentRange => Part {
            says: None,
            ..right
        },
        Partial::Malformed => {
            let says = right.says.map(|says| says.replacen(' ', "=", 1));
            Part { says, ..right }
        }
        Partial::Fewer => {
            let bytes = asked.start..asked.start + size.div_ceil(2);
            Part {
                says: Some(says(&bytes, &len)),
                bytes,
                ..right
            }
        }
        Partial::More => Part {
            bytes: asked.start..len,
            extra: SURPLUS,
            ..right
        },
        Partial::Multipart => Part {
            says: None,
            multipart: right.says.as_deref().map(Multipart::new),
            ..right
        },
    }
}

/// The text around the only part of a `multipart/byteranges` (RFC 9110, section
/// 14.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Multipart {
    pub(super) content_type: Bytes,
    before: Bytes,
    behind: Bytes,
}

impl Multipart {
    fn new(says: &str) -> Self {
        Self {
            content_type: format!("multipart/byteranges; boundary={BOUNDARY}").into(),
            before: format!(
                "--{BOUNDARY}\r\nContent-Type: application/octet-stream\r\nContent-Range: {says}\r\n\r\n"
            )
            .into(),
            behind: format!("\r\n--{BOUNDARY}--\r\n").into(),
        }
    }

    /// Its bytes, without those of the part.
    pub(super) fn len(&self) -> u64 {
        (self.before.len() + self.behind.len()) as u64
    }

    pub(super) fn insertions(&self) -> [Insertion; 2] {
        [
            Insertion::literal(RawAt::Body(Default::default()), self.before.clone()),
            Insertion::literal(RawAt::End, self.behind.clone()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Status, bytes, and what is said of `bytes=400-` of 1000 bytes.
    fn answered(how: Partial) -> (u16, Range<u64>, Option<String>) {
        let part = part(how, 400..1000, 1000);
        (
            part.status,
            part.bytes.start..part.bytes.end + part.extra,
            part.says,
        )
    }

    #[test]
    fn each_way_is_what_its_word_says() {
        let says = |text: &str| Some(text.to_owned());
        let right = says("bytes 400-999/1000");
        for (how, is) in [
            (Partial::Honour, (206, 400..1000, right.clone())),
            (Partial::AnyIfRange, (206, 400..1000, right.clone())),
            (Partial::As200, (200, 400..1000, right.clone())),
            (
                Partial::OtherStart,
                (206, 200..1000, says("bytes 200-999/1000")),
            ),
            (
                Partial::LaterStart,
                (206, 700..1000, says("bytes 700-999/1000")),
            ),
            (Partial::Whole, (206, 0..1000, says("bytes 0-999/1000"))),
            (Partial::WrongStart, (206, 200..800, right.clone())),
            (
                Partial::OtherTotal,
                (206, 400..1000, says("bytes 400-999/1001")),
            ),
            (
                Partial::UnknownTotal,
                (206, 400..1000, says("bytes 400-999/*")),
            ),
            (Partial::NoContentRange, (206, 400..1000, None)),
            (
                Partial::Malformed,
                (206, 400..1000, says("bytes=400-999/1000")),
            ),
            (Partial::Fewer, (206, 400..700, says("bytes 400-699/1000"))),
            (Partial::More, (206, 400..2000, right)),
            (Partial::Multipart, (206, 400..1000, None)),
        ] {
            assert_eq!(answered(how), is, "{how}");
        }
        // A range of one byte still has one.
        assert_eq!(part(Partial::Fewer, 7..8, 9).bytes, 7..8);
    }
}
