//! Compares trials of `fixed-chunk` by chunk size: which figures a larger one
//! changes, and which not.

use std::collections::BTreeMap;

use shortread_server::scenario::World;

use super::RunView;
use crate::{
    results::{Record, TrialKey},
    stats::median_of,
};

/// One scenario, read by one profile in one world, at several chunk sizes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Series<'a> {
    /// The scenario's name.
    pub(super) scenario: &'a str,
    /// The release that was imitated.
    pub(super) profile: Option<&'a str>,
    /// The world of the trials.
    pub(super) world: World,
    /// At least two, the smallest size first.
    pub(super) points: Vec<Point>,
}

impl Series<'_> {
    /// The scenario, with what tells this series from the others of it in `all`.
    pub(super) fn name(&self, all: &[Self]) -> String {
        let mut others = all.iter().filter(|one| one.scenario == self.scenario);
        let mut name = self.scenario.to_owned();
        if let Some(profile) = self.profile
            && others.clone().any(|one| one.profile != self.profile)
        {
            name.push_str(&format!(", {profile}"));
        }
        if others.any(|one| one.world != self.world) {
            name.push_str(&format!(" ({})", self.world));
        }
        name
    }
}

/// The result of one chunk size: for several repetitions, the median of each
/// figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Point {
    /// The most bytes of an item.
    pub(super) chunk_size: u64,
    /// Trials behind the figures.
    pub(super) trials: usize,
    /// Bytes handed to the application.
    pub(super) delivered_bytes: u64,
    /// Reads from the transport that returned data.
    pub(super) transport_reads: u64,
    /// Chunks written to the sink.
    pub(super) sink_writes: u64,
    /// Median size of the chunks as they were handed over, in bytes.
    pub(super) chunk_bytes: u64,
    /// Size of the largest of them, in bytes.
    pub(super) largest_chunk_bytes: u64,
    /// Most heap in use at once; `None` where it is not counted.
    pub(super) peak_heap_bytes: Option<u64>,
    /// 99th percentile of the gap between two chunks, in nanoseconds.
    pub(super) gap_p99_ns: u64,
    /// Delivered bytes per second of the whole trial. It is the speed of this
    /// program's reader, not of aiohttp. `None` in the virtual world, whose
    /// time is simulated.
    pub(super) throughput: Option<u64>,
    /// CPU time of the trial's process in nanoseconds; on TCP alone.
    pub(super) cpu_ns: Option<u64>,
}

/// The series of a run, in the order of its records; none where no scenario was
/// read with two chunk sizes. Trials that the tool failed to run are left out.
pub(super) fn chunk_sizes<'a>(run: &RunView<'a>) -> Vec<Series<'a>> {
    let mut places: BTreeMap<TrialKey<'a>, usize> = BTreeMap::new();
    let mut keys: Vec<TrialKey<'a>> = Vec::new();
    let mut sizes: Vec<BTreeMap<u64, Vec<&'a Record>>> = Vec::new();
    for record in run.plain() {
        let Some(size) = record.chunk_size else {
            continue;
        };
        if record.downloads == 0 {
            continue;
        }
        let key = record.key().whatever_size();
        let place = *places.entry(key).or_insert_with(|| {
            keys.push(key);
            sizes.push(BTreeMap::new());
            keys.len() - 1
        });
        sizes[place].entry(size).or_default().push(record);
    }
    keys.into_iter()
        .zip(sizes)
        .filter(|(_, sizes)| sizes.len() > 1)
        .map(|(key, sizes)| Series {
            scenario: key.scenario,
            profile: key.profile,
            world: key.world,
            points: sizes
                .into_iter()
                .map(|(size, records)| Point::of(size, &records))
                .collect(),
        })
        .collect()
}

impl Point {
    fn of(chunk_size: u64, records: &[&Record]) -> Self {
        let typical = |figure: fn(&Record) -> Option<u64>| {
            median_of(records.iter().filter_map(|record| figure(record)))
        };
        let counted = |figure: fn(&Record) -> Option<u64>| typical(figure).unwrap_or_default();
        Self {
            chunk_size,
            trials: records.len(),
            delivered_bytes: counted(|record| Some(record.delivered_bytes)),
            transport_reads: counted(|record| Some(record.transport_reads)),
            sink_writes: counted(|record| Some(record.sink_writes)),
            chunk_bytes: counted(|record| Some(record.chunk_bytes.p50)),
            largest_chunk_bytes: counted(|record| Some(record.chunk_bytes.max)),
            peak_heap_bytes: typical(|record| record.peak_heap_bytes),
            gap_p99_ns: counted(|record| Some(record.gap_ns.p99)),
            throughput: typical(throughput),
            cpu_ns: typical(|record| real(record).and(record.cpu_ns)),
        }
    }
}

fn throughput(record: &Record) -> Option<u64> {
    real(record)?;
    let bytes = u128::from(record.delivered_bytes) * 1_000_000_000;
    let rate = bytes.checked_div(u128::from(record.elapsed_ns))?;
    u64::try_from(rate).ok()
}

/// Time and CPU of a simulation say nothing of a reader's speed.
fn real(record: &Record) -> Option<()> {
    (record.world == World::Tcp).then_some(())
}

#[cfg(test)]
mod tests {
    use super::{super::samples::no_timelines, *};
    use crate::results::{RunInfo, samples};

    fn view<'a>(info: &'a RunInfo, records: &'a [Record]) -> RunView<'a> {
        RunView {
            info,
            records,
            scenarios: &[],
            folder: None,
            timelines: no_timelines(),
            agreement: None,
            check: false,
        }
    }

    fn record(size: u64, reads: u64) -> Record {
        let mut record = samples::record("healthy", &format!("fixed-chunk-{size}"));
        record.transport_reads = reads;
        record.cpu_ns = Some(7);
        record
    }

    #[test]
    fn sizes_are_sorted_and_repetitions_are_their_median() {
        let records = [
            record(65_536, 9),
            record(8_192, 1),
            record(8_192, 5),
            record(8_192, 3),
        ];
        let info = samples::run_info();
        let [series] = &chunk_sizes(&view(&info, &records))[..] else {
            panic!("not one series");
        };
        let points: Vec<_> = series
            .points
            .iter()
            .map(|point| (point.chunk_size, point.trials, point.transport_reads))
            .collect();
        assert_eq!(points, [(8_192, 3, 3), (65_536, 1, 9)]);
        // 1 GB in 8 s.
        assert_eq!(series.points[0].throughput, Some(125_000_000));
        assert_eq!(series.points[0].cpu_ns, Some(7));
    }

    #[test]
    fn the_virtual_world_has_no_throughput_and_no_cpu_time() {
        let mut records = [record(8_192, 1), record(65_536, 1)];
        for record in &mut records {
            record.world = World::Virtual;
        }
        let info = samples::run_info();
        let series = chunk_sizes(&view(&info, &records));
        assert_eq!(series[0].points[0].throughput, None);
        assert_eq!(series[0].points[0].cpu_ns, None);
    }

    #[test]
    fn one_size_is_no_comparison_and_neither_are_two_of_different_worlds() {
        let mut other = record(65_536, 1);
        other.world = World::Virtual;
        let mut failed = record(1_048_576, 1);
        failed.downloads = 0;
        let records = [
            record(8_192, 1),
            other,
            failed,
            samples::record("healthy", "readany"),
        ];
        let info = samples::run_info();
        assert!(chunk_sizes(&view(&info, &records)).is_empty());
    }
}
