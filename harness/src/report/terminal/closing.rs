//! The lines below the table: counts, unexpected outcomes, and the next command.

use shortread_server::{
    scenario::World,
    text::printable,
    units::{ByteSize, counted, human_ns},
};

use super::paint;
use crate::{
    report::{
        RunView,
        told::{self, Told},
    },
    results::{Record, warning::Warning},
};

/// Most unexpected trials that are named.
const NAMED: usize = 10;

pub(super) fn closing(told: &Told<'_>) -> Vec<String> {
    let run = &told.run;
    let mut lines = vec![counts(told)];
    lines.extend(unexpected(told));
    lines.extend(disagreements(told));
    lines.extend(warned(told));
    if told.read_lost_all {
        lines.push("* but response.read() returns nothing of what had arrived".into());
    }
    lines.push(told.exit.clone());
    lines.push(times(run));
    lines.extend(told.repetitions.clone());
    lines.push(format!("Profiles: {}.", run.profiles(2)));
    let worst = told.stories.first().map(|story| story.name);
    if let Some(name) = told.most_interesting(worst) {
        lines.push(to_explain(run, name));
    }
    if told.failed {
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
    format!("Next: {}", paint("1", &told::explain(run, scenario)))
}

fn counts(told: &Told<'_>) -> String {
    if told.stories.is_empty() {
        // As the finding has it.
        return told.finding.clone();
    }
    let counts = told.counts.iter();
    let counts: Vec<String> = counts
        .map(|(group, count)| format!("{count} {group}"))
        .collect();
    format!(
        "{} ({}), by their worst trial: {}.",
        counted(told.stories.len(), "scenario"),
        counted(told.circumstances.records, "trial"),
        counts.join(", ")
    )
}

pub(super) fn unexpected(told: &Told<'_>) -> Vec<String> {
    let unexpected = &told.unexpected;
    let without = match unexpected.open {
        0 => String::new(),
        n => format!(" Without an expectation: {n}."),
    };
    if unexpected.is_none() {
        return vec![format!("Unexpected: none.{without}")];
    }
    let mut lines = vec![format!(
        "Unexpected (!): {} of {} trials.{without}",
        unexpected.count, told.circumstances.records
    )];
    let folded = &unexpected.folded;
    let named = folded.iter().take(NAMED);
    lines.extend(named.map(|(trial, how)| format!("  {}: {how}", paint("33", trial))));
    if folded.len() > NAMED {
        let more = folded.len() - NAMED;
        lines.push(format!("  and {more} more, in summary.json"));
    }
    lines
}

/// The agreement of two worlds, and their disagreements.
fn disagreements(told: &Told<'_>) -> Vec<String> {
    let Some(agreement) = told.agreement else {
        return Vec::new();
    };
    let found = told.disagreements();
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
pub(super) fn warned(told: &Told<'_>) -> Vec<String> {
    let line = |warning: &Warning| {
        let what = format!("{}: {}.", paint("1;33", "Warning"), warning.sentence());
        [what, format!("  {}.", warning.remedy())]
    };
    told.warnings.iter().flat_map(line).collect()
}

pub(super) fn times(run: &RunView<'_>) -> String {
    let mut text = match run.info.real_ns {
        Some(real) => format!("Real time {}", human_ns(real)),
        None => "Not finished".into(),
    };
    if let Some(simulated) = run.info.simulated_ns {
        let of_virtual = || run.records.iter().filter(|r| r.world == World::Virtual);
        // Kept files may have been changed.
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
