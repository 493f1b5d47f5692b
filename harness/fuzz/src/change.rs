//! Changes that keep a text a text: bytes that are changed one by one seldom
//! leave a number a number, a line where a line may be, or a word a word that
//! somebody knows.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

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
    /// Pieces by the table that they stand in.
    pieces: BTreeMap<Vec<u8>, Vec<Vec<u8>>>,
    /// Words by the bytes before and behind them.
    words: BTreeMap<Place, Vec<Vec<u8>>>,
    all: Vec<Vec<u8>>,
}

/// The bytes around a word: two words that stand so are often of one kind.
type Place = [Option<u8>; 2];

impl Changes {
    /// Those of `target`.
    pub fn of(target: &Target) -> Self {
        let mut pieces: BTreeMap<Vec<u8>, BTreeSet<Vec<u8>>> = BTreeMap::new();
        let mut words: BTreeMap<Place, BTreeSet<Vec<u8>>> = BTreeMap::new();
        for seed in (target.seeds)() {
            let text = seed.get(target.choices..).unwrap_or_default();
            let all: Vec<&[u8]> = split(text).collect();
            for (at, piece) in all.iter().enumerate() {
                if piece.len() <= LONGEST && !piece.starts_with(b"#") {
                    let table = pieces.entry(table(&all[..at]).to_vec()).or_default();
                    table.insert(piece.to_vec());
                }
            }
            for word in runs(text, of_a_word).filter(|word| word.len() <= LONGEST) {
                let place = words.entry(place(text, &word)).or_default();
                place.insert(text[word].to_vec());
            }
        }
        let mut all: BTreeSet<Vec<u8>> = words.values().flatten().cloned().collect();
        all.extend(known().map(<[u8]>::to_vec));
        Self {
            choices: target.choices,
            pieces: listed(pieces),
            words: listed(words),
            all: all.into_iter().collect(),
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
            3 => pieces.insert(to, self.piece(&pieces[..to], draw)?),
            4 => pieces[to] = self.piece(&pieces[..to], draw)?,
            5..8 => return self.reworded(text, draw),
            _ => return replaced(text, u8::is_ascii_digit, draw, renumbered),
        }
        Some(pieces.concat())
    }

    /// A piece that may stand behind those `before`.
    fn piece(&self, before: &[&[u8]], draw: &mut Draw) -> Option<&[u8]> {
        let any = draw.below(self.pieces.len().max(1));
        let fit = self.pieces.get(table(before));
        draw.one_of(fit.or_else(|| self.pieces.values().nth(any))?)
    }

    /// `text` with another word in the place of one, most often of its kind.
    fn reworded(&self, text: &[u8], draw: &mut Draw) -> Option<Vec<u8>> {
        replaced(text, of_a_word, draw, |text, word, draw| {
            let fit = self.words.get(&place(text, &word));
            let fit = fit.filter(|_| draw.below(4) > 0);
            draw.one_of(fit.unwrap_or(&self.all))
                .unwrap_or_default()
                .to_vec()
        })
    }
}

fn listed<Key: Ord>(sets: BTreeMap<Key, BTreeSet<Vec<u8>>>) -> BTreeMap<Key, Vec<Vec<u8>>> {
    let lists = sets.into_iter();
    lists
        .map(|(key, set)| (key, set.into_iter().collect()))
        .collect()
}

/// Words of the dictionary that are written there as they are.
fn known() -> impl Iterator<Item = &'static [u8]> {
    let lines = include_str!("../words.dict").lines();
    let words = lines.filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
    words.filter(|word| !word.contains('\\')).map(str::as_bytes)
}

/// The head of the table that what follows `before` is in, in a scenario file.
fn table<'a>(before: &[&'a [u8]]) -> &'a [u8] {
    let last = before.iter().rfind(|piece| piece.starts_with(b"["));
    last.copied().unwrap_or_default()
}

fn split(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|byte| ENDS.contains(byte))
}

fn of_a_word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// Where in `text` bytes `of` a kind follow each other.
fn runs(text: &[u8], of: fn(&u8) -> bool) -> impl Iterator<Item = Range<usize>> {
    let is = move |at: usize| text.get(at).is_some_and(of);
    let begins = move |at: &usize| is(*at) && (*at == 0 || !is(at - 1));
    let starts = (0..text.len()).filter(begins);
    starts.map(move |start| {
        let len = text[start..].iter().take_while(|byte| of(byte)).count();
        start..start + len
    })
}

fn place(text: &[u8], word: &Range<usize>) -> Place {
    let before = word.start.checked_sub(1).and_then(|at| text.get(at));
    [before.copied(), text.get(word.end).copied()]
}

/// `text` with something new in the place of one run of bytes `of` a kind.
fn replaced(
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
fn renumbered(text: &[u8], place: Range<usize>, draw: &mut Draw) -> Vec<u8> {
    let old = str::from_utf8(&text[place]).ok();
    let old: u64 = old.and_then(|old| old.parse().ok()).unwrap_or(u64::MAX);
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
            ("?a=22&b=22&c", "another word of its kind"),
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
