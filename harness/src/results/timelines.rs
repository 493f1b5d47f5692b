//! The timelines of a run, read when a picture needs them. All of 20,000 trials
//! would take 1.5 GB; a page draws some dozen of each scenario.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Mutex,
};

use shortread_server::text::printable;

use super::{
    FolderError, Timeline,
    folder::{TIMELINE_END, TIMELINES, read_timeline},
};
use crate::plan::path_component;

/// The timelines of a run, by the id of their trial.
#[derive(Debug, Default)]
pub struct Timelines {
    /// The timelines in memory, of a run made by hand.
    made: BTreeMap<String, Timeline>,
    /// The folder that keeps the others.
    folder: Option<PathBuf>,
    /// The first that could not be read.
    broken: Mutex<Option<FolderError>>,
}

impl Timelines {
    /// Nothing is known.
    pub const fn new() -> Self {
        Self {
            made: BTreeMap::new(),
            folder: None,
            broken: Mutex::new(None),
        }
    }

    /// Those that the `run` keeps in its folder.
    pub fn kept(run: &Path) -> Self {
        Self {
            folder: Some(run.join(TIMELINES)),
            ..Self::new()
        }
    }

    /// True if there is a timeline of the trial `id`.
    pub fn contains_key(&self, id: &str) -> bool {
        self.made.contains_key(id) || self.path(id).is_some_and(|path| path.is_file())
    }

    /// The timeline of the trial `id`; also `None` if its file is damaged, which
    /// [`Self::broken`] reports.
    pub fn get(&self, id: &str) -> Option<Cow<'_, Timeline>> {
        if let Some(timeline) = self.made.get(id) {
            return Some(Cow::Borrowed(timeline));
        }
        let path = self.path(id).filter(|path| path.is_file())?;
        match read_timeline(&path) {
            // The name is made of the id, and two ids may come to one name.
            Ok((of, mut timeline)) => {
                for mark in &mut timeline.marks {
                    mark.text = printable(&mark.text).into_owned();
                }
                (of == id).then_some(Cow::Owned(timeline))
            }
            Err(error) => {
                if let Ok(mut broken) = self.broken.lock() {
                    broken.get_or_insert(error);
                }
                None
            }
        }
    }

    /// The first file that was asked for and could not be read, if there was
    /// one. The next question is about those that come after this.
    pub fn broken(&self) -> Option<FolderError> {
        self.broken.lock().ok()?.take()
    }

    fn path(&self, id: &str) -> Option<PathBuf> {
        let name = format!("{}{TIMELINE_END}", path_component(id));
        Some(self.folder.as_ref()?.join(name))
    }
}

impl FromIterator<(String, Timeline)> for Timelines {
    fn from_iter<T: IntoIterator<Item = (String, Timeline)>>(all: T) -> Self {
        Self {
            made: all.into_iter().collect(),
            ..Self::new()
        }
    }
}
