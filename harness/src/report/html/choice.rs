//! Chooses the trials of a scenario to draw, if there are many.

use shortread_server::scenario::StrategyName;

use crate::{
    report::{
        RunView,
        rows::{Row, Story},
    },
    results::Record,
};

/// The most trials in a picture, or in small.
const MOST: usize = 13;

/// The worst of a story: of those that ended as it is told, the one that
/// delivered least. Curves tell most of what streams: `read()` hands over
/// nothing before its end.
pub(super) fn telling<'a>(story: &Story<'a>, run: &RunView<'_>) -> &'a Record {
    let worst = || {
        let rows = story.rows.iter().filter(|row| row.group() == story.group);
        rows.flat_map(|row| row.records.iter().copied())
    };
    let streams = |record: &&Record| !record.strategy.is_some_and(StrategyName::hands_over_at_end);
    let known = |record: &&Record| run.timelines.contains_key(&record.id);
    // Differences below a hundredth of the object count as none.
    let share = |record: &&Record| {
        let hundred = u128::from(record.delivered_bytes) * 100;
        hundred / u128::from(record.expected_bytes.max(1))
    };
    let both = worst().filter(|record| streams(record) && known(record));
    both.min_by_key(share)
        .or_else(|| worst().find(known))
        .or_else(|| worst().find(streams))
        .unwrap_or(story.rows[0].records[0])
}

/// All trials of a story, worst row first, in the order of the run within one.
pub(super) fn worst_first<'a>(story: &Story<'a>) -> Vec<&'a Record> {
    let mut rows: Vec<&Row<'a>> = story.rows.iter().collect();
    rows.sort_by_key(|row| row.group());
    let records = rows.into_iter().flat_map(|row| row.records.iter().copied());
    records.collect()
}

/// Those that there is room for, in the same order: `first`, then one of each
/// row in turn, so that what differs is seen before what is alike.
pub(super) fn shown<'a>(story: &Story<'a>, first: &'a Record) -> Vec<&'a Record> {
    let mut all = worst_first(story);
    let deepest = story.rows.iter().map(|row| row.records.len()).max();
    let turns = (0..deepest.unwrap_or_default()).flat_map(|turn| {
        let rows = story.rows.iter();
        rows.filter_map(move |row| row.records.get(turn).copied())
    });
    let mut chosen = vec![&first.id];
    chosen.extend(turns.map(|record| &record.id).filter(|id| **id != first.id));
    chosen.truncate(MOST);
    all.retain(|record| chosen.contains(&&record.id));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        report::{
            rows::{Sharing, stories},
            samples,
        },
        results::samples::{record, run_info},
    };

    /// A trial that delivered `bytes` of 1000.
    fn with_bytes(chunk_size: u64, bytes: u64) -> Record {
        let mut record = record("fin", "fixed-chunk");
        record.id = format!("fin/fixed-chunk-{chunk_size}");
        record.chunk_size = Some(chunk_size);
        record.expected_bytes = 1000;
        record.delivered_bytes = bytes;
        record
    }

    fn with_story(records: &[Record], check: impl Fn(&RunView<'_>, &Story<'_>)) {
        let info = run_info();
        let timelines = samples::timelines(records);
        let run = RunView {
            info: &info,
            records,
            scenarios: &[],
            folder: None,
            timelines: &timelines,
            agreement: None,
            check: false,
        };
        let stories = stories(&run, Sharing::SameBytes);
        assert_eq!(stories.len(), 1);
        check(&run, &stories[0]);
    }

    #[test]
    fn the_one_that_delivered_least_is_told() {
        let records = [
            with_bytes(1, 990),
            with_bytes(2, 400),
            with_bytes(3, 401),
            with_bytes(4, 700),
        ];
        with_story(&records, |run, story| {
            // Within a hundredth of the object the first one is as good.
            assert_eq!(telling(story, run).id, "fin/fixed-chunk-2");
        });
    }

    #[test]
    fn read_is_told_only_where_nothing_else_is_known() {
        let mut whole = with_bytes(1, 0);
        whole.strategy = Some(StrategyName::ReadAll);
        let records = [whole.clone(), with_bytes(2, 400)];
        with_story(&records, |run, story| {
            assert_eq!(telling(story, run).id, "fin/fixed-chunk-2");
        });
        with_story(&[whole], |run, story| {
            assert_eq!(telling(story, run).id, "fin/fixed-chunk-1");
        });
    }

    #[test]
    fn what_differs_is_shown_before_what_is_alike() {
        let mut records: Vec<Record> = (0..20).map(|size| with_bytes(size, 990)).collect();
        records.extend([with_bytes(20, 500), with_bytes(21, 100)]);
        with_story(&records, |run, story| {
            let shown = shown(story, telling(story, run));
            let of = |bytes| shown.iter().filter(|r| r.delivered_bytes == bytes).count();
            assert_eq!((of(990), of(500), of(100)), (MOST - 2, 1, 1));
        });
    }
}
