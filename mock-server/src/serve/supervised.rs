//! The supervised server: commands on standard input, replies on standard output.
//! It ends with its input.

use std::{
    collections::BTreeMap,
    io::{self, BufRead as _},
    net::Ipv4Addr,
    rc::Rc,
    time::Duration,
};

use tokio::{
    net::TcpListener,
    sync::mpsc,
    task::{LocalSet, spawn_local},
};

use super::{
    Listening, MAX_CONNECTIONS, listen,
    output::{Lines, Unwritten},
    protocol::{Command, Reply},
    worker::Worker,
};
use crate::{
    clock::Clock,
    descriptors,
    flow::{ListenerState, Urgency},
    http1::{Played, origin::Origin},
    journal::Memory,
    link::try_scenario,
    scenario::Scenario,
};

/// Most events of a trial. A trial with more has no record.
const MOST_EVENTS: usize = 500_000;

/// A trial has no record if nothing of it is read for this long: a record with
/// missing events would lie.
const PATIENCE: Duration = Duration::from_secs(60);

/// Time to write the last replies when the input ends.
const LAST_WORDS: Duration = Duration::from_secs(1);

struct Open {
    listening: Listening,
    journal: Rc<Memory>,
}

/// Serves the commands on standard input until it ends.
///
/// # Errors
/// There is no runtime, or standard output is closed.
pub fn supervised() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (send, receive) = mpsc::unbounded_channel();
    // This needs its own thread: a read of standard input cannot be interrupted,
    // and the process must be able to end during one.
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            if send.send(line).is_err() {
                break;
            }
        }
    });
    // This process starts no others that would inherit the limit.
    let _ = descriptors::raise();
    // A thread writes the replies, so that trials go on while the harness is
    // busy.
    let out = Lines::to_stdout()?;
    LocalSet::new().block_on(&runtime, obey(receive, &out))
}

async fn obey(mut lines: mpsc::UnboundedReceiver<String>, out: &Lines) -> io::Result<()> {
    let mut trials = BTreeMap::new();
    let worker = Worker::default();
    while let Some(line) = lines.recv().await {
        match serde_json::from_str(&line) {
            Ok(Command::Open {
                trial,
                scenario,
                seed,
            }) => {
                let reply = match open(*scenario, seed, &worker).await {
                    Ok(open) => {
                        let addr = open.listening.addr();
                        trials.insert(trial.clone(), open);
                        Reply::Opened { trial, addr }
                    }
                    Err(error) => Reply::Failed {
                        trial: Some(trial),
                        error,
                    },
                };
                say(out, &reply)?;
            }
            Ok(Command::Close { trial }) => match trials.remove(&trial) {
                // The next commands do not wait for this: a connection may need a moment.
                Some(open) => drop(spawn_local(close(trial, open, out.clone()))),
                None => {
                    let error = "no such trial is open".to_owned();
                    let trial = Some(trial);
                    say(out, &Reply::Failed { trial, error })?;
                }
            },
            Err(error) => {
                let error = format!("not a command: {error}");
                say(out, &Reply::Failed { trial: None, error })?;
            }
        }
    }
    for open in trials.into_values() {
        open.listening.close(Urgency::Now);
        open.listening.join().await;
    }
    // The harness may still be reading, but usually it is gone by now.
    let _ = out.flushed(LAST_WORDS).await;
    Ok(())
}

async fn open(scenario: Scenario, seed: u64, worker: &Worker) -> Result<Open, String> {
    try_scenario(&scenario).map_err(|error| error.to_string())?;
    // Encoding a body takes up to seconds, and other trials are under way.
    let make = move || Origin::new(&scenario).map(|origin| (scenario, origin));
    let (_, made) = worker.turn().await.run(make).await;
    let (scenario, origin) = made.map_err(|error| error.to_string())?;
    let played = Played::of(Rc::new(scenario), origin, seed);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .map_err(|error| format!("cannot listen on 127.0.0.1: {error}"))?;
    let journal = Rc::new(Memory::bounded(MOST_EVENTS));
    let state = ListenerState::new(Clock::real(), Rc::clone(&journal) as _);
    let listening = listen(listener, state, Rc::new(played), MAX_CONNECTIONS)
        .map_err(|error| error.to_string())?;
    Ok(Open { listening, journal })
}

