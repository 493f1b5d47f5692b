//! Changes that keep a text a text: bytes that are changed one by one seldom
//! leave a number a number, a line where a line may be, or a word a word that
//! somebody knows.

use std::collections::BTreeSet;

use crate::Target;

/// What ends a piece: a line, a parameter, an entry.
const ENDS: [u8; 3] = [b'\n', b'&', b','];

/// A longer piece or word of a seed is content, and no part of a grammar.
const LONGEST: usize = 200;

/// An input is changed so often at once, at most.
const AT_ONCE: usize = 4;

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

/// What an input of a target is changed with: pieces and words of its seeds.
#[derive(Debug)]
pub struct Changes {
    choices: usize,
    pieces: Vec<Vec<u8>>,
    words: Vec<Vec<u8>>,
}

impl Changes {
    /// Those of `target`.
    pub fn of(target: &Target) -> Self {
        let (mut pieces, mut words) = (BTreeSet::new(), BTreeSet::new());
        for seed in (target.seeds)() {
            let text = seed.get(target.choices..).unwrap_or_default();
            let short = |part: &&[u8]| (1..=LONGEST).contains(&part.len());
            pieces.extend(split(text).filter(short).map(<[u8]>::to_vec));
            let all = text.split(|byte| !of_a_word(byte));
            words.extend(all.filter(short).map(<[u8]>::to_vec));
        }
        Self {
            choices: target.choices,
            pieces: pieces.into_iter().collect(),
            words: words.into_iter().collect(),
        }
    }

    /// `input` with pieces of it doubled, left out, moved, or of another input
    /// put in, with other words, other numbers, other choices; `None` where
    /// nothing of it can be changed so. The same for the same `seed`.
    pub fn changed(&self, input: &[u8], seed: u32) -> Option<Vec<u8>> {
        let mut draw = Draw(u64::from(seed));
        let (choices, text) = input.split_at_checked(self.choices)?;
        let (mut choices, mut text) = (choices.to_vec(), text.to_vec());
        if self.choices > 0 && draw.below(4) == 0 {
            choices[draw.below(self.choices)] = draw.next() as u8;
        }
        for _ in 0..=draw.below(AT_ONCE) {
            text = self.once(&text, &mut draw)?;
        }
        Some([choices, text].concat())
    }

    fn once(&self, text: &[u8], draw: &mut Draw) -> Option<Vec<u8>> {
        let mut pieces: Vec<&[u8]> = split(text).collect();
        if pieces.is_empty() {
            return None;
        }
        let (from, to) = (draw.below(pieces.len()), draw.below(pieces.len()));
        match draw.below(10) {
            0 => pieces.insert(to, pieces[from]),
            1 => drop(pieces.remove(from)),
            2 => pieces.swap(from, to),
            3 => pieces.insert(to, draw.one_of(&self.pieces)?),
            4 => pieces[to] = draw.one_of(&self.pieces)?,
            5..7 => return replaced(text, of_a_word, draw, |_, draw| draw.one_of(&self.words)),
            _ => {
                let number = |old: &[u8], draw: &mut Draw| Some(renumbered(old, draw));
                return replaced(text, u8::is_ascii_digit, draw, number);
            }
        }
        Some(pieces.concat())
    }
}

fn split(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|byte| ENDS.contains(byte))
}

fn of_a_word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// `text` with another run of bytes `of` a kind in the place of one.
fn replaced<New: AsRef<[u8]>>(
    text: &[u8],
    of: fn(&u8) -> bool,
    draw: &mut Draw,
    new: impl FnOnce(&[u8], &mut Draw) -> Option<New>,
) -> Option<Vec<u8>> {
    let is = |at: usize| text.get(at).is_some_and(of);
    let begins = |at: &usize| is(*at) && (*at == 0 || !is(at - 1));
    let places: Vec<usize> = (0..text.len()).filter(begins).collect();
    let start = *places.get(draw.below(places.len().max(1)))?;
    let end = (start..text.len()).find(|at| !is(*at));
    let end = end.unwrap_or(text.len());
    let new = new(&text[start..end], draw)?;
    Some([&text[..start], new.as_ref(), &text[end..]].concat())
}

/// Another number in the place of the digits `old`.
fn renumbered(old: &[u8], draw: &mut Draw) -> Vec<u8> {
    let old = str::from_utf8(old).ok().and_then(|old| old.parse().ok());
    let old = old.unwrap_or(u64::MAX);
    let new = match draw.below(6) {
        0 => old.wrapping_add(1),
        1 => old.wrapping_sub(1),
        2 => old.wrapping_mul(1_000),
        3 => draw.next() % 10_000,
        // As often a digit as three of them.
        4 => draw.next() % 10_u64.pow(1 + draw.below(3) as u32),
        _ => EDGES[draw.below(EDGES.len())],
    };
    new.to_string().into_bytes()
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

    fn one_of<'a>(&mut self, all: &'a [Vec<u8>]) -> Option<&'a [u8]> {
        all.get(self.below(all.len().max(1))).map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Changes {
        Changes::of(&Target {
            name: "some",
            run: |_| (),
            seeds: || vec![b"?a=1&b=22&c".to_vec(), b"!d=word".to_vec()],
            longest: 100,
            choices: 1,
        })
    }

    #[test]
    fn every_kind_of_change_comes_and_nothing_is_changed_without_a_piece() {
        let changes = some();
        assert_eq!(changes.changed(b"", 1), None);
        assert_eq!(changes.changed(b"?", 1), None);
        let all: BTreeSet<Vec<u8>> = (0..5_000)
            .filter_map(|seed| changes.changed(b"?a=1&b=22&c", seed))
            .collect();
        for (wanted, how) in [
            ("?a=1&a=1&b=22&c", "doubled"),
            ("?b=22&c", "left out"),
            ("?b=22&a=1&c", "moved"),
            ("?a=1&b=23&c", "renumbered"),
            ("?a=0&b=22&c", "renumbered"),
            ("?a=1&b=word&c", "another word"),
            ("?a=1&b=22&d=word", "a piece of another seed"),
            ("?d=worda=1&b=22&c", "a piece of another seed put in"),
        ] {
            assert!(all.contains(wanted.as_bytes()), "{how}: {wanted}");
        }
        let chosen = all.iter().any(|one| one[0] != b'?');
        assert!(chosen, "another choice");
    }

    #[test]
    fn the_same_seed_gives_the_same_change() {
        let [one, two] = [some(), some()].map(|changes| {
            (0..100)
                .map(|seed| changes.changed(b"?a=1&b=22&c", seed))
                .collect::<Vec<_>>()
        });
        assert_eq!(one, two);
    }
}
