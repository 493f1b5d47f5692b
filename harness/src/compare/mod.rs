//! Compares two runs, an old and a new one: the changes, the regressions, and the
//! undecided.
//!
//! Trials are paired by their identity. In the virtual world a pair is compared
//! exactly; over TCP all repetitions of one run are compared with all of the
//! other, by statistics. docs/COMPARE.md has the rules and their sources. This is
//! the library behind `shortread compare`; it reads no files.

mod conditions;
mod ends;
mod exact;
mod figures;
mod finding;
mod pairs;
mod recipes;
pub mod report;

use serde::Serialize;
use shortread_server::scenario::World;

pub use ends::LEAST_FOR_ENDS;
pub use figures::{FALSE_SHARE, LEAST_FOR_FIGURES, LEVEL, RESAMPLES};
pub(crate) use finding::Seen;
pub use finding::{
    Alone, ChangeVerdict, EndFinding, Ends, FigureFinding, Name, NotCompared, OtherFinding,
    RecipeFinding, Side, Which,
};

use crate::results::{QUANTITIES, StoredRun};
use conditions::Conditions;
use pairs::Group;

/// The result of comparing two runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The older run, against which the newer one is held.
    pub old: Side,
    /// The newer run.
    pub new: Side,
    /// Pairs of trials of the virtual world.
    pub virtual_pairs: usize,
    /// Of those, pairs whose records are the same in everything that was
    /// measured.
    pub identical: usize,
    /// Trials over TCP that both runs have, repetitions counted as one.
    pub tcp_trials: usize,
    /// The most repetitions that both runs have of one of them.
    pub tcp_repetitions: usize,
    /// Trials that end otherwise, in the order of the old run.
    pub ends: Vec<EndFinding>,
    /// Figures that differ by more than chance and the least effect explain.
    pub figures: Vec<FigureFinding>,
    /// Pairs of the virtual world that differ in something that is neither good
    /// nor bad.
    pub others: Vec<OtherFinding>,
    /// Trials of which only the ends were compared, and why.
    pub not_compared: Vec<NotCompared>,
    /// Recipes that one run alone has of a trial, against the other run's trial without.
    pub recipes: Vec<RecipeFinding>,
    /// Trials in only the old run.
    pub only_old: Vec<Alone>,
    /// Trials in only the new run.
    pub only_new: Vec<Alone>,
    /// Trials over TCP with too few repetitions to say anything of their ends.
    pub too_few_for_ends: usize,
    /// Trials over TCP with too few repetitions to say anything of their
    /// figures.
    pub too_few_for_figures: usize,
    /// The scenarios of those, and of what is [`ChangeVerdict::Undecided`].
    pub undecided: Vec<String>,
    /// The clients of one's own in which something is undecided, as `--client`
    /// takes them.
    pub clients: Vec<String>,
    /// The recipes in which something is undecided, by name.
    #[serde(skip)]
    pub(crate) open_recipes: Vec<String>,
    /// Intervals that were worked out: each may exclude zero by chance.
    pub intervals: usize,
    /// Other notes about the circumstances, as sentences without a full stop.
    pub notes: Vec<String>,
    /// The traits that distinguish trials of these runs.
    #[serde(skip)]
    pub(crate) seen: Seen,
}

/// The reasons why two runs cannot be compared at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompareError {
    /// They have nothing in common.
    #[error("`{old}` and `{new}` have no trial in common")]
    NothingInCommon {
        /// The old run's folder.
        old: String,
        /// The new run's.
        new: String,
    },
    /// They have the same trials, all of them random, with other seeds.
    #[error("`{old}` and `{new}` have the same trials, but none with the same seed")]
    NoSeedInCommon {
        /// The old run's folder.
        old: String,
        /// The new run's.
        new: String,
    },
}

