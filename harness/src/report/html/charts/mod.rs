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

/// At most one decimal of a pixel is seen; this is the width that several
/// samples share, of which the fullest is drawn.
const BIN: f64 = 1.5;

/// Samples by place, of each [`BIN`] the one of the largest `size`, in order.
fn fullest<T: Copy>(
    samples: impl Iterator<Item = (f64, T)>,
    size: impl Fn(&T) -> u64,
) -> Vec<(f64, T)> {
    let mut kept: Vec<(f64, T)> = Vec::new();
    for (x, sample) in samples {
        match kept.last_mut() {
            Some((last, other)) if (*last / BIN).floor() == (x / BIN).floor() => {
                if size(&sample) > size(other) {
                    (*last, *other) = (x, sample);
                }
            }
            _ => kept.push((x, sample)),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_samples_that_share_a_place_the_fullest_is_drawn() {
        let samples = [(0.1, 5), (0.2, 9), (0.3, 1), (2.0, 3)];
        let kept = fullest(samples.into_iter(), |size| *size);
        assert_eq!(kept, [(0.2, 9), (2.0, 3)]);
    }
}
