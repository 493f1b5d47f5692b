//! Two runs, an old and a new one: what changed, what is worse, and what nobody
//! can tell yet.
//!
//! Trials are paired by what identifies them. In the virtual world a pair is
//! compared exactly, over TCP all repetitions of one run with all of the other,
//! by statistics. The rules and where they come from are in docs/COMPARE.md;
//! this is the library behind `shortread compare`, it reads no files.

mod conditions;
mod ends;
mod exact;
mod figures;
mod pairs;
mod quantity;
pub mod report;

use mock_server::scenario::World;
use serde::Serialize;

pub use ends::LEAST_FOR_ENDS;
pub use figures::{FALSE_SHARE, LEAST_FOR_FIGURES, LEVEL, RESAMPLES};
pub use quantity::{QUANTITIES, Quantity, Worse};

use crate::{
    plan::call,
    results::{Record, RunInfo, StoredRun},
    stats,
};
use conditions::Conditions;
use pairs::Group;

/// What two runs come to.
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
    /// Trials that end otherwise, in the order of the old run.
    pub ends: Vec<EndFinding>,
    /// Figures that differ by more than chance and the least effect explain.
    pub figures: Vec<FigureFinding>,
    /// Pairs of the virtual world that differ in something that is neither good
    /// nor bad.
    pub others: Vec<OtherFinding>,
    /// Trials of which only the ends were compared, and why.
    pub not_compared: Vec<NotCompared>,
    /// What only the old run has.
    pub only_old: Vec<Alone>,
    /// What only the new run has.
    pub only_new: Vec<Alone>,
    /// Trials over TCP with too few repetitions to say anything of their ends.
    pub too_few_for_ends: usize,
    /// Trials over TCP with too few repetitions to say anything of their
    /// figures.
    pub too_few_for_figures: usize,
    /// The scenarios of those, and of what is [`Verdict::Undecided`].
    pub undecided: Vec<String>,
    /// Intervals that were worked out: each may exclude zero by chance.
    pub intervals: usize,
    /// What else is to be known of the circumstances, as sentences without
    /// their stop.
    pub notes: Vec<String>,
}

/// One of the two runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// The name of its folder.
    pub run: String,
    /// UTC, as in `run.json`.
    pub started: String,
    /// The version of the program.
    pub version: String,
    /// Records that it has.
    pub records: usize,
    /// Trials that it planned.
    pub planned: u64,
}

/// A trial, its repetitions together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Name {
    /// Its id without the repetition.
    pub id: String,
    /// Its scenario.
    pub scenario: String,
    /// How the body is read, as people call it.
    pub call: String,
    /// Whose rules were followed; null for `frames`.
    pub profile: Option<String>,
    /// Where it ran.
    pub world: World,
}

/// What a difference means to whoever wants the new run to be no worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The new run is worse.
    Regression,
    /// The new run is better.
    Improvement,
    /// Another figure, and real, but too small or of no direction.
    Changed,
    /// There may be a difference; the repetitions are too few to tell.
    Undecided,
}

/// A trial that ends in another way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EndFinding {
    /// Which.
    pub trial: Name,
    /// What it means.
    pub verdict: Verdict,
    /// How the old run's repetitions ended, the most frequent end first.
    pub old: Vec<Ends>,
    /// How the new run's ended.
    pub new: Vec<Ends>,
    /// The p-value of Fisher's exact test; null in the virtual world, where
    /// nothing is left to chance.
    pub p: Option<f64>,
    /// What else differs between the two, as in [`NotCompared`].
    pub although: Vec<String>,
}

/// Repetitions that ended alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ends {
    /// Kind, who ended it, deadline and exception.
    pub end: String,
    /// How many.
    pub count: usize,
}

/// A figure that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FigureFinding {
    /// Whose.
    pub trial: Name,
    /// What was measured, a name of [`QUANTITIES`].
    pub quantity: &'static str,
    /// What it means.
    pub verdict: Verdict,
    /// The old run's value, over TCP the median of its repetitions.
    pub old: f64,
    /// The new run's.
    pub new: f64,
    /// Of the difference of the medians; null in the virtual world, where the
    /// difference is exact.
    pub interval: Option<stats::Interval>,
    /// The p-value of the exact rank-sum test; null in the virtual world.
    pub p: Option<f64>,
    /// Which repetition of the virtual world; null over TCP.
    pub repetition: Option<u32>,
}

/// A pair of the virtual world that differs otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OtherFinding {
    /// Which.
    pub trial: Name,
    /// Which repetition.
    pub repetition: u32,
    /// The fields of the record that differ.
    pub fields: Vec<String>,
}

/// A trial, or a repetition of one in the virtual world, without a counterpart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alone {
    /// Which.
    pub trial: Name,
    /// The seed of the repetition; null where the other run has none of them.
    pub seed: Option<u64>,
}

