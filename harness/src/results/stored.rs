//! A kept run: found by name, read completely.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use shortread_server::{
    input,
    scenario::{Scenario, parse},
};

use super::{
    FolderError, Record, RunInfo, Timelines,
    folder::{LATEST, SCENARIOS, read_records, read_run},
    in_order,
};

/// Everything that the folder of a run holds.
#[derive(Debug)]
pub struct StoredRun {
    /// The folder of the run.
    pub path: PathBuf,
    /// The header.
    pub info: RunInfo,
    /// The records, in the order of a plan.
    pub records: Vec<Record>,
    /// The scenarios as their files said them. One that a later grammar no
    /// longer reads is missing.
    pub scenarios: Vec<Arc<Scenario>>,
    /// The timelines of the trials.
    pub timelines: Timelines,
}

const PREVIOUS: &str = "previous";

/// The reasons why a run cannot be found.
#[derive(Debug, thiserror::Error)]
pub enum StoredError {
    /// There is none by that name.
    #[error(
        "no run is at `{path}`; a run is a folder with a run.json in it, `latest` or `previous`"
    )]
    Missing {
        /// The place of the search.
        path: PathBuf,
    },
    /// `latest` or `previous` in a place where nothing was run.
    #[error(
        "there is no run in `{root}` yet; `shortread run` makes one, --out names another place"
    )]
    NoRun {
        /// The place of the search.
        root: PathBuf,
    },
    /// `previous` in a place that has no two runs.
    #[error("no run in `{root}` is older than the latest one")]
    NoPrevious {
        /// The place of the search.
        root: PathBuf,
    },
    /// A file of it cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
}

impl StoredRun {
    /// Reads the run that `name` names: the path of its folder, or `latest` or
    /// `previous` (the one before that) in `root`.
    ///
    /// # Errors
    /// There is no such run, or its files cannot be read.
    pub fn open(name: impl AsRef<Path>, root: &Path) -> Result<Self, StoredError> {
        let path = locate(name.as_ref(), root)?;
        let info = read_run(&path)?;
        let mut records = read_records(&path)?;
        in_order(&mut records, &info);
        Ok(Self {
            info,
            records,
            scenarios: scenarios(&path),
            timelines: Timelines::kept(&path),
            path,
        })
    }

    /// True if the run should fail on unexpected outcomes: `--check`.
    pub fn was_check(&self) -> bool {
        self.info.command_line.iter().any(|word| word == "--check")
    }
}

/// The folder that `name` names.
fn locate(name: &Path, root: &Path) -> Result<PathBuf, StoredError> {
    let word = name.to_str().unwrap_or_default();
    if [LATEST, PREVIOUS].contains(&word) && fs::symlink_metadata(root.join(LATEST)).is_err() {
        return Err(StoredError::NoRun { root: root.into() });
    }
    let path = match word {
        LATEST => root.join(LATEST),
        PREVIOUS => previous(root)?,
        _ => name.into(),
    };
    match path.join("run.json").exists() {
        true => Ok(fs::canonicalize(&path).unwrap_or(path)),
        false => Err(StoredError::Missing { path }),
    }
}

/// The run before the latest one, by their names, which begin with the time.
fn previous(root: &Path) -> Result<PathBuf, StoredError> {
    let none = || StoredError::NoPrevious { root: root.into() };
    let latest = fs::read_link(root.join(LATEST)).map_err(|_| none())?;
    let latest = order(&latest.to_string_lossy());
    let mut runs: Vec<String> = fs::read_dir(root)
        .map_err(|_| none())?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name != LATEST && root.join(name).join("run.json").exists())
        .filter(|name| order(name) < latest)
        .collect();
    runs.sort_by_key(|name| order(name));
    runs.pop().map(|name| root.join(name)).ok_or_else(none)
}

/// Start and number of a run of that name: `2026-11-22T16-03-00Z-tcp-10` is
/// behind `...-tcp-2`, and both are behind `...-tcp`.
fn order(name: &str) -> (String, u32) {
    let start: String = name.chars().take("2026-11-22T16-03-00Z".len()).collect();
    let number = name.rsplit('-').next().and_then(|last| last.parse().ok());
    (start, number.unwrap_or(1))
}

/// As a scenario may have where it is run from.
const LONGEST_SCENARIO: u64 = 1 << 20;

