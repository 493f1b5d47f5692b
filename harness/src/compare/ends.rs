//! The ends of trials, and their order from better to worse.

use std::collections::{BTreeMap, BTreeSet};

use super::{ChangeVerdict, Comparison, EndFinding, Ends, Which, pairs::Group};
use crate::{
    client::Basis, outcome::Group as Kinds, report, results::Record, results::agree,
    stats::fisher_exact,
};

/// The least repetitions of each run from which a changed end can be told from
/// chance over TCP: where all of 4 differ from all of 4, Fisher's exact test
/// comes to p = 2/70 = 0.029; 3 against 3 cannot go below 0.10.
pub const LEAST_FOR_ENDS: usize = 4;

/// Kind, who ended it, deadline, and the class of the exception.
pub(super) fn end(record: &Record) -> String {
    let exception = record.outcome.exception.as_deref();
    let class = exception.map_or(String::new(), |text| format!(", {}", report::class(text)));
    let rests_on = basis(record).map_or(String::new(), |basis| format!(", rests on {basis}"));
    format!("{}{class}{rests_on}", agree::end(record))
}

/// What a whole file rests on, where a recipe says so.
fn basis(record: &Record) -> Option<Basis> {
    let whole = Kinds::of(record.outcome.kind) == Kinds::Ok;
    record.remedy.as_ref().filter(|_| whole)?.rests_on
}

/// True if two trials ended alike. A trial that the tool could not play is
/// unknown, and never ended like another.
pub(super) fn alike(old: &Record, new: &Record) -> bool {
    end(old) == end(new) && ![old, new].into_iter().any(failed)
}

/// True if the tool failed.
fn failed(record: &Record) -> bool {
    Kinds::of(record.outcome.kind) == Kinds::Tool
}

/// The ends and their counts, the most frequent first.
pub(super) fn count<'a>(records: impl IntoIterator<Item = &'a Record>) -> Vec<Ends> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut all: Vec<Ends> = Vec::new();
    for record in records {
        let end = end(record);
        let place = *places.entry(end.clone()).or_insert_with(|| {
            all.push(Ends { end, count: 0 });
            all.len() - 1
        });
        all[place].count += 1;
    }
    // Stable: of as many, the first to come stays first.
    all.sort_by_key(|ends| std::cmp::Reverse(ends.count));
    all
}

/// The meaning of a change from the end of `old` to that of `new`. An expected
/// end that is lost is worse. Otherwise the effect on the user decides. Another
/// end of the same kind is worse, since code for the old one does not handle it.
fn judge(old: &Record, new: &Record) -> ChangeVerdict {
    match expected(old, new) {
        Some(Which::Old) => return ChangeVerdict::Regression,
        Some(Which::New) => return ChangeVerdict::Improvement,
        None => {}
    }
    // A whole file is better on more. Otherwise from worse to better.
    if let (Some(old), Some(new)) = (basis(old), basis(new)) {
        return match new > old {
            true => ChangeVerdict::Improvement,
            false => ChangeVerdict::Regression,
        };
    }
    match Kinds::of(new.outcome.kind) > Kinds::of(old.outcome.kind) {
        true => ChangeVerdict::Improvement,
        false => ChangeVerdict::Regression,
    }
}

/// The one of the two that ended as expected, if the other did not.
fn expected(old: &Record, new: &Record) -> Option<Which> {
    match (old.passed(), new.passed()) {
        (Some(true), Some(false)) => Some(Which::Old),
        (Some(false), Some(true)) => Some(Which::New),
        _ => None,
    }
}

/// Compares the ends of a trial over TCP; whether all repetitions of both runs
/// ended alike, so that their figures can be compared.
pub(super) fn repeated(group: &Group<'_>, although: &[String], found: &mut Comparison) -> bool {
    let old = count(group.old.iter().copied());
    let new = count(group.new.iter().copied());
    let unknown = |side: &[&Record]| side.iter().any(|record| failed(record));
    let known = !unknown(&group.old) && !unknown(&group.new);
    if known && old.len() == 1 && new.len() == 1 && old[0].end == new[0].end {
        return true;
    }
    let few = group.old.len().min(group.new.len());
    // That the tool failed is no matter of chance.
    let decided = unknown(&group.new) || (few >= LEAST_FOR_ENDS && !common(&old, &new));
    let (olds, news) = (judged(&group.old), judged(&group.new));
    let pairs = olds
        .values()
        .flat_map(|old| news.values().map(|new| (*old, *new)));
    let (verdict, expected) = worst(pairs)
        .filter(|_| decided)
        .unwrap_or((ChangeVerdict::Undecided, None));
    if verdict == ChangeVerdict::Undecided {
        found.leave_open(&group.name());
    }
    found.ends.push(EndFinding {
        trial: group.name(),
        verdict,
        expected,
        p: Some(apart(&old, &new)),
        old,
        new,
        although: although.to_vec(),
    });
    false
}

/// What [`judge`] asks of a record.
type Sort = (Option<bool>, Kinds, Option<Basis>);

/// One record of each sort that [`judge`] tells apart: there are few, however
/// many repetitions there are.
fn judged<'a>(side: &[&'a Record]) -> BTreeMap<Sort, &'a Record> {
    let sort = |record: &Record| {
        let group = Kinds::of(record.outcome.kind);
        (record.passed(), group, basis(record))
    };
    side.iter().map(|record| (sort(record), *record)).collect()
}

/// True if any repetition of one run ended like one of the other.
fn common(old: &[Ends], new: &[Ends]) -> bool {
    let ends =
        |side: &[Ends]| -> BTreeSet<String> { side.iter().map(|ends| ends.end.clone()).collect() };
    !ends(old).is_disjoint(&ends(new))
}

/// The meaning of the worst of these pairs of an old and a new record, and the
/// expected one of the two there; `None` without pairs. One file in four that is
/// short without an error is a regression, whatever the others are.
pub(super) fn worst<'a>(
    pairs: impl Iterator<Item = (&'a Record, &'a Record)>,
) -> Option<(ChangeVerdict, Option<Which>)> {
    // The verdicts are in the order of what matters most.
    pairs
        .map(|(old, new)| (judge(old, new), expected(old, new)))
        .min_by_key(|(verdict, _)| *verdict)
}

/// The p-value for the claim that both runs end equally often in a way of the
/// old run; where they have ways in common, in its most frequent one.
fn apart(old: &[Ends], new: &[Ends]) -> f64 {
    let usual = match common(old, new) {
        true => &old[..1],
        false => old,
    };
    let split = |side: &[Ends]| {
        let all: usize = side.iter().map(|ends| ends.count).sum();
        let same = side.iter().filter(|ends| {
            let mut usual = usual.iter();
            usual.any(|one| one.end == ends.end)
        });
        let same: usize = same.map(|ends| ends.count).sum();
        [same as u64, (all - same) as u64]
    };
    fisher_exact(split(old), split(new))
}
