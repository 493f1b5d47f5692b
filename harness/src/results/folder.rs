//! The folder of a run: created new, and written during the run.
//!
//! `trials.jsonl` grows by one line per trial; all other files are replaced
//! whole. A run that dies leaves a readable folder.

mod error;
mod read;

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use serde::Serialize;
use shortread_server::scenario::Scenario;

use super::{
    Detail, Record, RunInfo, RunSummary,
    interval_log::{self, LOGS},
    timeline,
};

pub use error::FolderError;
pub(super) use read::read_timeline;
pub use read::{read_records, read_run};

pub(super) const TRIALS: &str = "trials.jsonl";
pub(super) const RUN: &str = "run.json";
pub(super) const SUMMARY: &str = "summary.json";
pub(super) const LATEST: &str = "latest";
pub(super) const SCENARIOS: &str = "scenarios";
pub(super) const TIMELINES: &str = "timeline";
/// Behind the name of a trial's file there.
pub(super) const TIMELINE_END: &str = ".jsonl.gz";

/// Most runs that may start in one second in one place.
const MOST_IN_ONE_SECOND: u32 = 1_000;

/// A folder under `results/`, open for one run.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    trials: File,
}

impl RunFolder {
    /// Makes `root/2026-11-22T16-03-00Z-tcp` for a run that started at
    /// `started` (RFC 3339, seconds) in `world`, or the same with `-2` and so
    /// on behind it where that is taken, and points `root/latest` at it.
    ///
    /// # Errors
    /// `root` cannot be written, or its `latest` is not a symbolic link.
    pub fn create(root: &Path, started: &str, world: &str) -> Result<Self, FolderError> {
        fs::create_dir_all(root).map_err(unwritable(root))?;
        let latest = root.join(LATEST);
        match fs::symlink_metadata(&latest) {
            Ok(found) if !found.is_symlink() => return Err(FolderError::LatestTaken(latest)),
            _ => {}
        }
        // Not every file system allows a colon in a file name, and rsync and scp
        // take the part before it for a host.
        let name = format!("{}-{world}", started.replace(':', "-"));
        let path = make_fresh(root, &name)?;
        let trials = File::options()
            .append(true)
            .create_new(true)
            .open(path.join(TRIALS))
            .map_err(unwritable(&path))?;
        point(&latest, &path)?;
        Ok(Self { path, trials })
    }

    /// The folder of the run.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends one record, in one write: a reader sees whole lines, and nothing
    /// is lost when the process dies after this.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn append(&mut self, record: &Record) -> Result<(), FolderError> {
        let failed = |reason| FolderError::Unwritable {
            path: self.path.join(TRIALS),
            reason,
        };
        let mut line = serde_json::to_vec(record).map_err(|error| failed(error.into()))?;
        line.push(b'\n');
        self.trials.write_all(&line).map_err(failed)?;
        self.trials.flush().map_err(failed)
    }

    /// Keeps what is known of a trial beside its record: the file `name` (of
    /// [`Trial::file_name`](crate::plan::Trial::file_name)) under `timeline/`,
    /// and a line in each `.hlog`. Before its record is appended: what has a
    /// record is whole.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write_detail(
        &mut self,
        name: &str,
        record: &Record,
        detail: &Detail,
    ) -> Result<(), FolderError> {
        let folder = self.path.join(TIMELINES);
        let timeline = timeline::write(&record.id, &detail.timeline);
        let timeline = timeline.map_err(unwritable(&folder))?;
        fs::create_dir_all(&folder)
            .and_then(|()| put(&folder, &format!("{name}{TIMELINE_END}"), &timeline))
            .map_err(unwritable(&folder))?;
        let elapsed = Duration::from_nanos(record.elapsed_ns);
        for (log, of) in LOGS {
            let path = self.path.join(log);
            let line = interval_log::line(&record.id, elapsed, of(&detail.histograms));
            line.and_then(|line| append(&path, &line))
                .map_err(unwritable(&path))?;
        }
        Ok(())
    }

    /// Writes `run.json`, at the start and again at the end.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_run(&self, info: &RunInfo) -> Result<(), FolderError> {
        self.replace(RUN, &json(info, &self.path.join(RUN))?)
    }

    /// Writes the text of each scenario that was read from one to
    /// `scenarios/NAME.toml`: a report that is made later tells what was played,
    /// not what its file says by then.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write_scenarios(&self, scenarios: &[Arc<Scenario>]) -> Result<(), FolderError> {
        let folder = self.path.join(SCENARIOS);
        fs::create_dir_all(&folder).map_err(unwritable(&folder))?;
        for scenario in scenarios.iter().filter(|one| !one.text.is_empty()) {
            let path = folder.join(format!("{}.toml", scenario.name));
            fs::write(&path, scenario.text.as_bytes()).map_err(unwritable(&path))?;
        }
        Ok(())
    }

    /// Writes `summary.json`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_summary(&self, summary: &RunSummary) -> Result<(), FolderError> {
        self.replace(SUMMARY, &json(summary, &self.path.join(SUMMARY))?)
    }

    /// Writes `name` whole: a reader sees the old content or the new one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn replace(&self, name: &str, content: &[u8]) -> Result<(), FolderError> {
        replace(&self.path, name, content)
    }
}

