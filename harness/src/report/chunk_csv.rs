//! `chunk_sizes.csv`: a row per chunk size of each comparison.

use std::io::{self, Write};

use super::{Exporter, RunView, chunk_sizes::chunk_sizes, csv::harmless};

/// Chunk sizes against each other, as comma-separated values like those of
/// [`Csv`](super::Csv). Without a comparison there is the head alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct ChunkCsv;

/// Figures are named as the record's, whose medians they are.
const COLUMNS: [&str; 14] = [
    "scenario",
    "profile",
    "world",
    "chunk_size",
    "trials",
    "delivered_bytes",
    "transport_reads",
    "sink_writes",
    "chunk_bytes.p50",
    "chunk_bytes.max",
    "peak_heap_bytes",
    "gap_ns.p99",
    "reader_bytes_per_second",
    "cpu_ns",
];

impl Exporter for ChunkCsv {
    fn export(&self, run: &RunView<'_>, out: &mut dyn Write) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(COLUMNS)?;
        let known = |figure: Option<u64>| figure.map_or(String::new(), |figure| figure.to_string());
        for series in chunk_sizes(run) {
            for point in &series.points {
                writer.write_record([
                    harmless(series.scenario),
                    series.profile.unwrap_or_default().to_owned(),
                    series.world.word().to_owned(),
                    point.chunk_size.to_string(),
                    point.trials.to_string(),
                    point.delivered_bytes.to_string(),
                    point.transport_reads.to_string(),
                    point.sink_writes.to_string(),
                    point.chunk_bytes.to_string(),
                    point.largest_chunk_bytes.to_string(),
                    known(point.peak_heap_bytes),
                    point.gap_p99_ns.to_string(),
                    known(point.throughput),
                    known(point.cpu_ns),
                ])?;
            }
        }
        writer.flush()
    }
}
