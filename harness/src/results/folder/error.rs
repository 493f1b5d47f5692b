//! The reasons why a run's folder cannot be written or read.

use std::{io, path::PathBuf};

use crate::results::{SCHEMA_VERSION, timeline::TimelineError};

/// The reasons why results cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The place for results does not take any.
    #[error("cannot write results to `{path}` ({reason}); choose another folder with --out")]
    Unwritable {
        /// The path that could not be created or written.
        path: PathBuf,
        /// The error of the operating system; part of the text, which goes on after
        /// it.
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
        /// The error of the operating system.
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
        /// The version of the file.
        found: u32,
    },
    /// The timeline of a trial is damaged.
    #[error(
        "`{path}` is damaged ({reason}); remove the file to report the run without this picture"
    )]
    Timeline {
        /// The file.
        path: PathBuf,
        /// The mistake in it; part of the text, which goes on after it.
        reason: TimelineError,
    },
    /// A file of a run is not what it should be.
    #[error("`{path}`, line {line}, is not in this format")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Counts from 1.
        line: usize,
        /// The mismatch.
        source: serde_json::Error,
    },
}
