//! The meaning of an outcome for the user, in one word, and the order from bad to
//! worse.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shortread_server::scenario::Kind;

/// The effect on the user, worst first: the one order in which the terminal, the
/// reports and `compare` call one end worse than another; `badness` is the same
/// order in finer steps. A failure of the tool is the worst, since nothing is known
/// of the trial; a wrong file that passes for a right one is never noticed, a hang
/// late, an error at once.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// The tool failed; nothing is known of the download.
    Tool,
    /// The client reported success, and the file is not the object.
    Silent,
    /// Nothing had ended it when the harness gave up.
    Hang,
    /// The download failed, and the client said so.
    Cut,
    /// The file is whole.
    Ok,
}

impl Group {
    /// Every group, in the order of reports.
    pub const ALL: [Self; 5] = [Self::Tool, Self::Silent, Self::Hang, Self::Cut, Self::Ok];

    /// The group of an outcome.
    pub const fn of(kind: Kind) -> Self {
        match kind {
            Kind::SilentTruncation | Kind::Corrupt | Kind::WrongObject => Self::Silent,
            Kind::Truncated
            | Kind::Reset
            | Kind::TimedOut
            | Kind::Refused
            | Kind::Malformed
            | Kind::Rejected
            | Kind::OutOfMemory
            | Kind::DiskFull => Self::Cut,
            Kind::Stalled => Self::Hang,
            Kind::Complete => Self::Ok,
            Kind::ToolError => Self::Tool,
        }
    }

    /// True for a failed download: its user has numbers that tell the cause.
    pub const fn is_failure(self) -> bool {
        match self {
            Self::Silent | Self::Hang | Self::Cut => true,
            Self::Ok | Self::Tool => false,
        }
    }

    /// The heading in tables.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Silent => "SILENT",
            Self::Cut => "CUT",
            Self::Hang => "HANG",
            Self::Ok => "OK",
            Self::Tool => "TOOL",
        }
    }

    /// The meaning of the heading.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Silent => "the client reports success, and the file is short or wrong",
            Self::Cut => "the download ends early, and the client says so",
            Self::Hang => "nothing ends the download",
            Self::Ok => "the file is whole",
            Self::Tool => "the tool failed, nothing is known of the download",
        }
    }
}

/// The rank of an end, the worst highest, for the worst of parallel downloads.
/// Between groups it follows [`Group`]; within one, an end is worse if it shows
/// less (`silent-truncation` before bytes that are visibly wrong), then if it costs
/// everybody (`out-of-memory`, `disk-full`), then if the client noticed it late.
pub(super) const fn badness(kind: Kind) -> u8 {
    match kind {
        Kind::ToolError => 13,
        Kind::SilentTruncation => 12,
        Kind::WrongObject => 11,
        Kind::Corrupt => 10,
        Kind::Stalled => 9,
        Kind::OutOfMemory => 8,
        Kind::DiskFull => 7,
        Kind::Malformed => 6,
        Kind::Rejected => 5,
        Kind::TimedOut => 4,
        Kind::Reset => 3,
        Kind::Truncated => 2,
        Kind::Refused => 1,
        Kind::Complete => 0,
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.heading())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_listed_from_worse_to_better() {
        assert!(Group::ALL.is_sorted());
        assert!(Group::Silent < Group::Hang && Group::Hang < Group::Cut && Group::Cut < Group::Ok);
    }
}
