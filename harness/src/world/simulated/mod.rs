//! The virtual world: an in-memory connection on a simulated clock. A trial is
//! one thread, one runtime and no real time; the same seed gives the same
//! record, byte for byte.
//!
//! Trials spread over threads. Their records come in the plan's order, however
//! many threads there are.
//!
//! A watchdog checks that simulated time passes. A trial in which it stands still
//! for long is a bug of the tool: it ends as `tool-error`, its thread is left
//! behind, and another one takes its place.

mod trial;

use std::{
    collections::BTreeMap,
    future::Future,
    io,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use shortread_server::{
    clock::{self, Clock, Instant},
    units,
};
use tokio::sync::mpsc;

pub use trial::{Circumstances, play, play_in, run_trial};

use super::{RunEnd, RunEvent};
use crate::{
    plan::Trial,
    results::{Detail, Record, build},
};

/// Longest real time in which simulated time may stand still. A healthy trial
/// moves it thousands of times a second.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs `trials`, each with its place in the plan, on `threads` threads, until
/// they end or `stop` does. Needs a runtime with time.
///
/// # Errors
/// The error of `observe`, or a thread that cannot be started.
pub async fn run(
    trials: Vec<(usize, Trial)>,
    threads: usize,
    stop: impl Future<Output = ()>,
    observe: impl FnMut(RunEvent) -> io::Result<()>,
) -> io::Result<RunEnd> {
    let crew = Crew::new(trials, trial::play_telling, PATIENCE);
    crew.run(threads, stop, observe).await
}

/// The pause between two progress events.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// Plays a trial, and shows the bytes that it has delivered.
type Play = fn(&Trial, &Arc<AtomicU64>) -> (Record, Detail);

/// The threads of a run, and their shared state.
struct Crew {
    trials: Arc<Vec<(usize, Trial)>>,
    play: Play,
    patience: Duration,
    next: Arc<AtomicUsize>,
    send: mpsc::UnboundedSender<TrialMessage>,
    receive: mpsc::UnboundedReceiver<TrialMessage>,
}

/// The message of a thread about the trial at this place among the trials.
enum TrialMessage {
    Begun(usize, Arc<Vital>),
    Ended(usize, Box<(Record, Detail)>),
}

/// Signs of life of one trial.
#[derive(Default)]
struct Vital {
    /// Its clock, in nanoseconds.
    now: Arc<AtomicU64>,
    /// Bytes handed to the application.
    delivered: Arc<AtomicU64>,
    /// True if nobody waits for it any more.
    abandoned: AtomicBool,
}

/// A running trial.
struct Watched {
    vital: Arc<Vital>,
    seen: u64,
    /// The real time since which its clock shows that.
    since: Instant,
    /// Bytes already reported.
    told: u64,
}

impl Crew {
    fn new(trials: Vec<(usize, Trial)>, play: Play, patience: Duration) -> Self {
        let (send, receive) = mpsc::unbounded_channel();
        Self {
            trials: Arc::new(trials),
            play,
            patience,
            next: Arc::new(AtomicUsize::new(0)),
            send,
            receive,
        }
    }

    async fn run(
        mut self,
        threads: usize,
        stop: impl Future<Output = ()>,
        mut observe: impl FnMut(RunEvent) -> io::Result<()>,
    ) -> io::Result<RunEnd> {
        for _ in 0..threads.clamp(1, self.trials.len().max(1)) {
            self.hire()?;
        }
        let clock = Clock::real();
        let mut stop = pin!(stop);
        let mut watched = BTreeMap::new();
        let mut ended = BTreeMap::new();
        let mut look = clock.now() + self.patience / 4;
        let mut tell = clock.now() + TELL_EVERY;
        for due in 0..self.trials.len() {
            while !ended.contains_key(&due) {
                let said = tokio::select! {
                    biased;
                    () = &mut stop => return Ok(RunEnd::Interrupted),
                    said = clock.timeout_at(look.min(tell), self.receive.recv()) => said,
                };
                match said {
                    Ok(Some(TrialMessage::Begun(place, vital))) => {
                        watched.insert(place, Watched::new(vital, clock.now()));
                        let index = self.trials[place].0;
                        observe(RunEvent::Started { index })?;
                    }
                    Ok(Some(TrialMessage::Ended(place, played))) => {
                        // An abandoned trial already has its record.
                        if watched.remove(&place).is_some() {
                            ended.insert(place, played);
                        }
                    }
                    // This crew holds a sender itself.
                    Ok(None) => return Ok(RunEnd::Finished),
                    Err(_) if clock.now() < look => {
                        tell = clock.now() + TELL_EVERY;
                        for (place, delivered_bytes) in further(&mut watched) {
                            let index = self.trials[place].0;
                            observe(RunEvent::Progress {
                                index,
                                delivered_bytes,
                            })?;
                        }
                    }
                    Err(_) => {
                        look = clock.now() + self.patience / 4;
                        for place in self.stuck(&mut watched, clock.now()) {
                            watched.remove(&place);
                            let record = self.tool_error(place);
                            ended.insert(place, Box::new((record, Detail::default())));
                            self.hire()?;
                        }
                    }
                }
            }
            if let Some(played) = ended.remove(&due) {
                let index = self.trials[due].0;
                let (record, detail) = *played;
                observe(RunEvent::Ended {
                    index,
                    record: Box::new(record),
                    detail: Box::new(detail),
                })?;
            }
        }
        Ok(RunEnd::Finished)
    }

    /// Starts a thread that plays trials as long as there are any.
    fn hire(&self) -> io::Result<()> {
        let (trials, next) = (Arc::clone(&self.trials), Arc::clone(&self.next));
        let (send, play) = (self.send.clone(), self.play);
        let work = move || {
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some((_, trial)) = trials.get(place) else {
                    break;
                };
                let vital = Arc::new(Vital::default());
                clock::show(Arc::clone(&vital.now));
                // An interrupted run no longer listens.
                if send
                    .send(TrialMessage::Begun(place, Arc::clone(&vital)))
                    .is_err()
                {
                    break;
                }
                let played = Box::new(play(trial, &vital.delivered));
                let heard = send.send(TrialMessage::Ended(place, played));
                if heard.is_err() || vital.abandoned.load(Ordering::Relaxed) {
                    break;
                }
            }
        };
        let thread = thread::Builder::new().name("trials".into());
        thread.spawn(work).map(drop)
    }

    /// Gives up the trials whose clocks have stood still for too long, and
    /// returns them.
    fn stuck(&self, watched: &mut BTreeMap<usize, Watched>, real: Instant) -> Vec<usize> {
        let mut stuck = Vec::new();
        for (place, trial) in watched {
            let now = trial.vital.now.load(Ordering::Relaxed);
            if now != trial.seen {
                (trial.seen, trial.since) = (now, real);
            } else if real.since(trial.since) >= self.patience {
                trial.vital.abandoned.store(true, Ordering::Relaxed);
                stuck.push(*place);
            }
        }
        stuck
    }

    fn tool_error(&self, place: usize) -> Record {
        let trial = &self.trials[place].1;
        let why = format!(
            "no simulated time passed within {} of real time (scenario `{}`, seed {}); \
             this is a defect of shortread",
            units::print_duration(self.patience),
            trial.scenario.name,
            trial.seed,
        );
        let played = trial.played().ok();
        let scenario = played.as_ref().unwrap_or(&trial.scenario);
        build(trial, scenario, Err(&why), &[])
    }
}

impl Watched {
    fn new(vital: Arc<Vital>, since: Instant) -> Self {
        Self {
            vital,
            seen: 0,
            since,
            told: 0,
        }
    }
}

/// The trials that have delivered more than reported, with their bytes.
fn further(watched: &mut BTreeMap<usize, Watched>) -> Vec<(usize, u64)> {
    let mut further = Vec::new();
    for (place, trial) in watched {
        let delivered = trial.vital.delivered.load(Ordering::Relaxed);
        if delivered > trial.told {
            trial.told = delivered;
            further.push((*place, delivered));
        }
    }
    further
}

#[cfg(test)]
mod tests;
