//! The server for anybody's client: scenarios by name, until a signal.

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    rc::Rc,
    time::Duration,
};

use tokio::{net::TcpListener, task::LocalSet};

use super::{Closing, Listening, Played, Routed, Router, Trial, listen};
use crate::{
    clock::Clock,
    journal::{Event, Journal},
    origin::{OriginError, Request, text_response},
    scenario::{Scenario, nearest::nearest},
};

/// After a signal, responses under way have this long; then they are cut. A
/// second signal cuts them at once.
const GRACE: Duration = Duration::from_secs(5);

/// Settings of the server.
#[derive(Debug, Clone)]
pub struct Standalone {
    /// What it serves, each as `/s/NAME`.
    pub scenarios: Vec<Scenario>,
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Connections at a time.
    pub max_connections: usize,
    /// Of what is drawn.
    pub seed: u64,
}

/// Why the server cannot run.
#[derive(Debug, thiserror::Error)]
pub enum StandaloneError {
    /// The address is taken, or not ours.
    #[error(
        "cannot listen on {addr}: {error}; choose another with --listen (port 0 takes a free one)"
    )]
    Listen {
        /// The address asked for.
        addr: SocketAddr,
        /// What the system said.
        error: io::Error,
    },
    /// A body cannot be made.
    #[error("scenario {name}: {error}")]
    Scenario {
        /// Its name.
        name: String,
        /// What is wrong.
        error: OriginError,
    },
    /// Anything else of the system.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Standalone {
    /// Serves until SIGINT or SIGTERM. Says on standard output where, and on
    /// standard error what happens on each connection.
    ///
    /// # Errors
    /// When the address or a scenario cannot be served.
    pub fn run(self) -> Result<(), StandaloneError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        LocalSet::new().block_on(&runtime, async {
            let signal = Signals::new()?;
            let listening = self.start().await?;
            announce(listening.addr())?;
            signal.obeyed_by(listening).await;
            Ok(())
        })
    }

    /// Starts listening, within a [`LocalSet`].
    ///
    /// # Errors
    /// When the address or a scenario cannot be served.
    pub async fn start(&self) -> Result<Listening, StandaloneError> {
        let mut scenarios = Vec::new();
        for scenario in &self.scenarios {
            let name = scenario.name.clone();
            let played = Played::new(scenario.clone(), self.seed)
                .map_err(|error| StandaloneError::Scenario { name, error })?;
            scenarios.push(played);
        }
        let listener =
            TcpListener::bind(self.listen)
                .await
                .map_err(|error| StandaloneError::Listen {
                    addr: self.listen,
                    error,
                })?;
        let trial = Trial::new(Clock::real(), Box::new(ByName(scenarios)), Rc::new(Log));
        Ok(listen(listener, trial, self.max_connections)?)
    }
}

fn announce(addr: SocketAddr) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "listening on http://{addr}/  (GET / lists the scenarios)"
    )?;
    if !addr.ip().is_loopback() {
        writeln!(out, "note: {addr} can be reached from other machines")?;
    }
    out.flush()
}

/// `/s/NAME` plays a scenario, `/` lists them.
struct ByName(Vec<Rc<Played>>);

impl Router for ByName {
    fn at_accept(&self) -> Option<Rc<Played>> {
        None
    }

    fn route(&self, request: &Request) -> Routed {
        const TEXT: &str = "text/plain; charset=utf-8";
        let path = request.target.split('?').next().unwrap_or_default();
        if path == "/" {
            let lines = self.0.iter().map(|played| {
                format!("/s/{:32} {}\n", played.scenario.name, played.scenario.title)
            });
            return Routed::Say(Box::new(text_response(
                200,
                TEXT,
                lines.collect::<String>(),
            )));
        }
        let name = path.strip_prefix("/s/").unwrap_or(path);
        match self.0.iter().find(|played| played.scenario.name == name) {
            Some(played) => Routed::Play(Rc::clone(played)),
            None => {
                let names = self.0.iter().map(|played| played.scenario.name.as_str());
                let hint = nearest(name, names)
                    .map_or(String::new(), |known| format!("did you mean /s/{known} ? "));
                let body = format!("nothing is served at {path}; {hint}GET / lists what is\n");
                Routed::Say(Box::new(text_response(404, TEXT, body)))
            }
        }
    }
}

/// One line of JSON per event on standard error.
struct Log;

impl Journal for Log {
    fn write(&self, event: Event) {
        if let Ok(line) = serde_json::to_string(&event) {
            // A closed standard error must not end the server.
            let _ = writeln!(io::stderr().lock(), "{line}");
        }
    }
}

/// SIGINT and SIGTERM (on Windows: Ctrl-C alone).
struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
            })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    async fn next(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    }

    async fn obeyed_by(mut self, listening: Listening) {
        self.next().await;
        listening.close(Closing::Gracefully);
        let trial = listening.trial();
        let mut ended = std::pin::pin!(listening.join());
        tokio::select! {
            () = &mut ended => return,
            () = self.next() => {}
            () = Clock::real().sleep(GRACE) => {}
        }
        trial.close(Closing::Now);
        ended.await;
    }
}
