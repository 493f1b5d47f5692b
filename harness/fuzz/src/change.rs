//! Changes that keep a text a text: bytes that are changed one by one seldom
//! leave a number a number, or a line where a line may be.

/// What ends a piece: a line, a parameter, an entry.
const ENDS: [u8; 3] = [b'\n', b'&', b','];

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

/// `input` with a piece of it doubled, left out or moved, or with another
/// number; `None` where it has none. The same for the same `seed`.
pub fn changed(input: &[u8], seed: u32) -> Option<Vec<u8>> {
    let mut draw = Draw(u64::from(seed));
    let mut pieces: Vec<&[u8]> = input.split_inclusive(|byte| ENDS.contains(byte)).collect();
    if pieces.is_empty() {
        return None;
    }
    let (from, to) = (draw.below(pieces.len()), draw.below(pieces.len()));
    match draw.below(6) {
        0 => pieces.insert(to, pieces[from]),
        1 => drop(pieces.remove(from)),
        2 => pieces.swap(from, to),
        _ => return renumbered(input, &mut draw),
    }
    Some(pieces.concat())
}

/// `input` with another number in the place of one.
fn renumbered(input: &[u8], draw: &mut Draw) -> Option<Vec<u8>> {
    let is_digit = |at: usize| input.get(at).is_some_and(u8::is_ascii_digit);
    let begins = |at: &usize| is_digit(*at) && (*at == 0 || !is_digit(at - 1));
    let places: Vec<usize> = (0..input.len()).filter(begins).collect();
    let start = *places.get(draw.below(places.len().max(1)))?;
    let end = (start..input.len())
        .find(|at| !is_digit(*at))
        .unwrap_or(input.len());
    let old: u64 = str::from_utf8(&input[start..end])
        .ok()?
        .parse()
        .unwrap_or(u64::MAX);
    let new = match draw.below(5) {
        0 => old.wrapping_add(1),
        1 => old.wrapping_sub(1),
        2 => old.wrapping_mul(1_000),
        3 => draw.next() % 10_000,
        _ => EDGES[draw.below(EDGES.len())],
    };
    Some([&input[..start], new.to_string().as_bytes(), &input[end..]].concat())
}

/// SplitMix64: what is drawn here needs to be different, no more.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Below `end`, which is not 0.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_change_comes_and_nothing_is_changed_without_a_piece() {
        assert_eq!(changed(b"", 1), None);
        let all: Vec<Vec<u8>> = (0..200)
            .filter_map(|seed| changed(b"a=1&b=22&c", seed))
            .collect();
        let there = |wanted: &[u8]| all.iter().any(|one| one == wanted);
        assert!(there(b"a=1&a=1&b=22&c"), "doubled");
        assert!(there(b"b=22&c"), "left out");
        assert!(there(b"b=22&a=1&c"), "moved");
        assert!(there(b"a=1&b=23&c") && there(b"a=0&b=22&c"), "renumbered");
    }
}