/// Compares the run `new` with the older run `old`.
///
/// # Errors
/// They have no trial in common, or none with the same seed.
pub fn compare(old: &StoredRun, new: &StoredRun) -> Result<Comparison, CompareError> {
    let mut found = Comparison {
        old: Side::of(old),
        new: Side::of(new),
        virtual_pairs: 0,
        identical: 0,
        tcp_trials: 0,
        tcp_repetitions: 0,
        ends: Vec::new(),
        figures: Vec::new(),
        others: Vec::new(),
        not_compared: Vec::new(),
        recipes: Vec::new(),
        only_old: Vec::new(),
        only_new: Vec::new(),
        too_few_for_ends: 0,
        too_few_for_figures: 0,
        undecided: Vec::new(),
        clients: Vec::new(),
        open_recipes: Vec::new(),
        intervals: 0,
        notes: conditions::notes(old, new),
        seen: Seen::of(old, new),
    };
    let conditions = Conditions::new(old, new);
    let mut tests = figures::Tests::default();
    let groups = pairs::groups(&old.records, &new.records);
    found.notes.extend(conditions.unknown(&groups));
    for group in &groups {
        if let Some(finding) = recipes::alone(group, &groups) {
            found.recipes.push(finding);
            continue;
        }
        match group.first.world {
            _ if group.old.is_empty() => found.only_new.push(Alone::all(group)),
            _ if group.new.is_empty() => found.only_old.push(Alone::all(group)),
            World::Virtual => exact::compare(group, &conditions, &mut found),
            World::Tcp => repeated(group, &conditions, &mut found, &mut tests),
        }
    }
    if found.virtual_pairs + found.tcp_trials == 0 {
        let (old, new) = (found.old.run, found.new.run);
        let both = |group: &Group<'_>| !group.old.is_empty() && !group.new.is_empty();
        return Err(match groups.iter().any(both) {
            true => CompareError::NoSeedInCommon { old, new },
            false => CompareError::NothingInCommon { old, new },
        });
    }
    tests.decide(&mut found);
    Ok(found)
}

/// Compares a trial over TCP: its ends, then its figures where that makes sense.
fn repeated(
    group: &Group<'_>,
    conditions: &Conditions<'_>,
    found: &mut Comparison,
    tests: &mut figures::Tests,
) {
    found.tcp_trials += 1;
    let although = conditions.of(group);
    let few = group.old.len().min(group.new.len());
    found.tcp_repetitions = found.tcp_repetitions.max(few);
    if few < LEAST_FOR_ENDS {
        found.too_few_for_ends += 1;
        found.leave_open(&group.name());
    }
    let one_end = ends::repeated(group, &although, found);
    if !although.is_empty() {
        found.not_compared.push(NotCompared {
            trial: group.name(),
            why: although,
        });
    } else if one_end && few < LEAST_FOR_FIGURES {
        found.too_few_for_figures += 1;
        found.leave_open(&group.name());
    } else if one_end {
        tests.add(group);
    }
}

impl Comparison {
    /// True if the new run is worse in anything.
    pub fn has_regression(&self) -> bool {
        self.verdicts()
            .any(|verdict| verdict == ChangeVerdict::Regression)
    }

    /// True if more repetitions could tell more.
    pub fn is_undecided(&self) -> bool {
        !self.undecided.is_empty()
    }

    /// Notes that something of `trial` could not be decided.
    fn leave_open(&mut self, trial: &Name) {
        let note = |all: &mut Vec<String>, one: &String| {
            if !all.contains(one) {
                all.push(one.clone());
            }
        };
        note(&mut self.undecided, &trial.scenario);
        if let Some(client) = &trial.client {
            note(&mut self.clients, client);
        }
        if let Some(recipe) = &trial.recipe {
            note(&mut self.open_recipes, recipe);
        }
    }

    /// The verdict of each end and each figure that differs.
    fn verdicts(&self) -> impl Iterator<Item = ChangeVerdict> {
        let ends = self.ends.iter().map(|finding| finding.verdict);
        ends.chain(self.figures.iter().map(|finding| finding.verdict))
    }

    /// Repetitions that would decide the undecided, as far as is known: enough
    /// for ends that all differ, and [`Self::repetitions_for_figures`] if figures
    /// are open; twice as many if there were enough.
    pub fn repetitions_needed(&self) -> u32 {
        let is_open = |verdict| verdict == ChangeVerdict::Undecided;
        let number = |count| u32::try_from(count).unwrap_or(u32::MAX);
        let figures =
            self.too_few_for_figures > 0 || self.figures.iter().any(|one| is_open(one.verdict));
        let needed = match figures {
            true => number(LEAST_FOR_ENDS).max(self.repetitions_for_figures()),
            false => number(LEAST_FOR_ENDS),
        };
        let mixed = self.ends.iter().any(|one| is_open(one.verdict));
        let open = mixed || self.figures.iter().any(|one| is_open(one.verdict));
        match number(self.tcp_repetitions) {
            had if open && had >= needed => had.saturating_mul(2),
            _ => needed,
        }
    }

    /// The least number with which one figure among so many can be told from
    /// chance.
    pub fn repetitions_for_figures(&self) -> u32 {
        figures::repetitions_for(self.intervals_expected())
    }

    /// Intervals that a run with enough repetitions would have.
    fn intervals_expected(&self) -> usize {
        let each = QUANTITIES
            .iter()
            .filter(|one| one.worlds.contains(&World::Tcp));
        self.intervals + self.too_few_for_figures * each.count()
    }
}

#[cfg(test)]
mod documented;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
