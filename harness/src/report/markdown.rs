//! `report.md`: the finding first, then the table, then what went wrong.

mod chunks;
mod clients;
mod escape;

use std::io::{self, Write};

use mock_server::{
    scenario::{Kind, Scenario, World},
    units::human_ns,
};

use super::{
    Exporter, RunView, Scoreboard,
    finding::finding,
    remedies,
    rows::{self, Row, Sharing, Story, stories},
    shown::Shown,
};
use crate::{explain, outcome::Group};
use escape::{code, code_in_cell, prose, text};

/// Markdown, as GitHub renders it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Markdown;

impl Exporter for Markdown {
    fn export(&self, run: &RunView<'_>, out: &mut dyn Write) -> io::Result<()> {
        if let Some(shown) = Shown::of(run) {
            return self.export(&shown.view(run), out);
        }
        if let Some(board) = Scoreboard::of(run) {
            return clients::export(run, &board, out);
        }
        let stories = stories(run, Sharing::SameBytes);
        // A heading has no stop.
        writeln!(out, "# {}\n", finding(&stories).trim_end_matches('.'))?;
        circumstances(run, out)?;
        unexpected(run, out)?;
        disagreements(run, out)?;
        warned(run, out)?;
        table(&stories, out)?;
        for group in Group::ALL {
            let mut failing = stories
                .iter()
                .filter(|story| story.group == group && group != Group::Ok)
                .peekable();
            if failing.peek().is_some() {
                writeln!(out, "\n## {group}: {}", group.meaning())?;
            }
            for story in failing {
                section(run, story, out)?;
            }
        }
        chunks::export(run, out)
    }
}

fn circumstances(run: &RunView<'_>, out: &mut dyn Write) -> io::Result<()> {
    let info = run.info;
    let unknown = || "unknown".to_owned();
    let worlds: Vec<&str> = info.worlds.iter().map(|world| world.word()).collect();
    let versions: Vec<String> = info
        .versions
        .iter()
        // They have a line of their own.
        .filter(|(name, _)| *name != "profiles")
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    let trials = format!(
        "- {} of {} trials, world {}, seed {}",
        run.records.len(),
        info.planned_trials,
        worlds.join(" and "),
        info.seed,
    );
    let versions = versions.join(", ");
    let profiles = format!("- Profiles: {}", run.profiles(usize::MAX));
    if info.worlds == [World::Virtual] {
        // What varies from run to run is in run.json: this file does not.
        writeln!(out, "{trials}\n{profiles}\n- {versions}")?;
        repetitions(run, out)?;
        return writeln!(out, "- {}", run.exit_meaning());
    }
    writeln!(out, "- Command: {}", code(&info.command_line.join(" ")))?;
    writeln!(
        out,
        "{trials}, started {}, real time {}",
        info.started,
        info.real_ns.map_or_else(unknown, human_ns),
    )?;
    if !info.profiles.is_empty() {
        writeln!(out, "{profiles}")?;
    }
    writeln!(
        out,
        "- {versions}; Linux {}, {} CPUs, congestion control {}",
        info.host.kernel.clone().unwrap_or_else(unknown),
        info.host.cpus.map_or_else(unknown, |cpus| cpus.to_string()),
        info.host.congestion_control.clone().unwrap_or_else(unknown),
    )?;
    repetitions(run, out)?;
    writeln!(out, "- {}", run.exit_meaning())?;
    match run.agreement {
        Some(agreement) => writeln!(out, "- {}.", agreement.sentence()),
        None => Ok(()),
    }
}

fn repetitions(run: &RunView<'_>, out: &mut dyn Write) -> io::Result<()> {
    match run.repetitions() {
        Some(sentence) => writeln!(out, "- {sentence}"),
        None => Ok(()),
    }
}

fn unexpected(run: &RunView<'_>, out: &mut dyn Write) -> io::Result<()> {
    if run.unexpected().next().is_none() {
        return writeln!(out, "- No outcome differs from its expectation.");
    }
    writeln!(out, "\n## Unexpected\n")?;
    for (trial, how) in rows::unexpected(run) {
        writeln!(out, "- {}: {}", code(&trial), text(&how))?;
    }
    Ok(())
}

fn disagreements(run: &RunView<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Some(agreement) = run.agreement.filter(|_| run.worlds_disagree()) else {
        return Ok(());
    };
    writeln!(out, "\n## The worlds disagree\n")?;
    writeln!(
        out,
        "A trial ran in memory and over TCP with the same numbers. What differs by more than \
         buffers and timers explain is an error of the simulation, or a load of the machine:\n"
    )?;
    for one in &agreement.disagreements {
        writeln!(out, "- {}: {}.", code(&one.id), text(&one.what))?;
    }
    Ok(())
}

fn warned(run: &RunView<'_>, out: &mut dyn Write) -> io::Result<()> {
    let warnings = run.warnings();
    if warnings.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Warnings\n")?;
    for warning in warnings {
        let what = warning.sentence();
        writeln!(out, "- {what}. What to do: {}.", warning.remedy())?;
    }
    Ok(())
}

