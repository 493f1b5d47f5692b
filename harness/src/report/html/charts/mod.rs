//! The pictures, one file each.

mod ceiling;
mod chunks;
mod gaps;
mod memory;
mod small;
mod timeline;

use std::time::Duration;

use mock_server::units::{ByteSize, human_duration};

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

/// What the pictures of one scenario share, so that they can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    /// The longest of its trials.
    pub(super) span_ns: u64,
    /// The object, or what was sent or delivered beyond it.
    pub(super) most_bytes: u64,
    /// The object.
    pub(super) expected_bytes: u64,
}

fn bytes(bytes: u64) -> String {
    ByteSize(bytes).human()
}

fn time(ns: u64) -> String {
    human_duration(Duration::from_nanos(ns))
}

/// The width in pixels that several samples share.
const BIN: f64 = 1.5;

/// Samples by place, of each [`BIN`] the one of the largest `size`, and the last
/// where nothing is known of the next.
/// What was looked at again only when it was less had been there until then.
fn fullest<T: Copy>(
    samples: impl Iterator<Item = (f64, T)>,
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
    let mut kept: Vec<(f64, T)> = Vec::new();
    for (x, sample) in drawn.flatten() {
        if let Some((before, value)) = kept.last().copied()
            && size(&sample) < size(&value)
            && before < x
        {
            kept.push((x, value));
        }
        kept.push((x, sample));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_samples_that_share_a_place_the_fullest_is_drawn_and_before_a_gap_the_last() {
        let samples = [(0.1, 5), (0.2, 9), (0.2, 1), (2.0, 3), (9.0, 0), (9.1, 0)];
        let kept = fullest(samples.into_iter(), |size| *size);
        // What is less a moment later had been there until then.
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
}
