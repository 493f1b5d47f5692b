//! The report of a run of clients: the scoreboard, then the failed cells one by
//! one, with the client's last lines.

use std::io::{self, Write};

use shortread_server::units::{ByteSize, human_ns};

use super::{
    circumstances,
    escape::{code, code_in_cell, text},
    heading, unexpected, warned,
};
use crate::{
    report::{
        scoreboard::{Cell, Scoreboard, Sign, WORDS},
        told::Told,
    },
    results::{ClientFacts, Record},
};

pub(super) fn export(
    told: &Told<'_>,
    board: &Scoreboard<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    heading(told, out)?;
    circumstances(told, out)?;
    unexpected(told, out)?;
    warned(told, out)?;
    writeln!(out, "\n## Scoreboard\n")?;
    table(board, out)?;
    legend(board, out)?;
    writeln!(out, "\n## Commands\n")?;
    for column in &board.clients {
        writeln!(out, "- {}: {}", text(column.name), code(column.command))?;
    }
    for sign in [Sign::Wrong, Sign::Open] {
        section(board, sign, out)?;
    }
    figures(board, out)
}

fn table(board: &Scoreboard<'_>, out: &mut dyn Write) -> io::Result<()> {
    let names: Vec<String> = board
        .clients
        .iter()
        .map(|column| text(column.name))
        .collect();
    writeln!(out, "| scenario | {} |", names.join(" | "))?;
    writeln!(out, "| --- |{}", " --- |".repeat(names.len()))?;
    for row in &board.rows {
        let cells: Vec<String> = row
            .cells
            .iter()
            .map(|cell| cell.as_ref().map_or("-".into(), Cell::text))
            .collect();
        writeln!(out, "| {} | {} |", text(row.scenario), cells.join(" | "))?;
    }
    let tallies: Vec<String> = board.clients.iter().map(|column| column.tally()).collect();
    writeln!(out, "| | {} |", tallies.join(" | "))
}

fn legend(board: &Scoreboard<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out)?;
    for sign in board.signs() {
        writeln!(out, "- {} {}", sign.symbol(), board.meaning(sign))?;
    }
    for (mark, meaning) in board.marks() {
        writeln!(out, "- {mark} {meaning}")?;
    }
    writeln!(
        out,
        "- ! unexpected: not among the known failures, or one that passes\n"
    )?;
    let words = match board.suite() {
        Some(_) => board.words(),
        None => WORDS.to_vec(),
    };
    for (word, meaning) in words {
        writeln!(out, "- {word}: {meaning}")?;
    }
    Ok(())
}

/// The cells with this sign, each with its evidence.
fn section(board: &Scoreboard<'_>, sign: Sign, out: &mut dyn Write) -> io::Result<()> {
    let heading = match sign {
        Sign::Wrong => "Wrong",
        Sign::Open => "Not judged",
        Sign::Right | Sign::Excused => return Ok(()),
    };
    let mut cells = board.cells().filter(|cell| cell.sign == sign).peekable();
    if cells.peek().is_none() {
        return Ok(());
    }
    writeln!(out, "\n## {heading}\n")?;
    for Cell { record, .. } in cells {
        let Some(client) = &record.client else {
            continue;
        };
        let why = record.any.as_ref().and_then(|any| any.why.clone());
        let why = why.unwrap_or_else(|| not_judged(record));
        writeln!(
            out,
            "- {} in {}: {why}. {}",
            client.name,
            record.scenario,
            told(record, client)
        )?;
        if let Some(known) = &client.known {
            writeln!(out, "  Known: {known}.")?;
        }
    }
    Ok(())
}

fn not_judged(record: &Record) -> String {
    if let Some(difference) = &record.difference {
        return difference.clone();
    }
    let clock = record.client.as_ref().map(|client| &client.clock);
    if let Some(why) = clock.and_then(|clock| clock.not_scaled.as_deref()) {
        return format!("own limits not scaled ({why})");
    }
    match record.outcome.error.first() {
        Some(link) => link.message.clone(),
        None if record.server.requests > 1 => format!(
            "it was stopped at its limit, after {} requests; --limit gives it more time",
            record.server.requests
        ),
        None => "the scenario states no rule".into(),
    }
}

/// The end of the client, and its last lines.
fn told(record: &Record, client: &ClientFacts) -> String {
    let how = match (client.stopped, client.exit_status, client.signal) {
        (Some(_), ..) => "Stopped".into(),
        (None, Some(status), _) => format!("Exit status {status}"),
        (None, None, Some(signal)) => format!("Signal {signal}"),
        (None, None, None) => "No process".into(),
    };
    let after = human_ns(record.elapsed_ns);
    // A success has no last words that would explain it.
    match client
        .stderr_tail
        .last()
        .filter(|_| client.exit_status != Some(0))
    {
        Some(line) => format!("{how} after {after}: {}", code(line)),
        None => format!("{how} after {after}."),
    }
}

