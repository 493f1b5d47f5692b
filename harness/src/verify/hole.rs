//! Holes of sparse and preallocated files, as the file system knows them.

use std::fs::File;

/// Moves the offset of `file` from `at`, where it is, to the end of the hole
/// that is there, by lseek(2) with SEEK_DATA; the zeros gone over, 0 where there
/// is no hole or nobody knows.
#[cfg(shortread_linux)]
pub(super) fn skip(file: &File, at: u64) -> u64 {
    use rustix::{
        fs::{SeekFrom, seek},
        io::Errno,
    };
    let next = match seek(file, SeekFrom::Data(at)) {
        // No data behind it: the hole is the rest of the file.
        Err(Errno::NXIO) => seek(file, SeekFrom::End(0)),
        other => other,
    };
    match next {
        Ok(next) if next >= at => next - at,
        // It was cut meanwhile: what is read next is its end.
        Ok(_) | Err(_) => 0,
    }
}

/// Nobody knows.
#[cfg(not(shortread_linux))]
pub(super) fn skip(_: &File, _: u64) -> u64 {
    0
}
