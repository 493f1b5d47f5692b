//! The comparison of chunk sizes as a table, for every format that people read.
//! It decides what to show.

use shortread_server::{
    scenario::World,
    units::{ByteSize, Rate, human_ns},
};

use super::{
    RunView,
    chunk_sizes::{Point, Series, chunk_sizes},
};

/// The meaning of the figures in real time.
pub(super) const WHOSE: &str =
    "Throughput and CPU time are those of this program's reader, not of aiohttp.";

const COLUMNS: [&str; 8] = [
    "scenario",
    "chunk size",
    "reads",
    "writes",
    "delivered p50",
    "max",
    "peak heap",
    "gap p99",
];

/// Columns for trials over TCP.
const TIMED: [&str; 2] = ["throughput", "CPU"];

/// Chunk sizes against each other.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ChunkTable<'a> {
    /// The name of each column; the first is of words, the others are of
    /// figures.
    pub(super) head: Vec<&'static str>,
    /// As many cells as there are columns.
    pub(super) rows: Vec<Vec<String>>,
    /// The scenarios in which no chunk size made a difference: they have no row.
    pub(super) alike: Vec<&'a str>,
    /// True if any figures need [`WHOSE`].
    pub(super) timed: bool,
}

/// The table of a run; `None` where nothing was read with two chunk sizes.
pub(super) fn chunk_table<'a>(run: &RunView<'a>) -> Option<ChunkTable<'a>> {
    let all = chunk_sizes(run);
    if all.is_empty() {
        return None;
    }
    let (shown, same): (Vec<&Series<'_>>, Vec<&Series<'_>>) =
        all.iter().partition(|series| differs(series));
    let mut alike: Vec<&str> = Vec::new();
    for series in same {
        let told = shown.iter().any(|other| other.scenario == series.scenario);
        if !told && !alike.contains(&series.scenario) {
            alike.push(series.scenario);
        }
    }
    let mut points = shown.iter().flat_map(|series| &series.points);
    let timed = points.any(|point| point.throughput.is_some());
    let mut head = COLUMNS.to_vec();
    if timed {
        head.extend(TIMED);
    }
    let mut rows = Vec::new();
    for series in &shown {
        let name = series.name(&all);
        for point in &series.points {
            let mut cells = vec![name.clone()];
            cells.extend(figures(point));
            cells.truncate(head.len());
            rows.push(cells);
        }
    }
    Some(ChunkTable {
        head,
        rows,
        alike,
        timed,
    })
}

impl ChunkTable<'_> {
    /// The scenarios in which no chunk size made a difference, as a sentence.
    pub(super) fn without_effect(&self) -> Option<String> {
        let names = self.alike.join(", ");
        (!names.is_empty()).then(|| format!("No figure differs by more than 1 % in {names}."))
    }
}

fn figures(point: &Point) -> [String; COLUMNS.len() - 1 + TIMED.len()] {
    let bytes = |bytes: u64| ByteSize(bytes).human();
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".into());
    let rate = point.throughput.and_then(Rate::per_second);
    [
        // As one types it.
        ByteSize(point.chunk_size).to_string(),
        point.transport_reads.to_string(),
        point.sink_writes.to_string(),
        bytes(point.chunk_bytes),
        bytes(point.largest_chunk_bytes),
        or_dash(point.peak_heap_bytes.map(bytes)),
        human_ns(point.gap_p99_ns),
        or_dash(rate.map(Rate::human)),
        or_dash(point.cpu_ns.map(human_ns)),
    ]
}

/// True if a figure changes with the size by more than 1 %. Over TCP each is a
/// measurement, and always shown.
fn differs(series: &Series<'_>) -> bool {
    let figures: [fn(&Point) -> u64; 6] = [
        |point| point.transport_reads,
        |point| point.sink_writes,
        |point| point.chunk_bytes,
        |point| point.largest_chunk_bytes,
        |point| point.peak_heap_bytes.unwrap_or_default(),
        |point| point.gap_p99_ns,
    ];
    series.world == World::Tcp
        || figures.iter().any(|figure| {
            let values = || series.points.iter().map(figure);
            let (least, most) = (values().min(), values().max());
            let (least, most) = (least.unwrap_or_default(), most.unwrap_or_default());
            u128::from(most - least) * 100 > u128::from(most)
        })
}

#[cfg(test)]
mod tests;
