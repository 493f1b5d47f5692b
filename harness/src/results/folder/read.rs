//! Reads a run's folder.

use std::{
    io::{self, BufRead as _, BufReader, Read as _},
    path::Path,
};

use serde::{Deserialize, de::DeserializeOwned};
use shortread_server::input;

use super::{FolderError, RUN, TRIALS};
use crate::results::{Record, RunInfo, SCHEMA_VERSION, Timeline, timeline};

/// No line of a run is longer, and no `run.json`: one record has some 3 kB.
const LONGEST_LINE: u64 = 64 << 20;

/// The records of the run in `folder`. A last line without its end, which a
/// process that was killed leaves, is dropped.
///
/// # Errors
/// The file cannot be read, or a line is not a record.
pub fn read_records(folder: &Path) -> Result<Vec<Record>, FolderError> {
    let path = folder.join(TRIALS);
    let unreadable = |source| FolderError::Unreadable {
        path: path.clone(),
        source,
    };
    let mut file = BufReader::new(input::open(&path).map_err(unreadable)?);
    let (mut records, mut line) = (Vec::new(), Vec::new());
    for number in 1.. {
        line.clear();
        let mut rest = file.by_ref().take(LONGEST_LINE);
        rest.read_until(b'\n', &mut line).map_err(unreadable)?;
        // Of a process that was killed the last character may be half there.
        let Some(line) = line.strip_suffix(b"\n") else {
            if line.len() as u64 == LONGEST_LINE {
                return Err(unreadable(too_long()));
            }
            break;
        };
        records.push(parse(line, number, &path)?);
    }
    Ok(records)
}

/// The fields of each version of `run.json`.
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

/// The timeline in the file at `path`, and the id of its trial.
///
/// # Errors
/// The file cannot be read, or is no timeline.
pub(in crate::results) fn read_timeline(path: &Path) -> Result<(String, Timeline), FolderError> {
    let broken = |reason| FolderError::Timeline {
        path: path.into(),
        reason,
    };
    let file = input::open(path).map_err(|error| broken(error.into()))?;
    timeline::read(file).map_err(broken)
}

fn read(path: &Path) -> Result<Vec<u8>, FolderError> {
    let read = match input::read(path, LONGEST_LINE) {
        Ok(Some(bytes)) => return Ok(bytes),
        Ok(None) => too_long(),
        Err(error) => error,
    };
    Err(FolderError::Unreadable {
        path: path.into(),
        source: read,
    })
}

fn too_long() -> io::Error {
    let most = LONGEST_LINE >> 20;
    let what = format!("it has a line of more than {most} MiB, which no run writes");
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Parses `path` from the line `first` on.
fn parse<T: DeserializeOwned>(text: &[u8], first: usize, path: &Path) -> Result<T, FolderError> {
    serde_json::from_slice(text).map_err(|source| FolderError::Malformed {
        path: path.into(),
        line: (first + source.line()).saturating_sub(1),
        source,
    })
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, File},
        io::Write as _,
    };

    use super::*;
    use crate::results::{
        RunFolder, Timelines,
        folder::{TIMELINE_END, TIMELINES},
        samples,
    };

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
            error.to_string().ends_with("line 2, is not in this format"),
            "{error}"
        );
    }

    #[test]
    fn a_line_that_no_run_writes_is_refused_by_name() {
        let root = tempfile::tempdir().unwrap();
        let long = |name: &str, bytes: u64| {
            let file = File::create(root.path().join(name)).unwrap();
            file.set_len(bytes).unwrap();
        };
        long(TRIALS, LONGEST_LINE);
        long(RUN, LONGEST_LINE + 1);
        for (name, error) in [
            (TRIALS, read_records(root.path()).unwrap_err()),
            (RUN, read_run(root.path()).unwrap_err()),
        ] {
            let path = root.path().join(name);
            assert!(
                matches!(&error, FolderError::Unreadable { path: named, source }
                    if *named == path && source.to_string().contains("more than 64 MiB")),
                "{error:?}"
            );
        }
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
        let kept = Timelines::kept(root.path());
        assert!(kept.get("a").is_none() && kept.broken().is_none());
        let broken = timelines.join(format!("a{TIMELINE_END}"));
        fs::write(&broken, "junk").unwrap();
        assert!(kept.contains_key("a") && kept.get("a").is_none());
        let text = kept.broken().unwrap().to_string();
        assert!(
            text.contains(&*broken.to_string_lossy()) && text.contains("remove the file"),
            "{text}"
        );
        fs::remove_file(broken).unwrap();
        assert!(!kept.contains_key("a") && kept.get("a").is_none());
        assert!(kept.broken().is_none());
    }
}
