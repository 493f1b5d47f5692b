//! A real file as the object.

use std::{
    fs::{File, Metadata},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::UNIX_EPOCH,
};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::media;
use crate::{
    clock::{Clock, Date},
    input,
};

/// Bytes read at a time, at most: so short a read of a file that is not in memory holds
/// up the other connections for no more than a few milliseconds.
const LONGEST_SLICE: usize = 128 << 10;

/// A file that is the object, as it was when the scenario was read. Its size and its
/// validators are those of that time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectFile {
    /// Its path, from the root once it was looked at.
    pub path: PathBuf,
    /// Its bytes.
    pub size: u64,
    /// The time of its last change.
    pub modified: FileTime,
    /// The same for HTTP, in seconds since 1970: at most the time at which the file was
    /// looked at (RFC 9110, section 8.8.2.1), and none before 1970.
    pub dated: Option<u64>,
}

/// A time as file systems keep it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileTime {
    /// Whole seconds since 1970, rounded down; negative before.
    pub seconds: i64,
    /// Nanoseconds behind them.
    pub nanos: u32,
}

/// The same, opened. Cheap to clone, since clones share the descriptor.
#[derive(Debug, Clone)]
pub struct OpenFile {
    file: Arc<File>,
    size: u64,
    modified: FileTime,
}

impl ObjectFile {
    /// A file that nobody has looked at yet.
    pub fn named(path: &str) -> Self {
        Self {
            path: path.into(),
            ..Self::default()
        }
    }

    /// The file as it is now; a relative path is one from `base` on.
    ///
    /// # Errors
    /// It is not there, may not be read, is no regular file, has other bytes than its size
    /// says, or its path is not UTF-8.
    pub fn look(&self, base: &Path) -> io::Result<Self> {
        self.look_at(base, Clock::real().date())
    }

    /// As [`Self::look`], at the time `now`.
    fn look_at(&self, base: &Path, now: Date) -> io::Result<Self> {
        let path = std::path::absolute(base.join(&self.path))?;
        if path.to_str().is_none() {
            // It goes to other processes as text.
            let why = "the path is not UTF-8";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let open = OpenFile::at(&path)?;
        open.check_length()?;
        let seconds = u64::try_from(open.modified.seconds).ok();
        Ok(Self {
            size: open.size,
            modified: open.modified,
            dated: seconds.map(|seconds| seconds.min(now.seconds())),
            path,
        })
    }

    /// Opens it.
    ///
    /// # Errors
    /// As [`Self::look`], or it is another one than it was: its size or the time of its
    /// last change differ.
    pub fn open(&self) -> io::Result<OpenFile> {
        let file = OpenFile::at(&self.path)?;
        self.compare(file.size, file.modified)?;
        Ok(file)
    }

    /// Checks that what stands at its path is still the file that it was.
    ///
    /// # Errors
    /// As [`Self::open`]; whether it may be read is not asked.
    pub fn check(&self) -> io::Result<()> {
        let facts = std::fs::metadata(&self.path)?;
        self.compare(facts.len(), FileTime::of(&facts)?)
    }

    fn compare(&self, size: u64, modified: FileTime) -> io::Result<()> {
        let why = if size != self.size {
            let was = self.size;
            format!("it had {was} bytes when it was looked at first, and has {size} now")
        } else if modified != self.modified {
            "it was written since it was looked at first".to_owned()
        } else {
            return Ok(());
        };
        Err(io::Error::other(format!("it has changed: {why}")))
    }

    /// An entity tag, without its quotes: another one for each size and time of the last
    /// change, which file systems keep to the nanosecond or nearly so.
    pub(crate) fn tag(&self) -> String {
        let nanos = i128::from(self.modified.seconds) * 1_000_000_000;
        let nanos = nanos + i128::from(self.modified.nanos);
        let before = if nanos < 0 { "b" } else { "" };
        format!("{before}{:x}-{:x}", nanos.unsigned_abs(), self.size)
    }

    /// The type that its name says.
    pub(crate) fn content_type(&self) -> &'static str {
        media::content_type(&self.path)
    }
}

