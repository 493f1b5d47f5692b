//! The server for anybody's client: scenarios by name, until a signal.

use std::{
    io::{self, Write as _},
    net::{Ipv4Addr, SocketAddr},
    rc::Rc,
};

use serde::{Deserialize, Serialize};
use tokio::{
    net::TcpListener,
    task::{JoinHandle, LocalSet, spawn_local},
};

use super::{
    Closing, Listening, MAX_CONNECTIONS, Played, Trial, Unplayable,
    control::{self, Control, Metrics},
    ending::Ending,
    listen,
    site::Site,
};
use crate::{
    clock::Clock,
    journal::{Event, Journal, Kept},
    scenario::Scenario,
};

/// Settings of the server.
#[derive(Debug, Clone)]
pub struct Standalone {
    /// What it serves, each as `/s/NAME`.
    pub scenarios: Vec<Scenario>,
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the control interface listens; `None` for none.
    pub control: Option<SocketAddr>,
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
        "cannot listen on {addr}: {error}; choose another with {option} (port 0 takes a free one)"
    )]
    Listen {
        /// The address asked for.
        addr: SocketAddr,
        /// The option that says it.
        option: &'static str,
        /// What the system said.
        error: io::Error,
    },
    /// A body cannot be made, or the kernel refuses a socket's settings.
    #[error("scenario {name}: {error}")]
    Scenario {
        /// Its name.
        name: String,
        /// What is wrong.
        error: Unplayable,
    },
    /// Anything else of the system.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Default for Standalone {
    /// What a test wants: free ports on loopback, no scenario by name.
    fn default() -> Self {
        Self {
            scenarios: Vec::new(),
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            control: Some((Ipv4Addr::LOCALHOST, 0).into()),
            max_connections: MAX_CONNECTIONS,
            seed: 1,
            exit_with_stdin: false,
        }
    }
}

impl Standalone {
    /// Serves until SIGINT, SIGTERM or, where asked for, the end of standard
    /// input. Says where in one line of JSON on standard output, [`Ready`], and
    /// what happens on each connection on standard error.
    ///
    /// # Errors
    /// When an address or a scenario cannot be served.
    pub fn run(self) -> Result<(), StandaloneError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        LocalSet::new().block_on(&runtime, async {
            let ending = Ending::watch(self.exit_with_stdin)?;
            let serving = self.start_with(Some(Rc::new(Log))).await?;
            Ready::of(&serving).announce(serving.addr())?;
            ending.obeyed_by(serving).await;
            Ok(())
        })
    }

    /// Starts listening, within a [`LocalSet`]. Nothing is printed; the journal
    /// is [`Serving::journal`].
    ///
    /// # Errors
    /// When an address or a scenario cannot be served.
    pub async fn start(&self) -> Result<Serving, StandaloneError> {
        self.start_with(None).await
    }

    async fn start_with(&self, log: Option<Rc<dyn Journal>>) -> Result<Serving, StandaloneError> {
        let mut scenarios = Vec::new();
        for scenario in &self.scenarios {
            let name = scenario.name.clone();
            let played = Played::over_tcp(scenario.clone(), self.seed)
                .map_err(|error| StandaloneError::Scenario { name, error })?;
            scenarios.push(played);
        }
        let listener = bind(self.listen, "--listen").await?;
        let control = match self.control {
            Some(addr) => Some(bind(addr, "--control").await?),
            None => None,
        };
        let addr = listener.local_addr()?;
        let site = Rc::new(Site::new(scenarios, addr, self.seed));
        let journal = Rc::new(Kept::default());
        let metrics = Rc::new(Metrics::default());
        let mut journals: Vec<Rc<dyn Journal>> = vec![Rc::clone(&journal) as _];
        journals.push(Rc::clone(&metrics) as _);
        journals.extend(log);
        let clock = Clock::real();
        let trial = Trial::new(clock, Box::new(Rc::clone(&site)), Rc::new(All(journals)));
        let listening = listen(listener, Rc::clone(&trial), self.max_connections)?;
        let control = match control {
            None => None,
            Some(listener) => {
                let at = listener.local_addr()?;
                let asked = Control {
                    site,
                    trial,
                    journal: Rc::clone(&journal),
                    metrics,
                    clock,
                    url: format!("http://{addr}"),
                };
                Some((at, spawn_local(control::serve(listener, Rc::new(asked)))))
            }
        };
        Ok(Serving {
            listening,
            journal,
            control,
        })
    }
}

async fn bind(addr: SocketAddr, option: &'static str) -> Result<TcpListener, StandaloneError> {
    let bound = TcpListener::bind(addr).await;
    bound.map_err(|error| StandaloneError::Listen {
        addr,
        option,
        error,
    })
}

/// A server at work.
#[must_use = "dropping it leaves the server running unseen"]
pub struct Serving {
    listening: Listening,
    journal: Rc<Kept>,
    control: Option<(SocketAddr, JoinHandle<()>)>,
}

impl Serving {
    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.listening.addr()
    }

    /// The same as a URL, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr())
    }

    /// The URL of the control interface, where there is one.
    pub fn control(&self) -> Option<String> {
        let (addr, _) = self.control.as_ref()?;
        Some(format!("http://{addr}"))
    }

    /// What happened, by test.
    pub fn journal(&self) -> Rc<Kept> {
        Rc::clone(&self.journal)
    }

    /// What its connections share; outlives [`Serving::join`].
    pub fn trial(&self) -> Rc<Trial> {
        self.listening.trial()
    }

    /// Tells the connections to end.
    pub fn close(&self, how: Closing) {
        self.listening.close(how);
    }

    /// Waits until every connection has ended, and ends the control interface;
    /// panics if one panicked.
    pub async fn join(self) {
        self.listening.join().await;
        if let Some((_, serving)) = self.control {
            serving.abort();
            if let Err(error) = serving.await
                && let Ok(panic) = error.try_into_panic()
            {
                std::panic::resume_unwind(panic);
            }
        }
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
    fn of(serving: &Serving) -> Self {
        Self {
            ready: true,
            url: serving.url(),
            control: serving.control(),
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
        if let Some(control) = &self.control {
            let _ = writeln!(err, "control on {control}/");
        }
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

/// Several journals: each has every event.
struct All(Vec<Rc<dyn Journal>>);

impl Journal for All {
    fn write(&self, event: Event) {
        for journal in &self.0 {
            journal.write(event.clone());
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
