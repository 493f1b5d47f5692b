//! Random words, and runs of bytes of one kind with new content in their place.

use std::ops::Range;

/// Numbers at the edges of types and of limits.
const EDGES: [u64; 16] = [
    0,
    1,
    2,
    33,
    127,
    128,
    255,
    1_000,
    4_096,
    65_535,
    65_536,
    u32::MAX as u64,
    1 << 32,
    (1 << 53) + 1,
    i64::MAX as u64,
    u64::MAX,
];

/// The ranges of `text` in which bytes `of` a kind follow each other.
pub(crate) fn runs(text: &[u8], of: fn(&u8) -> bool) -> impl Iterator<Item = Range<usize>> {
    let is = move |at: usize| text.get(at).is_some_and(of);
    let begins = move |at: &usize| is(*at) && (*at == 0 || !is(at - 1));
    let starts = (0..text.len()).filter(begins);
    starts.map(move |start| {
        let len = text[start..].iter().take_while(|byte| of(byte)).count();
        start..start + len
    })
}

/// `text` with something new in the place of one run of bytes `of` a kind.
pub(crate) fn replaced(
    text: &[u8],
    of: fn(&u8) -> bool,
    draw: &mut Draw,
    new: impl FnOnce(&[u8], Range<usize>, &mut Draw) -> Vec<u8>,
) -> Option<Vec<u8>> {
    let places: Vec<Range<usize>> = runs(text, of).collect();
    let place = places.get(draw.below(places.len().max(1)))?.clone();
    let (start, end) = (place.start, place.end);
    let new = new(text, place, draw);
    Some([&text[..start], new.as_slice(), &text[end..]].concat())
}

/// Another number in the place of the digits at `place`.
pub(crate) fn renumbered(text: &[u8], place: Range<usize>, draw: &mut Draw) -> Vec<u8> {
    let old = str::from_utf8(&text[place]).ok();
    let old: u64 = old.and_then(|old| old.parse().ok()).unwrap_or(u64::MAX);
    let new = match draw.below(8) {
        0 => old.wrapping_add(1),
        1 => old.wrapping_sub(1),
        2 => old.wrapping_mul(1_000),
        // Of its own size.
        3..5 => draw.next() % old.saturating_mul(2).max(2),
        // As often a digit as nine of them.
        5..7 => draw.next() % 10_u64.pow(1 + draw.below(9) as u32),
        _ => EDGES[draw.below(EDGES.len())],
    };
    new.to_string().into_bytes()
}

/// SplitMix64: what is drawn here needs to be different, no more.
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    pub(crate) fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len().max(1)))
    }
}
