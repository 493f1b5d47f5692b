//! `report.md`: the finding first, then the table, then the failures.

mod chunks;
mod clients;
mod cures;
mod escape;

use std::io::{self, Write};

use shortread_server::scenario::{Scenario, World};

use super::{
    Exporter, RunView,
    rows::{Row, Sharing, Story},
    shown::Shown,
    told::{NOTHING_UNEXPECTED, Told, play_story, sentence, tell},
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
        let told = tell(run, Sharing::SameBytes);
        if let Some(board) = &told.board {
            return clients::export(&told, board, out);
        }
        heading(&told, out)?;
        circumstances(&told, out)?;
        unexpected(&told, out)?;
        disagreements(&told, out)?;
        warned(&told, out)?;
        cures::export(told.cures.as_ref(), out)?;
        table(&told, out)?;
        for group in Group::ALL {
            let mut failing = told
                .stories
                .iter()
                .filter(|story| story.group == group && group != Group::Ok)
                .peekable();
            if failing.peek().is_some() {
                writeln!(out, "\n## {group}: {}", group.meaning())?;
            }
            for story in failing {
                section(&told, story, out)?;
            }
        }
        chunks::export(run, out)
    }
}

/// The finding: a heading has no stop.
fn heading(told: &Told<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# {}\n", told.finding.trim_end_matches('.'))
}

fn circumstances(told: &Told<'_>, out: &mut dyn Write) -> io::Result<()> {
    let is = &told.circumstances;
    let trials = format!(
        "- {} of {} trials, world {}, seed {}",
        is.records, is.planned, is.worlds, is.seed,
    );
    let profiles = format!("- Profiles: {}", is.profiles);
    if told.run.info.worlds == [World::Virtual] {
        // Facts that vary from run to run are in run.json; this file does not
        // vary.
        writeln!(out, "{trials}\n{profiles}\n- {}", is.versions)?;
        repetitions(told, out)?;
        return writeln!(out, "- {}", told.exit);
    }
    writeln!(out, "- Command: {}", code(&is.command))?;
    writeln!(
        out,
        "{trials}, started {}, real time {}",
        is.started, is.real_time,
    )?;
    if !told.run.info.profiles.is_empty() {
        writeln!(out, "{profiles}")?;
    }
    writeln!(out, "- {}; {}", is.versions, is.host)?;
    repetitions(told, out)?;
    writeln!(out, "- {}", told.exit)?;
    match told.agreement {
        Some(agreement) => writeln!(out, "- {}.", agreement.sentence()),
        None => Ok(()),
    }
}

fn repetitions(told: &Told<'_>, out: &mut dyn Write) -> io::Result<()> {
    match &told.repetitions {
        Some(sentence) => writeln!(out, "- {sentence}"),
        None => Ok(()),
    }
}

fn unexpected(told: &Told<'_>, out: &mut dyn Write) -> io::Result<()> {
    if told.unexpected.is_none() {
        return writeln!(out, "- {NOTHING_UNEXPECTED}");
    }
    writeln!(out, "\n## Unexpected\n")?;
    for (trial, how) in &told.unexpected.folded {
        writeln!(out, "- {}: {}", code(trial), text(how))?;
    }
    Ok(())
}

fn disagreements(told: &Told<'_>, out: &mut dyn Write) -> io::Result<()> {
    if told.disagreements().is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## The worlds disagree\n")?;
    writeln!(
        out,
        "A trial ran in memory and over TCP with the same numbers. What differs by more than \
         buffers and timers explain is an error of the simulation, or a load of the machine:\n"
    )?;
    for one in told.disagreements() {
        writeln!(out, "- {}: {}.", code(&one.id), text(&one.what))?;
    }
    Ok(())
}

fn warned(told: &Told<'_>, out: &mut dyn Write) -> io::Result<()> {
    if told.warnings.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Warnings\n")?;
    for warning in &told.warnings {
        let what = warning.sentence();
        writeln!(out, "- {what}. What to do: {}.", warning.remedy())?;
    }
    Ok(())
}

fn table(told: &Told<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "\n| | scenario | read with | delivered | expected | when | ended by | exception |"
    )?;
    writeln!(out, "| --- | --- | --- | ---: | ---: | ---: | --- | --- |")?;
    for story in &told.stories {
        for row in &story.rows {
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
    if told.read_lost_all {
        writeln!(
            out,
            "\n\\* but `response.read()` returns nothing of what had arrived"
        )?;
    }
    Ok(())
}

fn section(told: &Told<'_>, story: &Story<'_>, out: &mut dyn Write) -> io::Result<()> {
    let run = &told.run;
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
        writeln!(out, "- {}: {}", calls(story, row), sentence(row))?;
    }
    if let Some(scenario) = scenario {
        explained(told, scenario, story, out)?;
    }
    writeln!(out, "\nReproduce: {}", code(&play_story(run, story)))
}

fn explained(
    told: &Told<'_>,
    scenario: &Scenario,
    story: &Story<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    if !scenario.why.is_empty() {
        writeln!(out, "\nWhy: {}", prose(scenario.why.trim()))?;
    }
    let advice = story.advice(&told.run, told.cures.as_ref(), scenario);
    if !advice.is_empty() {
        writeln!(out, "\nWhat would help:\n")?;
        for remedy in advice {
            let again = remedy
                .command
                .map(|command| format!(" Again: {}", code(&command)));
            writeln!(out, "- {}{}", remedy.text, again.unwrap_or_default())?;
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
