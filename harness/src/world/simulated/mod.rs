//! The virtual world: an in-memory connection on a simulated clock. A trial is
//! one thread, one runtime and no real time; the same seed gives the same
//! record, byte for byte.
//!
//! Trials spread over threads. Their records come in the plan's order, however
//! many threads there are.

mod trial;

use std::{
    collections::BTreeMap,
    future::Future,
    io,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use tokio::sync::mpsc;

pub use trial::run_trial;

use super::{RunEnd, RunEvent};
use crate::plan::Trial;

/// Runs `trials`, each with its place in the plan, on `threads` threads, until
/// done or `stop`.
///
/// # Errors
/// What `observe` fails with.
pub async fn run(
    trials: Vec<(usize, Trial)>,
    threads: usize,
    stop: impl Future<Output = ()>,
    mut observe: impl FnMut(RunEvent) -> io::Result<()>,
) -> io::Result<RunEnd> {
    let order: Vec<usize> = trials.iter().map(|(index, _)| *index).collect();
    let trials = Arc::new(trials);
    let next = Arc::new(AtomicUsize::new(0));
    let (send, mut receive) = mpsc::unbounded_channel();
    for _ in 0..threads.clamp(1, trials.len().max(1)) {
        let (trials, next, send) = (Arc::clone(&trials), Arc::clone(&next), send.clone());
        thread::Builder::new()
            .name("trials".into())
            .spawn(move || {
                // A run that was interrupted listens no more.
                while let Some((index, trial)) = trials.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if send.send(RunEvent::Started { index: *index }).is_err() {
                        break;
                    }
                    let record = Box::new(run_trial(trial));
                    if send
                        .send(RunEvent::Ended {
                            index: *index,
                            record,
                        })
                        .is_err()
                    {
                        break;
                    }
                }
            })?;
    }
    drop(send);
    let mut stop = pin!(stop);
    let mut early = BTreeMap::new();
    let mut due = order.iter().copied().peekable();
    loop {
        let event = tokio::select! {
            biased;
            () = &mut stop => return Ok(RunEnd::Interrupted),
            event = receive.recv() => event,
        };
        match event {
            None => return Ok(RunEnd::Finished),
            Some(RunEvent::Ended { index, record }) => {
                early.insert(index, record);
                while let Some(index) = due.next_if(|index| early.contains_key(index)) {
                    if let Some(record) = early.remove(&index) {
                        observe(RunEvent::Ended { index, record })?;
                    }
                }
            }
            Some(other) => observe(other)?,
        }
    }
}
