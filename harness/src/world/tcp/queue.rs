//! Runs trials side by side, up to a limit; those that measure run alone.
#![expect(
    clippy::disallowed_types,
    reason = "trials on real sockets have no order that could be kept"
)]

use std::{future::Future, io, pin::pin};

use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

use crate::{
    results::{Detail, Record},
    world::{RunEnd, RunEvent},
};

/// The channel of a trial to its run.
#[derive(Debug, Clone)]
pub(super) struct Events {
    happened: mpsc::UnboundedSender<RunEvent>,
    ending: watch::Receiver<bool>,
}

/// Tells that the run was interrupted.
#[derive(Debug)]
pub(super) struct RunEnded(watch::Receiver<bool>);

impl Events {
    /// Reports the progress of a trial.
    pub(super) fn progress(&self, index: usize, delivered_bytes: u64) {
        // The run's side of the channel lives as long as the run.
        let _ = self.happened.send(RunEvent::Progress {
            index,
            delivered_bytes,
        });
    }

    /// A way to wait for the interruption.
    pub(super) fn run_ended(&self) -> RunEnded {
        RunEnded(self.ending.clone())
    }
}

impl RunEnded {
    /// Waits until the run is interrupted, or dropped.
    pub(super) async fn wait(&mut self) {
        // An error means that the run is gone.
        let _ = self.0.wait_for(|ending| *ending).await;
    }
}

/// Runs `trials`, each with its place in the plan, at most `jobs` at a time, and
/// the `alone` ones by themselves. `start` makes the future of a trial; after an
/// interruption it returns no record, and has cleaned up. Must be called within a
/// [`tokio::task::LocalSet`].
///
/// # Errors
/// The error of `observe`.
pub(super) async fn play<T, F>(
    trials: Vec<(usize, T)>,
    jobs: usize,
    alone: impl Fn(&T) -> bool,
    start: impl Fn(usize, T, Events) -> F,
    stop: impl Future<Output = ()>,
    observe: &mut impl FnMut(RunEvent) -> io::Result<()>,
) -> io::Result<RunEnd>
where
    F: Future<Output = Option<(Record, Detail)>> + 'static,
{
    let (happened, mut happens) = mpsc::unbounded_channel();
    let (end, ending) = watch::channel(false);
    let events = Events { happened, ending };
    let mut stop = pin!(stop);
    let mut running = JoinSet::new();
    let mut waiting = trials.into_iter().peekable();
    let mut one_alone = false;
    loop {
        while let Some((_, next)) = waiting.peek() {
            let measures = alone(next);
            let room = if measures || one_alone {
                1
            } else {
                jobs.max(1)
            };
            if running.len() >= room {
                break;
            }
            let Some((index, trial)) = waiting.next() else {
                break;
            };
            one_alone = measures;
            observe(RunEvent::Started { index })?;
            let trial = start(index, trial, events.clone());
            running.spawn_local(async move { (index, trial.await) });
        }
        tokio::select! {
            biased;
            () = &mut stop => break,
            Some(event) = happens.recv() => observe(event)?,
            ended = running.join_next() => match ended {
                None => return Ok(RunEnd::Finished),
                Some(ended) => {
                    one_alone &= !running.is_empty();
                    if let (index, Some(came)) = unharmed(ended) {
                        observe(ended_with(index, came))?;
                    }
                }
            },
        }
    }
    // Nobody may be listening; then nothing is running.
    let _ = end.send(true);
    while let Some(ended) = running.join_next().await {
        // A trial that ended at this moment has its record.
        if let (index, Some(came)) = unharmed(ended) {
            observe(ended_with(index, came))?;
        }
    }
    Ok(RunEnd::Interrupted)
}

fn ended_with(index: usize, (record, detail): (Record, Detail)) -> RunEvent {
    RunEvent::Ended {
        index,
        record: Box::new(record),
        detail: Box::new(detail),
    }
}

/// A panic in a trial ends the run.
fn unharmed<T>(ended: Result<T, tokio::task::JoinError>) -> T {
    match ended {
        Ok(value) => value,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => unreachable!("no trial is cancelled while the run goes on"),
        },
    }
}
