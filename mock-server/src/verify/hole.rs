//! Holes of sparse and preallocated files, as known to the file system.

use std::fs::File;

/// Moves the offset of `file`, which is `at`, to the end of the hole there, by
/// lseek(2) with SEEK_DATA. Returns the number of skipped zeros, or 0 if there is
/// no hole or the file system does not tell.
#[cfg(shortread_linux)]
pub(super) fn skip(file: &File, at: u64) -> u64 {
    use rustix::{
        fs::{SeekFrom, seek},
        io::Errno,
    };
    let next = match seek(file, SeekFrom::Data(at)) {
        // No data follows: the hole is the rest of the file.
        Err(Errno::NXIO) => seek(file, SeekFrom::End(0)),
        other => other,
    };
    match next {
        Ok(next) if next >= at => next - at,
        // The file was cut meanwhile; the next read finds its end.
        Ok(_) | Err(_) => 0,
    }
}

/// Holes are unknown here.
#[cfg(not(shortread_linux))]
pub(super) fn skip(_: &File, _: u64) -> u64 {
    0
}
