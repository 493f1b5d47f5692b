//! The template, doubled so that a slice of a whole period may start anywhere.

use std::{ops::Range, sync::LazyLock};

use bytes::Bytes;

use super::repeated;

/// Bytes until the pattern repeats: the largest prime below 2^20 (1 MiB).
pub const PERIOD: u64 = 1_048_573;

const LEN: usize = PERIOD as usize;

/// The bytes of the template by which each version of an object begins later: a prime,
/// near no size in which people read or write.
const VERSION_SHIFT: u64 = 314_159;

/// As many versions of an object are told apart in a file.
pub const MOST_VERSIONS: u32 = 64;

/// Knuth, The Art of Computer Programming, volume 2, section 3.3.4 (MMIX).
const MULTIPLIER: u64 = 6_364_136_223_846_793_005;
const INCREMENT: u64 = 1_442_695_040_888_963_407;
const SEED: u64 = 1;

static TEMPLATE: LazyLock<&'static [u8]> = LazyLock::new(|| {
    let mut state = SEED;
    let mut bytes = vec![0; 2 * LEN];
    let (first, second) = bytes.split_at_mut(LEN);
    // Each process of a test suite pays for this, unoptimized: a counted loop costs
    // less there than an iterator or a push.
    let mut at = 0;
    while at < LEN {
        state = state.wrapping_mul(MULTIPLIER).wrapping_add(INCREMENT);
        first[at] = (state >> 56) as u8;
        at += 1;
    }
    second.copy_from_slice(first);
    // There is one per process, for its whole life, so a slice needs no count of
    // its owners.
    bytes.leak()
});

/// Which bytes an object has, by offset. Whoever sends or checks bytes holds one:
/// what makes two objects differ in their bytes is a field of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pattern {
    /// Times that each block of the template stands there.
    ratio: u32,
    /// Bytes by which the template begins later.
    shift: u64,
}

impl Default for Pattern {
    fn default() -> Self {
        Self::PLAIN
    }
}

impl Pattern {
    /// The template again and again: it does not compress.
    pub const PLAIN: Self = Self { ratio: 1, shift: 0 };

    /// Each block of 64 bytes of the template `ratio` times, so that one byte of
    /// `ratio` is new. 0 is 1.
    pub const fn repeating(ratio: u32) -> Self {
        Self {
            ratio: if ratio == 0 { 1 } else { ratio },
            shift: 0,
        }
    }

    /// The same for another version of an object, from 1: another part of the template,
    /// so that a byte of one version is one of the other by chance alone.
    #[must_use]
    pub const fn of_version(self, version: u32) -> Self {
        let versions = (version as u64).saturating_sub(1);
        Self {
            shift: (versions * VERSION_SHIFT) % PERIOD,
            ..self
        }
    }

    /// The version of the same object that has `window` at `offset`, other than this
    /// one.
    pub(super) fn version_with(self, window: &[u8], offset: u64) -> Option<u32> {
        (1..=MOST_VERSIONS).find(|version| {
            let other = self.of_version(*version);
            other != self && other.slice(offset, window.len()) == window
        })
    }

    /// True if the bytes are those of the template, in its order.
    pub(crate) const fn is_plain(self) -> bool {
        self.ratio == 1
    }

    /// `len` bytes from `offset` on, without a copy where nothing is repeated; at
    /// most [`PERIOD`] bytes. For more, use [`Pattern::slices`].
    pub fn slice(self, offset: u64, len: usize) -> Bytes {
        if self.is_plain() {
            return Bytes::from_static(borrow(offset, self.shift, len));
        }
        let mut bytes = Vec::new();
        self.view(offset, len, &mut bytes);
        bytes.into()
    }

    /// The bytes of `range`, in slices of [`PERIOD`] bytes and a shorter last
    /// one.
    pub fn slices(self, range: Range<u64>) -> Slices {
        Slices {
            pattern: self,
            range,
        }
    }

    /// As [`Pattern::slice`], in `scratch` where it needs a place.
    pub(super) fn view(self, offset: u64, len: usize, scratch: &mut Vec<u8>) -> &[u8] {
        if self.is_plain() {
            return borrow(offset, self.shift, len);
        }
        let len = len.min(LEN);
        scratch.clear();
        scratch.reserve(len);
        while scratch.len() < len {
            let at = offset.saturating_add(scratch.len() as u64);
            let (at, together) = repeated::place(at, u64::from(self.ratio));
            let piece = together.min(len - scratch.len());
            scratch.extend_from_slice(borrow(at, self.shift, piece));
        }
        scratch
    }

    /// True if the `len` bytes at `a` and at `b` are the same.
    pub(crate) fn same(self, a: u64, b: u64, len: usize) -> bool {
        self.slice(a, len) == self.slice(b, len)
    }

    /// The offset nearest to `expected` (the lower of two) at which `window` stands in
    /// an object of `size` bytes.
    pub(super) fn nearest(self, window: &[u8], expected: u64, size: u64) -> Option<u64> {
        let last = size.checked_sub(window.len() as u64)?;
        match self.is_plain() {
            true => {
                let residue = (find(window)? + PERIOD - self.shift) % PERIOD;
                nearest(residue, expected, last)
            }
            false => repeated::nearest(window, u64::from(self.ratio), self.shift, expected, last),
        }
    }
}

/// At most [`PERIOD`] bytes of the template from `offset` on, again and again, where it
/// begins `shift` bytes later.
fn borrow(offset: u64, shift: u64, len: usize) -> &'static [u8] {
    let start = ((offset % PERIOD + shift) % PERIOD) as usize;
    &TEMPLATE[start..start + len.min(LEN)]
}

