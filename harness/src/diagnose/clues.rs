//! The effect of facts on a cause.

use serde::Serialize;

/// The agreement of a cause with the facts, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fit {
    /// A fact is just what this cause makes.
    Exactly,
    /// A fact is what this cause may make, as others may.
    Fits,
    /// Nothing speaks for it or against it.
    NotContradicted,
    /// A fact cannot be with this cause.
    RuledOut,
}

impl Fit {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Exactly => "fits exactly",
            Self::Fits => "fits",
            Self::NotContradicted => "does not contradict",
            Self::RuledOut => "ruled out",
        }
    }
}

/// One fact, weighed against one cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Clue {
    /// The effect on the cause.
    pub fit: Fit,
    /// The reason, as a fragment.
    pub reason: String,
}

/// The clues about one cause.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clues(pub Vec<Clue>);

impl Clues {
    /// Notes that a fact is just what the cause makes.
    pub fn exactly(&mut self, reason: impl Into<String>) {
        self.note(Fit::Exactly, reason);
    }

    /// Notes that a fact is what the cause may make.
    pub fn fits(&mut self, reason: impl Into<String>) {
        self.note(Fit::Fits, reason);
    }

    /// Notes what would be needed to say more.
    pub fn open(&mut self, reason: impl Into<String>) {
        self.note(Fit::NotContradicted, reason);
    }

    /// Notes that a fact cannot be with the cause.
    pub fn against(&mut self, reason: impl Into<String>) {
        self.note(Fit::RuledOut, reason);
    }

    fn note(&mut self, fit: Fit, reason: impl Into<String>) {
        let reason = reason.into();
        self.0.push(Clue { fit, reason });
    }

    /// One fact against it rules a cause out; else the best fact counts.
    pub fn fit(&self) -> Fit {
        let ruled_out = self.count(Fit::RuledOut) > 0;
        let best = self.0.iter().map(|clue| clue.fit).min();
        match best {
            _ if ruled_out => Fit::RuledOut,
            Some(fit) => fit,
            None => Fit::NotContradicted,
        }
    }

    /// The number of facts with this effect on the cause.
    pub fn count(&self, fit: Fit) -> usize {
        self.0.iter().filter(|clue| clue.fit == fit).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_fact_against_it_outweighs_all_for_it() {
        let mut clues = Clues::default();
        assert_eq!(clues.fit(), Fit::NotContradicted);
        clues.open("nothing known");
        clues.fits("a");
        assert_eq!(clues.fit(), Fit::Fits);
        clues.exactly("b");
        assert_eq!(clues.fit(), Fit::Exactly);
        clues.against("c");
        assert_eq!(clues.fit(), Fit::RuledOut);
    }
}
