//! The payload: a pattern that shows where each byte belongs, and the check of
//! the bytes that arrived.
//!
//! The byte at offset `k` of every object is `template[k % 1048573]`. The
//! template is the top byte of each state of a 64-bit linear congruential
//! generator (the multiplier and increment that Knuth gives for MMIX), started
//! at 1. In Python:
//!
//! ```python
//! x, template = 1, bytearray()
//! for _ in range(1048573):
//!     x = (x * 6364136223846793005 + 1442695040888963407) % 2**64
//!     template.append(x >> 56)
//! def byte_at(k): return template[k % 1048573]
//! ```
//!
//! An object with a `ratio` has each block of 64 bytes of that so many times: its
//! byte at `k` is `byte_at(k // (64 * ratio) * 64 + k % 64)`.
//!
//! An [`ObjectFile`] is an object whose bytes are those of a real file.
//!
//! The period is a prime just below 1 MiB that no common buffer or chunk size
//! divides, so a lost, repeated or moved block shows at its first byte (or, one
//! time in 256, at the next one, if the two happen to be equal). Any 8 bytes in a
//! row occur at one place of the template only, so wrong bytes from the same
//! object reveal the place they came from, up to multiples of the period.

mod file;
mod media;
mod object;
mod repeated;
mod template;
mod verifier;

pub use file::{FileTime, ObjectFile, OpenFile};
pub use object::{Object, Reference};
pub use template::{MOST_VERSIONS, PERIOD, Pattern, Slices};
pub use verifier::Verifier;
pub(crate) use verifier::WINDOW;
