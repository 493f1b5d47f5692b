//! The reasons why a run's folder cannot be written or read.

use std::{io, path::PathBuf};

use crate::results::{SCHEMA_VERSION, timeline::TimelineError};

/// Why results cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The place for results does not take any.
    #[error("cannot write results to `{path}` ({reason}); choose another folder with --out")]
    Unwritable {
        /// What could not be created or written.
        path: PathBuf,
        /// What the operating system says; part of the text, which goes on
        /// behind it.
        reason: io::Error,
    },
    /// `latest` is somebody's file or folder.
    #[error("`{0}` is not a symbolic link; move it away or choose another folder with --out")]
    LatestTaken(PathBuf),
    /// A file of a run could not be read.
    #[error("cannot read `{path}`")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The run was written by a later program.
    #[error(
        "`{path}` has version {found} of the results format, and this program reads up to \
         {SCHEMA_VERSION}"
    )]
    TooNew {
        /// The file.
        path: PathBuf,
        /// What it says.
        found: u32,
    },
    /// What a trial did over time is broken.
    #[error(
        "`{path}` is damaged ({reason}); remove the file to report the run without this picture"
    )]
    Timeline {
        /// The file.
        path: PathBuf,
        /// What is wrong with it; part of the text, which goes on behind it.
        reason: TimelineError,
    },
    /// A file of a run is not what it should be.
    #[error("`{path}`, line {line}, is not in this format")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Counts from 1.
        line: usize,
        /// What does not fit.
        source: serde_json::Error,
    },
}
