//! Runs of many scenarios on one screen.

use super::{tests::shown, *};
use crate::{outcome::Outcome, report::samples, results::Record};

/// `count` scenarios called `name`-1 and so on that all came to `outcome`.
fn many(name: &str, count: usize, outcome: &Outcome) -> Vec<Record> {
    (1..=count)
        .flat_map(|number| {
            let name = format!("{name}-{number}");
            samples::all(&name, outcome.clone(), 600_000_000, 6.0)
        })
        .collect()
}

/// Of every group but that of the tool, two lines more than a screen has.
fn crowd() -> Vec<Record> {
    let mut records = many("silent", 8, &samples::silent());
    records.extend(many("reset-by-the-network", 9, &samples::reset()));
    records.extend(many("total", 3, &samples::total()));
    records.extend(many("hangs", 2, &samples::stalled()));
    records.extend(many("whole", 8, &samples::complete()));
    records.extend(many("memory", 1, &samples::out_of_memory()));
    records
}

#[test]
fn what_came_whole_shares_lines_first_and_then_what_frees_most() {
    let info = crate::results::samples::run_info();
    let records = crowd();
    let run = tests::view(&info, &records);
    let shown = shown(Terminal::default(), &run);
    assert_eq!(shown.lines().count(), 42 - 7, "{shown}");
    insta::assert_snapshot!(shown.lines().skip(8).take(18).collect::<Vec<_>>().join("\n"), @r"
           silent-8                  600 MB /     1 GB  6 s  server: short  -
    HANG   hangs-1                  600 MB* /     1 GB  6 s  nobody         -
           hangs-2                  600 MB* /     1 GB  6 s  nobody         -
    CUT    reset-by-the-network-1   600 MB* /     1 GB  6 s  network: reset ClientPayloadError
           reset-by-the-network-2   600 MB* /     1 GB  6 s  network: reset ClientPayloadError
           reset-by-the-network-3   600 MB* /     1 GB  6 s  network: reset ClientPayloadError
           reset-by-the-network-4   600 MB* /     1 GB  6 s  network: reset ClientPayloadError
           reset-by-the-network-5   600 MB* /     1 GB  6 s  network: reset ClientPayloadError
           reset-by-the-network-6   600 MB* /     1 GB  6 s  network: reset ClientPayloadError
           reset-by-the-network-7   600 MB* /     1 GB  6 s  network: reset ClientPayloadError
           reset-by-the-network-8   600 MB* /     1 GB  6 s  network: reset ClientPayloadError
           reset-by-the-network-9   600 MB* /     1 GB  6 s  network: reset ClientPayloadError
           total-1                  600 MB* /     1 GB  6 s  client: total  TimeoutError
           total-2                  600 MB* /     1 GB  6 s  client: total  TimeoutError
           total-3                  600 MB* /     1 GB  6 s  client: total  TimeoutError
           memory-1                 600 MB* /     1 GB  6 s  client: memory MemoryError
    OK     complete, 8 scenarios: whole-1, whole-2, whole-3, whole-4, whole-5, whole-6, whole-7, whole-8
    ");

    let tight = Terminal::default().page(&tell(&run, Sharing::AnyBytes), 30);
    let tight = tests::plain(&tight.join("\n"));
    assert!(tight.lines().count() <= 30, "{tight}");
    insta::assert_snapshot!(tight.lines().take(18).collect::<Vec<_>>().join("\n"), @r"
           scenario delivered   expected when  ended by       exception
    SILENT silent-1    600 MB /     1 GB  6 s  server: short  -
           silent-2    600 MB /     1 GB  6 s  server: short  -
           silent-3    600 MB /     1 GB  6 s  server: short  -
           silent-4    600 MB /     1 GB  6 s  server: short  -
           silent-5    600 MB /     1 GB  6 s  server: short  -
           silent-6    600 MB /     1 GB  6 s  server: short  -
           silent-7    600 MB /     1 GB  6 s  server: short  -
           silent-8    600 MB /     1 GB  6 s  server: short  -
    HANG   hangs-1    600 MB* /     1 GB  6 s  nobody         -
           hangs-2    600 MB* /     1 GB  6 s  nobody         -
    CUT    total-1    600 MB* /     1 GB  6 s  client: total  TimeoutError
           total-2    600 MB* /     1 GB  6 s  client: total  TimeoutError
           total-3    600 MB* /     1 GB  6 s  client: total  TimeoutError
           memory-1   600 MB* /     1 GB  6 s  client: memory MemoryError
           network: reset (ClientPayloadError)*, 9 scenarios: reset-by-the-network-1,
             reset-by-the-network-2, reset-by-the-network-3, reset-by-the-network-4,
             reset-by-the-network-5, reset-by-the-network-6, reset-by-the-network-7,
    ");
}

#[test]
fn every_scenario_is_named_however_many_there_are() {
    let info = crate::results::samples::run_info();
    let mut records = many("cut", 60, &samples::reset());
    records.extend(many("whole", 60, &samples::complete()));
    let shown = shown(Terminal::default(), &tests::view(&info, &records));
    assert!(shown.lines().count() <= LINES, "{shown}");
    for record in &records {
        let named = shown
            .split([' ', ',', '\n'])
            .any(|word| word == record.scenario);
        assert!(named, "{} is not in\n{shown}", record.scenario);
    }
    let table = shown.lines().take_while(|line| !line.is_empty());
    for line in table {
        assert!(line.chars().count() <= COLUMNS, "{line}");
    }
}

#[test]
fn what_is_unexpected_or_asked_for_in_full_has_a_line_for_each() {
    let info = crate::results::samples::run_info();
    let mut records = crowd();
    let each = |terminal, records: &[Record]| {
        let shown = shown(terminal, &tests::view(&info, records));
        assert!(!shown.contains("--wide"), "{shown}");
        shown.lines().take_while(|line| !line.is_empty()).count()
    };
    assert_eq!(each(Terminal::new(true), &records), 1 + 31);
    records[0].as_expected = Some(false);
    assert_eq!(each(Terminal::default(), &records), 1 + 31);
}

#[test]
fn what_the_tool_failed_to_run_never_shares_a_line() {
    let info = crate::results::samples::run_info();
    let failed = crate::results::samples::outcome(
        shortread_server::scenario::Kind::ToolError,
        None,
        None,
        None,
    );
    let records = many("failed", 50, &failed);
    let shown = shown(Terminal::default(), &tests::view(&info, &records));
    let table = shown.lines().take_while(|line| !line.is_empty());
    assert_eq!(table.count(), 1 + 50, "{shown}");
}
