//! What an outcome means to the user, in one word.

use std::fmt;

use mock_server::scenario::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What happened to the user, worst first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// The client reported success, and the file is not the object.
    Silent,
    /// The download failed, and the client said so.
    Cut,
    /// Nothing had ended it when the harness gave up.
    Hang,
    /// The file is whole.
    Ok,
    /// The tool failed; nothing is known of the download.
    Tool,
}

impl Group {
    /// Every group, in the order of reports.
    pub const ALL: [Self; 5] = [Self::Silent, Self::Cut, Self::Hang, Self::Ok, Self::Tool];

    /// The group of an outcome.
    pub const fn of(kind: Kind) -> Self {
        match kind {
            Kind::SilentTruncation | Kind::Corrupt | Kind::WrongObject => Self::Silent,
            Kind::Truncated
            | Kind::Reset
            | Kind::TimedOut
            | Kind::Refused
            | Kind::Malformed
            | Kind::OutOfMemory => Self::Cut,
            Kind::Stalled => Self::Hang,
            Kind::Complete => Self::Ok,
            Kind::ToolError => Self::Tool,
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

    /// What the heading means.
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

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.heading())
    }
}
