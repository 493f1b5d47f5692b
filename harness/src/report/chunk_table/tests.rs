//! Chunk sizes of hand-made runs, in each format that compares them.

use shortread_server::scenario::World;

use super::*;
use crate::{
    report::{ChunkCsv, Exporter, Markdown, Terminal, samples},
    results::{Record, samples as one},
};

/// `scenario` read at three sizes, the smaller the busier.
fn series(scenario: &str, world: World) -> Vec<Record> {
    [(8_192, 9_u64), (65_536, 3), (1_048_576, 1)]
        .map(|(size, times)| {
            let mut record = one::record(scenario, &format!("fixed-chunk-{size}"));
            record.world = world;
            record.transport_reads = 1_526;
            record.sink_writes = 1_526 * times;
            record.chunk_bytes.p50 = 65_550 / times;
            record.chunk_bytes.max = 65_550;
            record.elapsed_ns = 8_000_000_000 + times;
            record.cpu_ns = Some(40_000_000 * times);
            record
        })
        .to_vec()
}

/// The same at each size.
fn alike(scenario: &str) -> Vec<Record> {
    let mut records = series(scenario, World::Virtual);
    for record in &mut records {
        record.sink_writes = 1_526;
        record.chunk_bytes.p50 = 65_550;
    }
    // Less than 1 %.
    records[0].gap_ns.p99 += records[0].gap_ns.p99 / 101;
    records
}