fn table(stories: &[Story<'_>], out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "\n| | scenario | read with | delivered | expected | when | ended by | exception |"
    )?;
    writeln!(out, "| --- | --- | --- | ---: | ---: | ---: | --- | --- |")?;
    let mut starred = false;
    for story in stories {
        for row in &story.rows {
            starred |= row.read_lost_all;
            writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} | {} | {} |",
                row.group(),
                text(story.name),
                calls(story, row),
                row.delivered().replace('*', "\\*"),
                row.expected(),
                row.when(),
                row.ended(),
                text(&row.exception()),
            )?;
        }
    }
    if starred {
        writeln!(
            out,
            "\n\\* but `response.read()` returns nothing of what had arrived"
        )?;
    }
    Ok(())
}

fn section(run: &RunView<'_>, story: &Story<'_>, out: &mut dyn Write) -> io::Result<()> {
    let scenario = run.scenario(story.name);
    match scenario {
        Some(scenario) if !scenario.title.is_empty() => {
            writeln!(
                out,
                "\n### {}: {}\n",
                text(story.name),
                text(&scenario.title)
            )?;
        }
        _ => writeln!(out, "\n### {}\n", text(story.name))?,
    }
    writeln!(out, "What happened:\n")?;
    for row in &story.rows {
        writeln!(out, "- {}: {}", calls(story, row), told(row))?;
    }
    if let Some(scenario) = scenario {
        explained(scenario, story, out)?;
    }
    let seed = match run.info.seed {
        1 => String::new(),
        seed => format!(" --seed {seed}"),
    };
    let mut records = story.rows.iter().flat_map(|row| &row.records);
    let first = story.rows[0].records[0].world;
    let world = match records.all(|record| record.world == first) {
        true => first.word(),
        false => "both",
    };
    writeln!(
        out,
        "\nReproduce: {}",
        code(&format!(
            "shortread run {}{seed} --world {world}",
            explain::quoted(&run.info.typed(story.name))
        ))
    )
}

fn explained(scenario: &Scenario, story: &Story<'_>, out: &mut dyn Write) -> io::Result<()> {
    if !scenario.why.is_empty() {
        writeln!(out, "\nWhy: {}", prose(scenario.why.trim()))?;
    }
    let mut advice: Vec<String> = Vec::new();
    for remedy in story
        .rows
        .iter()
        .flat_map(|row| remedies(scenario, &row.records[0].outcome))
    {
        if !advice.contains(&remedy) {
            advice.push(remedy);
        }
    }
    if !advice.is_empty() {
        writeln!(out, "\nWhat would help:\n")?;
        for remedy in advice {
            writeln!(out, "- {remedy}")?;
        }
    }
    if story.rows[0].records[0].scaled.is_some()
        && let Ok(runs) = scenario.scaled()
    {
        let changes: Vec<String> = explain::changes(scenario, &runs)
            .into_iter()
            .map(|change| format!("`{}` {} -> {}", change.what, change.from, change.to))
            .collect();
        writeln!(out, "\nScaled: {}.", changes.join(", "))?;
    }
    if !scenario.sources.is_empty() {
        writeln!(out, "\nSources:\n")?;
        for source in &scenario.sources {
            writeln!(out, "- {}", escape::source(source))?;
        }
    }
    Ok(())
}

/// One row as a sentence.
pub(super) fn told(row: &Row<'_>) -> String {
    let outcome = &row.records[0].outcome;
    let delivered = row.delivered().replace('*', "");
    let (expected, when) = (row.expected(), row.when());
    let by = outcome.ended_by.map_or("nobody", |party| party.word());
    let mut text = match outcome.kind {
        Kind::Complete => format!("all {expected} in {when}."),
        Kind::SilentTruncation => format!(
            "success was reported after {when} with {delivered} of {expected}; the {by} ended it."
        ),
        Kind::Corrupt => format!("success was reported after {when}, with wrong bytes."),
        Kind::WrongObject => format!("success was reported after {when} for another object."),
        Kind::TimedOut => format!(
            "{delivered} of {expected} when the client's deadline `{}` passed after {when}.",
            outcome.deadline.map_or("?", |deadline| deadline.word())
        ),
        Kind::Stalled => {
            format!("{delivered} of {expected}, and no end after {when}, when the harness gave up.")
        }
        Kind::ToolError => format!("the tool failed: {}.", row.exception()),
        kind => format!("{delivered} of {expected} after {when}: {kind}, by the {by}."),
    };
    if let Some(exception) = &outcome.exception {
        text.push_str(&format!(" Raised: `{}`.", exception.replace('`', "'")));
    }
    if let Some(index) = outcome.cause {
        let faults = row.records.iter().flat_map(|record| &record.server.faults);
        let action = faults
            .filter(|fault| fault.index == index)
            .map(|fault| format!(" (`{}`)", fault.action))
            .next()
            .unwrap_or_default();
        text.push_str(&format!(
            " Fault {}{action} led to it.",
            index.saturating_add(1)
        ));
    }
    if row.read_lost_all {
        text.push_str(" `response.read()` returned none of it.");
    }
    text
}

/// The ways to read of a row; where it is the only one, their number.
fn calls(story: &Story<'_>, row: &Row<'_>) -> String {
    let world = row
        .world
        .map_or(String::new(), |world| format!(" ({world})"));
    if story.rows.len() == 1 && row.calls.len() > 1 {
        return format!("all {} ways{world}", row.calls.len());
    }
    let calls: Vec<String> = row.calls.iter().map(|call| code_in_cell(call)).collect();
    format!("{}{world}", calls.join(", "))
}

#[cfg(test)]
mod tests;
