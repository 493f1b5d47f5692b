//! Changes of pieces and words, without a grammar. Changing single bytes seldom
//! leaves a number, a line or a known word intact.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use crate::words::{Draw, renumbered, replaced, runs};

/// The bytes that end a piece: a line, a parameter, an entry.
const ENDS: [u8; 3] = [b'\n', b'&', b','];

/// A longer piece or word of a seed is content, and no part of a grammar.
const LONGEST: usize = 200;

/// Pieces and words of seeds.
#[derive(Debug)]
pub(crate) struct Pieces {
    /// Pieces by the table that they stand in.
    pieces: BTreeMap<Vec<u8>, Vec<Vec<u8>>>,
    /// Words by the bytes before and behind them.
    words: BTreeMap<Place, Vec<Vec<u8>>>,
    all: Vec<Vec<u8>>,
}

/// The bytes around a word: two words that stand so are often of one kind.
type Place = [Option<u8>; 2];

impl Pieces {
    /// Those of `seeds`.
    pub(crate) fn of<'a>(seeds: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut pieces: BTreeMap<Vec<u8>, BTreeSet<Vec<u8>>> = BTreeMap::new();
        let mut words: BTreeMap<Place, BTreeSet<Vec<u8>>> = BTreeMap::new();
        for text in seeds {
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
            pieces: listed(pieces),
            words: listed(words),
            all: all.into_iter().collect(),
        }
    }

    /// `text` with a piece of it doubled, left out, moved, or of another text put
    /// in, another word or another number; `None` where it has none.
    pub(crate) fn changed(&self, text: &[u8], draw: &mut Draw) -> Option<Vec<u8>> {
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
        let all = fit.or_else(|| self.pieces.values().nth(any))?;
        draw.one_of(all).map(Vec::as_slice)
    }

    /// `text` with another word in the place of one, most often of its kind.
    fn reworded(&self, text: &[u8], draw: &mut Draw) -> Option<Vec<u8>> {
        replaced(text, of_a_word, draw, |text, word, draw| {
            let fit = self.words.get(&place(text, &word));
            let fit = fit.filter(|_| draw.below(4) > 0);
            let word = draw.one_of(fit.unwrap_or(&self.all));
            word.cloned().unwrap_or_default()
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

fn place(text: &[u8], word: &Range<usize>) -> Place {
    let before = word.start.checked_sub(1).and_then(|at| text.get(at));
    [before.copied(), text.get(word.end).copied()]
}
