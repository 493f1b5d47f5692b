//! Folds findings into rows: a finding that several ways to read share is printed
//! once.

use shortread_server::units::counted;

use crate::compare::{
    Alone, ChangeVerdict, Comparison, EndFinding, Ends, FigureFinding, LEAST_FOR_ENDS,
    LEAST_FOR_FIGURES, LEVEL, Name, Which,
};
use crate::results::Quantity;

/// One finding, or several that are the same.
#[derive(Debug)]
pub(super) struct ComparedRow {
    /// The meaning; `None` if the row is not a finding.
    pub(super) verdict: Option<ChangeVerdict>,
    /// The subject; empty for a sentence by itself.
    pub(super) subject: String,
    /// The text; empty if the subject says it all.
    pub(super) text: String,
}

/// Most ways to read that a row names.
const NAMED: usize = 2;

/// The ends that changed, the regressions first.
pub(super) fn ends(comparison: &Comparison) -> Vec<ComparedRow> {
    let decided = comparison
        .ends
        .iter()
        .filter(|one| one.verdict != ChangeVerdict::Undecided);
    let mut rows = folded(comparison, decided.map(end));
    rows.sort_by_key(|row| row.verdict);
    rows
}

/// The figures that changed, the regressions first.
pub(super) fn figures(comparison: &Comparison) -> Vec<ComparedRow> {
    let decided = comparison
        .figures
        .iter()
        .filter(|one| one.verdict != ChangeVerdict::Undecided);
    let mut rows = folded(comparison, decided.map(figure));
    rows.sort_by_key(|row| row.verdict);
    rows
}

/// The trials with too few repetitions.
pub(super) fn undecided(comparison: &Comparison) -> Vec<ComparedRow> {
    let ends = comparison.ends.iter();
    let ends = ends.filter(|one| one.verdict == ChangeVerdict::Undecided);
    let figures = comparison.figures.iter();
    let figures = figures.filter(|one| one.verdict == ChangeVerdict::Undecided);
    let mut rows = folded(comparison, ends.map(end).chain(figures.map(figure)));
    rows.extend(too_few(comparison).into_iter().map(sentence));
    rows
}

/// Fields of the virtual world's records that differ and have no worse side.
pub(super) fn others(comparison: &Comparison) -> Vec<ComparedRow> {
    let told = comparison.others.iter().map(|one| Finding {
        verdict: None,
        trial: &one.trial,
        text: match further(one.repetition) {
            Some(which) => format!("{} ({which})", one.fields.join(", ")),
            None => one.fields.join(", "),
        },
    });
    folded(comparison, told)
}

/// Trials that were another experiment, and in what.
pub(super) fn not_compared(comparison: &Comparison) -> Vec<ComparedRow> {
    let told = comparison.not_compared.iter().map(|one| Finding {
        verdict: None,
        trial: &one.trial,
        text: one.why.join(", "),
    });
    folded(comparison, told)
}

/// Recipes of one run alone.
pub(super) fn recipes(comparison: &Comparison) -> Vec<ComparedRow> {
    let told = comparison.recipes.iter().map(|one| {
        let (which, other) = match one.which {
            Which::Old => ("old", "new"),
            Which::New => ("new", "old"),
        };
        Finding {
            verdict: None,
            trial: &one.trial,
            text: format!(
                "{} (only in the {which} run): {}; without, in the {other} run, {}; adds {}",
                one.effect,
                self::told(&one.with),
                self::told(&one.without),
                one.adds
            ),
        }
    });
    folded(comparison, told)
}

/// The trials in only one run.
pub(super) fn alone(comparison: &Comparison, trials: &[Alone]) -> Vec<ComparedRow> {
    let told = trials.iter().map(|one| Finding {
        verdict: None,
        trial: &one.trial,
        text: one
            .seed
            .map_or(String::new(), |seed| format!("seed {seed}")),
    });
    folded(comparison, told)
}

fn sentence(text: String) -> ComparedRow {
    ComparedRow {
        verdict: None,
        subject: String::new(),
        text,
    }
}

/// The findings about one trial.
struct Finding<'a> {
    verdict: Option<ChangeVerdict>,
    trial: &'a Name,
    text: String,
}

