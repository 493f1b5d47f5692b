//! Large runs: a report of four times the trials takes four times the work and a
//! little more, in every format, and so does comparing them.

use std::path::Path;

use rustix::time::{ClockId, clock_gettime};
use shortread::{
    compare::{compare, report},
    report::{Format, RunView, Terminal},
    results::agree::Agreement,
    results::{Record, StoredRun},
};
use shortread_server::scenario::World;

use super::results;

/// A run of the reference's first trials, each repeated in both worlds; every
/// second one is unexpected, and each delivers some other bytes.
fn repeated(times: u32) -> StoredRun {
    let reference = results().join("reference-v1");
    let mut run = StoredRun::open(&reference, Path::new("elsewhere")).unwrap();
    let first: Vec<Record> = run.records.drain(..3.min(run.records.len())).collect();
    run.records.clear();
    for world in [World::Virtual, World::Tcp] {
        for (of, repetition) in first
            .iter()
            .flat_map(|of| (1..=times).map(move |n| (of, n)))
        {
            let mut record = of.clone();
            record.id = format!("{}/{world}/{repetition}", of.trial());
            (record.world, record.repetition) = (world, repetition);
            record.seed = repetition.into();
            record.delivered_bytes = of.expected_bytes / 100 * u64::from(repetition * 37 % 100);
            record.elapsed_ns += u64::from(repetition * 7919 % 1000);
            if repetition % 2 == 0 {
                record.as_expected = Some(false);
                record.difference = Some(format!("it differs in {}", repetition % 7));
            }
            run.records.push(record);
        }
    }
    run
}

/// CPU time of this thread while `work` runs, in seconds, without that of other
/// programs on the machine.
fn work(work: impl FnOnce()) -> f64 {
    let now = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
    };
    let start = now();
    work();
    now() - start
}

/// Work of four times the trials is at most so many times as much: 4 where it
/// is linear, some 5 with sorting, and 16 where trials are compared in pairs.
const MOST: f64 = 9.0;

/// The growth of the work of `told` from `few` repetitions to four times as many,
/// by the least of three runs, since the first one has cold caches.
fn grows(few: u32, told: impl Fn(&StoredRun)) -> f64 {
    let least = |times| {
        let run = repeated(times);
        let takes = (0..3).map(|_| work(|| told(&run)));
        takes.fold(f64::INFINITY, f64::min)
    };
    least(4 * few) / least(few)
}

#[test]
fn four_times_the_trials_are_no_more_than_some_times_the_work_to_tell() {
    for format in Format::ALL {
        let growth = grows(250, |run| {
            let agreement = Agreement::of(&run.records);
            let view = RunView::of(run, agreement.as_ref());
            let exporter = format.exporter(Terminal::new(true));
            exporter.export(&view, &mut Vec::new()).unwrap();
        });
        assert!(growth < MOST, "{}: {growth}", format.word());
    }
}

#[test]
fn four_times_the_trials_are_no_more_than_some_times_the_work_to_compare() {
    let growth = grows(250, |run| {
        let comparison = compare(run, run).unwrap();
        assert!(!report::text(&comparison).is_empty());
    });
    assert!(growth < MOST, "{growth}");
}
