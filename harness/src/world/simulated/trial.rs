//! One simulated trial, from its plan to its record.

use std::{
    mem, panic,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use mock_server::{
    clock::{Clock, Instant},
    flow::{Closing, Trial as Server},
    http1::{Played, Router, serve_connection},
    journal::{Memory, SocketFacts},
    link::memory::{self, MemoryStream, MemoryWire},
    scenario::{Client, Scenario, Sockets},
};
use tokio::{
    sync::mpsc,
    task::{JoinSet, LocalSet, spawn_local},
};

use crate::{
    client::{Failure, Network, Progress, event_loop},
    engine::{self, TrialSpec},
    measure::heap,
    plan::Trial,
    results::{Detail, Record, build, timeline},
};

/// The record of [`play`].
pub fn run_trial(trial: &Trial) -> Record {
    play(trial).0
}

/// Runs `trial` on this thread. The record has whatever happens; after a panic of
/// the tool its kind is `tool-error`.
pub fn play(trial: &Trial) -> (Record, Detail) {
    play_telling(trial, &Arc::default())
}

/// The same, and updates `delivered` with the bytes handed to the application.
pub(super) fn play_telling(trial: &Trial, delivered: &Arc<AtomicU64>) -> (Record, Detail) {
    let scenario = match trial.played() {
        Ok(scenario) => scenario,
        Err(error) => return failed(trial, &trial.scenario, &error.to_string()),
    };
    let ran = panic::catch_unwind(panic::AssertUnwindSafe(|| {
        simulate(trial, &scenario, Arc::clone(delivered))
    }));
    heap::close_account();
    match ran {
        Ok(played) => played,
        Err(panic) => {
            let text = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("no message");
            let why = format!("the trial panicked (seed {}): {text}", trial.seed);
            failed(trial, &scenario, &why)
        }
    }
}

/// A record that only says why the trial failed.
fn failed(trial: &Trial, scenario: &Scenario, why: &str) -> (Record, Detail) {
    let record = build(trial, scenario, Err(why), &[]);
    (record, Detail::default())
}

fn simulate(trial: &Trial, scenario: &Scenario, delivered: Arc<AtomicU64>) -> (Record, Detail) {
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return failed(trial, scenario, &error.to_string()),
    };
    LocalSet::new().block_on(&runtime, async {
        let clock = Clock::simulated();
        event_loop::begin();
        let played = match Played::new(scenario.clone(), trial.seed) {
            Ok(played) => played,
            Err(error) => return failed(trial, scenario, &error.to_string()),
        };
        let journal = Rc::new(Memory::default());
        let server = Server::new(clock, Rc::clone(&journal) as _);
        let (network, incoming) = mpsc::unbounded_channel();
        let accepting = spawn_local(accept(incoming, Rc::clone(&server), Rc::new(played)));

        let mut scenario = scenario.clone();
        // No file is written here: its time is the sink's pace.
        scenario.sink.file = false;
        let spec = TrialSpec {
            scenario: scenario.clone(),
            time_scale: if trial.scaled {
                trial.scenario.tcp.time
            } else {
                1.0
            },
            strategy: trial.strategy,
            profile: trial.profile,
            seed: trial.seed,
            file: None,
        };
        let mut each = vec![0; scenario.downloads() as usize];
        let progress = move |progress: Progress| {
            if let Some(bytes) = each.get_mut(progress.download) {
                let before = mem::replace(bytes, progress.delivered_bytes);
                delivered.fetch_add(bytes.saturating_sub(before), Ordering::Relaxed);
            }
        };
        heap::open_account();
        let report = engine::run(spec, &InMemory(network), clock, progress).await;
        heap::close_account();
        server.close(Closing::Now);
        if let Err(error) = accepting.await
            && let Ok(panic) = error.try_into_panic()
        {
            panic::resume_unwind(panic);
        }
        let (events, progress) = (journal.take(), journal.progress());
        let detail = Detail {
            timeline: timeline(&scenario, Some(&report), &events, &progress),
            histograms: report.histograms.clone(),
        };
        (build(trial, &scenario, Ok(&report), &events), detail)
    })
}

/// Serves the connections of the network, until it and all of them have ended.
async fn accept(
    mut incoming: mpsc::UnboundedReceiver<MemoryWire>,
    server: Rc<Server>,
    router: Rc<dyn Router>,
) {
    let mut connections = JoinSet::new();
    while let Some(wire) = incoming.recv().await {
        let served = serve_connection(wire, Rc::clone(&server), Rc::clone(&router));
        connections.spawn_local(served);
    }
    while let Some(ended) = connections.join_next().await {
        if let Err(error) = ended
            && let Ok(panic) = error.try_into_panic()
        {
            panic::resume_unwind(panic);
        }
    }
}

/// Connections in memory to the server of this trial.
#[derive(Debug, Clone)]
struct InMemory(mpsc::UnboundedSender<MemoryWire>);

impl Network for InMemory {
    type Stream = MemoryStream;

    async fn connect(
        &self,
        client: &Client,
        sockets: &Sockets,
        clock: Clock,
        _: Instant,
    ) -> Result<(MemoryStream, SocketFacts), Failure> {
        let (wire, stream) = memory::connect(clock, sockets, client.keepalive);
        // The acceptor lives as long as the network.
        let _ = self.0.send(wire);
        let facts = stream.facts();
        Ok((stream, facts))
    }

    fn host(&self) -> String {
        "127.0.0.1".into()
    }
}
