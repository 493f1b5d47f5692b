//! Changes an input: by its grammar, so that it stays valid after several changes
//! and reaches the code behind the reader; or piece by piece, for the reader
//! itself.

use crate::{Target, grammar::Grammar, pieces::Pieces, words::Draw};

/// An input is changed so often at once, at most.
const AT_ONCE: usize = 4;

/// The parts of a target's seeds, from which its inputs are changed.
#[derive(Debug)]
pub struct Changes {
    choices: usize,
    pieces: Pieces,
    grammar: Option<Grammar>,
    fresh: Option<fn(u64) -> Vec<u8>>,
}

impl Changes {
    /// Those of `target`.
    pub fn of(target: &Target) -> Self {
        let seeds = (target.seeds)();
        let texts = || seeds.iter().filter_map(|seed| seed.get(target.choices..));
        Self {
            choices: target.choices,
            pieces: Pieces::of(texts()),
            fresh: target.fresh,
            grammar: target
                .syntax
                .map(|syntax| Grammar::of(syntax, texts(), target.words)),
        }
    }

    /// `input` with other choices and up to four changes; `None` where nothing of
    /// it can be changed. The same for the same `seed`.
    pub fn changed(&self, input: &[u8], seed: u32) -> Option<Vec<u8>> {
        let mut draw = Draw(u64::from(seed));
        let (choices, text) = input.split_at_checked(self.choices)?;
        let mut choices = choices.to_vec();
        if self.choices > 0 && draw.below(4) == 0 {
            choices[draw.below(self.choices)] = draw.next() as u8;
        }
        let times = 1 + draw.below(AT_ONCE);
        // Three of four changes keep the grammar.
        let grammar = self.grammar.as_ref().filter(|_| draw.below(4) > 0);
        let text = match grammar {
            // One of eight begins anew.
            Some(grammar) if draw.below(8) == 0 => {
                let fresh = match self.fresh {
                    Some(fresh) => fresh(draw.next()),
                    None => grammar.drawn(&mut draw),
                };
                grammar.changed(&fresh, times - 1, &mut draw)?
            }
            Some(grammar) => grammar.changed(text, times, &mut draw)?,
            None => (0..times).try_fold(text.to_vec(), |text, _| {
                self.pieces.changed(&text, &mut draw)
            })?,
        };
        Some([choices, text].concat())
    }

    /// `one` with parts of `other`; `None` if neither has a grammar. The same for
    /// the same `seed`.
    pub fn crossed(&self, one: &[u8], other: &[u8], seed: u32) -> Option<Vec<u8>> {
        let mut draw = Draw(u64::from(seed));
        let grammar = self.grammar.as_ref()?;
        let (choices, text) = one.split_at_checked(self.choices)?;
        let (others, other) = other.split_at_checked(self.choices)?;
        let choices = match draw.below(4) {
            0 => others,
            _ => choices,
        };
        let text = grammar.crossed(text, other, &mut draw)?;
        Some([choices, &text].concat())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{Heard, Syntax, no_words};

    fn some(syntax: Option<Syntax>) -> Changes {
        Changes::of(&Target {
            name: "some",
            run: |_| Heard::Taken,
            seeds: || vec![b"?a=1&b=22&c".to_vec(), b"!d=word".to_vec()],
            longest: 100,
            choices: 1,
            syntax,
            words: no_words,
            fresh: None,
        })
    }

    #[test]
    fn every_kind_of_change_comes_and_nothing_is_changed_without_a_piece() {
        let changes = some(None);
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
        for syntax in [None, Some(Syntax::Query)] {
            let [one, two] = [(); 2].map(|()| {
                let changes = some(syntax);
                let all = (0..100).map(|seed| changes.changed(b"?a=1&b=22&c", seed));
                all.collect::<Vec<_>>()
            });
            assert_eq!(one, two);
        }
    }
}
