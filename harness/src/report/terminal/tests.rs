//! The closing table of hand-made runs.

use std::path::Path;

use shortread_server::scenario::{Deadline, Kind, Party};

use super::*;
use crate::{
    report::samples,
    results::agree::Agreement,
    results::{Record, RunInfo, Scaled},
};

pub(super) fn shown(terminal: Terminal, run: &RunView<'_>) -> String {
    let mut out = Vec::new();
    terminal.export(run, &mut out).unwrap();
    plain(&String::from_utf8(out).unwrap())
}

/// `text` without colours and spaces at the ends of its lines.
pub(super) fn plain(text: &str) -> String {
    let plain = anstream::adapter::strip_str(text).to_string();
    plain
        .lines()
        .map(str::trim_end)
        .collect::<Vec<_>>()
        .join("\n")
}

pub(super) fn view<'a>(info: &'a RunInfo, records: &'a [Record]) -> RunView<'a> {
    RunView {
        timelines: samples::no_timelines(),
        info,
        records,
        scenarios: &[],
        folder: Some(Path::new("results/2026-11-22T16-03-00Z-tcp")),
        agreement: None,
        check: false,
    }
}

#[test]
fn the_worst_comes_first_and_what_came_to_the_same_shares_a_line() {
    let info = crate::results::samples::run_info();
    let records = samples::records();
    insta::assert_snapshot!(shown(Terminal::default(), &view(&info, &records)), @r"
               scenario          delivered   expected   when  ended by       exception
        SILENT close-delimited    12.58 MB /     1 GB 6.29 s  server: short  -
        HANG   blackhole           500 MB* /     1 GB 20 min  nobody         -
        CUT    total-2MBps         600 MB* /     1 GB  300 s  client: total  TimeoutError
               memory-budget          1 GB /     1 GB    8 s  complete       -
                 response.read()       0 B /     1 GB  4.1 s  client: memory MemoryError
        OK     healthy                1 GB /     1 GB    8 s  complete       -

        5 scenarios (30 trials), by their worst trial: 1 SILENT, 1 HANG, 2 CUT, 1 OK.
        Unexpected: none.
        * but response.read() returns nothing of what had arrived
        Exit code 0: the run did its work, whatever the downloads came to.
        Real time 192 s.
        Profiles: aiohttp-3.14.5 (rules of 3.14.4-3.14.5).
        Next: shortread explain close-delimited
        For a download of your own: shortread diagnose --got SIZE --after TIME
        Report: results/2026-11-22T16-03-00Z-tcp/report.html
        ");
}

#[test]
fn wide_adds_memory_and_gaps() {
    let info = crate::results::samples::run_info();
    let records = samples::records();
    insta::assert_snapshot!(shown(Terminal::new(true), &view(&info, &records)), @r"
               scenario          delivered   expected   when  ended by       exception    peak heap gap p99
        SILENT close-delimited    12.58 MB /     1 GB 6.29 s  server: short  -               1.2 MB  2.1 ms
        HANG   blackhole           500 MB* /     1 GB 20 min  nobody         -               1.2 MB  2.1 ms
        CUT    total-2MBps         600 MB* /     1 GB  300 s  client: total  TimeoutError    1.2 MB  2.1 ms
               memory-budget          1 GB /     1 GB    8 s  complete       -               1.2 MB  2.1 ms
                 response.read()       0 B /     1 GB  4.1 s  client: memory MemoryError     1.2 MB  2.1 ms
        OK     healthy                1 GB /     1 GB    8 s  complete       -               1.2 MB  2.1 ms

        scenario         chunk size  reads  writes  delivered p50  max  peak heap  gap p99  throughput  CPU
        healthy                8KiB      0       0            0 B  0 B     1.2 MB   2.1 ms    125 MB/s    -
                              64KiB      0       0            0 B  0 B     1.2 MB   2.1 ms    125 MB/s    -
                               1MiB      0       0            0 B  0 B     1.2 MB   2.1 ms    125 MB/s    -
        total-2MBps            8KiB      0       0            0 B  0 B     1.2 MB   2.1 ms      2 MB/s    -
                              64KiB      0       0            0 B  0 B     1.2 MB   2.1 ms      2 MB/s    -
                               1MiB      0       0            0 B  0 B     1.2 MB   2.1 ms      2 MB/s    -
        memory-budget          8KiB      0       0            0 B  0 B     1.2 MB   2.1 ms    125 MB/s    -
                              64KiB      0       0            0 B  0 B     1.2 MB   2.1 ms    125 MB/s    -
                               1MiB      0       0            0 B  0 B     1.2 MB   2.1 ms    125 MB/s    -
        close-delimited        8KiB      0       0            0 B  0 B     1.2 MB   2.1 ms      2 MB/s    -
                              64KiB      0       0            0 B  0 B     1.2 MB   2.1 ms      2 MB/s    -
                               1MiB      0       0            0 B  0 B     1.2 MB   2.1 ms      2 MB/s    -
        blackhole              8KiB      0       0            0 B  0 B     1.2 MB   2.1 ms  416.7 kB/s    -
                              64KiB      0       0            0 B  0 B     1.2 MB   2.1 ms  416.7 kB/s    -
                               1MiB      0       0            0 B  0 B     1.2 MB   2.1 ms  416.7 kB/s    -
        Throughput and CPU time are those of this program's reader, not of aiohttp.

        5 scenarios (30 trials), by their worst trial: 1 SILENT, 1 HANG, 2 CUT, 1 OK.
        Unexpected: none.
        * but response.read() returns nothing of what had arrived
        Exit code 0: the run did its work, whatever the downloads came to.
        Real time 192 s.
        Profiles: aiohttp-3.14.5 (rules of 3.14.4-3.14.5).
        Next: shortread explain close-delimited
        For a download of your own: shortread diagnose --got SIZE --after TIME
        Report: results/2026-11-22T16-03-00Z-tcp/report.html
        ");
}

#[test]
fn what_is_unexpected_is_marked_and_named_and_comes_next() {
    let info = crate::results::samples::run_info();
    let mut records = samples::records();
    records[9].as_expected = Some(false);
    records[9].difference = Some("it came to timed-out instead of complete".into());
    records[0].as_expected = None;
    for record in &mut records[6..12] {
        record.scaled = Some(Scaled {
            time: 0.01,
            size: 0.01,
        });
    }
    let run = RunView {
        timelines: samples::no_timelines(),
        check: true,
        ..view(&info, &records)
    };
    insta::assert_snapshot!(shown(Terminal::default(), &run), @r"
               scenario          delivered   expected   when  ended by       exception
        SILENT close-delimited    12.58 MB /     1 GB 6.29 s  server: short  -
        HANG   blackhole           500 MB* /     1 GB 20 min  nobody         -
        CUT    total-2MBps !       600 MB* /     1 GB  300 s  client: total  TimeoutError
               memory-budget          1 GB /     1 GB    8 s  complete       -
                 response.read()       0 B /     1 GB  4.1 s  client: memory MemoryError
        OK     healthy                1 GB /     1 GB    8 s  complete       -

        5 scenarios (30 trials), by their worst trial: 1 SILENT, 1 HANG, 2 CUT, 1 OK.
        Unexpected (!): 1 of 30 trials. Without an expectation: 1.
          total-2MBps/fixed-chunk-65536/aiohttp-3.14.5/tcp/1: it came to timed-out instead of complete
        * but response.read() returns nothing of what had arrived
        Exit code 10: an outcome is not the expected one.
        Real time 192 s; 6 of 30 trials ran with scaled numbers, the report says from what.
        Profiles: aiohttp-3.14.5 (rules of 3.14.4-3.14.5).
        Next: shortread explain total-2MBps
        For a download of your own: shortread diagnose --got SIZE --after TIME
        Report: results/2026-11-22T16-03-00Z-tcp/report.html
        ");
}

#[test]
fn an_interrupted_run_says_how_far_it_came() {
    let mut info = crate::results::samples::run_info();
    info.interrupted = true;
    info.planned_trials = 144;
    let records = samples::all("healthy", samples::complete(), 1_000_000_000, 8.0);
    let shown = shown(Terminal::default(), &view(&info, &records));
    assert!(
        shown.contains("Exit code 130: interrupted; 6 of 144 trials have a record."),
        "{shown}"
    );
}

#[test]
fn a_run_that_was_killed_has_no_exit_code_and_says_what_is_missing() {
    let mut info = crate::results::samples::run_info();
    info.planned_trials = 144;
    let records = samples::all("healthy", samples::complete(), 1_000_000_000, 8.0);
    let shown = shown(Terminal::default(), &view(&info, &records));
    assert!(
        shown.contains("Only 6 of 144 trials have a record: the run goes on or was killed"),
        "{shown}"
    );
    assert!(!shown.contains("Exit code"), "{shown}");
}

#[test]
fn colours_are_there_for_a_terminal() {
    let info = crate::results::samples::run_info();
    let records = samples::records();
    let mut out = Vec::new();
    Terminal::default()
        .export(&view(&info, &records), &mut out)
        .unwrap();
    assert!(
        String::from_utf8(out)
            .unwrap()
            .contains("\x1b[1;31mSILENT\x1b[0m")
    );
}

#[test]
fn twenty_eight_scenarios_fit_a_screen_even_where_every_strategy_differs() {
    let info = crate::results::samples::run_info();
    let mut records = Vec::new();
    for number in 0..28 {
        let name = format!("a-rather-long-scenario-name-{number}");
        let mut six = samples::all(&name, samples::reset(), 600_000_000, 300.2);
        for (index, record) in six.iter_mut().enumerate().skip(1) {
            record.delivered_bytes -= index as u64 * 50_000_000;
        }
        records.extend(six);
    }
    let shown = shown(Terminal::default(), &view(&info, &records));
    assert!(shown.lines().count() <= LINES, "{shown}");
    for line in shown.lines().take(29) {
        assert!(line.chars().count() <= COLUMNS, "{line}");
    }
    insta::assert_snapshot!(shown.lines().nth(1).unwrap(), @"CUT a-rather-long-scenario-name-0  350-550 MB* /     1 GB 300 s  network: reset ClientPayloadError");
}

#[test]
fn a_run_without_records_has_a_table_too() {
    let info = crate::results::samples::run_info();
    let shown = shown(Terminal::default(), &view(&info, &[]));
    assert!(shown.contains("No trial has ended."), "{shown}");
}

#[test]
fn where_every_way_came_to_something_else_the_first_is_named_too() {
    let info = crate::results::samples::run_info();
    let mut records = vec![
        crate::results::samples::record("slow", "read-all"),
        crate::results::samples::record("slow", "readany"),
    ];
    records[1].delivered_bytes = 300_000_000;
    let text = shown(Terminal::default(), &view(&info, &records));
    assert!(text.contains(" slow: response.read() "), "{text}");
    assert!(text.contains("   readany() "), "{text}");
    assert!(text.contains("1 scenario (2 trials)"), "{text}");
}

#[test]
fn read_lost_nothing_where_nothing_had_arrived() {
    let info = crate::results::samples::run_info();
    let late = |strategy| {
        let record = crate::results::samples::record("late", strategy);
        let outcome = crate::results::samples::outcome(
            Kind::TimedOut,
            Some(Party::Client),
            Some(Deadline::Head),
            Some("TimeoutError"),
        );
        crate::results::samples::ended(record, outcome, 0, 60.0)
    };
    let mut records = vec![late("readany"), late("read-all")];
    let lost = "returns nothing";
    assert!(!shown(Terminal::default(), &view(&info, &records)).contains(lost));
    records[0].delivered_bytes = 1;
    assert!(shown(Terminal::default(), &view(&info, &records)).contains(lost));
}

#[test]
fn what_both_worlds_came_to_shares_a_line_and_the_rest_names_its_world() {
    let info = crate::results::samples::run_info();
    let records = samples::two_worlds();
    let agreement = Agreement::of(&records);
    let run = RunView {
        timelines: samples::no_timelines(),
        agreement: agreement.as_ref(),
        check: true,
        ..view(&info, &records)
    };
    insta::assert_snapshot!(shown(Terminal::default(), &run), @r"
         scenario             delivered   expected   when  ended by       exception
    HANG blackhole (virtual)    500 MB* /     1 GB 20 min  nobody         -
           readany() +5 (tcp)   500 MB* /     1 GB 20 min  network: reset ClientPayloadError
    CUT  total-2MBps            600 MB* /     1 GB  300 s  client: total  TimeoutError
           readany() (tcp)       550 MB /     1 GB  300 s  client: total  TimeoutError
    OK   healthy                   1 GB /     1 GB    8 s  complete       -

    3 scenarios (36 trials), by their worst trial: 1 HANG, 1 CUT, 1 OK.
    Unexpected: none.
    The worlds agree on 11 of 18 trials:
      total-2MBps/readany/aiohttp-3.14.5/tcp/1: 600 MB delivered in the virtual world, 550 MB on TCP; buffers explain 786.4 kB
      blackhole/read-all/aiohttp-3.14.5/tcp/1: stalled in the virtual world, reset by the network on TCP; both must end in the same way
      blackhole/readany/aiohttp-3.14.5/tcp/1: stalled in the virtual world, reset by the network on TCP; both must end in the same way
      blackhole/fixed-chunk-8192/aiohttp-3.14.5/tcp/1: stalled in the virtual world, reset by the network on TCP; both must end in the same way
      blackhole/fixed-chunk-65536/aiohttp-3.14.5/tcp/1: stalled in the virtual world, reset by the network on TCP; both must end in the same way
      blackhole/fixed-chunk-1048576/aiohttp-3.14.5/tcp/1: stalled in the virtual world, reset by the network on TCP; both must end in the same way
      blackhole/iter-any/aiohttp-3.14.5/tcp/1: stalled in the virtual world, reset by the network on TCP; both must end in the same way
    * but response.read() returns nothing of what had arrived
    Exit code 10: the worlds disagree.
    Real time 192 s.
    Profiles: aiohttp-3.14.5 (rules of 3.14.4-3.14.5).
    Next: shortread explain total-2MBps
    For a download of your own: shortread diagnose --got SIZE --after TIME
    Report: results/2026-11-22T16-03-00Z-tcp/report.html
    ");
}

#[test]
fn worlds_that_agree_are_one_line() {
    let records = &samples::two_worlds()[..12];
    let info = RunInfo {
        planned_trials: records.len() as u64,
        ..crate::results::samples::run_info()
    };
    let agreement = Agreement::of(records);
    let run = RunView {
        timelines: samples::no_timelines(),
        agreement: agreement.as_ref(),
        check: true,
        ..view(&info, records)
    };
    insta::assert_snapshot!(shown(Terminal::default(), &run), @r"
       scenario delivered   expected when  ended by exception
    OK healthy       1 GB /     1 GB  8 s  complete -

    1 scenario (12 trials), by their worst trial: 1 OK.
    Unexpected: none.
    The worlds agree on 6 of 6 trials.
    Exit code 0: no outcome differs from its expectation.
    Real time 192 s.
    Profiles: aiohttp-3.14.5 (rules of 3.14.4-3.14.5).
    Next: shortread explain healthy
    Report: results/2026-11-22T16-03-00Z-tcp/report.html
    ");
}

#[test]
fn repetitions_that_came_to_different_ends_have_lines_with_their_number() {
    let info = crate::results::samples::run_info();
    let mut records = Vec::new();
    for repetition in 1..=4 {
        let mut round = samples::all("flaky", samples::complete(), 1_000_000_000, 8.0);
        for record in &mut round {
            record.repetition = repetition;
            if repetition == 3 && record.chunk_size == Some(65536) {
                *record =
                    crate::results::samples::ended(record.clone(), samples::reset(), 5_000, 1.0);
            }
        }
        records.extend(round);
    }
    let text = shown(Terminal::default(), &view(&info, &records));
    let table: Vec<&str> = text.lines().take(3).collect();
    insta::assert_snapshot!(table.join("\n"), @r"
        scenario                       delivered   expected when  ended by       exception
    CUT flaky                               1 GB /     1 GB  8 s  complete       -
          iter_chunked(65536) (1 of 4)      5 kB /     1 GB  1 s  network: reset ClientPayloadError
    ");
}

#[test]
fn a_run_with_repetitions_says_which_of_them_there_was_no_need_for() {
    let mut info = crate::results::samples::run_info();
    info.repetitions = 4;
    let records = samples::records();
    let said = |info: &RunInfo| {
        let text = shown(Terminal::default(), &view(info, &records));
        let line = text.lines().find(|line| line.starts_with("Repetitions"));
        line.unwrap_or_default().to_owned()
    };
    insta::assert_snapshot!(said(&info), @"Repetitions: 4 of each trial.");
    info.ran_once = vec!["healthy".into(), "blackhole".into()];
    insta::assert_snapshot!(said(&info), @"Repetitions: 4 of each trial; in the virtual world 2 of 5 scenarios ran once, since nothing in them is random.");
    info.repetitions = 1;
    assert_eq!(said(&info), "");
}

#[test]
fn repetitions_that_are_unexpected_in_the_same_way_are_one_line() {
    let info = crate::results::samples::run_info();
    let records: Vec<Record> = (1..=4)
        .map(|repetition| {
            let mut record = crate::results::samples::record("flaky", "readany");
            record.repetition = repetition;
            record.id = format!("flaky/readany/aiohttp-3.14.5/tcp/{repetition}");
            if repetition != 2 {
                record.as_expected = Some(false);
                let kind = if repetition == 4 { "stalled" } else { "reset" };
                record.difference = Some(format!("it came to {kind} instead of complete"));
            }
            record
        })
        .collect();
    let text = shown(Terminal::default(), &view(&info, &records));
    let lines: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.starts_with("Unexpected"))
        .take(3)
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    Unexpected (!): 3 of 4 trials.
      flaky/readany/aiohttp-3.14.5/tcp (2 of 4): it came to reset instead of complete
      flaky/readany/aiohttp-3.14.5/tcp/4: it came to stalled instead of complete
    ");
}

#[test]
fn a_warning_says_what_is_wrong_and_below_it_what_to_do() {
    let mut info = crate::results::samples::run_info();
    info.load = Some(busy());
    let records = samples::records();
    let text = shown(Terminal::default(), &view(&info, &records));
    let lines: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.starts_with("Warning"))
        .take(2)
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    Warning: the machine was busy: in 192 s others used 150 % of one of its 2 CPUs, this run 20 %.
      run it again when nothing else does; outcomes hold, figures may not.
    ");
}

/// Of a machine of which others used one and a half of two CPUs.
fn busy() -> crate::measure::Load {
    crate::measure::Load {
        real_ns: 192_000_000_000,
        cpus: 2,
        own_cpu_ns: 40_000_000_000,
        others_cpu_ns: 288_000_000_000,
        stolen_ns: 0,
        waiting_ns: None,
    }
}

#[test]
fn a_wider_screen_is_used_and_a_narrower_one_is_not_known() {
    let info = crate::results::samples::run_info();
    let mut records = samples::records();
    for record in &mut records {
        record.scenario = format!("{}-that-has-a-name-as-long-as-few-have", record.scenario);
        record.outcome.exception = Some("ClientConnectorCertificateError".into());
    }
    let widest = |columns: usize| {
        let table = Terminal::default().on_screen(columns);
        let text = shown(table, &view(&info, &records));
        let cut = text.contains('…');
        (text.lines().map(|line| line.chars().count()).max(), cut)
    };
    for unknown_or_narrow in [0, 80] {
        let (wide, cut) = widest(unknown_or_narrow);
        assert!(wide <= Some(COLUMNS) && cut, "{wide:?}");
    }
    let (wide, cut) = widest(1000);
    assert!(
        wide > Some(COLUMNS) && wide <= Some(MOST_COLUMNS) && !cut,
        "{wide:?}"
    );
}
