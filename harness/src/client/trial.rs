//! The client side of one trial: its downloads, side by side on one thread like
//! on an event loop, and their measurements.

use std::{
    cell::{Cell, RefCell},
    fmt, io,
    path::PathBuf,
    rc::Rc,
};

use shortread_server::{
    clock::{Clock, Instant},
    journal::SocketFacts,
    scenario::Scenario,
};
use tokio::task::LocalSet;

use super::{
    Network,
    course::{Course, Once, Parts},
    delivery::{Delivery, DeliveryProgress, Meter},
    download::{Ended, Settings, download, nothing_yet},
    engine::Engine,
    event_loop::on_loop,
    parts::in_parts,
    report::{ClientReport, Failure, Verdict},
    transport::ConnectionEnd,
    truth::Truth,
};
use crate::{
    measure::{Histograms, heap, heap::Budget, process},
    sink::{Disk, Sink, Target},
};

/// The downloads of a trial.
#[derive(Debug)]
pub(crate) struct Work {
    /// The scenario, already scaled to its world.
    pub(crate) scenario: Scenario,
    /// The factor by which its durations were scaled; 1 if they were not.
    pub(crate) time_scale: f64,
    /// The path of the sink's file, if it has one. The second download's name
    /// ends in `.2`, and so on.
    pub(crate) file: Option<PathBuf>,
    /// The file that the user has asked for, in place of the sink's; named likewise.
    pub(crate) save: Option<Target>,
    /// The client around the library.
    pub(crate) around: Around,
}

/// The client around the library, for all downloads of a trial.
#[derive(Clone)]
pub(crate) struct Around {
    /// The course of a download, by its index from 0.
    pub(crate) course: Rc<dyn Fn(usize) -> Manner>,
    /// Most parts of a download that are fetched at a time; 1 for the whole.
    pub(crate) side_by_side: usize,
    /// A file may become any version of the object, not the first one alone.
    pub(crate) any_version: bool,
}

/// The way in which a download is fetched.
pub(crate) enum Manner {
    /// From its start to its end.
    Whole(Box<dyn Course>),
    /// By its parts.
    Parts(Box<dyn Parts>),
}

impl Around {
    /// Asks once.
    pub(crate) fn nothing() -> Self {
        Self {
            course: Rc::new(|_| Manner::Whole(Box::new(Once))),
            side_by_side: 1,
            any_version: false,
        }
    }
}

impl fmt::Debug for Around {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Around").finish_non_exhaustive()
    }
}

/// Runs the trial on a current-thread runtime with I/O and time. The report has
/// whatever happens to a download. Memory does not grow with the length of the
/// trial.
///
/// # Panics
/// Without such a runtime.
pub(crate) async fn run<N, E>(
    work: Work,
    engine: E,
    network: &N,
    clock: Clock,
    progress: impl FnMut(DeliveryProgress) + 'static,
) -> ClientReport
where
    N: Network + Clone + 'static,
    E: Engine + 'static,
{
    let slots = work.scenario.downloads() as usize;
    let requests = work.scenario.client.requests as usize;
    let downloads = slots * requests;
    let side_by_side = work.around.side_by_side;
    let meter = Meter::new(downloads * side_by_side, progress);
    let meter = Rc::new(RefCell::new(meter));
    // The verifier's template of 2 MiB is made once, before the measurement
    // starts.
    shortread_server::body::Pattern::PLAIN.slice(0, 1);
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
        disk: Disk::new(&scenario.sink),
        scenario,
        connections: Cell::new(0),
    });
    let around = work.around;
    let local = LocalSet::new();
    let tasks: Vec<_> = (0..slots)
        .map(|slot| {
            let (settings, meter) = (Rc::clone(&settings), Rc::clone(&meter));
            let (network, files) = (network.clone(), (work.file.clone(), work.save.clone()));
            let around = around.clone();
            // They first run, and so connect, in this order.
            local.spawn_local(on_loop(clock, async move {
                let (mut kept, mut ended) = (None, Vec::with_capacity(requests));
                for index in (slot..downloads).step_by(slots) {
                    let whole = whole(index, &settings, &around, files.clone());
                    let (meter, place) = (Rc::clone(&meter), index * side_by_side);
                    ended.push(match (whole, (around.course)(index)) {
                        (Err(error), _) => unsaved(&settings, &error),
                        (Ok((truth, sink)), Manner::Whole(course)) => {
                            let clock = settings.clock;
                            let mut delivery =
                                Delivery::new(place, meter, truth, course, sink, clock);
                            let ended =
                                download(&network, &settings, &mut kept, &mut delivery).await;
                            (ended, delivery.sink_writes())
                        }
                        (Ok((truth, sink)), Manner::Parts(parts)) => {
                            let shared = (meter, truth, sink);
                            in_parts(&network, &settings, &mut kept, parts, shared, place).await
                        }
                    });
                }
                ended
            }))
        })
        .collect();
    let ended = local
        .run_until(async {
            let mut ended = Vec::with_capacity(downloads);
            for task in tasks {
                match task.await {
                    Ok(ends) => ended.extend(ends),
                    Err(error) => std::panic::resume_unwind(error.into_panic()),
                }
            }
            ended.sort_by_key(|(end, _)| end.download.started);
            ended
        })
        .await;
    let peak = heap::peak().zip(heap_before);
    let cpu = process::cpu_ns().saturating_sub(cpu_before);
    let meter = meter.borrow();
    ClientReport {
        started,
        // This is after any call that still blocks the loop.
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
        // A simulated trial shares its process, so neither is known.
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

/// The file of the download of this index, and what its bytes are compared with.
///
/// # Errors
/// Its file cannot be created, or the object is a file that cannot be read: bytes that
/// cannot be compared are as useless as those that cannot be kept.
fn whole<E: Engine>(
    index: usize,
    settings: &Settings<E>,
    around: &Around,
    (file, save): (Option<PathBuf>, Option<Target>),
) -> io::Result<(Rc<RefCell<Truth>>, Sink)> {
    let (clock, scenario) = (settings.clock, &settings.scenario);
    let mut pace = scenario.sink.clone();
    pace.file &= save.is_none();
    let file = file.map(|path| numbered(path, index));
    let mut sink = Sink::open(pace, settings.disk.clone(), file, clock)?;
    if let Some(Target { path, atomic }) = save {
        let path = numbered(path, index);
        sink = sink.saving(Target { path, atomic });
    }
    let later = scenario.later_bodies().filter(|_| around.any_version);
    let later = later.map(|body| body.object().into());
    let objects = std::iter::once(scenario.body.reference()?).chain(later);
    let truth = Truth::new(objects.collect());
    Ok((Rc::new(RefCell::new(truth)), sink))
}

/// The end of a download that has nowhere to go.
fn unsaved<E: Engine>(settings: &Settings<E>, error: &io::Error) -> (Ended, u64) {
    let mut download = nothing_yet(settings.clock.now());
    download.verdict = Verdict::Failure(Failure::sink(error));
    download.name_failure(&settings.engine);
    let ended = Ended {
        download,
        closing: ConnectionEnd::default(),
        sockets: SocketFacts::default(),
    };
    (ended, 0)
}

fn numbered(path: PathBuf, index: usize) -> PathBuf {
    if index == 0 {
        return path;
    }
    let mut name = path.into_os_string();
    name.push(format!(".{}", index + 1));
    name.into()
}