impl FileTime {
    fn of(facts: &Metadata) -> io::Result<Self> {
        let time = facts.modified()?;
        let (seconds, nanos) = match time.duration_since(UNIX_EPOCH) {
            Ok(since) => (i64::try_from(since.as_secs()), since.subsec_nanos()),
            Err(before) => {
                let before = before.duration();
                let whole = i64::try_from(before.as_secs()).map(|seconds| -seconds);
                match before.subsec_nanos() {
                    0 => (whole, 0),
                    nanos => (whole.map(|seconds| seconds - 1), 1_000_000_000 - nanos),
                }
            }
        };
        Ok(Self {
            seconds: seconds.unwrap_or(i64::MAX),
            nanos,
        })
    }
}

impl OpenFile {
    /// Opens the regular file at `path`, as it is now.
    ///
    /// # Errors
    /// It is not there, may not be read, or is no regular file.
    pub fn at(path: &Path) -> io::Result<Self> {
        let file = input::open(path)?;
        let facts = file.metadata()?;
        Ok(Self {
            size: facts.len(),
            modified: FileTime::of(&facts)?,
            file: Arc::new(file),
        })
    }

    /// Its bytes when it was opened.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// At least one and at most `max` bytes from `offset` on, of the file as it was when it
    /// was opened; none behind its end.
    ///
    /// # Errors
    /// It has changed since, or cannot be read.
    pub fn bytes_at(&self, offset: u64, max: u64) -> io::Result<Bytes> {
        let left = self.size.saturating_sub(offset);
        let len = max.min(left).min(LONGEST_SLICE as u64) as usize;
        let mut bytes = vec![0; len];
        let read = self.fill(offset, &mut bytes)?;
        // Behind the read: the time changes with the first byte that is written.
        self.check()?;
        match read < len {
            true => Err(io::ErrorKind::UnexpectedEof.into()),
            false => Ok(bytes.into()),
        }
    }

    /// Checks that nobody has written it since it was opened.
    ///
    /// # Errors
    /// Somebody has.
    pub(crate) fn check(&self) -> io::Result<()> {
        let facts = self.file.metadata()?;
        match facts.len() == self.size && FileTime::of(&facts)? == self.modified {
            true => Ok(()),
            false => Err(io::Error::other("it has changed while it was read")),
        }
    }

    /// Fills `bytes` with those from `offset` on, and returns how many there are. What
    /// cannot be read is not there.
    pub(super) fn read_at(&self, offset: u64, bytes: &mut [u8]) -> usize {
        self.fill(offset, bytes).unwrap_or_default()
    }

    /// As [`Self::read_at`].
    ///
    /// # Errors
    /// The first byte cannot be read.
    fn fill(&self, offset: u64, bytes: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        while done < bytes.len() {
            match read_some(&self.file, &mut bytes[done..], offset + done as u64) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) if done > 0 => break,
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    /// Checks that it ends where its size says. Files of /proc and /sys do not: they are
    /// made while they are read, and have no length before.
    fn check_length(&self) -> io::Result<()> {
        let has = |offset: u64| Ok::<_, io::Error>(self.fill(offset, &mut [0])? > 0);
        let has_last = match self.size.checked_sub(1) {
            Some(last) => has(last)?,
            None => true,
        };
        if has_last && !has(self.size)? {
            return Ok(());
        }
        let size = self.size;
        let why = format!(
            "its length is unknown: it says {size} bytes, and has more or fewer, as files of \
             /proc do; copy its content to a file first"
        );
        Err(io::Error::new(io::ErrorKind::InvalidInput, why))
    }
}

#[cfg(unix)]
fn read_some(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_some(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, bytes, offset)
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
