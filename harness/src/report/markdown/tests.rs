//! The report of hand-made runs.

use super::*;
use crate::{
    report::samples,
    results::agree::Agreement,
    results::{Record, Scaled},
};

fn exported(records: &[Record]) -> String {
    let info = crate::results::samples::run_info();
    let scenarios = samples::scenarios();
    let agreement = Agreement::of(records);
    let run = RunView {
        timelines: samples::no_timelines(),
        info: &info,
        records,
        scenarios: &scenarios,
        folder: None,
        agreement: agreement.as_ref(),
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
        # 1 of 5 scenarios truncates silently; 1 hangs; 2 fail with an error; 1 comes whole

        - Command: `shortread run`
        - 30 of 30 trials, world tcp, seed 1, started 2026-11-22T16:03:00Z, real time 192 s
        - Profiles: aiohttp-3.14.5 (rules of 3.14.4-3.14.5)
        - shortread 0.1.0; Linux 6.12.0, 2 CPUs, congestion control cubic
        - Exit code 0: the run did its work, whatever the downloads came to.
        - No outcome differs from its expectation.

        | | scenario | read with | delivered | expected | when | ended by | exception |
        | --- | --- | --- | ---: | ---: | ---: | --- | --- |
        | SILENT | close-delimited | all 6 ways | 12.58 MB | 1 GB | 6.29 s | server: short | - |
        | HANG | blackhole | all 6 ways | 500 MB\* | 1 GB | 20 min | nobody | - |
        | CUT | total-2MBps | all 6 ways | 600 MB\* | 1 GB | 300 s | client: total | TimeoutError |
        | OK | memory-budget | `readany()`, `iter_chunked(8192)`, `iter_chunked(65536)`, `iter_chunked(1048576)`, `iter_any()` | 1 GB | 1 GB | 8 s | complete | - |
        | CUT | memory-budget | `response.read()` | 0 B | 1 GB | 4.1 s | client: memory | MemoryError |
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

        ## HANG: nothing ends the download

        ### blackhole: the download never ends

        What happened:

        - all 6 ways: 500 MB of 1 GB, and no end after 20 min, when the harness gave up. `response.read()` returned none of it.

        Why: A firewall forgot the flow.

        What would help:

        - Set `sock_read`, the limit on silence between two reads: nothing else ends this.

        Reproduce: `shortread run blackhole --world tcp`

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

        ## Chunk sizes

        What `iter_chunked(n)` came to, against n.
        Throughput and CPU time are those of this program's reader, not of aiohttp.

        <details><summary>15 rows</summary>

        | scenario | chunk size | reads | writes | delivered p50 | max | peak heap | gap p99 | throughput | CPU |
        | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
        | healthy | 8KiB | 0 | 0 | 0 B | 0 B | 1.2 MB | 2.1 ms | 125 MB/s | - |
        | healthy | 64KiB | 0 | 0 | 0 B | 0 B | 1.2 MB | 2.1 ms | 125 MB/s | - |
        | healthy | 1MiB | 0 | 0 | 0 B | 0 B | 1.2 MB | 2.1 ms | 125 MB/s | - |
        | total-2MBps | 8KiB | 0 | 0 | 0 B | 0 B | 1.2 MB | 2.1 ms | 2 MB/s | - |
        | total-2MBps | 64KiB | 0 | 0 | 0 B | 0 B | 1.2 MB | 2.1 ms | 2 MB/s | - |
        | total-2MBps | 1MiB | 0 | 0 | 0 B | 0 B | 1.2 MB | 2.1 ms | 2 MB/s | - |
        | memory-budget | 8KiB | 0 | 0 | 0 B | 0 B | 1.2 MB | 2.1 ms | 125 MB/s | - |
        | memory-budget | 64KiB | 0 | 0 | 0 B | 0 B | 1.2 MB | 2.1 ms | 125 MB/s | - |
        | memory-budget | 1MiB | 0 | 0 | 0 B | 0 B | 1.2 MB | 2.1 ms | 125 MB/s | - |
        | close-delimited | 8KiB | 0 | 0 | 0 B | 0 B | 1.2 MB | 2.1 ms | 2 MB/s | - |
        | close-delimited | 64KiB | 0 | 0 | 0 B | 0 B | 1.2 MB | 2.1 ms | 2 MB/s | - |
        | close-delimited | 1MiB | 0 | 0 | 0 B | 0 B | 1.2 MB | 2.1 ms | 2 MB/s | - |
        | blackhole | 8KiB | 0 | 0 | 0 B | 0 B | 1.2 MB | 2.1 ms | 416.7 kB/s | - |
        | blackhole | 64KiB | 0 | 0 | 0 B | 0 B | 1.2 MB | 2.1 ms | 416.7 kB/s | - |
        | blackhole | 1MiB | 0 | 0 | 0 B | 0 B | 1.2 MB | 2.1 ms | 416.7 kB/s | - |

        </details>
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

#[test]
fn where_the_worlds_disagree_stands_above_the_table() {
    let text = exported(&samples::two_worlds());
    let (above, _) = text.split_once("\n## HANG").unwrap();
    insta::assert_snapshot!(above, @r"
    # 1 of 3 scenarios hangs; 1 fails with an error; 1 comes whole

    - Command: `shortread run`
    - 36 of 30 trials, world tcp, seed 1, started 2026-11-22T16:03:00Z, real time 192 s
    - Profiles: aiohttp-3.14.5 (rules of 3.14.4-3.14.5)
    - shortread 0.1.0; Linux 6.12.0, 2 CPUs, congestion control cubic
    - Exit code 0: the run did its work; with --check it would be 10.
    - The worlds agree on 11 of 18 trials.
    - No outcome differs from its expectation.

    ## The worlds disagree

    A trial ran in memory and over TCP with the same numbers. What differs by more than buffers and timers explain is an error of the simulation, or a load of the machine:

    - `total-2MBps/readany/aiohttp-3.14.5/tcp/1`: 600 MB delivered in the virtual world, 550 MB on TCP; buffers explain 786.4 kB.
    - `blackhole/read-all/aiohttp-3.14.5/tcp/1`: stalled in the virtual world, reset by the network on TCP; both must end in the same way.
    - `blackhole/readany/aiohttp-3.14.5/tcp/1`: stalled in the virtual world, reset by the network on TCP; both must end in the same way.
    - `blackhole/fixed-chunk-8192/aiohttp-3.14.5/tcp/1`: stalled in the virtual world, reset by the network on TCP; both must end in the same way.
    - `blackhole/fixed-chunk-65536/aiohttp-3.14.5/tcp/1`: stalled in the virtual world, reset by the network on TCP; both must end in the same way.
    - `blackhole/fixed-chunk-1048576/aiohttp-3.14.5/tcp/1`: stalled in the virtual world, reset by the network on TCP; both must end in the same way.
    - `blackhole/iter-any/aiohttp-3.14.5/tcp/1`: stalled in the virtual world, reset by the network on TCP; both must end in the same way.

    | | scenario | read with | delivered | expected | when | ended by | exception |
    | --- | --- | --- | ---: | ---: | ---: | --- | --- |
    | HANG | blackhole | `readany()`, `iter_chunked(8192)`, `iter_chunked(65536)`, `iter_chunked(1048576)`, `iter_any()`, `response.read()` (virtual) | 500 MB\* | 1 GB | 20 min | nobody | - |
    | CUT | blackhole | `readany()`, `iter_chunked(8192)`, `iter_chunked(65536)`, `iter_chunked(1048576)`, `iter_any()`, `response.read()` (tcp) | 500 MB\* | 1 GB | 20 min | network: reset | ClientPayloadError |
    | CUT | total-2MBps | `readany(), virtual`, `iter_chunked(8192)`, `iter_chunked(65536)`, `iter_chunked(1048576)`, `iter_any()`, `response.read()` | 600 MB\* | 1 GB | 300 s | client: total | TimeoutError |
    | CUT | total-2MBps | `readany()` (tcp) | 550 MB | 1 GB | 300 s | client: total | TimeoutError |
    | OK | healthy | all 6 ways | 1 GB | 1 GB | 8 s | complete | - |

    \* but `response.read()` returns nothing of what had arrived
    ");
    assert!(text.contains("Reproduce: `shortread run blackhole --world both`"));
}

#[test]
fn worlds_that_agree_are_one_line_of_the_circumstances() {
    let text = exported(&samples::two_worlds()[..12]);
    assert!(
        text.contains("\n- The worlds agree on 6 of 6 trials.\n"),
        "{text}"
    );
    assert!(!text.contains("disagree"), "{text}");
}

#[test]
fn warnings_have_a_section_of_their_own() {
    let mut info = crate::results::samples::run_info();
    info.load = Some(crate::measure::Load {
        real_ns: 10_000_000_000,
        cpus: 2,
        others_cpu_ns: 15_000_000_000,
        ..Default::default()
    });
    let records = samples::records();
    let run = RunView {
        timelines: samples::no_timelines(),
        info: &info,
        records: &records,
        scenarios: &[],
        folder: None,
        agreement: None,
        check: false,
    };
    let mut out = Vec::new();
    Markdown.export(&run, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let (_, section) = text.split_once("\n## Warnings\n\n").unwrap();
    insta::assert_snapshot!(section.lines().next().unwrap(), @"- the machine was busy: in 10 s others used 150 % of one of its 2 CPUs, this run 0 %. What to do: run it again when nothing else does; outcomes hold, figures may not.");
    // A run without warnings says nothing of them.
    assert!(!exported(&records).contains("Warning"));
}
