//! The payload: a pattern that tells where each byte belongs, and the check of
//! what arrived.
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
//! The period is a prime just below 1 MiB: no buffer or chunk size that people
//! use divides it, so a block that is lost, repeated or moved shows at its
//! first byte (or, one time in 256, at the next one, where the two happen to
//! be equal). Any 8 bytes in a row stand at one place of the template only, so
//! wrong bytes that are the object's own name the place they came from, up to
//! multiples of the period.

mod template;
mod verifier;

pub use template::{PERIOD, Pattern, Slices};
pub use verifier::Verifier;
