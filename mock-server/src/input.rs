//! Reads files that users name, with limits on time and size: a pipe without a
//! writer never starts, and /dev/zero never ends.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

/// Opens the regular file at `path` for reading.
///
/// # Errors
/// The file does not exist, may not be read, or is something else: a folder, a
/// pipe, a device.
pub fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    // Opening a pipe waits for its writer. With this flag it does not wait, and
    // for a regular file nothing changes (open(2)).
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    let file = options.open(path)?;
    let kind = file.metadata()?.file_type();
    if kind.is_file() {
        return Ok(file);
    }
    let what = match kind.is_dir() {
        true => "it is a folder, not a file",
        false => "it is a pipe or a device, not a regular file; write its content to a file first",
    };
    Err(io::Error::new(io::ErrorKind::InvalidInput, what))
}

/// Opens the file at `path` for appending, and creates it if needed.
///
/// # Errors
/// The file may not be written, or it is a pipe without a reader, for which this
/// does not wait.
pub fn append(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    options.open(path)
}

/// The bytes of the regular file at `path`, or `None` if there are more than
/// `most`.
///
/// # Errors
/// Those of [`open`], and errors of reading.
pub fn read(path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    open(path)?
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(Some(bytes).filter(|bytes| bytes.len() as u64 <= most))
}

/// As [`read`], for a text.
///
/// # Errors
/// Those of [`read`], or the file is not UTF-8.
pub fn read_text(path: &Path, most: u64) -> io::Result<Option<String>> {
    let Some(bytes) = read(path, most)? else {
        return Ok(None);
    };
    let text = String::from_utf8(bytes);
    text.map(Some)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regular_file_is_read_up_to_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "abc").unwrap();
        assert_eq!(read_text(&path, 3).unwrap().as_deref(), Some("abc"));
        assert_eq!(read_text(&path, 2).unwrap(), None);
        std::fs::write(&path, b"\xff").unwrap();
        let kind = read_text(&path, 3).unwrap_err().kind();
        assert_eq!(kind, io::ErrorKind::InvalidData);
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_that_nobody_reads_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        assert!(append(&pipe).is_err());
        assert!(append(&folder.path().join("new")).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn what_has_no_end_or_no_beginning_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let name = std::ffi::CString::new(pipe.to_str().unwrap()).unwrap();
        // SAFETY: the name ends with a zero and outlives the call.
        #[expect(unsafe_code, reason = "mkfifo(3) has no safe form here")]
        let made = unsafe { libc::mkfifo(name.as_ptr(), 0o600) };
        assert_eq!(made, 0);
        for path in [pipe.as_path(), Path::new("/dev/zero"), folder.path()] {
            let error = read(path, 1 << 20).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{error}");
        }
    }
}
