//! One simulated trial, from its plan to its record.

use std::{
    mem, panic,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use shortread_server::{
    clock::{Clock, Instant, simulated_runtime},
    flow::{ListenerState, Urgency},
    http1::{Played, Router, serve_connection},
    journal::{Memory, SocketFacts},
    link::memory::{self, MemoryStream, MemoryWire, Reads},
    scenario::{Client, Scenario, Sockets},
};
use tokio::{
    sync::mpsc,
    task::{JoinSet, LocalSet, spawn_local},
};

use crate::{
    client::{DeliveryProgress, Failure, Network, event_loop},
    engine::{self, TrialSpec},
    measure::heap,
    plan::Trial,
    results::{Detail, Record, build, timeline},
};

/// The record of [`play`].
pub fn run_trial(trial: &Trial) -> Record {
    play(trial).0
}

/// Circumstances that the scenario leaves open, so the simulation has to choose.
/// A machine chooses otherwise, and differently each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circumstances {
    /// Timers fire at multiples of this.
    pub grain: Duration,
    /// The ends of the client's reads.
    pub reads: Reads,
    /// The delay of each further connection after the one before, since a server
    /// has one thread.
    pub apart: Duration,
}

impl Default for Circumstances {
    /// Timers as fine as can be, a client that gets all that is there, a server
    /// that needs no time.
    fn default() -> Self {
        Self {
            grain: Clock::FINEST,
            reads: Reads::default(),
            apart: Duration::ZERO,
        }
    }
}

/// Runs `trial` on this thread. Whatever happens is in the record; a panic of
/// the tool is one of kind `tool-error`.
pub fn play(trial: &Trial) -> (Record, Detail) {
    play_in(trial, Circumstances::default())
}

/// The same in other circumstances.
pub fn play_in(trial: &Trial, circumstances: Circumstances) -> (Record, Detail) {
    play_out(trial, circumstances, &Arc::default())
}

/// [`play`], with the bytes handed to the application in `delivered` as it goes.
pub(super) fn play_telling(trial: &Trial, delivered: &Arc<AtomicU64>) -> (Record, Detail) {
    play_out(trial, Circumstances::default(), delivered)
}

fn play_out(
    trial: &Trial,
    circumstances: Circumstances,
    delivered: &Arc<AtomicU64>,
) -> (Record, Detail) {
    let scenario = match trial.played() {
        Ok(scenario) => scenario,
        Err(error) => return failed(trial, &trial.scenario, &error.to_string()),
    };
    let ran = panic::catch_unwind(panic::AssertUnwindSafe(|| {
        simulate(trial, &scenario, circumstances, Arc::clone(delivered))
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

fn simulate(
    trial: &Trial,
    scenario: &Scenario,
    circumstances: Circumstances,
    delivered: Arc<AtomicU64>,
) -> (Record, Detail) {
    let runtime = match simulated_runtime() {
        Ok(runtime) => runtime,
        Err(error) => return failed(trial, scenario, &error.to_string()),
    };
    LocalSet::new().block_on(&runtime, async {
        let clock = Clock::coarse(circumstances.grain);
        event_loop::begin();
        let played = match Played::new(scenario.clone(), trial.seed) {
            Ok(played) => played,
            Err(error) => return failed(trial, scenario, &error.to_string()),
        };
        let journal = Rc::new(Memory::default());
        let server = ListenerState::new(clock, Rc::clone(&journal) as _);
        let (accepted, incoming) = mpsc::unbounded_channel();
        let network = InMemory {
            accepted,
            reads: circumstances.reads,
        };
        let acceptor = Acceptor {
            server: Rc::clone(&server),
            router: Rc::new(played),
            clock,
            apart: circumstances.apart,
        };
        let accepting = spawn_local(acceptor.run(incoming));

        let mut scenario = scenario.clone();
        // No file is written here: the sink's pace stands for the disk's time.
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
            recipe: trial.played_recipe(),
            file: None,
            save: None,
        };
        let mut each = vec![0; scenario.all_requests() as usize];
        let progress = move |progress: DeliveryProgress| {
            if let Some(bytes) = each.get_mut(progress.download) {
                let before = mem::replace(bytes, progress.delivered_bytes);
                delivered.fetch_add(bytes.saturating_sub(before), Ordering::Relaxed);
            }
        };
        heap::open_account();
        let report = engine::run(spec, &network, clock, progress).await;
        heap::close_account();
        // The acceptor ends with its network.
        drop(network);
        server.close(Urgency::Now);
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

/// The server's end of the network.
struct Acceptor {
    server: Rc<ListenerState>,
    router: Rc<dyn Router>,
    clock: Clock,
    /// The delay of each connection after the one before.
    apart: Duration,
}

impl Acceptor {
    /// Serves what the network brings, until it and every connection has ended.
    async fn run(self, mut incoming: mpsc::UnboundedReceiver<MemoryWire>) {
        let mut connections = JoinSet::new();
        let mut late = Duration::ZERO;
        while let Some(wire) = incoming.recv().await {
            let served = serve_connection(wire, Rc::clone(&self.server), Rc::clone(&self.router));
            let clock = self.clock;
            connections.spawn_local(async move {
                if !late.is_zero() {
                    clock.sleep(late).await;
                }
                served.await;
            });
            late += self.apart;
        }
        while let Some(ended) = connections.join_next().await {
            if let Err(error) = ended
                && let Ok(panic) = error.try_into_panic()
            {
                panic::resume_unwind(panic);
            }
        }
    }
}

/// Connections in memory to the server of this trial.
#[derive(Debug, Clone)]
struct InMemory {
    accepted: mpsc::UnboundedSender<MemoryWire>,
    reads: Reads,
}

impl Network for InMemory {
    type Stream = MemoryStream;

    async fn connect(
        &self,
        client: &Client,
        sockets: &Sockets,
        clock: Clock,
        _: Instant,
    ) -> Result<(MemoryStream, SocketFacts), Failure> {
        let (wire, mut stream) = memory::connect(clock, sockets, client.keepalive);
        stream.set_reads(self.reads);
        // The acceptor lives as long as there is a network.
        let _ = self.accepted.send(wire);
        let facts = stream.facts();
        Ok((stream, facts))
    }

    fn host(&self) -> String {
        "127.0.0.1".into()
    }
}
