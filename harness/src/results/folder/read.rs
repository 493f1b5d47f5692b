//! A run's folder, read again.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use serde::{Deserialize, de::DeserializeOwned};

use super::{FolderError, RUN, TIMELINE_END, TIMELINES, TRIALS};
use crate::results::{Record, RunInfo, SCHEMA_VERSION, Timeline, Timelines, timeline};

/// The records of the run in `folder`. A last line without its end, which a
/// process that was killed leaves, is dropped.
///
/// # Errors
/// The file cannot be read, or a line is not a record.
pub fn read_records(folder: &Path) -> Result<Vec<Record>, FolderError> {
    let path = folder.join(TRIALS);
    // Of a process that was killed the last character may be half there.
    let text = read(&path)?;
    text.split_inclusive(|byte| *byte == b'\n')
        .enumerate()
        .filter_map(|(index, line)| Some((index, line.strip_suffix(b"\n")?)))
        .map(|(index, line)| parse(line, index + 1, &path))
        .collect()
}

/// What each version of `run.json` has.
#[derive(Deserialize)]
struct Version {
    schema_version: u32,
}

/// `run.json` of the run in `folder`.
///
/// # Errors
/// The file cannot be read, is of a later version, or not of this format.
pub fn read_run(folder: &Path) -> Result<RunInfo, FolderError> {
    let path = folder.join(RUN);
    let text = read(&path)?;
    let Version { schema_version } = parse(&text, 1, &path)?;
    if schema_version > SCHEMA_VERSION {
        let found = schema_version;
        return Err(FolderError::TooNew { path, found });
    }
    parse(&text, 1, &path)
}

/// The timelines of the run in `folder`, as far as it has any.
///
/// # Errors
/// A file cannot be read, or is no timeline.
pub(in crate::results) fn read_timelines(folder: &Path) -> Result<Timelines, FolderError> {
    let Ok(entries) = fs::read_dir(folder.join(TIMELINES)) else {
        return Ok(Timelines::new());
    };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    // Drafts that a process left which was killed have another end.
    let whole = |path: &PathBuf| path.to_string_lossy().ends_with(TIMELINE_END);
    paths
        .filter(whole)
        .map(|path| read_timeline(&path))
        .collect()
}

fn read_timeline(path: &Path) -> Result<(String, Timeline), FolderError> {
    let broken = |reason| FolderError::Timeline {
        path: path.into(),
        reason,
    };
    let file = File::open(path).map_err(|error| broken(error.into()))?;
    timeline::read(file).map_err(broken)
}

fn read(path: &Path) -> Result<Vec<u8>, FolderError> {
    fs::read(path).map_err(|source| FolderError::Unreadable {
        path: path.into(),
        source,
    })
}

/// What stands from the line `first` on in `path`.
fn parse<T: DeserializeOwned>(text: &[u8], first: usize, path: &Path) -> Result<T, FolderError> {
    serde_json::from_slice(text).map_err(|source| FolderError::Malformed {
        path: path.into(),
        line: (first + source.line()).saturating_sub(1),
        source,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::results::{RunFolder, samples};

    const STARTED: &str = "2026-11-22T16:03:00Z";

    #[test]
    fn a_killed_run_can_be_read_but_a_damaged_one_is_named() {
        let root = tempfile::tempdir().unwrap();
        let mut folder = RunFolder::create(root.path(), STARTED, "tcp").unwrap();
        let record = samples::record("a", "readany");
        folder.append(&record).unwrap();
        let mut trials = File::options()
            .append(true)
            .open(folder.path().join(TRIALS))
            .unwrap();
        trials.write_all(b"{\"id\":\"cut in mid").unwrap();
        assert_eq!(read_records(folder.path()).unwrap(), [record]);
        // Half of a character.
        trials.write_all(b" \xC3").unwrap();
        assert_eq!(read_records(folder.path()).unwrap().len(), 1);
        trials.write_all(b"\xA9dle\"}\n").unwrap();
        let error = read_records(folder.path()).unwrap_err();
        assert!(
            error.to_string().ends_with("line 2, is not of this format"),
            "{error}"
        );
    }

    #[test]
    fn a_run_of_a_later_version_is_refused_with_what_would_read_it() {
        let root = tempfile::tempdir().unwrap();
        let later = SCHEMA_VERSION + 1;
        // Whatever else it has.
        let text = format!("{{\"schema_version\": {later}, \"worlds\": {{}}}}");
        fs::write(root.path().join(RUN), text).unwrap();
        let text = read_run(root.path()).unwrap_err().to_string();
        let said = format!(
            "has version {later} of the results format, and this program reads up to {SCHEMA_VERSION}"
        );
        assert!(text.ends_with(&said), "{text}");
    }

    #[test]
    fn the_header_s_line_that_is_wrong_is_named() {
        let root = tempfile::tempdir().unwrap();
        let folder = RunFolder::create(root.path(), STARTED, "tcp").unwrap();
        folder.write_run(&samples::run_info()).unwrap();
        let path = folder.path().join(RUN);
        let text = fs::read_to_string(&path).unwrap();
        let wrong = text.replace("\"seed\": ", "\"seed\": -");
        fs::write(&path, &wrong).unwrap();
        let line = 1 + wrong
            .lines()
            .position(|line| line.contains("\"seed\""))
            .unwrap();
        let text = read_run(folder.path()).unwrap_err().to_string();
        assert!(text.contains(&format!("line {line}, is not")), "{text}");
    }

    #[test]
    fn a_timeline_that_is_broken_is_named_and_the_run_can_do_without_it() {
        let root = tempfile::tempdir().unwrap();
        let timelines = root.path().join(TIMELINES);
        fs::create_dir(&timelines).unwrap();
        assert!(read_timelines(root.path()).unwrap().is_empty());
        let broken = timelines.join(format!("a{TIMELINE_END}"));
        fs::write(&broken, "junk").unwrap();
        let text = read_timelines(root.path()).unwrap_err().to_string();
        assert!(
            text.contains(&*broken.to_string_lossy()) && text.contains("take the file away"),
            "{text}"
        );
        fs::remove_file(broken).unwrap();
        assert!(read_timelines(root.path()).unwrap().is_empty());
    }
}
