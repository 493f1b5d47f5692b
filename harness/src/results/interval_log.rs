//! HdrHistogram's interval logs: a file for each quantity of a run, and a line
//! for each trial, named by its tag.

use std::{
    io,
    time::{Duration, UNIX_EPOCH},
};

use hdrhistogram::{
    Histogram,
    serialization::{
        V2DeflateSerializer,
        interval_log::{IntervalLogWriterBuilder, IntervalLogWriterError, Tag},
    },
};

use crate::measure::Histograms;

/// A quantity that is logged, by the name of its file.
type Log = (&'static str, fn(&Histograms) -> &Histogram<u64>);

/// Every file.
pub(super) const LOGS: [Log; 3] = [
    ("gap_ns.hlog", |all| &all.gap_ns),
    ("read_call_ns.hlog", |all| &all.read_call_ns),
    ("chunk_bytes.hlog", |all| &all.chunk_bytes),
];

/// As the tools of HdrHistogram write it, quotes and all.
const LEGEND: &str =
    "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n";

/// The head of a log. A line counts from its trial's start of connect, so the
/// log's zero is no time of day, and two runs of one seed write the same.
///
/// # Errors
/// None that memory does not make.
pub(super) fn head() -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    IntervalLogWriterBuilder::new()
        .add_comment("[Histogram log format version 1.3]")
        .with_start_time(UNIX_EPOCH)
        .with_base_time(UNIX_EPOCH)
        .begin_log_with(&mut text, &mut V2DeflateSerializer::new())?;
    text.extend_from_slice(LEGEND.as_bytes());
    Ok(text)
}

/// The line of the trial `id`, which lasted `elapsed`.
///
/// # Errors
/// A histogram that cannot be written down, which none of [`Histograms`] is.
pub(super) fn line(id: &str, elapsed: Duration, histogram: &Histogram<u64>) -> io::Result<Vec<u8>> {
    let tag = tag(id);
    let (mut text, mut serializer) = (Vec::new(), V2DeflateSerializer::new());
    IntervalLogWriterBuilder::new()
        .begin_log_with(&mut text, &mut serializer)?
        .write_histogram(histogram, Duration::ZERO, elapsed, Tag::new(&tag))
        .map_err(|error| match error {
            IntervalLogWriterError::IoError(error) => error,
            IntervalLogWriterError::SerializeError(error) => io::Error::other(error),
        })?;
    Ok(text)
}

/// A tag ends at a comma, a space or the line's end; `_` stands for those.
fn tag(id: &str) -> String {
    let safe = |c: char| match c == ',' || c.is_whitespace() || c.is_control() {
        true => '_',
        false => c,
    };
    id.chars().map(safe).collect()
}

#[cfg(test)]
mod tests {
    use hdrhistogram::serialization::{
        Deserializer,
        interval_log::{IntervalLogIterator, LogEntry},
    };

    use super::*;
    use crate::measure::Recorder;

    #[test]
    fn a_log_is_read_back_by_its_tags() {
        let mut recorder = Recorder::nanoseconds();
        for value in [5, 1_000, 2_000_000] {
            recorder.record(value);
        }
        let mut log = head().unwrap();
        let elapsed = Duration::from_millis(1_500);
        for id in ["a/readany/aiohttp-3.14.5/virtual/1", "b, with spaces"] {
            log.extend(line(id, elapsed, recorder.histogram()).unwrap());
        }
        let text = String::from_utf8(log.clone()).unwrap();
        let heads: Vec<&str> = text.lines().take(4).collect();
        assert_eq!(
            heads,
            [
                "#[Histogram log format version 1.3]",
                "#[StartTime: 0.000 (seconds since epoch)]",
                "#[BaseTime: 0.000 (seconds since epoch)]",
                LEGEND.trim_end()
            ]
        );
        // The legend is for the tools of other languages; this reader knows none.
        let lines = text.replace(LEGEND, "");
        let entries: Vec<_> = IntervalLogIterator::new(lines.as_bytes())
            .filter_map(|entry| match entry.unwrap() {
                LogEntry::Interval(interval) => Some(interval),
                _ => None,
            })
            .collect();
        let tags: Vec<_> = entries
            .iter()
            .map(|one| one.tag().unwrap().as_str())
            .collect();
        assert_eq!(
            tags,
            ["a/readany/aiohttp-3.14.5/virtual/1", "b__with_spaces"]
        );
        assert_eq!(entries[0].duration(), elapsed);
        let bytes = base64::Engine::decode(
            &base64::prelude::BASE64_STANDARD,
            entries[0].encoded_histogram(),
        )
        .unwrap();
        let read: Histogram<u64> = Deserializer::new()
            .deserialize(&mut bytes.as_slice())
            .unwrap();
        assert_eq!(read, *recorder.histogram());
    }
}
