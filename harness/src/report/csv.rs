//! `trials.csv`: a row per trial, for spreadsheets and statistics.

use std::io::{self, Write};

use serde_json::Value;

use super::{Exporter, RunView};

/// Comma-separated values as in RFC 4180, except for the end of a line, which is
/// only a line feed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Csv;

/// Fields of the record, with dots into its tables. Lists are left out, but for
/// their number where that says something.
pub(super) const COLUMNS: &[&str] = &[
    "id",
    "scenario",
    "strategy",
    "chunk_size",
    "profile",
    "recipe",
    "world",
    "repetition",
    "seed",
    "outcome.kind",
    "outcome.ended_by",
    "outcome.deadline",
    "outcome.cause",
    "outcome.exception",
    "as_expected",
    "difference",
    "any.kind",
    "any.accepted",
    "any.why",
    "expected_bytes",
    "received_bytes",
    "delivered_bytes",
    "kernel_unread_bytes",
    "first_bad_offset",
    "arrived_offset",
    "elapsed_ns",
    "time_to_first_byte_ns",
    "last_progress_ns",
    "gap_ns.count",
    "gap_ns.min",
    "gap_ns.p50",
    "gap_ns.p90",
    "gap_ns.p99",
    "gap_ns.max",
    "read_call_ns.count",
    "read_call_ns.min",
    "read_call_ns.p50",
    "read_call_ns.p90",
    "read_call_ns.p99",
    "read_call_ns.max",
    "chunk_bytes.count",
    "chunk_bytes.min",
    "chunk_bytes.p50",
    "chunk_bytes.p90",
    "chunk_bytes.p99",
    "chunk_bytes.max",
    "flowing_ns",
    "transport_reads",
    "sink_writes",
    "cpu_ns",
    "peak_heap_bytes",
    "vm_hwm_bytes",
    "memory",
    "max_receive_queue_bytes",
    "downloads",
    "remedy.attempts",
    "remedy.resumed",
    "remedy.waited_ns",
    "remedy.rests_on",
    "remedy.file",
    "remedy.parts",
    "remedy.at_a_time",
    "client.name",
    "client.command",
    "client.exit_status",
    "client.signal",
    "client.stopped",
    "client.limit_ns",
    "client.saved",
    "client.coded",
    "client.stderr_bytes",
    "client.clock.kind",
    "client.clock.factor",
    "client.known",
    "client.resume.suite",
    "client.resume.verdict",
    "client.resume.left",
    "client.resume.offset_bytes",
    "client.resume.ranges",
    "client.resume.rule",
    "client.resume.breach",
    "server.sent_bytes",
    "server.acked_bytes",
    "server.max_unsent_bytes",
    "server.connections",
    "server.requests",
    "scaled.time",
    "scaled.size",
];

impl Exporter for Csv {
    fn export(&self, run: &RunView<'_>, out: &mut dyn Write) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(COLUMNS)?;
        for record in run.records {
            let record = serde_json::to_value(record)?;
            writer.write_record(COLUMNS.iter().map(|column| cell(&record, column)))?;
        }
        writer.flush()
    }
}

/// The text in a column; empty for null.
fn cell(record: &Value, column: &str) -> String {
    let pointer = format!("/{}", column.replace('.', "/"));
    match record.pointer(&pointer) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => harmless(text),
        Some(other) => other.to_string(),
    }
}

/// A text that a spreadsheet takes for no formula: one that begins as formulas
/// do gets an apostrophe before it, which spreadsheets do not show.
pub(super) fn harmless(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::report::samples;

    fn exported() -> String {
        let mut records = samples::records();
        records.truncate(2);
        records[0].difference = Some("=1+1, \"quoted\"\nand a line".into());
        records[0].any = Some(crate::results::samples::judgement());
        samples::export(&Csv, &records)
    }

    #[test]
    fn each_trial_is_a_row_that_reads_back() {
        let text = exported();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let head: Vec<String> = reader.headers().unwrap().iter().map(Into::into).collect();
        assert_eq!(head, COLUMNS);
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let field = |row: usize, name: &str| {
            let at = COLUMNS.iter().position(|column| *column == name).unwrap();
            rows[row][at].to_owned()
        };
        assert_eq!(rows.len(), 2);
        assert_eq!(field(0, "id"), "healthy/read-all/aiohttp-3.14.5/tcp/1");
        assert_eq!(field(1, "delivered_bytes"), "1000000000");
        assert_eq!(field(1, "chunk_size"), "");
        assert_eq!(field(1, "outcome.kind"), "complete");
    }

    #[test]
    fn a_text_is_never_a_formula() {
        let text = exported();
        assert!(
            text.contains("\"'=1+1, \"\"quoted\"\"\nand a line\""),
            "{text}"
        );
    }

    /// Every field that is one value has a column, so that a new one is not
    /// forgotten here.
    #[test]
    fn every_single_value_of_a_record_has_a_column() {
        let mut record = samples::records().remove(0);
        record.any = Some(crate::results::samples::judgement());
        record.remedy = Some(crate::results::RemedyFacts {
            attempts: 1,
            ..Default::default()
        });
        record.client = Some(crate::results::ClientFacts {
            resume: Some(crate::suite::ResumeFacts {
                suite: "resume".into(),
                verdict: crate::suite::Verdict::Error,
                left: crate::suite::Left::Kept,
                offset_bytes: 1,
                ranges: 1,
                rule: "it may".into(),
                breach: None,
            }),
            ..crate::results::ClientFacts::default()
        });
        record.scaled = Some(crate::results::Scaled {
            time: 0.5,
            size: 0.5,
        });
        let record = serde_json::to_value(record).unwrap();
        let mut single = BTreeSet::new();
        for (name, value) in record.as_object().unwrap() {
            match value {
                Value::Object(table) => {
                    for (field, value) in table {
                        if !value.is_array() && !value.is_object() {
                            single.insert(format!("{name}.{field}"));
                        }
                    }
                }
                Value::Array(_) => {}
                _ => {
                    single.insert(name.clone());
                }
            }
        }
        // Tables of tables, and what is null for the sample.
        let left_out = ["expected", "client.finding", "downloads_by_kind.complete"];
        let columns: BTreeSet<String> = COLUMNS.iter().map(|column| (*column).into()).collect();
        let missing: Vec<_> = single
            .difference(&columns)
            .filter(|name| !left_out.contains(&name.as_str()))
            .collect();
        assert_eq!(missing, [""; 0]);
        for column in &columns {
            let pointer = format!("/{}", column.replace('.', "/"));
            assert!(record.pointer(&pointer).is_some(), "{column}");
        }
    }
}