async fn close(trial: String, open: Open, out: Lines) {
    open.listening.close(Urgency::Now);
    open.listening.join().await;
    let told = match tell(&trial, &open.journal, &out, PATIENCE).await {
        // A harness that no longer listens has ended, and so has our standard
        // input: nobody would read a report.
        Ok(()) | Err(Untold::Unwritten(Unwritten::Failed(_))) => return,
        Err(error) => error.to_string(),
    };
    let trial = Some(trial);
    let _ = say(&out, &Reply::Failed { trial, error: told });
}

/// The reasons why a trial has no record.
#[derive(Debug, thiserror::Error)]
enum Untold {
    #[error("the server could not serve all of the trial: {0}")]
    Unserved(String),
    #[error("the trial made {0} events more than the limit of {MOST_EVENTS}")]
    TooMany(u64),
    #[error("cannot write the server's record of the trial: {0}")]
    Unwritten(#[from] Unwritten),
    #[error("cannot write the server's record of the trial: {0}")]
    Json(#[from] serde_json::Error),
}

/// Writes all events of a trial, as fast as they are read; gives up when nothing
/// is read for `patience`.
async fn tell(
    trial: &str,
    journal: &Memory,
    out: &Lines,
    patience: Duration,
) -> Result<(), Untold> {
    if journal.lost() > 0 {
        return Err(Untold::TooMany(journal.lost()));
    }
    if let Some(note) = journal.noted() {
        return Err(Untold::Unserved(note));
    }
    let trial = || trial.to_owned();
    let events = journal.take();
    let count = events.len();
    let events = events.into_iter().map(|event| Reply::Event {
        trial: trial(),
        event,
    });
    let rest = [
        Reply::Progress {
            trial: trial(),
            samples: journal.progress(),
        },
        Reply::Closed {
            trial: trial(),
            count,
        },
    ];
    for reply in events.chain(rest) {
        let line = serde_json::to_string(&reply)?;
        out.say_in_turn(&line, patience).await?;
    }
    Ok(())
}

/// Writes one reply to a command; the commands bound the number of replies.
fn say(out: &Lines, reply: &Reply) -> io::Result<()> {
    out.say_always(&serde_json::to_string(reply)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::Instant,
        journal::{Event, Fact, Journal as _},
    };

    fn event() -> Event {
        Event {
            at_ns: Instant(1),
            utc: None,
            connection: 1,
            key: None,
            fact: Fact::BadRequest {
                reason: "x".repeat(1000),
            },
        }
    }

    #[tokio::test]
    async fn a_record_that_nobody_reads_is_given_up_and_not_cut() {
        let journal = Memory::default();
        (0..1000).for_each(|_| journal.write(event()));
        let (read, write) = io::pipe().unwrap();
        let out = Lines::to(write, 10_000).unwrap();
        let told = tell("t", &journal, &out, Duration::ZERO).await;
        let said = told.unwrap_err().to_string();
        assert!(
            said.starts_with("cannot write the server's record"),
            "{said}"
        );
        drop(read);
    }

    #[tokio::test]
    async fn what_the_server_could_not_serve_is_no_record() {
        let journal = Memory::default();
        journal.write(event());
        journal.note("a connection cannot be accepted");
        let out = Lines::to_stdout().unwrap();
        let told = tell("t", &journal, &out, PATIENCE).await;
        let said = told.unwrap_err().to_string();
        assert!(said.ends_with("a connection cannot be accepted"), "{said}");
    }

    #[tokio::test]
    async fn a_trial_with_more_events_than_are_kept_has_no_record() {
        LocalSet::new()
            .run_until(async {
                let open = open(Scenario::default(), 1, &Worker::default())
                    .await
                    .unwrap();
                for _ in 0..MOST_EVENTS {
                    open.journal.write(event());
                }
                assert_eq!(open.journal.lost(), 0);
                open.journal.write(event());
                let told = tell("t", &open.journal, &Lines::to_stdout().unwrap(), PATIENCE).await;
                let said = told.unwrap_err().to_string();
                assert_eq!(
                    said,
                    "the trial made 1 events more than the limit of 500000"
                );
            })
            .await;
    }
}