/// The template, twice.
pub(super) fn twice() -> &'static [u8] {
    &TEMPLATE
}

/// The place of `window` in the template, below [`PERIOD`].
fn find(window: &[u8]) -> Option<u64> {
    if window.is_empty() || window.len() > LEN {
        return None;
    }
    TEMPLATE[..LEN + window.len() - 1]
        .windows(window.len())
        .position(|bytes| bytes == window)
        .map(|at| at as u64)
}

/// The offset nearest to `expected` (the lower of two) up to `last`, among those
/// congruent to `residue`.
pub(super) fn nearest(residue: u64, expected: u64, last: u64) -> Option<u64> {
    // The greatest candidate that is not above the expected offset, if any.
    let below = expected
        .min(last)
        .checked_sub(residue)
        .map(|distance| expected.min(last) - distance % PERIOD);
    let above = below.map_or(residue, |below| below.saturating_add(PERIOD));
    [below, Some(above)]
        .into_iter()
        .flatten()
        .filter(|at| *at <= last)
        .min_by_key(|at| at.abs_diff(expected))
}

/// The slices of a range of the pattern, in order.
#[derive(Debug, Clone)]
pub struct Slices {
    pattern: Pattern,
    range: Range<u64>,
}

impl Iterator for Slices {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        let left = self
            .range
            .end
            .checked_sub(self.range.start)
            .filter(|n| *n > 0)?;
        let slice = self
            .pattern
            .slice(self.range.start, left.min(PERIOD) as usize);
        self.range.start += slice.len() as u64;
        Some(slice)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_block_of_a_repeating_pattern_stands_there_so_often(
            offset in 0..=i64::MAX as u64, len in 0usize..3000, ratio in 1u32..1100,
        ) {
            let bytes = Pattern::repeating(ratio).slice(offset, len);
            prop_assert_eq!(bytes.len(), len);
            let one = Pattern::PLAIN.slice(0, LEN);
            for (i, byte) in bytes.iter().enumerate() {
                let k = offset + i as u64;
                let at = u128::from(k / (64 * u64::from(ratio))) * 64 + u128::from(k % 64);
                prop_assert_eq!(*byte, one[(at % u128::from(PERIOD)) as usize]);
            }
        }

        #[test]
        fn each_byte_is_the_template_at_its_offset_modulo_the_period(
            offset in 0..=i64::MAX as u64, len in 0usize..300,
        ) {
            let one = Pattern::PLAIN.slice(0, LEN);
            for (i, byte) in Pattern::PLAIN.slice(offset, len).iter().enumerate() {
                prop_assert_eq!(*byte, one[((offset + i as u64) % PERIOD) as usize]);
            }
        }

        #[test]
        fn slices_join_to_their_range(offset in 0..=1u64 << 62, len in 0..3 * PERIOD) {
            let mut at = offset;
            for slice in Pattern::PLAIN.slices(offset..offset + len) {
                prop_assert_eq!(&slice, &Pattern::PLAIN.slice(at, slice.len()));
                at += slice.len() as u64;
            }
            prop_assert_eq!(at, offset + len);
        }
    }

    #[test]
    fn the_template_is_what_the_python_of_the_module_head_prints() {
        // zlib.crc32(template), template[:16].hex(), template[-4:].hex()
        let template = Pattern::PLAIN.slice(0, LEN);
        let mut crc = flate2::Crc::new();
        crc.update(&template);
        assert_eq!(crc.sum(), 3_598_667_696);
        assert_eq!(
            template[..16],
            *b"\x6c\x82\xa5\x62\xcb\x80\x8d\x10\xd6\x32\xbe\x89\xc8\x51\x3e\xbf"
        );
        assert_eq!(template[LEN - 4..], *b"\xc2\x90\x61\xa9");
    }

    #[test]
    fn a_slice_is_not_copied_and_not_longer_than_a_period() {
        let a = Pattern::PLAIN.slice(PERIOD - 1, usize::MAX);
        assert_eq!(a.len(), LEN);
        assert_eq!(
            a[1..].as_ptr(),
            Pattern::PLAIN.slice(0, 1)[..].as_ptr().wrapping_add(LEN)
        );
        assert_eq!(a[0], Pattern::PLAIN.slice(PERIOD - 1, 1)[0]);
    }

    #[test]
    fn the_period_is_prime() {
        assert!(
            (2..)
                .take_while(|d| d * d <= PERIOD)
                .all(|d| !PERIOD.is_multiple_of(d))
        );
    }

    #[test]
    fn any_eight_bytes_stand_at_one_offset_only() {
        let mut windows: Vec<_> = TEMPLATE[..LEN + 7].windows(8).collect();
        windows.sort_unstable();
        assert!(windows.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn each_byte_value_is_as_frequent_as_chance_makes_it() {
        let mut counts = [0u32; 256];
        for byte in Pattern::PLAIN.slice(0, LEN) {
            counts[usize::from(byte)] += 1;
        }
        // 4096 on average with a standard deviation of 64: six of them.
        for (value, count) in counts.iter().enumerate() {
            assert!((3712..=4480).contains(count), "{value:#x}: {count}");
        }
    }

    #[test]
    fn a_window_is_found_where_it_was_taken() {
        for at in [0, 1, 77_777, PERIOD - 3, PERIOD - 1] {
            assert_eq!(find(borrow(at, 0, 16)), Some(at));
        }
        assert_eq!(find(&[0; 16]), None);
        assert_eq!(find(&[]), None);
    }
}