/// The output of `exporter` from the line that begins with `from`.
fn told(exporter: &dyn Exporter, records: &[Record], from: &str) -> String {
    let text = samples::export(exporter, records);
    let plain = anstream::adapter::strip_str(&text).to_string();
    let lines = plain.lines().skip_while(|line| !line.starts_with(from));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_report_ends_with_what_the_size_changed() {
    let mut records = series("healthy", World::Virtual);
    records.extend(alike("slow-head"));
    insta::assert_snapshot!(told(&Markdown, &records, "## Chunk sizes"), @r"
    ## Chunk sizes

    What `iter_chunked(n)` came to, against n.

    No figure differs by more than 1 % in slow-head.

    | scenario | chunk size | reads | writes | delivered p50 | max | peak heap | gap p99 |
    | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
    | healthy | 8KiB | 1526 | 13734 | 7.28 kB | 65.55 kB | 1.2 MB | 2.1 ms |
    | healthy | 64KiB | 1526 | 4578 | 21.85 kB | 65.55 kB | 1.2 MB | 2.1 ms |
    | healthy | 1MiB | 1526 | 1526 | 65.55 kB | 65.55 kB | 1.2 MB | 2.1 ms |
    ");
}

#[test]
fn over_tcp_throughput_and_cpu_time_are_there_and_said_to_be_the_readers() {
    let mut records = series("healthy", World::Tcp);
    records.extend(series("healthy", World::Virtual));
    records.extend(alike("slow-head"));
    let wide = told(&Terminal::new(true), &records, "scenario  ");
    let table: Vec<&str> = wide.lines().take_while(|line| !line.is_empty()).collect();
    insta::assert_snapshot!(table.join("\n"), @r"
    scenario           chunk size  reads  writes  delivered p50       max  peak heap  gap p99  throughput     CPU
    healthy (tcp)            8KiB   1526   13734        7.28 kB  65.55 kB     1.2 MB   2.1 ms    125 MB/s  360 ms
                            64KiB   1526    4578       21.85 kB  65.55 kB     1.2 MB   2.1 ms    125 MB/s  120 ms
                             1MiB   1526    1526       65.55 kB  65.55 kB     1.2 MB   2.1 ms    125 MB/s   40 ms
    healthy (virtual)        8KiB   1526   13734        7.28 kB  65.55 kB     1.2 MB   2.1 ms           -       -
                            64KiB   1526    4578       21.85 kB  65.55 kB     1.2 MB   2.1 ms           -       -
                             1MiB   1526    1526       65.55 kB  65.55 kB     1.2 MB   2.1 ms           -       -
    Throughput and CPU time are those of this program's reader, not of aiohttp.
    No figure differs by more than 1 % in slow-head.
    ");
    assert!(told(&Markdown, &records, "## Chunk sizes").contains(WHOSE));
}

#[test]
fn profiles_are_named_where_a_scenario_was_read_as_several() {
    let mut records = series("healthy", World::Virtual);
    let mut older = series("healthy", World::Virtual);
    for record in &mut older {
        record.profile = Some("aiohttp-3.8.6".into());
    }
    records.extend(older);
    records.extend(series("other", World::Virtual));
    let text = told(&Markdown, &records, "| scenario |");
    let names: Vec<&str> = text.lines().skip(2).step_by(3).collect();
    assert!(
        names[0].starts_with("| healthy, aiohttp-3.14.5 |"),
        "{text}"
    );
    assert!(names[1].starts_with("| healthy, aiohttp-3.8.6 |"), "{text}");
    assert!(names[2].starts_with("| other |"), "{text}");
}

#[test]
fn a_long_table_waits_to_be_unfolded() {
    let of = |count: usize| {
        let records: Vec<Record> = (0..count)
            .flat_map(|number| series(&format!("scenario-{number}"), World::Virtual))
            .collect();
        told(&Markdown, &records, "## Chunk sizes")
    };
    assert!(!of(4).contains("<details>"));
    let long = of(5);
    assert!(
        long.contains("\n<details><summary>15 rows</summary>\n\n| scenario |"),
        "{long}"
    );
    assert!(long.ends_with("|\n\n</details>"), "{long}");
}

#[test]
fn without_two_sizes_nothing_is_said_of_them() {
    let records = &series("healthy", World::Virtual)[..1];
    assert!(!samples::export(&Markdown, records).contains("Chunk sizes"));
    assert!(!samples::export(&Terminal::new(true), records).contains("chunk size"));
    assert_eq!(samples::export(&ChunkCsv, records).lines().count(), 1);
}

#[test]
fn where_no_size_made_a_difference_there_is_a_sentence_and_no_table() {
    let records = alike("slow-head");
    insta::assert_snapshot!(told(&Markdown, &records, "## Chunk sizes"), @r"
    ## Chunk sizes

    What `iter_chunked(n)` came to, against n.

    No figure differs by more than 1 % in slow-head.
    ");
    let wide = samples::export(&Terminal::new(true), &records);
    assert!(
        wide.contains("\nNo figure differs by more than 1 % in slow-head.\n"),
        "{wide}"
    );
}

#[test]
fn the_rows_for_programs_read_back() {
    let mut records = series("=formula()", World::Tcp);
    records.extend(series("healthy", World::Virtual));
    let text = samples::export(&ChunkCsv, &records);
    insta::assert_snapshot!(text, @r"
    scenario,profile,world,chunk_size,trials,delivered_bytes,transport_reads,sink_writes,chunk_bytes.p50,chunk_bytes.max,peak_heap_bytes,gap_ns.p99,reader_bytes_per_second,cpu_ns
    '=formula(),aiohttp-3.14.5,tcp,8192,1,1000000000,1526,13734,7283,65550,1200000,2100000,124999999,360000000
    '=formula(),aiohttp-3.14.5,tcp,65536,1,1000000000,1526,4578,21850,65550,1200000,2100000,124999999,120000000
    '=formula(),aiohttp-3.14.5,tcp,1048576,1,1000000000,1526,1526,65550,65550,1200000,2100000,124999999,40000000
    healthy,aiohttp-3.14.5,virtual,8192,1,1000000000,1526,13734,7283,65550,1200000,2100000,,
    healthy,aiohttp-3.14.5,virtual,65536,1,1000000000,1526,4578,21850,65550,1200000,2100000,,
    healthy,aiohttp-3.14.5,virtual,1048576,1,1000000000,1526,1526,65550,65550,1200000,2100000,,
    ");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 6);
    assert_eq!(&rows[0][0], "'=formula()");
    assert_eq!(&rows[5][3], "1048576");
    assert_eq!(&rows[5][12], "", "the virtual world has no throughput");
}
