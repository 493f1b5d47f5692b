//! `report.md`: the finding first, then the table, then what went wrong.

use std::io::{self, Write};

use mock_server::{
    scenario::{Kind, Scenario},
    units::human_duration,
};

use super::{
    Exporter, RunView, remedies,
    rows::{Row, Sharing, Story, stories},
};
use crate::{explain, results::Group};

/// Markdown, as GitHub renders it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Markdown;

impl Exporter for Markdown {
    fn export(&self, run: &RunView<'_>, out: &mut dyn Write) -> io::Result<()> {
        let stories = stories(run, Sharing::SameBytes);
        writeln!(out, "# {}\n", finding(&stories))?;
        circumstances(run, out)?;
        unexpected(run, out)?;
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
        Ok(())
    }
}

/// The run in one sentence, by the worst way to read each scenario.
fn finding(stories: &[Story<'_>]) -> String {
    let all = stories.len();
    let parts: Vec<String> = Group::ALL
        .into_iter()
        .filter_map(|group| {
            let count = stories.iter().filter(|story| story.group == group).count();
            let verb = match (group, count == 1) {
                (_, _) if count == 0 => return None,
                (Group::Silent, true) => "truncates silently",
                (Group::Silent, false) => "truncate silently",
                (Group::Cut, true) => "fails with an error",
                (Group::Cut, false) => "fail with an error",
                (Group::Hang, true) => "hangs",
                (Group::Hang, false) => "hang",
                (Group::Ok, true) => "comes whole",
                (Group::Ok, false) => "come whole",
                (Group::Tool, _) => "could not be run",
            };
            Some(format!("{count} {verb}"))
        })
        .collect();
    match all {
        0 => "No trial has ended".into(),
        1 => format!("Of 1 scenario {}", parts.join(", ")),
        _ => format!("Of {all} scenarios {}", parts.join(", ")),
    }
}

fn circumstances(run: &RunView<'_>, out: &mut dyn Write) -> io::Result<()> {
    let info = run.info;
    let unknown = || "unknown".to_owned();
    let time = |ns: u64| human_duration(std::time::Duration::from_nanos(ns));
    let worlds: Vec<&str> = info.worlds.iter().map(|world| world.word()).collect();
    let versions: Vec<String> = info
        .versions
        .iter()
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    writeln!(out, "- Command: `{}`", info.command_line.join(" "))?;
    writeln!(
        out,
        "- {} of {} trials, world {}, seed {}, started {}, real time {}",
        run.records.len(),
        info.planned_trials,
        worlds.join(" and "),
        info.seed,
        info.started,
        info.real_ns.map_or_else(unknown, time),
    )?;
    writeln!(
        out,
        "- {}; Linux {}, {} CPUs, congestion control {}",
        versions.join(", "),
        info.host.kernel.clone().unwrap_or_else(unknown),
        info.host.cpus.map_or_else(unknown, |cpus| cpus.to_string()),
        info.host.congestion_control.clone().unwrap_or_else(unknown),
    )?;
    writeln!(out, "- {}", run.exit_meaning())
}

fn unexpected(run: &RunView<'_>, out: &mut dyn Write) -> io::Result<()> {
    if run.unexpected().next().is_none() {
        return writeln!(out, "- No outcome differs from its expectation.");
    }
    writeln!(out, "\n## Unexpected\n")?;
    for record in run.unexpected() {
        let difference = record.difference.as_deref().unwrap_or("it differs");
        writeln!(out, "- `{}`: {difference}", record.id)?;
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
                cell(story.name),
                calls(story, row),
                row.delivered().replace('*', "\\*"),
                row.expected(),
                row.when(),
                row.ended(),
                cell(&row.exception()),
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
            writeln!(out, "\n### {}: {}\n", story.name, scenario.title)?;
        }
        _ => writeln!(out, "\n### {}\n", story.name)?,
    }
    writeln!(out, "What happened:\n")?;
    for row in &story.rows {
        writeln!(out, "- {}: {}", calls(story, row), told(row))?;
    }
    if let Some(scenario) = scenario {
        prose(scenario, story, out)?;
    }
    let seed = match run.info.seed {
        1 => String::new(),
        seed => format!(" --seed {seed}"),
    };
    let world = story.rows[0].records[0].world;
    writeln!(
        out,
        "\nReproduce: `shortread run {}{seed} --world {world}`",
        story.name
    )
}

fn prose(scenario: &Scenario, story: &Story<'_>, out: &mut dyn Write) -> io::Result<()> {
    if !scenario.why.is_empty() {
        writeln!(out, "\nWhy: {}", scenario.why.trim())?;
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
            match source.starts_with("http") {
                true => writeln!(out, "- <{source}>")?,
                false => writeln!(out, "- {source}")?,
            }
        }
    }
    Ok(())
}

/// One row as a sentence.
fn told(row: &Row<'_>) -> String {
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
        text.push_str(&format!(" Led to by fault {}.", index + 1));
    }
    if row.read_lost_all {
        text.push_str(" `response.read()` returned none of it.");
    }
    text
}

