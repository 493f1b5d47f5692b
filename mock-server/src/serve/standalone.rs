//! The server for anybody's client: scenarios by name, until a signal.

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    rc::Rc,
};

use serde::{Deserialize, Serialize};
use tokio::{net::TcpListener, task::LocalSet};

use super::{Listening, Played, Trial, ending::Ending, listen, site::Site};
use crate::{
    clock::Clock,
    journal::{Event, Journal},
    origin::OriginError,
    scenario::Scenario,
};

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
    /// End when standard input does.
    pub exit_with_stdin: bool,
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
    /// Serves until SIGINT, SIGTERM or, where asked for, the end of standard
    /// input. Says where in one line of JSON on standard output, [`Ready`], and
    /// what happens on each connection on standard error.
    ///
    /// # Errors
    /// When the address or a scenario cannot be served.
    pub fn run(self) -> Result<(), StandaloneError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        LocalSet::new().block_on(&runtime, async {
            let ending = Ending::watch(self.exit_with_stdin)?;
            let listening = self.start().await?;
            let addr = listening.addr();
            Ready::new(addr).announce(addr)?;
            ending.obeyed_by(listening).await;
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
        let site = Site::new(scenarios, listener.local_addr()?, self.seed);
        let trial = Trial::new(Clock::real(), Box::new(site), Rc::new(Log));
        Ok(listen(listener, trial, self.max_connections)?)
    }
}

/// The first line on standard output, for the program that started the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// Always true: requests are answered from now on.
    pub ready: bool,
    /// Where the scenarios are, without a slash at its end.
    pub url: String,
    /// Where the control interface is; null where there is none.
    pub control: Option<String>,
    /// The server's process.
    pub pid: u32,
}

impl Ready {
    fn new(addr: SocketAddr) -> Self {
        Self {
            ready: true,
            url: format!("http://{addr}"),
            control: None,
            pid: std::process::id(),
        }
    }

    /// For machines on standard output, for people on standard error.
    fn announce(&self, addr: SocketAddr) -> io::Result<()> {
        let mut err = io::stderr().lock();
        // A closed standard error must not keep the server from serving.
        let _ = writeln!(
            err,
            "listening on {}/ (GET / lists what is served)",
            self.url
        );
        if !addr.ip().to_canonical().is_loopback() {
            let _ = writeln!(err, "note: {addr} can be reached from other machines");
        }
        let mut line = serde_json::to_string(self)?;
        line.push('\n');
        let mut out = io::stdout().lock();
        out.write_all(line.as_bytes())?;
        out.flush()
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
