//! `Content-Range` (RFC 9110, section 14.4).

use crate::client::digits;

/// A `Content-Range` field in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentRange {
    /// `bytes FIRST-LAST/TOTAL`; a total of `*` is `None`.
    Part {
        /// Offset of the first byte.
        first: u64,
        /// Offset of the last byte, included.
        last: u64,
        /// Bytes of the whole representation.
        total: Option<u64>,
    },
    /// `bytes */TOTAL`, as a 416 has it.
    Unsatisfied {
        /// Bytes of the whole representation.
        total: u64,
    },
}

impl ContentRange {
    /// Reads the field; `None` where it breaks the grammar or the rules for its numbers.
    pub fn parse(field: &str) -> Option<Self> {
        let (unit, rest) = field.trim().split_once(' ')?;
        if !unit.eq_ignore_ascii_case("bytes") {
            return None;
        }
        let (range, total) = rest.trim().split_once('/')?;
        if range == "*" {
            return Some(Self::Unsatisfied {
                total: digits(total.as_bytes())?,
            });
        }
        let (first, last) = range.split_once('-')?;
        let (first, last) = (digits(first.as_bytes())?, digits(last.as_bytes())?);
        let total = match total {
            "*" => None,
            total => Some(digits(total.as_bytes())?),
        };
        // No object has a byte behind u64::MAX - 1: its size would be no u64.
        let valid = first <= last && last < total.unwrap_or(u64::MAX);
        valid.then_some(Self::Part { first, last, total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_read_as_rfc_9110_says() {
        let part = |first, last, total| Some(ContentRange::Part { first, last, total });
        for (field, read) in [
            ("bytes 3-9/10", part(3, 9, Some(10))),
            ("BYTES 3-9/*", part(3, 9, None)),
            ("bytes 0-0/1", part(0, 0, Some(1))),
            ("bytes */10", Some(ContentRange::Unsatisfied { total: 10 })),
            ("bytes */*", None),
            ("bytes 3-9/9", None),
            ("bytes 9-3/10", None),
            ("bytes=3-9/10", None),
            ("bytes 3-9", None),
            ("bytes -9/10", None),
            ("bytes 3-/10", None),
            ("bytes +3-9/10", None),
            ("items 3-9/10", None),
            ("bytes 3-99999999999999999999/*", None),
            ("bytes 0-18446744073709551615/*", None),
            (
                "bytes 0-18446744073709551614/*",
                part(0, u64::MAX - 1, None),
            ),
            ("", None),
        ] {
            assert_eq!(ContentRange::parse(field), read, "{field}");
        }
    }
}
