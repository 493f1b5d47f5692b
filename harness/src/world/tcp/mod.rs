//! The TCP world: real sockets, real clock, real processes.
//!
//! There is one server process for all trials, and one process per trial, so that
//! memory and CPU are the trial's own. Only this process writes results. If a
//! process dies, its trial becomes a `tool-error`, and nothing else is lost.

mod clients;
mod family;
mod inside;
mod keeper;
mod mapped;
mod messages;
mod process;
mod queue;
mod server;
mod tail;

use std::{future::Future, io, path::PathBuf, rc::Rc};

pub use clients::run_clients;
pub use inside::trial_process;
pub use keeper::keeper_process;
pub use messages::{ClientOrder, FromKeeper, FromTrial, TrialOrder};
pub use server::ServerError;
use shortread_server::{
    journal::{CloseReason, Event, Fact},
    scenario::Scenario,
};

use super::{RunEnd, RunEvent};
use crate::{
    client::ClientReport,
    measure::Histograms,
    plan::Trial,
    results::{Detail, Record, build, timeline},
};
use queue::Events;
use server::{ServerAccount, Servers};

/// The options of a run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The program for server and trials, which is this one.
    pub program: PathBuf,
    /// Trials at a time, if they do not measure.
    pub jobs: usize,
    /// The folder for the files of sinks.
    pub scratch: PathBuf,
    /// The folder for what is downloaded, if it is to be saved.
    pub save: Option<PathBuf>,
}

/// Runs `trials`, each with its place in the plan, until they end or `stop` does.
/// Must be called within a [`tokio::task::LocalSet`].
///
/// # Errors
/// The server cannot be started, or `observe` fails (it writes the records).
pub async fn run(
    trials: Vec<(usize, Trial)>,
    options: &Options,
    stop: impl Future<Output = ()>,
    mut observe: impl FnMut(RunEvent) -> io::Result<()>,
) -> Result<RunEnd, ServerError> {
    if trials.is_empty() {
        return Ok(RunEnd::Finished);
    }
    let servers = Rc::new(Servers::new(options.program.clone(), Rc::default()));
    // A server that cannot start is one error, not one per trial.
    servers.get().await?;
    let alone = |trial: &Trial| trial.scenario.tcp.measure;
    let start = |index: usize, trial: Trial, events: Events| {
        let (servers, options) = (Rc::clone(&servers), options.clone());
        async move {
            let mut ended = events.run_ended();
            let progress = |delivered_bytes| events.progress(index, delivered_bytes);
            tokio::select! {
                biased;
                // Dropping the trial kills its process.
                () = ended.wait() => None,
                record = run_trial(&servers, &trial, &options, progress) => Some(record),
            }
        }
    };
    let end = queue::play(trials, options.jobs, alone, start, stop, &mut observe).await;
    // The server ends with its input.
    servers.end().await;
    Ok(end?)
}

/// Runs one trial, from opening its listener to its record.
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
    let (report, ServerAccount { events, progress }) =
        match attempt(servers, trial, &scaled, options, progress).await {
            Ok(attempt) => attempt,
            Err(error) => (Err(error.to_string()), ServerAccount::default()),
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

type Attempt = (Result<ClientReport, String>, ServerAccount);

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
    let save = options.save.as_ref();
    let save = save.map(|folder| folder.join(format!("{}.bin", trial.file_name())));
    let order = TrialOrder::new(trial, scaled, addr, file, save);
    let report = process::run(&options.program, &order, progress).await;
    let told = server.close(&trial.id).await?;
    Ok((report, told))
}

/// The thing that the server's platform cannot do, if any.
fn unable(events: &[Event]) -> Option<&str> {
    events.iter().find_map(|event| match &event.fact {
        Fact::Closed {
            reason: CloseReason::Unable(why),
            ..
        } => Some(why.as_str()),
        _ => None,
    })
}
