//! The TCP world: real sockets, real clock, real processes.
//!
//! One server process for all trials, one process per trial, so that memory
//! and CPU are that trial's own. Only this process writes results. A process
//! that dies costs its trial a `tool-error`, and nothing else.

mod inside;
mod messages;
mod process;
mod server;

use std::{future::Future, io, path::PathBuf, pin::pin, rc::Rc};

use mock_server::{
    journal::{CloseReason, Event, Fact},
    scenario::Scenario,
};
use tokio::{sync::mpsc, task::JoinSet};

pub use inside::trial_process;
pub use messages::{FromTrial, TrialOrder};
pub use server::ServerError;

use super::{RunEnd, RunEvent};
use crate::{
    client::ClientReport,
    measure::Histograms,
    plan::Trial,
    results::{Detail, Record, build, timeline},
};
use server::{Servers, Told};

/// How to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The program that plays server and trials: this one.
    pub program: PathBuf,
    /// Trials at a time, where they do not measure.
    pub jobs: usize,
    /// Where sinks write their files.
    pub scratch: PathBuf,
}

/// Runs `trials`, each with its place in the plan, until done or `stop`. Must
/// be called within a [`tokio::task::LocalSet`].
///
/// # Errors
/// When the server cannot be started, or `observe` fails (it writes the
/// records).
pub async fn run(
    trials: Vec<(usize, Trial)>,
    options: &Options,
    stop: impl Future<Output = ()>,
    mut observe: impl FnMut(RunEvent) -> io::Result<()>,
) -> Result<RunEnd, ServerError> {
    if trials.is_empty() {
        return Ok(RunEnd::Finished);
    }
    let servers = Rc::new(Servers::new(options.program.clone()));
    // A server that cannot start at all is one error, not one per trial.
    servers.get().await?;
    let (events, mut happened) = mpsc::unbounded_channel();
    let mut stop = pin!(stop);
    let mut running = JoinSet::new();
    let mut waiting = trials.into_iter().peekable();
    let mut alone = false;
    let end = loop {
        while let Some((_, next)) = waiting.peek() {
            let measures = next.scenario.tcp.measure;
            let room = if measures || alone {
                1
            } else {
                options.jobs.max(1)
            };
            if running.len() >= room {
                break;
            }
            let Some((index, trial)) = waiting.next() else {
                break;
            };
            alone = measures;
            observe(RunEvent::Started { index })?;
            let (servers, options, events) = (Rc::clone(&servers), options.clone(), events.clone());
            running.spawn_local(async move {
                let (record, detail) = run_trial(&servers, &trial, &options, |delivered_bytes| {
                    // The run's end of the channel lives as long as the run.
                    let _ = events.send(RunEvent::Progress {
                        index,
                        delivered_bytes,
                    });
                })
                .await;
                RunEvent::Ended {
                    index,
                    record: Box::new(record),
                    detail: Box::new(detail),
                }
            });
        }
        tokio::select! {
            biased;
            () = &mut stop => break RunEnd::Interrupted,
            Some(event) = happened.recv() => observe(event)?,
            ended = running.join_next() => match ended {
                None => break RunEnd::Finished,
                Some(Ok(event)) => {
                    alone &= !running.is_empty();
                    observe(event)?;
                }
                Some(Err(error)) => match error.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    Err(_) => unreachable!("no trial is cancelled while the run goes on"),
                },
            },
        }
    };
    // Dropping the trials kills their processes; the server ends with its input.
    running.shutdown().await;
    servers.end().await;
    Ok(end)
}

/// One trial, from opening its listener to its record.
async fn run_trial(
    servers: &Servers,
    trial: &Trial,
    options: &Options,
    progress: impl FnMut(u64),
) -> (Record, Detail) {
    let scaled = match trial.played() {
        Ok(scaled) => scaled,
        Err(error) => {
            let record = build(trial, &trial.scenario, Err(&error.to_string()), &[]);
            return (record, Detail::default());
        }
    };
    let (report, Told { events, progress }) =
        match attempt(servers, trial, &scaled, options, progress).await {
            Ok(attempt) => attempt,
            Err(error) => (Err(error.to_string()), Told::default()),
        };
    let report = match unable(&events) {
        Some(why) => Err(why.to_owned()),
        None => report,
    };
    let record = build(
        trial,
        &scaled,
        report.as_ref().map_err(String::as_str),
        &events,
    );
    let detail = Detail {
        timeline: timeline(&scaled, report.as_ref().ok(), &events, &progress),
        histograms: report.map_or_else(|_| Histograms::default(), |report| report.histograms),
    };
    (record, detail)
}

type Attempt = (Result<ClientReport, String>, Told);

async fn attempt(
    servers: &Servers,
    trial: &Trial,
    scaled: &Scenario,
    options: &Options,
    progress: impl FnMut(u64),
) -> Result<Attempt, ServerError> {
    let (server, addr) = servers.open(&trial.id, scaled, trial.seed).await?;
    let file = scaled
        .sink
        .file
        .then(|| options.scratch.join(trial.file_name()));
    let order = TrialOrder::new(trial, scaled, addr, file);
    let report = process::run(&options.program, &order, progress).await;
    let told = server.close(&trial.id).await?;
    Ok((report, told))
}

/// What the server's platform could not do, if anything.
fn unable(events: &[Event]) -> Option<&str> {
    events.iter().find_map(|event| match &event.fact {
        Fact::Closed {
            reason: CloseReason::Unable(why),
            ..
        } => Some(why.as_str()),
        _ => None,
    })
}
