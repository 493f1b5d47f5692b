//! The client side of one trial: its downloads, side by side on one thread as
//! on one event loop, and what was measured of them.

use std::{
    cell::{Cell, RefCell},
    path::PathBuf,
    rc::Rc,
};

use mock_server::{
    clock::{Clock, Instant},
    journal::SocketFacts,
    scenario::Scenario,
};
use tokio::task::LocalSet;

use super::{
    Network,
    delivery::{Delivery, Meter, Progress},
    download::{Ended, Settings, download, nothing_yet},
    engine::Engine,
    event_loop::on_loop,
    report::{ClientReport, Failure, Verdict},
    transport::Closing,
};
use crate::{
    measure::{Histograms, heap, heap::Budget, process},
    sink::Sink,
};

/// The downloads of a trial.
#[derive(Debug)]
pub(crate) struct Work {
    /// What is to happen, already scaled to the world that it runs in.
    pub(crate) scenario: Scenario,
    /// By how much its durations were scaled; 1 for not at all.
    pub(crate) time_scale: f64,
    /// Where the sink's file goes, if it has one. The second download's has
    /// `.2` behind its name, and so on.
    pub(crate) file: Option<PathBuf>,
}

/// Runs the trial on a current-thread runtime with I/O and time. Whatever
/// happens to a download is in the report. Memory does not grow with the
/// trial's length.
///
/// # Panics
/// Outside of such a runtime.
pub(crate) async fn run<N, E>(
    work: Work,
    engine: E,
    network: &N,
    clock: Clock,
    progress: impl FnMut(Progress) + 'static,
) -> ClientReport
where
    N: Network + Clone + 'static,
    E: Engine + 'static,
{
    let downloads = work.scenario.downloads() as usize;
    let meter = Rc::new(RefCell::new(Meter::new(downloads, progress)));
    // The object's template, 2 MiB, is the verifier's: made once, before
    // anything is measured.
    mock_server::body::Pattern::slice(0, 1);
    let cpu_before = process::cpu_ns();
    heap::reset_peak();
    let heap_before = heap::live();
    let started = clock.now();
    meter.borrow_mut().watch.begin(started, heap_before);
    let scenario = work.scenario;
    let budget = scenario.client.memory;
    let settings = Rc::new(Settings {
        engine,
        time_scale: work.time_scale,
        budget: budget.and_then(|size| Budget::from_now(size.0)),
        clock,
        scenario,
        connections: Cell::new(0),
    });
    let local = LocalSet::new();
    let tasks: Vec<_> = (0..downloads)
        .map(|index| {
            let (settings, meter) = (Rc::clone(&settings), Rc::clone(&meter));
            let network = network.clone();
            let file = work.file.clone().map(|path| numbered(path, index));
            // In this order they run first, and hence connect.
            local.spawn_local(on_loop(clock, async move {
                one(index, &network, &settings, meter, file).await
            }))
        })
        .collect();
    let ended = local
        .run_until(async {
            let mut ended = Vec::with_capacity(tasks.len());
            for task in tasks {
                match task.await {
                    Ok(end) => ended.push(end),
                    Err(error) => std::panic::resume_unwind(error.into_panic()),
                }
            }
            ended
        })
        .await;
    let peak = heap::peak().zip(heap_before);
    let cpu = process::cpu_ns().saturating_sub(cpu_before);
    let meter = meter.borrow();
    ClientReport {
        started,
        // Behind what still blocks the loop.
        ended: ended
            .iter()
            .map(|(end, _)| end.download.ended)
            .fold(clock.now(), Instant::max),
        gap_ns: meter.gap_ns.summary(),
        read_call_ns: meter.read_call_ns.summary(),
        chunk_bytes: meter.chunk_bytes.summary(),
        flowing_ns: ended
            .iter()
            .map(|(end, _)| end.closing.flowing.as_nanos() as u64)
            .max()
            .unwrap_or_default(),
        transport_reads: ended.iter().map(|(end, _)| end.closing.reads).sum(),
        sink_writes: ended.iter().map(|(_, writes)| writes).sum(),
        // Of a simulated trial, which shares its process, neither is known.
        cpu_ns: (!clock.is_simulated()).then_some(cpu),
        peak_heap_bytes: peak.map(|(peak, before)| peak.saturating_sub(before)),
        vm_hwm_bytes: process::vm_hwm_bytes().filter(|_| !clock.is_simulated()),
        max_receive_queue_bytes: ended
            .iter()
            .filter_map(|(end, _)| end.closing.max_queue_bytes)
            .max(),
        sockets: ended
            .first()
            .map(|(end, _)| end.sockets.clone())
            .unwrap_or_default(),
        samples: meter.watch.kept(),
        histograms: Histograms {
            gap_ns: meter.gap_ns.histogram().clone(),
            read_call_ns: meter.read_call_ns.histogram().clone(),
            chunk_bytes: meter.chunk_bytes.histogram().clone(),
        },
        downloads: ended.into_iter().map(|(end, _)| end.download).collect(),
    }
}

async fn one<N: Network, E: Engine>(
    index: usize,
    network: &N,
    settings: &Settings<E>,
    meter: Rc<RefCell<Meter>>,
    file: Option<PathBuf>,
) -> (Ended, u64) {
    let clock = settings.clock;
    let scenario = &settings.scenario;
    match Sink::open(scenario.sink.clone(), file, clock) {
        Ok(sink) => {
            let size = scenario.body.size.0;
            let mut delivery = Delivery::new(index, meter, size, sink, clock);
            let ended = download(network, settings, &mut delivery).await;
            (ended, delivery.sink_writes())
        }
        Err(error) => {
            let mut download = nothing_yet(clock.now());
            download.verdict = Verdict::Failure(Failure::sink(&error));
            let ended = Ended {
                download,
                closing: Closing::default(),
                sockets: SocketFacts::default(),
            };
            (ended, 0)
        }
    }
}

fn numbered(path: PathBuf, index: usize) -> PathBuf {
    if index == 0 {
        return path;
    }
    let mut name = path.into_os_string();
    name.push(format!(".{}", index + 1));
    name.into()
}
