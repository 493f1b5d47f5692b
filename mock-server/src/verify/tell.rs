//! Prints the finding for people.

use std::fmt;

use crate::{body::PERIOD, units::counted_bytes as bytes};

use super::{FileVerdict, Finding, Stands};

impl fmt::Display for Finding {
    /// One sentence per line, the verdict first, without full stops.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (size, length) = (self.expected_bytes, self.length_bytes);
        match self.verdict {
            FileVerdict::Complete => return write!(f, "complete: all {} are right", bytes(size)),
            FileVerdict::Short => {
                return write!(
                    f,
                    "short at {length}: every byte is right, {} of {} are missing",
                    bytes(size - length),
                    bytes(size)
                );
            }
            FileVerdict::Longer => {
                return write!(
                    f,
                    "longer than it should be: the whole object of {}, then {} more{}",
                    bytes(size),
                    bytes(self.excess_bytes),
                    self.excess()
                );
            }
            FileVerdict::Bad if self.version.is_some() => {
                write!(f, "spliced at {}: {}", self.true_prefix_bytes, self.what())?;
            }
            FileVerdict::WrongObject => write!(f, "wrong object: {}", self.what())?,
            FileVerdict::Bad => write!(f, "bad at {}: {}", self.true_prefix_bytes, self.what())?,
        }
        write!(
            f,
            "\nthe file has {}, the object {}",
            bytes(length),
            bytes(size)
        )
    }
}

impl Finding {
    /// Describes the bytes at the first bad offset.
    fn what(&self) -> String {
        let shown = self.hex.as_deref().unwrap_or_default();
        match self.stands {
            Some(Stands::Object) => self.moved(),
            Some(Stands::Version) => self.versions(),
            Some(Stands::Zeros) if self.zeros_to_the_end => {
                "right up to there, then only zeros: the file was preallocated, or is sparse".into()
            }
            Some(Stands::Zeros) => format!(
                "a hole of {} in zeros: the file was preallocated, or is sparse",
                bytes(self.zero_bytes)
            ),
            Some(Stands::HttpHead) => {
                format!("the head of an HTTP response starts there ({shown})")
            }
            Some(Stands::Html) => format!("a page of HTML starts there ({shown})"),
            Some(Stands::Gzip) if self.verdict == FileVerdict::WrongObject => format!(
                "a gzip stream ({shown}); if the server coded it, decompress it and verify that"
            ),
            Some(Stands::Gzip) => format!("a gzip stream starts there ({shown})"),
            Some(Stands::Other) | None => {
                format!("other bytes start there ({shown})")
            }
        }
    }

    /// Describes a file with bytes of another version.
    fn versions(&self) -> String {
        let (bad, version) = (self.true_prefix_bytes, self.version.unwrap_or_default());
        let end = match self.version_end {
            Some(end) if end < self.length_bytes => format!("up to {end}"),
            _ => "to the end".into(),
        };
        match self.verdict {
            FileVerdict::WrongObject => format!("it is version {version} of the object, {end}"),
            _ => format!(
                "the object up to there, its version {version} from {bad} {end}: it changed between \
                 two requests"
            ),
        }
    }

    /// Describes bytes of the object in a wrong place.
    fn moved(&self) -> String {
        let bad = self.true_prefix_bytes;
        let from = self.arrived_offset.unwrap_or(bad);
        let block = match from {
            // The nearest candidate may be a period away from its true place.
            _ if from > bad => format!("a block of {} is lost", bytes(from - bad)),
            0 if self.arrived_exact => "the object begins again".into(),
            _ => format!("a block of {} is repeated", bytes(bad - from)),
        };
        let sure = match self.arrived_exact {
            true => String::new(),
            false => format!(", give or take multiples of {PERIOD}"),
        };
        format!("bytes from offset {from} start there{sure}: {block}")
    }

    /// Describes the excess, after a colon; empty if it is unknown.
    fn excess(&self) -> String {
        if self.second_copy && self.excess_bytes >= self.expected_bytes {
            ": a second copy".into()
        } else if self.second_copy {
            ": the beginning of a second copy".into()
        } else if self.zeros_to_the_end {
            ": only zeros, the file was preallocated for more".into()
        } else {
            match self.stands {
                Some(Stands::HttpHead) => ": the head of an HTTP response".into(),
                Some(Stands::Html) => ": a page of HTML".into(),
                Some(Stands::Version) => format!(": {}", self.versions()),
                _ => format!(" ({})", self.hex.as_deref().unwrap_or_default()),
            }
        }
    }
}
