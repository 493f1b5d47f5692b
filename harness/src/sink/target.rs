//! A file on a real disk with the name that was asked for: from its first byte on, or only
//! when it is whole, and until then in a temporary file beside it.
//!
//! Nothing here knows when it is whole. A process that is killed leaves what stood under
//! the name before, and the temporary file, which nobody removes.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// The name of a file, and when it gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The path.
    pub path: PathBuf,
    /// The file has it only when it is whole.
    pub atomic: bool,
}

impl Target {
    /// Finds out whether files can be made in `folder`, with one that is removed again.
    ///
    /// # Errors
    /// They cannot.
    pub fn probe(folder: &Path) -> io::Result<()> {
        let (_, path) = temporary(&folder.join("shortread"))?;
        fs::remove_file(path)
    }
}

/// A file that is being written.
#[derive(Debug)]
pub struct TargetFile {
    target: Target,
    /// The file and the path that it has; none before its first byte may come.
    open: Option<(File, PathBuf)>,
}

/// No file got its name, or nobody knows how long it has it.
#[derive(Debug)]
pub struct Unnamed {
    /// The reason.
    pub error: io::Error,
    /// It has its name, which a loss of power may take away.
    pub renamed: bool,
}

/// Something that could not be done with a file.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} `{}`{rest}", path.display())]
struct Problem {
    doing: &'static str,
    path: PathBuf,
    rest: String,
    source: io::Error,
}

impl TargetFile {
    /// A file for `target`; none is made yet.
    pub fn new(target: Target) -> Self {
        Self { target, open: None }
    }

    /// Makes the file, if it is not there yet. Without `atomic` this drops what stood
    /// there.
    ///
    /// # Errors
    /// It cannot be made, or its name is that of something else than a file. The error
    /// names it.
    pub fn begin(&mut self) -> io::Result<()> {
        if self.open.is_some() {
            return Ok(());
        }
        let path = &self.target.path;
        let made = only_files(path).and_then(|()| match self.target.atomic {
            true => temporary(path),
            false => File::create(path).map(|file| (file, path.clone())),
        });
        self.open = Some(made.map_err(|error| self.problem("make a file for", path, error))?);
        Ok(())
    }

    /// Writes `bytes` at `offset`, in one write(2) if the disk takes them all. It blocks.
    ///
    /// # Errors
    /// The disk does not take them: it is full, or the file too large. The error names the
    /// file.
    pub fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.begin()?;
        let written = match &mut self.open {
            Some((file, _)) => write_all_at(file, offset, bytes),
            None => Ok(()),
        };
        let path = self.open.as_ref().map_or(&self.target.path, |open| &open.1);
        written.map_err(|error| self.problem("write to", path, error))
    }

    /// Drops what is behind the first `length` bytes, if there is a file.
    ///
    /// # Errors
    /// The disk does not do that. The error names the file.
    pub fn cut(&mut self, length: u64) -> io::Result<()> {
        match &self.open {
            Some((file, path)) => file
                .set_len(length)
                .map_err(|error| self.problem("cut", path, error)),
            None => Ok(()),
        }
    }

    /// True once there is a file.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// The other name that the file has, if it has one.
    pub fn temporary(&self) -> Option<&Path> {
        let open = self.open.as_ref().filter(|_| self.target.atomic);
        open.map(|(_, path)| path.as_path())
    }

    /// Gives the file its name, if it has another: its bytes go to the disk, it gets the
    /// permissions of what has the name, takes its place, and the folder goes to the disk
    /// too (rename(2), fsync(2)). It blocks for as long as the disk takes.
    ///
    /// # Errors
    /// A step that failed, by the names of its files.
    pub fn finish(self) -> Result<(), Unnamed> {
        let Some(path) = self.temporary() else {
            return Ok(());
        };
        let unnamed = |doing, error| Unnamed {
            error: self.problem(doing, path, error),
            renamed: false,
        };
        let target = &self.target.path;
        if let (Some((file, _)), Ok(before)) = (&self.open, fs::metadata(target)) {
            let set = file.set_permissions(before.permissions());
            set.map_err(|error| unnamed("set the permissions of", error))?;
        }
        if let Some((file, _)) = &self.open {
            let flushed = file.sync_all();
            flushed.map_err(|error| unnamed("flush", error))?;
        }
        fs::rename(path, target).map_err(|error| unnamed("rename", error))?;
        flush_folder(target).map_err(|source| Unnamed {
            error: io::Error::new(
                source.kind(),
                Problem {
                    doing: "flush the folder of",
                    path: target.clone(),
                    rest: ", which has its name, but may lose it with the power".into(),
                    source,
                },
            ),
            renamed: true,
        })
    }

    fn problem(&self, doing: &'static str, path: &Path, source: io::Error) -> io::Error {
        let target = &self.target.path;
        let rest = match self.target.atomic {
            true => format!("; `{}` is as it was", target.display()),
            false => String::new(),
        };
        let kind = source.kind();
        let path = path.to_owned();
        io::Error::new(
            kind,
            Problem {
                doing,
                path,
                rest,
                source,
            },
        )
    }
}

/// A new file beside `target`, whose name no other has: `NAME.PID.part`, where that is
/// taken with a number behind it.
fn temporary(target: &Path) -> io::Result<(File, PathBuf)> {
    let process = std::process::id();
    for number in 0..100 {
        let mut name = target.file_name().unwrap_or_default().to_owned();
        name.push(match number {
            0 => format!(".{process}.part"),
            number => format!(".{process}.{number}.part"),
        });
        let path = target.with_file_name(name);
        // O_EXCL: no link that somebody has put there is followed (open(2)).
        match File::options().write(true).create_new(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => return made.map(|file| (file, path)),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// # Errors
/// At `path` stands something that no file may replace: a folder, a device, a pipe.
fn only_files(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is no regular file",
        )),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn write_all_at(file: &mut File, offset: u64, bytes: &[u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(not(unix))]
fn write_all_at(file: &mut File, offset: u64, bytes: &[u8]) -> io::Result<()> {
    use std::io::{Seek as _, SeekFrom, Write as _};
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(bytes)
}

/// A name is on the disk when its folder is (fsync(2)).
#[cfg(unix)]
fn flush_folder(target: &Path) -> io::Result<()> {
    let folder = target.parent().filter(|folder| *folder != Path::new(""));
    let flushed = File::open(folder.unwrap_or(Path::new(".")))?.sync_all();
    match flushed {
        // File systems that have no such thing say so.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        flushed => flushed,
    }
}

/// No folder can be opened there.
#[cfg(not(unix))]
fn flush_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
#[path = "target_tests.rs"]
mod tests;
