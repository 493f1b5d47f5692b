//! Checks if a downloaded file is the object, and recognizes wrong bytes.
//!
//! It needs one pass over the bytes and one block of memory, at the speed of a
//! memory compare. Only bytes decide: the zeros of a hole are read and compared
//! like any others, so a sparse or preallocated file is as short as its true
//! part.

mod examiner;
mod hole;
mod stands;
mod tell;

use std::{
    fs::File,
    io::{self, Read},
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use examiner::Examiner;
pub use stands::Stands;

use crate::body::Reference;

/// Bytes read at a time: a quarter of a typical second-level cache, so that they
/// are still there when they are compared.
const BLOCK: usize = 256 << 10;

/// The result of comparing a file with the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FileVerdict {
    /// Every byte of the object, and no other.
    Complete,
    /// Right to its end, but shorter than the object.
    Short,
    /// A byte is wrong; the finding says what is there.
    Bad,
    /// The whole object, and more.
    Longer,
    /// Something else from the start on.
    WrongObject,
}

/// The verdict and its figures. The names are the fields of `shortread verify
/// --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The verdict.
    pub verdict: FileVerdict,
    /// Bytes of the object.
    pub expected_bytes: u64,
    /// Bytes of the file.
    pub length_bytes: u64,
    /// Equal bytes from the start of both.
    pub true_prefix_bytes: u64,
    /// The first byte that differs, or the object's size if more bytes follow it.
    pub first_bad_offset: Option<u64>,
    /// The kind of bytes there.
    pub stands: Option<Stands>,
    /// The offset of the object where these bytes belong, known up to multiples
    /// of the pattern's period unless the file's length settles it.
    pub arrived_offset: Option<u64>,
    /// The version of the object whose bytes these are, where another one has them at the
    /// same offset.
    pub version: Option<u32>,
    /// The offset at which that version ends in the file: another difference, or the end.
    pub version_end: Option<u64>,
    /// True if the file's length settles it: exactly the lost or repeated bytes
    /// are missing or too many.
    pub arrived_exact: bool,
    /// Zeros from the first bad byte on, if it is a zero.
    pub zero_bytes: u64,
    /// True if these zeros go on to the end of the file.
    pub zeros_to_the_end: bool,
    /// Bytes after the object's end.
    pub excess_bytes: u64,
    /// True if those repeat the start of the object.
    pub second_copy: bool,
    /// Up to 16 bytes from the first bad one on, in hexadecimal.
    pub hex: Option<String>,
}

impl Finding {
    /// True if the file is the object.
    pub fn is_whole(&self) -> bool {
        self.verdict == FileVerdict::Complete
    }
}

/// Reads `input` to its end and compares it with `object`.
///
/// # Errors
/// Errors of reading the input; the object is a file that has changed meanwhile.
pub fn verify(input: &mut dyn Read, object: impl Into<Reference>) -> io::Result<Finding> {
    pass(input, object.into(), &mut |_| 0)
}

/// As [`verify`], from the start of a file. It skips holes with the help of the
/// file system, so a sparse file of terabytes takes no longer than its data.
/// Without that help it reads them.
///
/// # Errors
/// As [`verify`].
pub fn verify_file(file: &File, object: impl Into<Reference>) -> io::Result<Finding> {
    pass(&mut &*file, object.into(), &mut |at| hole::skip(file, at))
}

/// Reads the input; `skip` skips known zeros from an offset on, and returns their
/// number.
fn pass(
    input: &mut dyn Read,
    object: Reference,
    skip: &mut dyn FnMut(u64) -> u64,
) -> io::Result<Finding> {
    let mut examiner = Examiner::new(object.clone());
    let mut block = vec![0; BLOCK];
    loop {
        match input.read(&mut block) {
            Ok(0) => break,
            Ok(read) => examiner.feed(&block[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        if examiner.is_in_zeros() {
            examiner.feed_zeros(skip(examiner.length()));
        }
    }
    if let Reference::File(file) = &object {
        // Whatever differs may be right.
        let changed = |error| io::Error::other(format!("the file to compare with: {error}"));
        file.check().map_err(changed)?;
    }
    Ok(examiner.finish())
}

#[cfg(test)]
mod tests;