/// Says once what is the same for several ways to read one scenario.
fn folded<'a>(
    comparison: &Comparison,
    findings: impl Iterator<Item = Finding<'a>>,
) -> Vec<ComparedRow> {
    let mut folds: Vec<(Finding<'a>, Vec<String>)> = Vec::new();
    for finding in findings {
        let way = way(comparison, finding.trial);
        let same = folds.iter_mut().find(|(first, _)| {
            first.trial.scenario == finding.trial.scenario
                && first.verdict == finding.verdict
                && first.text == finding.text
        });
        match same {
            Some((_, ways)) if ways.contains(&way) => {}
            Some((_, ways)) => ways.push(way),
            None => folds.push((finding, vec![way])),
        }
    }
    folds
        .into_iter()
        .map(|(finding, ways)| ComparedRow {
            verdict: finding.verdict,
            subject: format!("{} {}", finding.trial.scenario, list(&ways)),
            text: finding.text,
        })
        .collect()
}

fn list(ways: &[String]) -> String {
    match ways.len() {
        0..=NAMED => ways.join(", "),
        n => format!("({n} ways to read)"),
    }
}

/// The way in which a trial read, with other traits that distinguish it in this
/// comparison.
fn way(comparison: &Comparison, trial: &Name) -> String {
    let mut text = trial.call.clone();
    if let (true, Some(profile)) = (
        comparison.seen.has_profiles(&trial.scenario),
        &trial.profile,
    ) {
        text.push_str(&format!(" as {profile}"));
    }
    if comparison.seen.has_worlds() {
        text.push_str(&format!(" ({})", trial.world));
    }
    text
}

fn end(finding: &EndFinding) -> Finding<'_> {
    let mut text = format!("{} -> {}", told(&finding.old), told(&finding.new));
    if let Some(p) = finding.p {
        text.push_str(&format!(" (p = {})", rounded(p)));
    }
    let expects = match finding.expected {
        Some(Which::Old) => "; the scenario expects the old end",
        Some(Which::New) => "; the scenario expects the new end",
        None => "",
    };
    text.push_str(expects);
    if !finding.although.is_empty() {
        text.push_str(&format!(
            "; not the same experiment: {}",
            finding.although.join(", ")
        ));
    }
    Finding {
        verdict: Some(finding.verdict),
        trial: &finding.trial,
        text,
    }
}

/// `complete`, or of several repetitions `3 of 4 complete, 1 of 4 stalled`.
fn told(ends: &[Ends]) -> String {
    let all: usize = ends.iter().map(|one| one.count).sum();
    let one = |ends: &Ends| match all {
        1 => ends.end.clone(),
        all => format!("{} of {all} {}", ends.count, ends.end),
    };
    ends.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn figure(finding: &FigureFinding) -> Finding<'_> {
    let (old, new) = (finding.old, finding.new);
    let quantity = Quantity::called(finding.quantity);
    let human = |value: f64| match quantity {
        Some(quantity) => quantity.human(value),
        None => value.to_string(),
    };
    let [from, to] = match quantity {
        // A byte less of a gigabyte.
        Some(quantity) if human(old) == human(new) => [old, new].map(|one| quantity.exact(one)),
        _ => [old, new].map(human),
    };
    let mut text = format!("{} {from} -> {to}", finding.quantity);
    let mut details = Vec::new();
    if old != 0.0 {
        details.push(share((new - old) / old.abs()));
    }
    if let Some(interval) = finding.interval {
        details.push(format!(
            "{} % interval {} to {}",
            LEVEL * 100.0,
            signed(interval.low, &human),
            signed(interval.high, &human)
        ));
    }
    details.extend(finding.p.map(|p| format!("p = {}", rounded(p))));
    details.extend(finding.repetition.and_then(further));
    if !details.is_empty() {
        text.push_str(&format!(" ({})", details.join("; ")));
    }
    Finding {
        verdict: Some(finding.verdict),
        trial: &finding.trial,
        text,
    }
}

/// The repetition of a random trial, if it is not the first.
fn further(repetition: u32) -> Option<String> {
    (repetition > 1).then(|| format!("repetition {repetition}"))
}

/// `+62 %`, `-0.3 %`.
fn share(share: f64) -> String {
    let percent = share * 100.0;
    match percent.abs() {
        large if large >= 10.0 => format!("{percent:+.0} %"),
        _ => format!("{percent:+.2} %"),
    }
}

fn signed(value: f64, human: &impl Fn(f64) -> String) -> String {
    match value > 0.0 {
        true => format!("+{}", human(value)),
        false => human(value),
    }
}

/// Two digits that say something.
fn rounded(p: f64) -> String {
    match p {
        p if p >= 0.1 => format!("{p:.2}"),
        p if p >= 0.001 => format!("{p:.4}").trim_end_matches('0').into(),
        p => format!("{p:.1e}"),
    }
}

/// The word for a verdict.
pub(super) const fn word(verdict: ChangeVerdict) -> &'static str {
    match verdict {
        ChangeVerdict::Regression => "WORSE",
        ChangeVerdict::Improvement => "BETTER",
        ChangeVerdict::Changed => "CHANGED",
        ChangeVerdict::Undecided => "OPEN",
    }
}

/// The number of rows left out, as text.
pub(super) fn left_out(count: usize) -> String {
    format!("and {}, with --format json", counted(count, "more row"))
}

/// The reasons for more repetitions, as rows.
fn too_few(comparison: &Comparison) -> Vec<String> {
    let mut all = Vec::new();
    if comparison.too_few_for_ends > 0 {
        all.push(format!(
            "the ends of {} over TCP: use --repeat {LEAST_FOR_ENDS}; fewer cannot tell a changed \
             end from chance (3 against 3: p = 0.10)",
            counted(comparison.too_few_for_ends, "trial"),
        ));
    }
    if comparison.too_few_for_figures > 0 {
        all.push(format!(
            "the figures of {} over TCP: use --repeat {}; below {LEAST_FOR_FIGURES} there are no \
             intervals",
            counted(comparison.too_few_for_figures, "trial"),
            comparison.repetitions_for_figures(),
        ));
    }
    all
}
