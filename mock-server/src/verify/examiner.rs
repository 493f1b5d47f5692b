//! Examines the bytes of a file in one pass.

use crate::body::{Object, Pattern, Reference, Verifier, WINDOW};

use super::{FileVerdict, Finding, Stands};

/// Bytes kept from the first bad one on, to recognize them.
const SAMPLE: usize = 512;

/// Bytes that a wrong object may match by chance: one byte matches one time in
/// 256.
const CHANCE: u64 = 4;

/// Fewer bytes may look like the start of the object by chance.
const LEAST_COPY: u64 = 8;

/// Bytes of the sample to show.
const SHOWN: usize = 16;

static ZEROS: [u8; 4096] = [0; 4096];

/// Takes the bytes of a file in order, and remembers what the verdict needs.
#[derive(Debug)]
pub struct Examiner {
    size: u64,
    pattern: Pattern,
    length: u64,
    object: Verifier,
    /// The bytes after the object's end, compared with the object again.
    again: Verifier,
    /// The other version, from the first bad byte on, once it is known.
    other: Option<Other>,
    /// The first bytes of the file.
    head: Vec<u8>,
    /// The bytes from the first bad one on.
    sample: Vec<u8>,
    /// Zeros from there on.
    zeros: u64,
    zeros_ended: bool,
}

impl Examiner {
    /// An examiner of a file that should be `object`, before its first byte.
    pub fn new(object: impl Into<Reference>) -> Self {
        let verifier = Verifier::new(object);
        let Object { size, pattern } = verifier.object();
        Self {
            size,
            pattern,
            length: 0,
            object: verifier.clone(),
            again: verifier,
            other: None,
            head: Vec::new(),
            sample: Vec::new(),
            zeros: 0,
            zeros_ended: false,
        }
    }

    /// The next bytes of the file.
    pub fn feed(&mut self, block: &[u8]) {
        let start = self.length;
        self.length = start.saturating_add(block.len() as u64);
        self.object.check(block);
        keep(&mut self.head, block);
        if let Some(bad) = self.object.first_bad_offset() {
            let wrong = behind(block, start, bad);
            keep(&mut self.sample, wrong);
            if !self.zeros_ended {
                let zeros = leading_zeros(wrong);
                self.zeros += zeros as u64;
                self.zeros_ended = zeros < wrong.len();
            }
        }
        self.again.check(behind(block, start, self.size));
        self.follow_version(block, start);
    }

    /// Compares what comes behind the first bad byte with the version that it is of.
    fn follow_version(&mut self, block: &[u8], start: u64) {
        if let Some(other) = &mut self.other {
            return other.verifier.check(block);
        }
        let (Some(version), Some(bad)) = (
            self.object.arrived_version(),
            self.object.first_bad_offset(),
        ) else {
            return;
        };
        // What of it lies in an earlier block was looked up.
        let from = bad.max(start);
        let mut verifier = Verifier::new(Object {
            size: u64::MAX,
            pattern: self.pattern.of_version(version),
        });
        verifier.check_at(from, behind(block, start, from));
        self.other = Some(Other { version, verifier });
    }

    /// Adds `count` zeros within a run of zeros that has begun.
    pub fn feed_zeros(&mut self, count: u64) {
        self.length = self.length.saturating_add(count);
        self.zeros = self.zeros.saturating_add(count);
        if self.length > self.size {
            // This is enough to see that no second copy begins there.
            self.again.check(&ZEROS[..SHOWN]);
        }
    }

    /// True if all bytes from the first bad one on, at least a page, were zeros.
    pub fn is_in_zeros(&self) -> bool {
        !self.zeros_ended && self.zeros >= ZEROS.len() as u64
    }

