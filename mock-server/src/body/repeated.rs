//! A pattern that compresses: each block of the template stands there several
//! times before the next one comes.

use std::ops::RangeInclusive;

use super::template::{self, PERIOD};

/// Bytes that are repeated: less than the smallest window of any coder, and more
/// than a coder needs to say that they come again.
pub(super) const BLOCK: u64 = 64;

/// The number that times 64 is 1 more than a multiple of [`PERIOD`]: it leads from
/// a place of the template to the number of the block that starts there.
const INVERSE: u64 = 704_510;
const _: () = assert!(BLOCK * INVERSE % PERIOD == 1);

/// The place in the template of the byte at `offset`, and how many bytes from there
/// on stand together.
pub(super) fn place(offset: u64, ratio: u64) -> (u64, usize) {
    let (run, within) = (offset / (BLOCK * ratio), offset % BLOCK);
    // Of the block that far; the sum is small enough for any offset.
    let at = (run % PERIOD * BLOCK + within) % PERIOD;
    (at, (BLOCK - within) as usize)
}

/// The offset nearest to `expected`, of those whose bytes are `window` and that are
/// at most `last`.
///
/// The template begins `shift` bytes later, as that of another version does.
pub(super) fn nearest(
    window: &[u8],
    ratio: u64,
    shift: u64,
    expected: u64,
    last: u64,
) -> Option<u64> {
    let mut best: Option<u64> = None;
    each_place(window, |block, within, repetitions| {
        let block = (block + PERIOD - shift) % PERIOD;
        let found = within_runs(block, within, repetitions, ratio, expected, last);
        let distance = |at: u64| at.abs_diff(expected);
        best = match (best, found) {
            (Some(old), Some(new)) if distance(old) <= distance(new) => Some(old),
            (old, new) => new.or(old),
        };
    });
    best
}

/// Which of the repetitions of a block a window can begin in.
#[derive(Clone, Copy, PartialEq)]
enum Repetitions {
    Any,
    ButTheLast,
    TheLast,
}

/// Tells each block (by its start in the template), place in it and repetitions at
/// which `window` stands.
fn each_place(window: &[u8], mut found: impl FnMut(u64, u64, Repetitions)) {
    let len = window.len() as u64;
    let size = PERIOD as usize;
    let bytes = template::twice();
    // As in the template: within a block, or from the last repetition into the next
    // block.
    let whole = bytes[..size + window.len() - 1].windows(window.len());
    for at in whole
        .enumerate()
        .filter(|(_, b)| *b == window)
        .map(|(at, _)| at as u64)
    {
        for within in 0..BLOCK {
            let repetitions = match within + len <= BLOCK {
                true => Repetitions::Any,
                false => Repetitions::TheLast,
            };
            found((at + PERIOD - within) % PERIOD, within, repetitions);
        }
    }
    // From the end of a block to its own start.
    for block in 0..size {
        let Some(ends) = window.iter().position(|byte| *byte == bytes[block]) else {
            continue;
        };
        for before in ends.max(1)..window.len() {
            let (end, start) = window.split_at(before);
            let from = block + BLOCK as usize - before;
            if bytes[block..].starts_with(start) && bytes[from..].starts_with(end) {
                let within = BLOCK - before as u64;
                found(block as u64, within, Repetitions::ButTheLast);
            }
        }
    }
}

/// The offset nearest to `expected` at which the block that starts at `block` of the
/// template stands, `within` it.
fn within_runs(
    block: u64,
    within: u64,
    repetitions: Repetitions,
    ratio: u64,
    expected: u64,
    last: u64,
) -> Option<u64> {
    let allowed: RangeInclusive<u64> = match repetitions {
        Repetitions::Any => 0..=ratio - 1,
        Repetitions::ButTheLast => 0..=ratio.checked_sub(2)?,
        Repetitions::TheLast => ratio - 1..=ratio - 1,
    };
    let run_bytes = BLOCK * ratio;
    let first_run = block * INVERSE % PERIOD;
    // The run nearest to the expected one, and its neighbours.
    let around = (expected / run_bytes).saturating_sub(first_run) / PERIOD;
    let runs = (around.saturating_sub(1)..=around + 1).map(|n| first_run + n * PERIOD);
    runs.filter_map(|run| {
        let start = run.checked_mul(run_bytes)?.checked_add(within)?;
        let most = (last.checked_sub(start)? / BLOCK).min(*allowed.end());
        let wanted = (expected.saturating_sub(start) + BLOCK / 2) / BLOCK;
        let repetition = wanted.clamp(*allowed.start(), most.max(*allowed.start()));
        let at = start.checked_add(repetition * BLOCK)?;
        (at <= last).then_some(at)
    })
    .min_by_key(|at| at.abs_diff(expected))
}
