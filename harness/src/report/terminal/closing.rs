//! What stands below the table: counts, what was unexpected, what to do next.

use mock_server::{
    scenario::World,
    text::printable,
    units::{ByteSize, counted, human_ns},
};

use super::{
    super::{
        RunView,
        rows::{self, Story},
    },
    paint,
};
use crate::{
    explain,
    outcome::Group,
    results::{Record, warning::Warning},
};

/// What sends a reader to the numbers of his own log.
const FAILED: [Group; 3] = [Group::Silent, Group::Hang, Group::Cut];

/// How many unexpected trials are named.
const NAMED: usize = 10;

pub(super) fn closing(run: &RunView<'_>, stories: &[Story<'_>]) -> Vec<String> {
    let mut lines = vec![counts(run, stories)];
    lines.extend(unexpected(run));
    lines.extend(disagreements(run));
    lines.extend(warned(run));
    if stories
        .iter()
        .flat_map(|story| &story.rows)
        .any(|row| row.read_lost_all)
    {
        lines.push("* but response.read() returns nothing of what had arrived".into());
    }
    lines.push(run.exit_meaning());
    lines.push(times(run));
    lines.extend(run.repetitions());
    lines.push(format!("Profiles: {}.", run.profiles(2)));
    if let Some(name) = most_interesting(run, stories) {
        lines.push(to_explain(run, name));
    }
    if stories.iter().any(|story| FAILED.contains(&story.group)) {
        let command = paint("1", "shortread diagnose --got SIZE --after TIME");
        lines.push(format!("For a download of your own: {command}"));
    }
    if let Some(folder) = run.folder {
        let path = folder.join("report.html");
        lines.push(format!("Report: {}", printable(&path.to_string_lossy())));
    }
    lines
}

/// The command that explains a scenario, as it was asked for.
pub(super) fn to_explain(run: &RunView<'_>, scenario: &str) -> String {
    let typed = explain::quoted(&run.info.typed(scenario));
    let command = paint("1", &format!("shortread explain {typed}"));
    format!("Next: {command}")
}

fn counts(run: &RunView<'_>, stories: &[Story<'_>]) -> String {
    if stories.is_empty() {
        return "No trial has ended.".into();
    }
    let counts: Vec<String> = Group::ALL
        .iter()
        .filter_map(|group| {
            let count = stories.iter().filter(|story| story.group == *group).count();
            (count > 0).then(|| format!("{count} {group}"))
        })
        .collect();
    format!(
        "{} ({}), by their worst trial: {}.",
        counted(stories.len(), "scenario"),
        counted(run.records.len(), "trial"),
        counts.join(", ")
    )
}

pub(super) fn unexpected(run: &RunView<'_>) -> Vec<String> {
    let open = run.records.iter().filter(|r| r.passed().is_none()).count();
    let without = match open {
        0 => String::new(),
        n => format!(" Without an expectation: {n}."),
    };
    let count = run.unexpected().count();
    if count == 0 {
        return vec![format!("Unexpected: none.{without}")];
    }
    let mut lines = vec![format!(
        "Unexpected (!): {count} of {} trials.{without}",
        run.records.len()
    )];
    let folded = rows::unexpected(run);
    let named = folded.iter().take(NAMED);
    lines.extend(named.map(|(trial, how)| format!("  {}: {how}", paint("33", trial))));
    if folded.len() > NAMED {
        let more = folded.len() - NAMED;
        lines.push(format!("  and {more} more, in summary.json"));
    }
    lines
}

/// Whether the worlds agree, where there are two, and where they do not.
fn disagreements(run: &RunView<'_>) -> Vec<String> {
    let Some(agreement) = run.agreement else {
        return Vec::new();
    };
    let found = &agreement.disagreements;
    let stop = if found.is_empty() { "." } else { ":" };
    let mut lines = vec![format!("{}{stop}", agreement.sentence())];
    lines.extend(
        found
            .iter()
            .take(NAMED)
            .map(|one| format!("  {}: {}", paint("33", &one.id), one.what)),
    );
    if found.len() > NAMED {
        lines.push(format!("  and {} more, in the report", found.len() - NAMED));
    }
    lines
}

/// Each warning, with what to do below it.
pub(super) fn warned(run: &RunView<'_>) -> Vec<String> {
    let told = |warning: &Warning| {
        let what = format!("{}: {}.", paint("1;33", "Warning"), warning.sentence());
        [what, format!("  {}.", warning.remedy())]
    };
    run.warnings().iter().flat_map(told).collect()
}

pub(super) fn times(run: &RunView<'_>) -> String {
    let mut text = match run.info.real_ns {
        Some(real) => format!("Real time {}", human_ns(real)),
        None => "Not finished".into(),
    };
    if let Some(simulated) = run.info.simulated_ns {
        let of_virtual = || run.records.iter().filter(|r| r.world == World::Virtual);
        // What is kept may have been tampered with.
        let sum =
            |figure: fn(&Record) -> u64| of_virtual().map(figure).fold(0, u64::saturating_add);
        let flowing = sum(|record| record.flowing_ns);
        let compared = ByteSize(sum(|record| record.received_bytes));
        // The time that trials over TCP took is of no simulation.
        let alone = of_virtual().count() == run.records.len();
        let times = simulated.checked_div(run.info.real_ns.unwrap_or_default());
        let fast = match times.filter(|_| alone) {
            Some(times) => format!(" ({times} times as fast)"),
            None => String::new(),
        };
        text.push_str(&format!(
            " for {} simulated{fast}, {} of them with bytes in flight; {} compared",
            human_ns(simulated),
            human_ns(flowing),
            compared.human(),
        ));
    }
    let scaled = run.records.iter().filter(|r| r.scaled.is_some()).count();
    if scaled > 0 {
        text.push_str(&format!(
            "; {scaled} of {} trials ran with scaled numbers, the report says from what",
            run.records.len()
        ));
    }
    text + "."
}

/// An unexpected scenario before one that the worlds disagree on, that before
/// the worst, the worst before the others.
pub(super) fn most_interesting<'a>(run: &RunView<'a>, stories: &[Story<'a>]) -> Option<&'a str> {
    run.unexpected()
        .next()
        .map(|record| record.scenario.as_str())
        .or_else(|| Some(run.agreement?.disagreements.first()?.scenario.as_str()))
        .or_else(|| stories.first().map(|story| story.name))
}
