//! The sums of the pacing bench: the difference of the arrived bytes from the
//! promised rate, and their evenness.

use std::time::Duration;

use shortread_server::units::Rate;

/// The window in which evenness is counted.
pub const WINDOW: Duration = Duration::from_millis(100);

/// Folds the reads of one response. Every time is counted from the moment just
/// before the request was written, every byte from the first of the response:
/// a burst at the start shows as bytes ahead of the rate, a late start as bytes
/// behind it.
#[derive(Debug, Clone)]
pub struct Tally {
    rate: Rate,
    length: Duration,
    bytes: u64,
    last: Duration,
    windows: Vec<u64>,
    ahead: i128,
    behind: Duration,
    reads: u64,
}

impl Tally {
    /// Nothing has arrived of a response at `rate`; it is watched for `length`.
    pub fn new(rate: Rate, length: Duration) -> Self {
        let windows = length.as_nanos() / WINDOW.as_nanos();
        Self {
            rate,
            length,
            bytes: 0,
            last: Duration::ZERO,
            windows: vec![0; usize::try_from(windows).unwrap_or(0)],
            ahead: i128::MIN,
            behind: Duration::ZERO,
            reads: 0,
        }
    }

    /// `bytes` more were there at `time`; `false` once the watch is over.
    pub fn read(&mut self, time: Duration, bytes: usize) -> bool {
        let owed = self.rate.time_for(self.bytes.saturating_add(1));
        self.behind = self.behind.max(time.saturating_sub(owed));
        self.bytes = self.bytes.saturating_add(bytes as u64);
        self.last = time;
        self.reads += 1;
        self.ahead = self
            .ahead
            .max(i128::from(self.bytes) - i128::from(self.rate.bytes_in(time)));
        let window = usize::try_from(time.as_nanos() / WINDOW.as_nanos()).unwrap_or(usize::MAX);
        if let Some(sum) = self.windows.get_mut(window) {
            *sum += bytes as u64;
        }
        time < self.length
    }

    /// Bytes that arrived up to the last read and what the rate gives in the
    /// same time, as their ratio less one.
    ///
    /// The clock stops at an arrival, not between two of them. A segment
    /// arrives when the link has passed its last byte, so at that moment
    /// whatever the rate gives is there, down to the byte, and no segment under
    /// way is left out of the count.
    pub fn mean_error(&self) -> f64 {
        let promised = self.rate.get() as f64 * self.last.as_secs_f64();
        self.bytes as f64 / promised - 1.0
    }

    /// The standard deviation of the bytes in each [`WINDOW`] over their mean;
    /// `None` for fewer than two windows.
    pub fn variation(&self) -> Option<f64> {
        let count = self.windows.len() as f64;
        let mean = self.windows.iter().sum::<u64>() as f64 / count;
        let squares = self
            .windows
            .iter()
            .map(|bytes| (*bytes as f64 - mean).powi(2))
            .sum::<f64>();
        (self.windows.len() > 1).then(|| (squares / (count - 1.0)).sqrt() / mean)
    }

    /// The most bytes that were there before the rate allows them, over all
    /// reads; 0 or less where none ever was.
    pub fn most_ahead(&self) -> i128 {
        self.ahead
    }

    /// The longest time by which the next byte was overdue when a read
    /// brought it.
    pub fn most_behind(&self) -> Duration {
        self.behind
    }

    /// Reads that brought something.
    pub fn reads(&self) -> u64 {
        self.reads
    }

    /// The time of the last read.
    pub fn last(&self) -> Duration {
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn millis(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    /// 1 kB/s in segments of 5 B, each when its last byte has passed.
    fn even(burst: usize, late: Duration) -> Tally {
        let mut tally = Tally::new(Rate::per_second(1_000).unwrap(), SECOND);
        let mut n = 0;
        if burst > 0 {
            tally.read(Duration::ZERO, burst);
        }
        loop {
            n += 5;
            if !tally.read(millis(n) + late, 5) {
                return tally;
            }
        }
    }

    #[test]
    fn whole_segments_on_time_are_no_error() {
        let tally = even(0, Duration::ZERO);
        assert_eq!(tally.mean_error(), 0.0);
        assert_eq!(tally.most_ahead(), 0);
        // The first of a segment's bytes waits for the other four.
        assert_eq!(tally.most_behind(), millis(4));
        assert_eq!(tally.last(), SECOND);
        assert_eq!(tally.reads(), 200);
    }

    #[test]
    fn a_burst_at_the_start_is_an_error_and_ahead_of_the_rate() {
        let tally = even(100, Duration::ZERO);
        assert!((tally.mean_error() - 0.1).abs() < 1e-9);
        assert_eq!(tally.most_ahead(), 100);
    }

    #[test]
    fn a_late_start_is_an_error_and_behind_the_rate() {
        let tally = even(0, millis(100));
        // 0.9 kB in the second that is watched.
        assert!((tally.mean_error() + 0.1).abs() < 1e-9);
        assert_eq!(tally.most_ahead(), -100);
        assert_eq!(tally.most_behind(), millis(104));
    }

    #[test]
    fn the_variation_is_that_of_the_windows() {
        let mut tally = Tally::new(Rate::per_second(1_000).unwrap(), millis(200));
        tally.read(millis(50), 50);
        tally.read(millis(150), 150);
        // Mean 100, deviations of 50: sqrt(5000 / 1) / 100.
        assert!((tally.variation().unwrap() - 0.5_f64.sqrt()).abs() < 1e-9);
        assert_eq!(
            Tally::new(Rate::per_second(1).unwrap(), WINDOW).variation(),
            None
        );
    }
}
