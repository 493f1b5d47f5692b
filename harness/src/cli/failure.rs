//! Errors at the edge: `error: ...`, `help: ...`, and an exit code.

use std::{
    error::Error,
    io::{self, Write},
};

use shortread_server::{
    scenario::{Diagnostics, LoadError},
    text::printable_lines,
};

use super::exit;
use crate::{
    command::{ClientPlanError, CommandError, KnownError},
    plan::PlanError,
    results::{FolderError, StoredError},
    verify::AskError,
};

/// The reasons why a command failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// Wrong usage, with a remedy.
    Usage {
        /// A lowercase fragment.
        message: String,
        /// The remedy.
        help: Option<String>,
    },
    /// Scenario files with errors; each is shown in its place.
    Invalid(Vec<Diagnostics>),
    /// Output could not be written, or another part of the machine failed.
    Tool(String),
    /// The reader of the output is gone.
    BrokenPipe,
}

impl Failure {
    pub(super) fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage {
            message: message.into(),
            help: Some(help.into()),
        }
    }

    /// A failure of the tool, with the chain of its causes.
    pub(super) fn tool(error: &dyn Error) -> Self {
        Self::Tool(chain(error))
    }

    pub(super) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::BrokenPipe)
    }

    pub(super) fn code(&self) -> u8 {
        match self {
            Self::Usage { .. } | Self::Invalid(_) => exit::USAGE,
            Self::Tool(_) => exit::TOOL_FAILED,
            Self::BrokenPipe => exit::DONE,
        }
    }

    pub(super) fn render(&self, out: &mut dyn Write) -> io::Result<()> {
        const ERROR: &str = "\x1b[1;31merror\x1b[0m";
        const HELP: &str = "\x1b[1;36mhelp\x1b[0m";
        match self {
            Self::Usage { message, help } => {
                writeln!(out, "{ERROR}: {}", printable_lines(message))?;
                match help {
                    Some(help) => writeln!(out, "{HELP}: {}", printable_lines(help)),
                    None => Ok(()),
                }
            }
            Self::Invalid(files) => {
                for diagnostics in files {
                    writeln!(out, "{}\n", diagnostics.render_coloured())?;
                }
                let count: usize = files.iter().map(Diagnostics::count).sum();
                let noun = if count == 1 { "error" } else { "errors" };
                writeln!(out, "{ERROR}: {count} {noun} in {}", names(files))
            }
            Self::Tool(message) => writeln!(out, "{ERROR}: {}", printable_lines(message)),
            Self::BrokenPipe => Ok(()),
        }
    }
}

fn names(files: &[Diagnostics]) -> String {
    let names: Vec<&str> = files.iter().map(Diagnostics::file).collect();
    names.join(", ")
}

/// An error and its causes in one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Self::Tool(format!("cannot write the output: {error}")),
        }
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Unknown { name, nearest } => {
                let known = "`shortread list` shows all; a path contains a slash or ends in .toml";
                let nearest: Vec<String> = nearest.iter().map(|name| format!("`{name}`")).collect();
                let help = match nearest.is_empty() {
                    true => known.into(),
                    false => format!("did you mean {}? {known}", nearest.join(" or ")),
                };
                Self::usage(format!("no scenario is called `{name}`"), help)
            }
            LoadError::Invalid(diagnostics) => Self::Invalid(vec![diagnostics]),
            other => Self::Usage {
                message: chain(&other),
                help: None,
            },
        }
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        Self::Usage {
            message: error.to_string(),
            help: None,
        }
    }
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        Self::usage(error.to_string(), error.remedy())
    }
}

impl From<ClientPlanError> for Failure {
    fn from(error: ClientPlanError) -> Self {
        let help = matches!(error, ClientPlanError::NotScaled { .. });
        Self::Usage {
            message: error.to_string(),
            help: help.then(|| {
                "install the package faketime if it is missing, or use --clock auto, which marks \
                 such cells"
                    .into()
            }),
        }
    }
}

impl From<KnownError> for Failure {
    fn from(error: KnownError) -> Self {
        match error {
            KnownError::Invalid(diagnostics) => Self::Invalid(vec![diagnostics]),
            other => Self::Usage {
                message: other.to_string(),
                help: None,
            },
        }
    }
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Self {
        match error {
            FolderError::TooNew { .. } => Self::usage(
                error.to_string(),
                "use the program that wrote it, or a newer one",
            ),
            error => Self::tool(&error),
        }
    }
}

impl From<AskError> for Failure {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Silent { .. } | AskError::Refused { .. } => Self::tool(&error),
            AskError::Url(_) | AskError::Unknown(_) => Self::Usage {
                message: error.to_string(),
                help: None,
            },
        }
    }
}

impl From<StoredError> for Failure {
    fn from(error: StoredError) -> Self {
        match error {
            StoredError::Folder(error) => error.into(),
            missing => Self::Usage {
                message: missing.to_string(),
                help: None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(failure: &Failure) -> String {
        let mut out = Vec::new();
        failure.render(&mut out).unwrap();
        anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string()
    }

    fn unknown(nearest: &[&str]) -> Failure {
        Failure::from(LoadError::Unknown {
            name: "heathy".into(),
            nearest: nearest.iter().map(|name| (*name).into()).collect(),
        })
    }

    #[test]
    fn an_unknown_scenario_is_wrong_usage_and_suggests_names() {
        assert_eq!(unknown(&[]).code(), exit::USAGE);
        insta::assert_snapshot!(rendered(&unknown(&["healthy", "heather"])), @r"
            error: no scenario is called `heathy`
            help: did you mean `healthy` or `heather`? `shortread list` shows all; a path contains a slash or ends in .toml
            ");
        assert!(!rendered(&unknown(&[])).contains("did you mean"));
    }

    #[test]
    fn a_failure_of_the_tool_names_its_causes() {
        let failure = Failure::from(FolderError::Unwritable {
            path: "results".into(),
            reason: io::ErrorKind::PermissionDenied.into(),
        });
        assert_eq!(failure.code(), exit::TOOL_FAILED);
        insta::assert_snapshot!(rendered(&failure), @"error: cannot write results to `results` (permission denied); choose another folder with --out");
    }

    #[test]
    fn a_reader_that_left_is_not_an_error() {
        let failure = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert!(failure.is_broken_pipe());
        assert_eq!(
            (failure.code(), rendered(&failure)),
            (exit::DONE, String::new())
        );
    }
}
