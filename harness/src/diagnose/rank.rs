//! Turns clues into an order. There are no probabilities: a cause without
//! contradictions and with more facts in its favour ranks higher.

use super::{
    causes::Cause,
    clues::{Clue, Clues, Fit},
    evidence::Evidence,
};

/// A cause at its place.
#[derive(Debug, Clone)]
pub struct Ranked {
    /// Counts from 1; equal for causes that the facts do not tell apart.
    pub rank: usize,
    /// The cause.
    pub cause: &'static Cause,
    /// The agreement with the evidence.
    pub fit: Fit,
    /// Facts that fit exactly.
    pub exact: usize,
    /// Facts that fit.
    pub fitting: usize,
    /// The reasons for its place, the decisive one first.
    pub clues: Vec<Clue>,
}

/// Weighs all of `causes` against the evidence, best first: by the fit, then by
/// the number of facts that fit exactly, then by the number that fit. Equals keep
/// their order.
pub fn rank(causes: &'static [Cause], evidence: &Evidence) -> Vec<Ranked> {
    let mut ranked: Vec<Ranked> = causes
        .iter()
        .map(|cause| {
            let mut clues = Clues::default();
            (cause.weigh)(evidence, &mut clues);
            if clues.0.is_empty() {
                clues.open("nothing given speaks for it or against it");
            }
            let fit = clues.fit();
            let (exact, fitting) = (clues.count(Fit::Exactly), clues.count(Fit::Fits));
            if fit == Fit::RuledOut {
                clues.0.retain(|clue| clue.fit == Fit::RuledOut);
            }
            clues.0.sort_by_key(|clue| clue.fit);
            Ranked {
                rank: 0,
                cause,
                fit,
                exact,
                fitting,
                clues: clues.0,
            }
        })
        .collect();
    ranked.sort_by_key(place);
    for index in 0..ranked.len() {
        ranked[index].rank = match index {
            0 => 1,
            _ if place(&ranked[index]) == place(&ranked[index - 1]) => ranked[index - 1].rank,
            _ => index + 1,
        };
    }
    ranked
}

/// The key of the order. For a cause that is ruled out nothing else counts.
fn place(ranked: &Ranked) -> (Fit, std::cmp::Reverse<(usize, usize)>) {
    let facts = match ranked.fit {
        Fit::RuledOut => (0, 0),
        _ => (ranked.exact, ranked.fitting),
    };
    (ranked.fit, std::cmp::Reverse(facts))
}
