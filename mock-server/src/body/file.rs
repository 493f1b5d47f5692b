//! A real file as the object.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::input;

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
    /// The time of its last change, since 1970.
    pub modified: Duration,
}

/// The same, opened. Cheap to clone, since clones share the descriptor.
#[derive(Debug, Clone)]
pub struct OpenFile {
    file: Arc<File>,
    size: u64,
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
    /// It is not there, may not be read, is no regular file, or its path is not UTF-8.
    pub fn look(&self, base: &Path) -> io::Result<Self> {
        let path = std::path::absolute(base.join(&self.path))?;
        if path.to_str().is_none() {
            // It goes to other processes as text.
            let why = "the path is not UTF-8";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let facts = input::open(&path)?.metadata()?;
        Ok(Self {
            size: facts.len(),
            modified: modified(&facts)?,
            path,
        })
    }

    /// Opens it.
    ///
    /// # Errors
    /// As [`Self::look`], or it is another one than it was: its size or the time of its
    /// last change differ.
    pub fn open(&self) -> io::Result<OpenFile> {
        let file = input::open(&self.path)?;
        let facts = file.metadata()?;
        if facts.len() != self.size || modified(&facts)? != self.modified {
            let why = "it has changed since the scenario was read";
            return Err(io::Error::other(why));
        }
        Ok(OpenFile {
            file: Arc::new(file),
            size: self.size,
        })
    }

    /// An entity tag, without its quotes: another one for each size and time of the last
    /// change, which file systems keep to the nanosecond or nearly so.
    pub(crate) fn tag(&self) -> String {
        format!("{:x}-{:x}", self.modified.as_nanos(), self.size)
    }

    /// The type that its name says.
    pub(crate) fn content_type(&self) -> &'static str {
        let name = self.path.extension().and_then(|name| name.to_str());
        name.map_or(UNKNOWN, content_type)
    }
}

impl OpenFile {
    /// Opens the regular file at `path`, as it is now.
    ///
    /// # Errors
    /// It is not there, may not be read, or is no regular file.
    pub fn at(path: &Path) -> io::Result<Self> {
        let file = input::open(path)?;
        Ok(Self {
            size: file.metadata()?.len(),
            file: Arc::new(file),
        })
    }

    /// Its bytes when it was opened.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// At least one and at most `max` bytes from `offset` on; empty where the file has
    /// none, or where they cannot be read.
    pub fn bytes_at(&self, offset: u64, max: u64) -> Bytes {
        let len = max.min(LONGEST_SLICE as u64) as usize;
        let mut bytes = vec![0; len];
        let read = self.read_at(offset, &mut bytes);
        bytes.truncate(read);
        bytes.into()
    }

    /// Fills `bytes` with those from `offset` on, and returns how many there are.
    pub(super) fn read_at(&self, offset: u64, bytes: &mut [u8]) -> usize {
        let mut done = 0;
        while done < bytes.len() {
            match read_some(&self.file, &mut bytes[done..], offset + done as u64) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // What cannot be read is not there.
                Err(_) => break,
            }
        }
        done
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

fn modified(facts: &std::fs::Metadata) -> io::Result<Duration> {
    // Before 1970 there was no HTTP.
    Ok(facts
        .modified()?
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default())
}

/// A file that says nothing of itself (RFC 9110, section 8.3).
const UNKNOWN: &str = "application/octet-stream";

/// The types of names that are often downloaded, as IANA has them registered.
const TYPES: &[(&str, &str)] = &[
    ("bz2", "application/x-bzip2"),
    ("css", "text/css; charset=utf-8"),
    ("csv", "text/csv; charset=utf-8"),
    ("gif", "image/gif"),
    ("gz", "application/gzip"),
    ("htm", "text/html; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("md", "text/markdown; charset=utf-8"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("parquet", "application/vnd.apache.parquet"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("tar", "application/x-tar"),
    ("tgz", "application/gzip"),
    ("toml", "application/toml"),
    ("txt", "text/plain; charset=utf-8"),
    ("wasm", "application/wasm"),
    ("webm", "video/webm"),
    ("webp", "image/webp"),
    ("whl", "application/zip"),
    ("xml", "application/xml"),
    ("xz", "application/x-xz"),
    ("yaml", "application/yaml"),
    ("zip", "application/zip"),
    ("zst", "application/zstd"),
];

fn content_type(extension: &str) -> &'static str {
    let is = |known: &str| known.eq_ignore_ascii_case(extension);
    let found = TYPES.iter().find(|(known, _)| is(known));
    found.map_or(UNKNOWN, |(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(bytes: &[u8]) -> (tempfile::TempDir, ObjectFile) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("data.TXT"), bytes).unwrap();
        let file = ObjectFile::named("data.TXT").look(folder.path()).unwrap();
        (folder, file)
    }

    #[test]
    fn a_relative_path_is_one_from_the_scenario_on() {
        let (folder, file) = written(b"abc");
        assert_eq!(file.path, folder.path().join("data.TXT"));
        assert_eq!(file.size, 3);
        assert_eq!(file.content_type(), "text/plain; charset=utf-8");
        let absolute = ObjectFile::named(file.path.to_str().unwrap());
        assert_eq!(absolute.look(Path::new("/elsewhere")).unwrap(), file);
        for wrong in ["other", "."] {
            assert!(ObjectFile::named(wrong).look(folder.path()).is_err());
        }
    }

    #[test]
    fn its_bytes_come_in_slices_and_end_where_it_ends() {
        let bytes: Vec<u8> = (0..LONGEST_SLICE + 10).map(|n| n as u8).collect();
        let (_folder, file) = written(&bytes);
        let open = file.open().unwrap();
        assert_eq!(open.bytes_at(0, u64::MAX), bytes[..LONGEST_SLICE]);
        assert_eq!(
            open.bytes_at(LONGEST_SLICE as u64, u64::MAX),
            bytes[LONGEST_SLICE..]
        );
        assert_eq!(open.bytes_at(7, 3), bytes[7..10]);
        assert!(open.bytes_at(bytes.len() as u64, 1).is_empty());
    }

    #[test]
    fn another_file_is_not_taken_for_it_and_has_another_tag() {
        let (_folder, file) = written(b"abc");
        std::fs::write(&file.path, b"abcd").unwrap();
        let error = file.open().unwrap_err().to_string();
        assert!(error.contains("has changed"), "{error}");
        let later = ObjectFile::named(file.path.to_str().unwrap());
        let later = later.look(Path::new("/")).unwrap();
        assert_ne!(later.tag(), file.tag());
        // As long as before, and written a nanosecond later.
        let moved = ObjectFile {
            modified: file.modified + Duration::from_nanos(1),
            ..file.clone()
        };
        assert_ne!(moved.tag(), file.tag());
    }

    #[test]
    fn a_name_that_says_nothing_is_of_no_type() {
        assert_eq!(content_type("whl"), "application/zip");
        assert_eq!(content_type("unheard"), UNKNOWN);
        assert_eq!(ObjectFile::named("file").content_type(), UNKNOWN);
        assert!(TYPES.is_sorted_by_key(|(known, _)| known));
    }
}
