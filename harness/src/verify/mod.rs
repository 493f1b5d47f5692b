//! Whether a downloaded file is the object, and what stands where it is not.
//!
//! One pass over the bytes with one block of memory, at the speed of a memory
//! compare. Only bytes decide: zeros of a hole are read and compared as any
//! other, so a sparse or preallocated file is as short as what is true of it.

mod examiner;
mod hole;
mod saved;
mod server;
mod stands;
mod tell;

use std::{
    fs::File,
    io::{self, Read},
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use examiner::Examiner;
pub use saved::{Place, Saved, examine};
pub use server::{AskError, ServerSide};
pub use stands::Stands;

/// Bytes read at a time: a quarter of a usual second-level cache, so that what
/// was read is compared while it is there.
const BLOCK: usize = 256 << 10;

/// What a file is, measured against the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every byte of the object and no other.
    Complete,
    /// Right as far as it goes, and shorter than the object.
    Short,
    /// A byte is wrong; what stands there is said.
    Bad,
    /// The whole object, and more.
    Longer,
    /// Something else from its start on.
    WrongObject,
}

/// What was found, and the figures behind it. These names are the fields of
/// `shortread verify --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// What the file is.
    pub verdict: Verdict,
    /// Bytes of the object.
    pub expected_bytes: u64,
    /// Bytes of the file.
    pub length_bytes: u64,
    /// Bytes from the start of both that are the same.
    pub true_prefix_bytes: u64,
    /// The first byte that differs; the object's size where more follows it.
    pub first_bad_offset: Option<u64>,
    /// What stands there.
    pub stands: Option<Stands>,
    /// The offset of the object whose bytes stand there, known up to multiples
    /// of the pattern's period unless the file's length tells.
    pub arrived_offset: Option<u64>,
    /// Whether the file's length tells it: exactly the lost or repeated bytes
    /// are missing or too many.
    pub arrived_exact: bool,
    /// Zeros from the first bad byte on, where it is one.
    pub zero_bytes: u64,
    /// Whether these go on to the file's end.
    pub zeros_to_the_end: bool,
    /// Bytes behind the object's end.
    pub excess_bytes: u64,
    /// Whether those are the object's beginning again.
    pub second_copy: bool,
    /// Up to 16 bytes from the first bad one on, in hexadecimal.
    pub hex: Option<String>,
}

impl Finding {
    /// Whether the file is the object.
    pub fn is_whole(&self) -> bool {
        self.verdict == Verdict::Complete
    }
}

/// Reads `input` to its end and compares it with an object of `size` bytes.
///
/// # Errors
/// What the input fails with.
pub fn verify(input: &mut dyn Read, size: u64) -> io::Result<Finding> {
    pass(input, size, &mut |_| 0)
}

/// As [`verify`], from a file's start. Where a hole was met, the file system is
/// asked how far it goes, so that a sparse file of terabytes takes no longer
/// than its data; what it cannot tell is read.
///
/// # Errors
/// What the file fails with.
pub fn verify_file(file: &File, size: u64) -> io::Result<Finding> {
    pass(&mut &*file, size, &mut |at| hole::skip(file, at))
}

/// `skip` goes over what it knows to be zeros from an offset on; their number.
fn pass(input: &mut dyn Read, size: u64, skip: &mut dyn FnMut(u64) -> u64) -> io::Result<Finding> {
    let mut examiner = Examiner::new(size);
    let mut block = vec![0; BLOCK];
    loop {
        match input.read(&mut block) {
            Ok(0) => return Ok(examiner.finish()),
            Ok(read) => examiner.feed(&block[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        if examiner.is_in_zeros() {
            examiner.feed_zeros(skip(examiner.length()));
        }
    }
}

#[cfg(test)]
mod tests;