/// Writes `name` in the run's `folder` whole: a reader sees the old content or
/// the new one.
///
/// # Errors
/// The file cannot be written.
pub fn replace(folder: &Path, name: &str, content: &[u8]) -> Result<(), FolderError> {
    put(folder, name, content).map_err(unwritable(&folder.join(name)))
}

/// Writes a file whole.
fn put(folder: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    let draft = folder.join(format!(".{name}.new"));
    fs::write(&draft, content)?;
    fs::rename(&draft, folder.join(name))
}

/// Appends `line` to a log, which gets its head as it is made. In one write: a
/// reader sees whole lines.
fn append(path: &Path, line: &[u8]) -> io::Result<()> {
    let mut log = File::options().append(true).create(true).open(path)?;
    let mut text = match log.metadata()?.len() {
        0 => interval_log::head()?,
        _ => Vec::new(),
    };
    text.extend_from_slice(line);
    log.write_all(&text)
}

fn make_fresh(root: &Path, name: &str) -> Result<PathBuf, FolderError> {
    let mut path = root.join(name);
    for number in 2..=MOST_IN_ONE_SECOND {
        match fs::create_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                path = root.join(format!("{name}-{number}"));
            }
            made => return made.map(|()| path.clone()).map_err(unwritable(&path)),
        }
    }
    Err(unwritable(&path)(io::ErrorKind::AlreadyExists.into()))
}

/// Points the link `latest` at its sibling `target`; there is always one.
fn point(latest: &Path, target: &Path) -> Result<(), FolderError> {
    let name = target.file_name().unwrap_or_default();
    // Unique, since the target is.
    let draft = latest.with_file_name(format!(".latest-{}", name.to_string_lossy()));
    std::os::unix::fs::symlink(name, &draft)
        .and_then(|()| fs::rename(&draft, latest))
        .map_err(unwritable(latest))
}

fn json(value: &impl Serialize, path: &Path) -> Result<Vec<u8>, FolderError> {
    let mut text =
        serde_json::to_vec_pretty(value).map_err(|error| unwritable(path)(error.into()))?;
    text.push(b'\n');
    Ok(text)
}

fn unwritable(path: &Path) -> impl Fn(io::Error) -> FolderError {
    |reason| FolderError::Unwritable {
        path: path.into(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::samples;

    const STARTED: &str = "2026-11-22T16:03:00Z";

    fn names(root: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(root)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn two_runs_of_one_second_get_two_folders_and_latest_is_the_second() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().join("results");
        let first = RunFolder::create(&root, STARTED, "tcp").unwrap();
        let second = RunFolder::create(&root, STARTED, "tcp").unwrap();
        assert!(first.path().ends_with("2026-11-22T16-03-00Z-tcp"));
        assert!(second.path().ends_with("2026-11-22T16-03-00Z-tcp-2"));
        assert_eq!(
            fs::read_link(root.join("latest")).unwrap(),
            Path::new("2026-11-22T16-03-00Z-tcp-2")
        );
        // Nothing but the two and the link: no draft stays behind.
        assert_eq!(
            names(&root),
            [
                "2026-11-22T16-03-00Z-tcp",
                "2026-11-22T16-03-00Z-tcp-2",
                "latest"
            ]
        );
    }

    #[test]
    fn each_record_is_on_disk_when_append_returns() {
        let root = tempfile::tempdir().unwrap();
        let mut folder = RunFolder::create(root.path(), STARTED, "tcp").unwrap();
        let records = [
            samples::record("a", "readany"),
            samples::record("b", "readany"),
        ];
        folder.append(&records[0]).unwrap();
        assert_eq!(read_records(folder.path()).unwrap(), records[..1]);
        folder.append(&records[1]).unwrap();
        assert_eq!(read_records(folder.path()).unwrap(), records);
    }

    #[test]
    fn files_are_replaced_whole() {
        let root = tempfile::tempdir().unwrap();
        let folder = RunFolder::create(root.path(), STARTED, "tcp").unwrap();
        let mut info = samples::run_info();
        folder.write_run(&info).unwrap();
        info.finished = Some("2026-11-22T16:05:00Z".into());
        info.interrupted = true;
        folder.write_run(&info).unwrap();
        assert_eq!(read_run(folder.path()).unwrap(), info);
        folder.write_summary(&RunSummary::of(&[])).unwrap();
        assert_eq!(
            names(folder.path()),
            ["run.json", "summary.json", "trials.jsonl"]
        );
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named_with_the_remedy() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        fs::write(&file, "in the way").unwrap();
        // A folder below a file can be made by nobody, not even by root.
        let error = RunFolder::create(&file.join("results"), STARTED, "tcp").unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("file/results") && text.contains("--out"),
            "{text}"
        );
    }

    #[test]
    fn a_real_folder_called_latest_is_left_alone() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("latest")).unwrap();
        let error = RunFolder::create(root.path(), STARTED, "tcp").unwrap_err();
        assert!(matches!(error, FolderError::LatestTaken(_)), "{error}");
        assert_eq!(names(root.path()), ["latest"]);
    }
}
