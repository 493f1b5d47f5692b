//! The server under supervision: commands on standard input, replies on
//! standard output, ended by the end of its input.

use std::{
    collections::BTreeMap,
    io::{self, BufRead as _, Write as _},
    net::Ipv4Addr,
    rc::Rc,
};

use tokio::{
    net::TcpListener,
    sync::mpsc,
    task::{LocalSet, spawn_local},
};

use super::{
    Closing, Listening, MAX_CONNECTIONS, Played, Trial, listen,
    protocol::{Command, Reply},
};
use crate::{clock::Clock, journal::Memory, scenario::Scenario};

struct Open {
    listening: Listening,
    journal: Rc<Memory>,
}

/// Serves the commands on standard input until it ends.
///
/// # Errors
/// When there is no runtime, or standard output is closed.
pub fn supervised() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (send, receive) = mpsc::unbounded_channel();
    // A thread of its own: reading standard input cannot be interrupted, and
    // the process must be able to end without it.
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            if send.send(line).is_err() {
                break;
            }
        }
    });
    LocalSet::new().block_on(&runtime, obey(receive))
}

async fn obey(mut lines: mpsc::UnboundedReceiver<String>) -> io::Result<()> {
    let mut trials = BTreeMap::new();
    while let Some(line) = lines.recv().await {
        match serde_json::from_str(&line) {
            Ok(Command::Open {
                trial,
                scenario,
                seed,
            }) => {
                let reply = match open(*scenario, seed).await {
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
                say(&reply)?;
            }
            Ok(Command::Close { trial }) => match trials.remove(&trial) {
                // Beside the next commands: a connection may need a moment.
                Some(open) => drop(spawn_local(close(trial, open))),
                None => {
                    let error = "no such trial is open".to_owned();
                    say(&Reply::Failed {
                        trial: Some(trial),
                        error,
                    })?;
                }
            },
            Err(error) => {
                say(&Reply::Failed {
                    trial: None,
                    error: format!("not a command: {error}"),
                })?;
            }
        }
    }
    for open in trials.into_values() {
        open.listening.close(Closing::Now);
        open.listening.join().await;
    }
    Ok(())
}

async fn open(scenario: Scenario, seed: u64) -> Result<Open, String> {
    let played = Played::over_tcp(scenario, seed).map_err(|error| error.to_string())?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .map_err(|error| format!("cannot listen on 127.0.0.1: {error}"))?;
    let journal = Rc::new(Memory::default());
    let trial = Trial::new(Clock::real(), Box::new(played), Rc::clone(&journal) as _);
    let listening = listen(listener, trial, MAX_CONNECTIONS).map_err(|error| error.to_string())?;
    Ok(Open { listening, journal })
}

async fn close(trial: String, open: Open) {
    open.listening.close(Closing::Now);
    open.listening.join().await;
    let events = open.journal.take();
    let count = events.len();
    // A harness that no longer listens has ended, and its end of our standard
    // input too: there is nobody to report to.
    for event in events {
        let _ = say(&Reply::Event {
            trial: trial.clone(),
            event,
        });
    }
    let _ = say(&Reply::Progress {
        trial: trial.clone(),
        samples: open.journal.progress(),
    });
    let _ = say(&Reply::Closed { trial, count });
}

fn say(reply: &Reply) -> io::Result<()> {
    let mut line = serde_json::to_string(reply)?;
    line.push('\n');
    let mut out = io::stdout().lock();
    out.write_all(line.as_bytes())?;
    out.flush()
}