/// A trial whose circumstances differ, so that its figures say nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotCompared {
    /// Which.
    pub trial: Name,
    /// What differs, as fragments.
    pub why: Vec<String>,
}

/// Why two runs cannot be compared at all.
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
}

/// Compares the run `new` with the older run `old`.
///
/// # Errors
/// They have no trial in common.
pub fn compare(old: &StoredRun, new: &StoredRun) -> Result<Comparison, CompareError> {
    let mut found = Comparison {
        old: Side::of(old),
        new: Side::of(new),
        virtual_pairs: 0,
        identical: 0,
        tcp_trials: 0,
        ends: Vec::new(),
        figures: Vec::new(),
        others: Vec::new(),
        not_compared: Vec::new(),
        only_old: Vec::new(),
        only_new: Vec::new(),
        too_few_for_ends: 0,
        too_few_for_figures: 0,
        undecided: Vec::new(),
        intervals: 0,
        notes: conditions::notes(old, new),
    };
    let conditions = Conditions::new(old, new);
    let mut tests = figures::Tests::default();
    for group in pairs::groups(&old.records, &new.records) {
        match group.first.world {
            _ if group.old.is_empty() => found.only_new.push(Alone::all(&group)),
            _ if group.new.is_empty() => found.only_old.push(Alone::all(&group)),
            World::Virtual => exact::compare(&group, &conditions, &mut found),
            World::Tcp => repeated(&group, &conditions, &mut found, &mut tests),
        }
    }
    if found.virtual_pairs + found.tcp_trials == 0 {
        return Err(CompareError::NothingInCommon {
            old: found.old.run,
            new: found.new.run,
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
    if few < LEAST_FOR_ENDS {
        found.too_few_for_ends += 1;
        found.leave_open(&group.first.scenario);
    }
    let one_end = ends::repeated(group, &although, found);
    if !although.is_empty() {
        found.not_compared.push(NotCompared {
            trial: group.name(),
            why: although,
        });
    } else if one_end && few < LEAST_FOR_FIGURES {
        found.too_few_for_figures += 1;
        found.leave_open(&group.first.scenario);
    } else if one_end {
        tests.add(group);
    }
}

impl Comparison {
    /// Whether the new run is worse in anything.
    pub fn has_regression(&self) -> bool {
        self.verdicts()
            .any(|verdict| verdict == Verdict::Regression)
    }

    /// Whether more repetitions could tell more.
    pub fn is_undecided(&self) -> bool {
        !self.undecided.is_empty()
    }

    /// Notes that something in `scenario` could not be decided.
    fn leave_open(&mut self, scenario: &str) {
        if !self.undecided.iter().any(|known| known == scenario) {
            self.undecided.push(scenario.into());
        }
    }

    /// The verdict of each end and each figure that differs.
    fn verdicts(&self) -> impl Iterator<Item = Verdict> {
        let ends = self.ends.iter().map(|finding| finding.verdict);
        ends.chain(self.figures.iter().map(|finding| finding.verdict))
    }

    /// Repetitions that would decide what is undecided, as far as can be told:
    /// enough for ends that all differ, twice as many where ends are mixed, and
    /// [`Self::repetitions_for_figures`] where figures are open.
    pub fn repetitions_needed(&self) -> u32 {
        let is_open = |verdict| verdict == Verdict::Undecided;
        let least = u32::try_from(LEAST_FOR_ENDS).unwrap_or(u32::MAX);
        let all = |ends: &[Ends]| ends.iter().map(|one| one.count).sum::<usize>();
        let mixed = self
            .ends
            .iter()
            .any(|one| is_open(one.verdict) && all(&one.old).min(all(&one.new)) >= LEAST_FOR_ENDS);
        let ends = if mixed { 2 * least } else { least };
        match self.figures.iter().any(|one| is_open(one.verdict)) {
            false if self.too_few_for_figures == 0 => ends,
            _ => ends.max(self.repetitions_for_figures()),
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

impl Side {
    fn of(run: &StoredRun) -> Self {
        let info: &RunInfo = &run.info;
        let folder = run.path.file_name().unwrap_or(run.path.as_os_str());
        Self {
            run: folder.to_string_lossy().into_owned(),
            started: info.started.clone(),
            version: info.versions.get("shortread").cloned().unwrap_or_default(),
            records: run.records.len(),
            planned: info.planned_trials,
        }
    }
}

impl Alone {
    /// All repetitions of a trial.
    fn all(group: &Group<'_>) -> Self {
        Self {
            trial: group.name(),
            seed: None,
        }
    }
}

impl Name {
    fn of(record: &Record) -> Self {
        Self {
            id: record.trial().into(),
            scenario: record.scenario.clone(),
            call: call(record.strategy, record.chunk_size),
            profile: record.profile.clone(),
            world: record.world,
        }
    }
}

#[cfg(test)]
mod documented;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