/// Each cell in figures.
fn figures(board: &Scoreboard<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n## Figures\n")?;
    writeln!(
        out,
        "| scenario | client | | saved | of | when | exit | requests | peak memory | last line |"
    )?;
    writeln!(
        out,
        "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |"
    )?;
    for shown in board.cells() {
        let record = shown.record;
        let Some(client) = &record.client else {
            continue;
        };
        let exit = match (client.exit_status, client.signal) {
            (Some(status), _) => status.to_string(),
            (None, Some(signal)) => format!("signal {signal}"),
            (None, None) => "-".into(),
        };
        let line = client.stderr_tail.last().map(|line| line.replace('`', "'"));
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {exit} | {} | {} | {} |",
            text(&record.scenario),
            text(&client.name),
            shown.text(),
            ByteSize(record.delivered_bytes).human(),
            ByteSize(record.expected_bytes).human(),
            human_ns(record.elapsed_ns),
            record.server.requests,
            record
                .vm_hwm_bytes
                .map_or("-".into(), |bytes| ByteSize(bytes).human()),
            line.map_or(String::new(), |line| code_in_cell(&line)),
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::report::{
        Exporter as _, Markdown,
        client_samples::{clients, view},
    };

    #[test]
    fn the_scoreboard_is_first_and_each_mistake_has_its_evidence() {
        let (info, records) = clients();
        let mut out = Vec::new();
        Markdown.export(&view(&info, &records), &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r"
        # curl, mine: 3 of 9 right, 2 excused, 1 not judged, 3 wrong

        - Command: `shortread run`
        - 10 of 10 trials, world tcp, seed 1, started 2026-11-22T16:03:00Z, real time 192 s
        - shortread 0.1.0; Linux 6.12.0, 2 CPUs, congestion control cubic
        - Exit code 10: an outcome is not the expected one.

        ## Unexpected

        - `fin-chunked/client/mine/tcp/1`: it reports success with 600 MB right bytes of 1 GB
        - `slow-head/client/curl/tcp/2`: it reports failure, and the whole object was to be had

        ## Scoreboard

        | scenario | curl | mine |
        | --- | --- | --- |
        | healthy | ✓ whole | ✓ whole |
        | fin-chunked | ✓ error | ✗ short! |
        | fin-close-delimited | ~ short | ✗ bad |
        | stall-forever | ~ hang | ? hang |
        | slow-head | ✗ error! 1/2 | - |
        | | 2 ✓, 2 ~, 1 ✗ | 1 ✓, 1 ?, 2 ✗ |

        - ✓ right: the file is whole, or the client says that it is not
        - ~ excused: nothing in the response tells any client, or ends it
        - ? not judged
        - ✗ wrong: the client could know better
        - ! unexpected: not among the known failures, or one that passes

        - whole: success, every byte is right
        - error: failure was reported
        - short: success, and the file is short
        - bad: success, and bytes are wrong
        - other: success, and it is another object
        - hang: stopped at its limit
        - tool: the tool failed

        ## Commands

        - curl: `curl -o {out} {url}`
        - mine: `mine -o {out} {url}`

        ## Wrong

        - mine in fin-chunked: it reports success with 600 MB right bytes of 1 GB. Exit status 0 after 4.2 s.
        - mine in fin-close-delimited: it reports success with 600 MB right bytes, and 700 MB came. Exit status 0 after 4.2 s.
          Known: it overwrites what it has.
        - curl in slow-head: it reports failure, and the whole object was to be had. Exit status 18 after 4.2 s: `curl: (18) the end | came early`

        ## Not judged

        - mine in stall-forever: the scenario states no rule. Stopped after 4.2 s.

        ## Figures

        | scenario | client | | saved | of | when | exit | requests | peak memory | last line |
        | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |
        | healthy | curl | ✓ whole | 1 GB | 1 GB | 8 s | 0 | 0 | 9.4 MB |  |
        | healthy | mine | ✓ whole | 1 GB | 1 GB | 8 s | 0 | 0 | 9.4 MB |  |
        | fin-chunked | curl | ✓ error | 600 MB | 1 GB | 4.2 s | 18 | 0 | 9.4 MB | `curl: (18) the end \| came early` |
        | fin-chunked | mine | ✗ short! | 600 MB | 1 GB | 4.2 s | 0 | 0 | 9.4 MB |  |
        | fin-close-delimited | curl | ~ short | 600 MB | 1 GB | 4.2 s | 0 | 0 | 9.4 MB |  |
        | fin-close-delimited | mine | ✗ bad | 600 MB | 1 GB | 4.2 s | 0 | 0 | 9.4 MB |  |
        | stall-forever | curl | ~ hang | 600 MB | 1 GB | 4.2 s | signal 15 | 0 | 9.4 MB |  |
        | stall-forever | mine | ? hang | 600 MB | 1 GB | 4.2 s | signal 15 | 0 | 9.4 MB |  |
        | slow-head | curl | ✗ error! 1/2 | 600 MB | 1 GB | 4.2 s | 18 | 0 | 9.4 MB | `curl: (18) the end \| came early` |
        ");
    }
}