/// The ways to read of a row; where it is the only one, their number.
fn calls(story: &Story<'_>, row: &Row<'_>) -> String {
    if story.rows.len() == 1 && row.calls.len() > 1 {
        return format!("all {} ways", row.calls.len());
    }
    let calls: Vec<String> = row.calls.iter().map(|call| format!("`{call}`")).collect();
    calls.join(", ")
}

/// Text that cannot end a table's cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        report::samples,
        results::{Record, Scaled},
    };

    fn exported(records: &[Record]) -> String {
        let info = crate::results::samples::run_info();
        let scenarios = samples::scenarios();
        let run = RunView {
            info: &info,
            records,
            scenarios: &scenarios,
            folder: None,
            check: false,
        };
        let mut out = Vec::new();
        Markdown.export(&run, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_finding_is_first_and_each_failure_has_its_section() {
        let mut records = samples::records();
        for record in &mut records[6..12] {
            record.scaled = Some(Scaled {
                time: 0.01,
                size: 0.01,
            });
        }
        insta::assert_snapshot!(exported(&records), @r"
            # Of 5 scenarios 1 truncates silently, 2 fail with an error, 1 hangs, 1 comes whole

            - Command: `shortread run`
            - 30 of 30 trials, world tcp, seed 1, started 2026-11-22T16:03:00Z, real time 192 s
            - profiles aiohttp-3.14.5, shortread 0.1.0; Linux 6.12.0, 2 CPUs, congestion control cubic
            - Exit code 0: the run did its work, whatever the downloads came to.
            - No outcome differs from its expectation.

            | | scenario | read with | delivered | expected | when | ended by | exception |
            | --- | --- | --- | ---: | ---: | ---: | --- | --- |
            | SILENT | close-delimited | all 6 ways | 12.58 MB | 1 GB | 6.29 s | server: short | - |
            | CUT | total-2MBps | all 6 ways | 600 MB\* | 1 GB | 300 s | client: total | TimeoutError |
            | OK | memory-budget | `readany()`, `iter_chunked(8192)`, `iter_chunked(65536)`, `iter_chunked(1048576)`, `iter_any()` | 1 GB | 1 GB | 8 s | complete | - |
            | CUT | memory-budget | `response.read()` | 0 B | 1 GB | 4.1 s | client: memory | MemoryError |
            | HANG | blackhole | all 6 ways | 500 MB\* | 1 GB | 20 min | nobody | - |
            | OK | healthy | all 6 ways | 1 GB | 1 GB | 8 s | complete | - |

            \* but `response.read()` returns nothing of what had arrived

            ## SILENT: the client reports success, and the file is short or wrong

            ### close-delimited: a short file without an error

            What happened:

            - all 6 ways: success was reported after 6.29 s with 12.58 MB of 1 GB; the server ended it.

            Why: Nothing tells the end.

            What would help:

            - Compare the size or a hash that comes by another way: the response says itself that it is whole.

            Reproduce: `shortread run close-delimited --world tcp`

            ## CUT: the download ends early, and the client says so

            ### total-2MBps: every download that takes longer than five minutes fails

            What happened:

            - all 6 ways: 600 MB of 1 GB when the client's deadline `total` passed after 300 s. Raised: `TimeoutError('')`. `response.read()` returned none of it.

            Why: The total limits the whole exchange, however well the bytes flow.

            What would help:

            - Switch the total off for downloads (`ClientTimeout(total=None, sock_read=60)`): what matters is silence, not length.
            - The smallest total that would do here is 500 s.

            Scaled: `body.size` 1 GB -> 20 MB, `client.connect` 30 s -> 600 ms, `client.total` 300 s -> 6 s.

            Sources:

            - <https://docs.aiohttp.org/en/stable/client_quickstart.html>

            Reproduce: `shortread run total-2MBps --world tcp`

            ### memory-budget: the process is killed

            What happened:

            - `readany()`, `iter_chunked(8192)`, `iter_chunked(65536)`, `iter_chunked(1048576)`, `iter_any()`: all 1 GB in 8 s.
            - `response.read()`: 0 B of 1 GB after 4.1 s: out-of-memory, by the client. Raised: `MemoryError`.

            Why: The whole body is kept.

            What would help:

            - Read in pieces (`iter_chunked(65536)`) and write each one: memory then does not grow with the file.

            Reproduce: `shortread run memory-budget --world tcp`

            ## HANG: nothing ends the download

            ### blackhole: the download never ends

            What happened:

            - all 6 ways: 500 MB of 1 GB, and no end after 20 min, when the harness gave up. `response.read()` returned none of it.

            Why: A firewall forgot the flow.

            What would help:

            - Set `sock_read`, the limit on silence between two reads: nothing else ends this.

            Reproduce: `shortread run blackhole --world tcp`
            ");
    }

    #[test]
    fn what_is_unexpected_stands_above_the_table() {
        let mut records = samples::all("healthy", samples::complete(), 1_000_000_000, 8.0);
        records[1].as_expected = Some(false);
        records[1].difference = Some("it came to complete instead of reset".into());
        let text = exported(&records);
        let named = text.find("it came to complete instead of reset").unwrap();
        assert!(named < text.find("| scenario |").unwrap(), "{text}");
    }

    #[test]
    fn a_run_without_records_is_a_report_too() {
        assert!(exported(&[]).starts_with("# No trial has ended\n"));
    }
}
