//! Places of a response that are told by what stands there, not by a count of bytes.

use std::{fmt, str::FromStr};

use super::{Body, as_text::as_text};

/// A place of a response.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Landmark {
    /// `head`: behind the head.
    Head,
    /// `50%`: behind this share of the body, from 0 to 1.
    Share(f64),
    /// `chunk-3`, `chunk-3-data`, `chunk-3-size`: a part of this chunk, counted from
    /// 1, of the chunked coding (RFC 9112, section 7.1).
    Chunk(u64, ChunkPart),
    /// `last-chunk`: before the chunk of size 0 that ends the coding.
    LastChunk,
    /// `member-2`: behind this member of gzip or frame of zstd, counted from 1: between it
    /// and the next. A body of one member has its end there, before any garbage.
    Member(u64),
    /// `trailer`: before the checksum at the end of the coded body.
    Trailer,
}

/// A part of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChunkPart {
    /// Inside its size line, behind the first digit.
    Size,
    /// Behind its data, before their CRLF.
    Data,
    /// Behind that CRLF: between it and the next.
    End,
}

/// Not a place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LandmarkError {
    /// Another word.
    #[error(
        "`{0}` is not a place; write head, 50%, chunk-3, chunk-3-data, chunk-3-size, last-chunk, \
         member-2 or trailer"
    )]
    Unknown(String),
    /// A share that is none.
    #[error("`{0}` is not a share; write more than 0% and at most 100%")]
    Share(String),
    /// Chunks and members count from 1.
    #[error("`{0}` is no place; chunks and members count from 1")]
    Chunk(String),
}

impl Landmark {
    /// An example of each, as it is written.
    pub const EXAMPLES: [&'static str; 8] = [
        "head",
        "50%",
        "chunk-3",
        "chunk-3-data",
        "chunk-3-size",
        "last-chunk",
        "member-2",
        "trailer",
    ];

    /// True if it is a place of the chunked coding alone.
    pub const fn is_of_chunks(self) -> bool {
        match self {
            Self::Chunk(..) | Self::LastChunk => true,
            Self::Head | Self::Share(_) | Self::Member(_) | Self::Trailer => false,
        }
    }

    /// True if it is a place of a content coding alone.
    pub const fn is_of_coding(self) -> bool {
        match self {
            Self::Member(_) | Self::Trailer => true,
            Self::Head | Self::Share(_) | Self::Chunk(..) | Self::LastChunk => false,
        }
    }

    /// About how many bytes of `body` stand before it.
    pub(super) fn bytes_before(self, body: &Body) -> u64 {
        let (size, chunk) = (body.size.0, body.chunk.0);
        match self {
            Self::Head => 0,
            Self::Share(share) => part(share, size),
            Self::Chunk(number, ChunkPart::Size) => chunk.saturating_mul(number - 1).min(size),
            Self::Chunk(number, _) => chunk.saturating_mul(number).min(size),
            Self::LastChunk | Self::Trailer => size,
            Self::Member(number) => {
                let members = u64::from(body.members.max(1));
                part(number.min(members) as f64 / members as f64, size)
            }
        }
    }
}

/// `share` of `size`, rounded down.
pub(crate) fn part(share: f64, size: u64) -> u64 {
    ((share * size as f64) as u64).min(size)
}

impl fmt::Display for Landmark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head => f.write_str("head"),
            // Rounded, as 0.07 x 100 is not 7.
            Self::Share(share) => write!(f, "{}%", (share * 1e14).round() / 1e12),
            Self::Chunk(number, ChunkPart::Size) => write!(f, "chunk-{number}-size"),
            Self::Chunk(number, ChunkPart::Data) => write!(f, "chunk-{number}-data"),
            Self::Chunk(number, ChunkPart::End) => write!(f, "chunk-{number}"),
            Self::LastChunk => f.write_str("last-chunk"),
            Self::Member(number) => write!(f, "member-{number}"),
            Self::Trailer => f.write_str("trailer"),
        }
    }
}

impl FromStr for Landmark {
    type Err = LandmarkError;

    fn from_str(text: &str) -> Result<Self, LandmarkError> {
        let text = text.trim();
        if let Some(share) = text.strip_suffix('%') {
            let share: Option<f64> = share.trim_end().parse().ok();
            let share = share.filter(|share| *share > 0.0 && *share <= 100.0);
            return match share {
                Some(share) => Ok(Self::Share(share / 100.0)),
                None => Err(LandmarkError::Share(text.into())),
            };
        }
        match text {
            "head" => return Ok(Self::Head),
            "last-chunk" => return Ok(Self::LastChunk),
            "trailer" => return Ok(Self::Trailer),
            _ => {}
        }
        let unknown = || LandmarkError::Unknown(text.into());
        if let Some(number) = text.strip_prefix("member-") {
            return match number.parse() {
                Ok(0) => Err(LandmarkError::Chunk(text.into())),
                Ok(number) => Ok(Self::Member(number)),
                Err(_) => Err(unknown()),
            };
        }
        let rest = text.strip_prefix("chunk-").ok_or_else(unknown)?;
        let (number, part) = match rest.split_once('-') {
            None => (rest, ChunkPart::End),
            Some((number, "data")) => (number, ChunkPart::Data),
            Some((number, "size")) => (number, ChunkPart::Size),
            Some(_) => return Err(unknown()),
        };
        match number.parse() {
            Ok(0) => Err(LandmarkError::Chunk(text.into())),
            Ok(number) => Ok(Self::Chunk(number, part)),
            Err(_) => Err(unknown()),
        }
    }
}

as_text!(Landmark);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_example_is_read_and_printed_as_it_is_written() {
        for text in Landmark::EXAMPLES {
            assert_eq!(text.parse::<Landmark>().unwrap().to_string(), text);
        }
        assert_eq!(" 7 % ".parse(), Ok(Landmark::Share(0.07)));
    }

    #[test]
    fn what_is_no_place_says_what_is() {
        let says = |text: &str| text.parse::<Landmark>().unwrap_err().to_string();
        assert!(says("hed").contains("`hed` is not a place; write head,"));
        assert!(says("chunk-3-end").contains("is not a place"));
        assert!(says("chunk-0").contains("count from 1"));
        assert!(says("101%").contains("at most 100%"));
        assert!(says("0%").contains("more than 0%"));
        assert!(says("x%").contains("is not a share"));
        assert!(says("chunk-99999999999999999999").contains("is not a place"));
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(number in 1u64.., percent in 1u32..=10_000, part in 0usize..3) {
            let part = [ChunkPart::Size, ChunkPart::Data, ChunkPart::End][part];
            let chunk = Landmark::Chunk(number, part);
            prop_assert_eq!(chunk.to_string().parse(), Ok(chunk));
            let share = Landmark::Share(f64::from(percent) / 100.0 / 100.0);
            prop_assert_eq!(share.to_string().parse(), Ok(share));
            let member = Landmark::Member(number);
            prop_assert_eq!(member.to_string().parse(), Ok(member));
        }

        #[test]
        fn no_text_panics(text in ".{0,20}") {
            let _ = text.parse::<Landmark>();
        }
    }
}
