//! The pictures, one file each.

mod attempts;
mod ceiling;
mod chunks;
mod gaps;
mod memory;
mod small;
mod timeline;
mod waited;

use shortread_server::units::ByteSize;

use super::draw::{Scale, path};
use crate::results::Timeline;

pub(super) use ceiling::ceiling;
pub(super) use chunks::{ChunkPanel, panels};
pub(super) use gaps::gaps;
pub(super) use memory::memory;
pub(super) use small::small;
pub(super) use timeline::timeline;

/// A picture with what it shows, in words and figures.
#[derive(Debug)]
pub(super) struct Picture {
    /// Inline SVG.
    pub(super) svg: String,
    /// Below it.
    pub(super) caption: String,
}

/// The scales that the pictures of one scenario share, so that they can be
/// compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    /// The longest of its trials.
    pub(super) span_ns: u64,
    /// The object, or what was sent or delivered beyond it.
    pub(super) most_bytes: u64,
    /// The object.
    pub(super) expected_bytes: u64,
    /// True if it is sent compressed.
    pub(super) coded: bool,
}

fn bytes(bytes: u64) -> String {
    ByteSize(bytes).human()
}

/// The distance between two samples of a trial, in the pixels of `x`, if nothing
/// changed between them. The buckets of a series are no wider than a 32nd, and
/// both ends of longer gaps are kept ([`shortread_server::sampler`]); each change is
/// sampled.
fn gap(x: &Scale, timeline: &Timeline) -> f64 {
    let client = timeline.client.last().map(|sample| sample.at_ns);
    let server = timeline.server.last().map(|sample| sample.at_ns);
    let span = client.max(server).unwrap_or_default();
    x.at(span as f64 / 32.0) - x.at(0.0)
}

/// A line through samples of what grows at once, and not over a gap.
fn held(points: Vec<(f64, f64)>, gap: f64) -> String {
    path::line(&corners(points, |wide, _, _| wide > gap))
}

/// The points with a corner where one `stayed` what it was until the next: it is
/// asked of the pixels between the two, and of both.
fn corners<T: Copy>(
    points: impl IntoIterator<Item = (f64, T)>,
    stayed: impl Fn(f64, &T, &T) -> bool,
) -> Vec<(f64, T)> {
    let mut kept: Vec<(f64, T)> = Vec::new();
    for (x, value) in points {
        if let Some((before, level)) = kept.last().copied()
            && before < x
            && stayed(x - before, &level, &value)
        {
            kept.push((x, level));
        }
        kept.push((x, value));
    }
    kept
}

/// The width in pixels that several samples share.
const BIN: f64 = 1.5;

/// Samples by place: of each [`BIN`] the one of the largest `size`, and the last
/// if nothing is known of the next.
/// If the next sample is smaller, or more than `gap` pixels away, the earlier value
/// is drawn up to it.
fn fullest<T: Copy>(
    samples: impl Iterator<Item = (f64, T)>,
    gap: f64,
    size: impl Fn(&T) -> u64,
) -> Vec<(f64, T)> {
    let bin = |x: f64| (x / BIN).floor();
    let mut bins: Vec<[(f64, T); 2]> = Vec::new();
    for sample in samples {
        match bins.last_mut() {
            Some([fullest, last]) if bin(last.0) == bin(sample.0) => {
                if size(&sample.1) > size(&fullest.1) {
                    *fullest = sample;
                }
                *last = sample;
            }
            _ => bins.push([sample; 2]),
        }
    }
    let next = bins.iter().skip(1).map(|[first, _]| Some(bin(first.0)));
    let next: Vec<Option<f64>> = next.chain([None]).collect();
    let drawn = bins
        .into_iter()
        .zip(next)
        .flat_map(|([fullest, last], next)| {
            let alone = next.is_none_or(|next| next > bin(last.0) + 2.0);
            [Some(fullest), alone.then_some(last)]
        });
    corners(drawn.flatten(), |wide, before, now| {
        size(now) < size(before) || wide > gap
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_samples_that_share_a_place_the_fullest_is_drawn_and_before_a_gap_the_last() {
        let samples = [(0.1, 5), (0.2, 9), (0.2, 1), (2.0, 3), (9.0, 0), (9.1, 0)];
        let kept = fullest(samples.into_iter(), 100.0, |size| *size);
        // A value that is less a moment later was there until then.
        let drawn = [
            (0.2, 9),
            (2.0, 9),
            (2.0, 3),
            (2.0, 3),
            (9.0, 3),
            (9.0, 0),
            (9.1, 0),
        ];
        assert_eq!(kept, drawn);
    }

    #[test]
    fn nothing_grows_over_a_gap() {
        let samples = [(0.0, 1), (4.0, 2), (20.0, 9)];
        let kept = fullest(samples.into_iter(), 8.0, |size| *size);
        let mut corners = kept;
        corners.dedup();
        assert_eq!(corners, [(0.0, 1), (4.0, 2), (20.0, 2), (20.0, 9)]);
        let line = held(vec![(0.0, 9.0), (4.0, 8.0), (20.0, 1.0)], 8.0);
        assert_eq!(line, "M0 9l4 -1h16v-7");
    }
}