    /// The number of bytes so far.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Returns the finding at the end of the file.
    pub fn finish(self) -> Finding {
        let first_bad = self.object.first_bad_offset();
        let (stands, arrived, arrived_exact) = self.stands();
        let other = self
            .other
            .as_ref()
            .filter(|_| stands == Some(Stands::Version));
        let ends = |other: &Other| other.verifier.first_bad_offset().unwrap_or(self.length);
        let (version, version_end) = (other.map(|other| other.version), other.map(ends));
        let verdict = match first_bad {
            None if self.length == self.size => FileVerdict::Complete,
            None => FileVerdict::Short,
            // Everything before the object's end was right.
            Some(bad) if bad == self.size => FileVerdict::Longer,
            Some(bad) if bad <= CHANCE && stands.is_some_and(Stands::is_alien) => {
                FileVerdict::WrongObject
            }
            Some(_) => FileVerdict::Bad,
        };
        let excess = self.length.saturating_sub(self.size);
        let shown = self.sample.len().min(SHOWN);
        Finding {
            verdict,
            expected_bytes: self.size,
            length_bytes: self.length,
            true_prefix_bytes: first_bad.unwrap_or(self.length),
            first_bad_offset: first_bad,
            stands,
            arrived_offset: arrived,
            version,
            version_end,
            arrived_exact,
            zero_bytes: self.zeros,
            zeros_to_the_end: first_bad.is_some() && self.zeros > 0 && !self.zeros_ended,
            excess_bytes: excess,
            second_copy: excess >= LEAST_COPY
                && self.size > 0
                && self
                    .again
                    .first_bad_offset()
                    .is_none_or(|bad| bad == self.size),
            hex: first_bad.map(|_| hex(&self.sample[..shown])),
        }
    }

    /// The bytes at the first bad offset, the offset of the object where they
    /// belong, and true if the file's length agrees with that.
    fn stands(&self) -> (Option<Stands>, Option<u64>, bool) {
        let Some(bad) = self.object.first_bad_offset() else {
            return (None, None, false);
        };
        if let Some(arrived) = self.object.arrived_offset() {
            // As many bytes are missing (or too many) as would have been lost (or
            // repeated) if these belong there.
            let told = (i128::from(bad) + i128::from(self.size)) - i128::from(self.length);
            let same = |told| self.pattern.same(told, arrived, WINDOW);
            return match u64::try_from(told) {
                Ok(told) if told != bad && same(told) => (Some(Stands::Object), Some(told), true),
                // The places of a moved block and of a version are alike by chance alone.
                _ if self.object.arrived_version().is_some() => {
                    (Some(Stands::Version), None, false)
                }
                _ => (Some(Stands::Object), Some(arrived), false),
            };
        }
        if self.object.arrived_version().is_some() {
            return (Some(Stands::Version), None, false);
        }
        // If some bytes matched by chance, the start of the file tells more.
        let sample = if bad <= CHANCE {
            &self.head
        } else {
            &self.sample
        };
        let zeros = self.zeros.min(SAMPLE as u64) as usize;
        (Some(Stands::of(sample, zeros)), None, false)
    }
}

/// A version of the object that the file has bytes of.
#[derive(Debug)]
struct Other {
    version: u32,
    verifier: Verifier,
}

/// The part of `block`, which starts at `start`, from `offset` on.
fn behind(block: &[u8], start: u64, offset: u64) -> &[u8] {
    let skip = offset.saturating_sub(start).min(block.len() as u64);
    &block[skip as usize..]
}

/// Fills `sample` up.
fn keep(sample: &mut Vec<u8>, bytes: &[u8]) {
    let missing = SAMPLE - sample.len();
    sample.extend_from_slice(&bytes[..missing.min(bytes.len())]);
}

/// Zeros at the start of `bytes`, counted at the speed of a memory compare.
fn leading_zeros(bytes: &[u8]) -> usize {
    let mut zeros = 0;
    for piece in bytes.chunks(ZEROS.len()) {
        if piece != &ZEROS[..piece.len()] {
            return zeros + piece.iter().take_while(|byte| **byte == 0).count();
        }
        zeros += piece.len();
    }
    zeros
}

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.join(" ")
}