/// The scenarios that were kept with the run.
fn scenarios(run: &Path) -> Vec<Arc<Scenario>> {
    let Ok(entries) = fs::read_dir(run.join(SCENARIOS)) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    let read = |path: PathBuf| {
        let text = input::read_text(&path, LONGEST_SCENARIO).ok()??;
        let name = path.file_stem()?.to_string_lossy();
        parse(&name, &path.to_string_lossy(), &text)
            .ok()
            .map(Arc::new)
    };
    paths.into_iter().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use shortread_server::scenario::load;

    use super::*;
    use crate::{
        plan::path_component,
        results::{Detail, RunFolder, samples},
    };

    fn run(root: &Path, started: &str, scenario: &str) -> PathBuf {
        let mut folder = RunFolder::create(root, started, "virtual").unwrap();
        folder.write_run(&samples::run_info()).unwrap();
        folder
            .write_scenarios(&[Arc::new(load(scenario).unwrap())])
            .unwrap();
        folder
            .append(&samples::record(scenario, "readany"))
            .unwrap();
        fs::canonicalize(folder.path()).unwrap()
    }

    #[test]
    fn a_kept_run_has_its_records_and_its_scenarios() {
        let root = tempfile::tempdir().unwrap();
        let path = run(root.path(), "2026-11-22T16:03:00Z", "healthy");
        let stored = StoredRun::open(path.to_str().unwrap(), Path::new("elsewhere")).unwrap();
        assert_eq!(stored.records, [samples::record("healthy", "readany")]);
        assert_eq!(*stored.scenarios[0], load("healthy").unwrap());
    }

    #[test]
    fn a_scenario_that_is_longer_than_a_file_may_be_is_left_out() {
        let root = tempfile::tempdir().unwrap();
        let path = run(root.path(), "2026-11-22T16:03:00Z", "healthy");
        let file = path.join(SCENARIOS).join("healthy.toml");
        let text = fs::read_to_string(&file).unwrap();
        let kept = |bytes: u64| {
            let comment = "#".repeat((bytes as usize) - text.len());
            fs::write(&file, format!("{text}{comment}")).unwrap();
            let stored = StoredRun::open(path.to_str().unwrap(), Path::new("elsewhere"));
            stored.unwrap().scenarios.len()
        };
        assert_eq!((kept(LONGEST_SCENARIO), kept(LONGEST_SCENARIO + 1)), (1, 0));
    }

    #[test]
    fn a_kept_run_has_its_timelines_and_its_logs_have_a_line_for_each_trial() {
        let root = tempfile::tempdir().unwrap();
        let mut folder = RunFolder::create(root.path(), "2026-11-22T16:03:00Z", "tcp").unwrap();
        folder.write_run(&samples::run_info()).unwrap();
        let detail = Detail {
            timeline: samples::timeline(),
            ..Detail::default()
        };
        let records = ["a", "b"].map(|name| samples::record(name, "readany"));
        for record in &records {
            folder
                .write_detail(&path_component(&record.id), record, &detail)
                .unwrap();
            folder.append(record).unwrap();
        }
        let open = || StoredRun::open("latest", root.path());
        for record in &records {
            let kept = open().unwrap();
            assert_eq!(
                *kept.timelines.get(&record.id).unwrap(),
                samples::timeline()
            );
        }
        let log = fs::read_to_string(folder.path().join("gap_ns.hlog")).unwrap();
        assert_eq!(log.matches("StartTime:").count(), 1, "one head: {log}");
        let tags: Vec<&str> = log
            .lines()
            .filter_map(|line| line.strip_prefix("Tag=")?.split(',').next())
            .collect();
        assert_eq!(tags, records.each_ref().map(|record| record.id.as_str()));

        // A draft of a process that was killed is none of the run's.
        let timelines = folder.path().join("timeline");
        fs::write(timelines.join(".c.jsonl.gz.new"), "cut").unwrap();
        assert!(!open().unwrap().timelines.contains_key(".c"));
        let name = format!("{}.jsonl.gz", path_component(&records[1].id));
        fs::write(timelines.join(&name), "no gzip").unwrap();
        let kept = open().unwrap();
        assert!(kept.timelines.get(&records[1].id).is_none());
        let error = kept.timelines.broken().unwrap().to_string();
        assert!(error.contains(&name), "{error}");
    }

    #[test]
    fn latest_and_previous_go_by_the_time_of_the_start() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let open = |name| StoredRun::open(name, root);
        for name in ["latest", "previous"] {
            assert!(matches!(open(name), Err(StoredError::NoRun { .. })));
        }
        let first = run(root, "2026-11-22T16:03:00Z", "healthy");
        assert!(matches!(
            open("previous"),
            Err(StoredError::NoPrevious { .. })
        ));
        for _ in 0..9 {
            run(root, "2026-11-22T16:04:00Z", "healthy");
        }
        let tenth = open("latest").unwrap().path;
        assert!(tenth.to_str().unwrap().ends_with("virtual-9"));
        let eleventh = run(root, "2026-11-22T16:04:00Z", "healthy");
        assert_eq!(open("latest").unwrap().path, eleventh);
        assert_eq!(open("previous").unwrap().path, tenth);
        assert_ne!(first, tenth);
    }

    #[test]
    fn what_is_no_run_is_named_with_what_would_be() {
        let error = StoredRun::open("nowhere", Path::new(".")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no run is at `nowhere`; a run is a folder with a run.json in it, `latest` or `previous`"
        );
        let error = StoredRun::open("previous", Path::new("nowhere")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no run in `nowhere` yet; `shortread run` makes one, --out names another place"
        );
    }
}
