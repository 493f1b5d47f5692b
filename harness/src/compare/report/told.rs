//! The content of a comparison report, in order, for every format.

use shortread_server::units::counted;

use super::rows::{self, ComparedRow};
use crate::{
    compare::{ChangeVerdict, Comparison, FALSE_SHARE, LEVEL, Side},
    exit,
    explain::quoted,
};

/// Most scenarios that a command names.
const NAMED: usize = 3;

/// The whole of it.
#[derive(Debug)]
pub(super) struct ComparisonText {
    /// The finding in one sentence, without its stop.
    pub(super) headline: String,
    /// The two runs.
    pub(super) runs: [(&'static str, String); 2],
    /// The changes, the most important first. None of them is empty.
    pub(super) sections: Vec<Section>,
    /// The rules of the comparison and the meaning of the exit code, as
    /// sentences.
    pub(super) closing: Vec<String>,
    /// The commands to type next.
    pub(super) next: Vec<String>,
}

/// Findings of one sort.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) title: &'static str,
    pub(super) rows: Vec<ComparedRow>,
}

impl Section {
    /// True if any of it has a meaning.
    pub(super) fn is_judged(&self) -> bool {
        self.rows.iter().any(|row| row.verdict.is_some())
    }
}

/// Tells `comparison`.
pub(super) fn tell(comparison: &Comparison) -> ComparisonText {
    let sections = [
        ("Ends", rows::ends(comparison)),
        ("Figures", rows::figures(comparison)),
        ("Undecided", rows::undecided(comparison)),
        (
            "Also different, neither better nor worse",
            rows::others(comparison),
        ),
        (
            "Recipes of one run, against trials without",
            rows::recipes(comparison),
        ),
        ("Only the ends compared", rows::not_compared(comparison)),
        (
            "Only in the old run",
            rows::alone(comparison, &comparison.only_old),
        ),
        (
            "Only in the new run",
            rows::alone(comparison, &comparison.only_new),
        ),
    ];
    ComparisonText {
        headline: headline(comparison),
        runs: [
            ("old", side(&comparison.old)),
            ("new", side(&comparison.new)),
        ],
        sections: sections
            .into_iter()
            .map(|(title, rows)| Section { title, rows })
            .filter(|section| !section.rows.is_empty())
            .collect(),
        closing: closing(comparison),
        next: next(comparison),
    }
}

fn headline(comparison: &Comparison) -> String {
    let of = |verdict| {
        let ends = comparison.ends.iter();
        let figures = comparison.figures.iter();
        [
            (
                ends.filter(|one| one.verdict == verdict).count(),
                "trial",
                "ends",
            ),
            (
                figures.filter(|one| one.verdict == verdict).count(),
                "figure",
                "is",
            ),
        ]
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, noun, verb)| match (count, verb) {
            (1, verb) => format!("{} {verb}", counted(1, noun)),
            (n, "ends") => format!("{} end", counted(n, noun)),
            (n, _) => format!("{} are", counted(n, noun)),
        })
        .collect::<Vec<_>>()
    };
    let mut parts = Vec::new();
    for (verdict, word) in [
        (ChangeVerdict::Regression, "worse"),
        (ChangeVerdict::Improvement, "better"),
    ] {
        parts.extend(of(verdict).into_iter().map(|part| format!("{part} {word}")));
    }
    if !parts.is_empty() {
        return parts.join(", ");
    }
    if comparison.is_undecided() {
        return "Undecided: the repetitions over TCP are too few to tell".into();
    }
    let pairs = comparison.virtual_pairs;
    let whole = [&comparison.only_old, &comparison.only_new]
        .iter()
        .all(|alone| alone.is_empty())
        && comparison.recipes.is_empty()
        && comparison.not_compared.is_empty();
    match comparison.tcp_trials == 0 && comparison.identical == pairs {
        true if whole => format!(
            "Nothing differs: {} of the virtual world came to the same records",
            counted(pairs, "trial")
        ),
        _ if whole => "No regression".into(),
        _ => "No regression in what could be compared".into(),
    }
}

fn side(side: &Side) -> String {
    format!(
        "{}: {} of {}, started {}, shortread {}",
        side.run,
        side.records,
        counted(usize::try_from(side.planned).unwrap_or(usize::MAX), "trial"),
        side.started,
        side.version,
    )
}

fn closing(comparison: &Comparison) -> Vec<String> {
    let mut all = Vec::new();
    if comparison.virtual_pairs > 0 {
        all.push(format!(
            "Virtual world: {}, each with its counterpart of the same seed, {} identical; every \
             difference is real.",
            counted(comparison.virtual_pairs, "trial"),
            comparison.identical,
        ));
    }
    if comparison.tcp_trials > 0 {
        let mut text = format!(
            "TCP: {}, at most {} a side",
            counted(comparison.tcp_trials, "trial"),
            counted(comparison.tcp_repetitions, "repetition")
        );
        if comparison.intervals > 0 {
            text.push_str(&format!(
                ", {} at {} %; of the differences that count, at most {} % are expected to be \
                 chance",
                counted(comparison.intervals, "interval"),
                LEVEL * 100.0,
                FALSE_SHARE * 100.0,
            ));
        }
        all.push(text + ".");
    }
    all.extend(comparison.notes.iter().map(|note| format!("{note}.")));
    all.push(match comparison.has_regression() {
        true => format!("Exit code {}: a regression.", exit::REGRESSION),
        false if comparison.is_undecided() => {
            format!("Exit code {}: no regression is proven.", exit::DONE)
        }
        false => format!("Exit code {}: no regression.", exit::DONE),
    });
    all
}

fn next(comparison: &Comparison) -> Vec<String> {
    let mut all = Vec::new();
    let ends = comparison
        .ends
        .iter()
        .map(|one| (one.verdict, &one.trial.scenario));
    let figures = comparison
        .figures
        .iter()
        .map(|one| (one.verdict, &one.trial.scenario));
    let worse = ends
        .chain(figures)
        .find(|(verdict, _)| *verdict == ChangeVerdict::Regression);
    if let Some((_, scenario)) = worse {
        all.push(format!(
            "shortread explain {}",
            comparison.seen.typed(scenario)
        ));
    }
    if comparison.is_undecided() {
        let names = comparison.undecided.iter();
        let mut names: Vec<String> = names.map(|name| comparison.seen.typed(name)).collect();
        if names.len() > NAMED {
            names.truncate(NAMED);
            names.push("...".into());
        }
        let clients = comparison.clients.iter();
        let clients: String = clients
            .map(|client| format!(" --client {}", quoted(client)))
            .collect();
        let recipes = comparison.open_recipes.iter();
        let recipes: String = recipes
            .map(|name| format!(" {}", comparison.seen.typed_recipe(name)))
            .collect();
        // A client of one's own runs over TCP, whatever is said.
        let world = if clients.is_empty() {
            " --world tcp"
        } else {
            ""
        };
        all.push(format!(
            "shortread run {}{clients}{recipes}{world} --repeat {}",
            names.join(" "),
            comparison.repetitions_needed()
        ));
    }
    all
}
