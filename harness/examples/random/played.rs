//! Cases played in memory, many at a time.

use std::{future::Future, io, time::Duration};

use shortread::{
    plan::Trial,
    results::{Detail, Record},
    world::{RunEvent, simulated},
};
use shortread_server::{clock::Clock, scenario::World};

use crate::case::Case;

/// The result of a trial: its record, and everything kept of it as text.
#[derive(Debug, Clone)]
pub(crate) struct Played {
    pub(crate) record: Record,
    pub(crate) detail: Detail,
    /// The record, the timeline and the histograms, a line each.
    pub(crate) text: String,
}

impl Played {
    pub(crate) fn new(record: Record, detail: Detail) -> Self {
        let lines = [
            serde_json::to_string(&record),
            serde_json::to_string(&detail.timeline),
            serde_json::to_string(&detail.histograms),
        ];
        let lines = lines.map(|line| line.unwrap_or_else(|error| error.to_string()));
        Self {
            record,
            detail,
            text: lines.join("\n"),
        }
    }
}

/// Plays each case once on `threads` threads; `None` for one that has not come
/// to its end within `patience` of real time.
pub(crate) fn in_memory(
    cases: &[&Case],
    scaled: bool,
    threads: usize,
    patience: Duration,
) -> io::Result<Vec<Option<Played>>> {
    let trials = numbered(cases, World::Virtual, scaled)?;
    let mut played: Vec<Option<Played>> = vec![None; cases.len()];
    let observe = |event| {
        keep(&mut played, event);
        Ok(())
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    runtime.block_on(async {
        let clock = Clock::real();
        simulated::run(trials, threads, clock.sleep(patience), observe).await
    })?;
    Ok(played)
}

/// Plays each case twice: in this order, and in the other one on another number
/// of threads.
pub(crate) fn twice(
    cases: &[&Case],
    threads: usize,
    patience: Duration,
) -> io::Result<Vec<[Option<Played>; 2]>> {
    let first = in_memory(cases, false, threads, patience)?;
    let reversed: Vec<&Case> = cases.iter().rev().copied().collect();
    let second = in_memory(&reversed, false, threads + 1, patience)?;
    let pairs = first.into_iter().zip(second.into_iter().rev());
    Ok(pairs.map(|(first, second)| [first, second]).collect())
}

/// The first difference of two texts, with the text around it.
pub(crate) fn parting(first: &str, second: &str) -> Option<String> {
    let at = first
        .bytes()
        .zip(second.bytes())
        .position(|(a, b)| a != b)
        .or_else(|| (first.len() != second.len()).then_some(first.len().min(second.len())))?;
    let around = |text: &str| {
        let (from, to) = (at.saturating_sub(100), at + 60);
        let bytes = text.as_bytes();
        String::from_utf8_lossy(&bytes[from.min(bytes.len())..to.min(bytes.len())]).into_owned()
    };
    Some(format!(
        "...{}...\n  ...{}...",
        around(first),
        around(second)
    ))
}

/// Waits for `work` on a runtime with sockets.
pub(crate) fn with_sockets<T>(work: impl Future<Output = T>) -> io::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    Ok(tokio::task::LocalSet::new().block_on(&runtime, work))
}

/// The trials of `cases` in one world, each with its place among them.
pub(crate) fn numbered(
    cases: &[&Case],
    world: World,
    scaled: bool,
) -> io::Result<Vec<(usize, Trial)>> {
    let numbered = cases.iter().enumerate();
    numbered
        .map(|(place, case)| Ok((place, case.trial(world, scaled)?)))
        .collect()
}

/// Keeps what came of a trial in its place.
pub(crate) fn keep(played: &mut [Option<Played>], event: RunEvent) {
    if let RunEvent::Ended {
        index,
        record,
        detail,
    } = event
    {
        played[index] = Some(Played::new(*record, *detail));
    }
}
