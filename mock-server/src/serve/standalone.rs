//! The server for anybody's client: scenarios by name, until a signal.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    rc::Rc,
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tokio::{
    net::TcpListener,
    task::{JoinHandle, LocalSet, spawn_local},
};

use super::{
    Listening, MAX_CONNECTIONS,
    allowed::Allowed,
    control::{self, Control, Guard, Metrics, Telling, Token},
    ending::Ending,
    listen,
    log::{All, Log},
    output::{Lines, Unwritten},
    site::Site,
};
use crate::{
    clock::Clock,
    descriptors,
    flow::{Closing, Trial},
    http1::{Played, Unplayable},
    journal::{Journal, Kept},
    scenario::Scenario,
};

/// For what is still to be written when the server ends, while nothing of it
/// is read.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The same, while some of it is.
const LONGEST_WORDS: Duration = Duration::from_secs(5);

/// As long as it takes: a server whose first line nobody reads serves.
const FOR_EVER: Duration = Duration::from_secs(u32::MAX as u64);

/// Settings of the server.
#[derive(Debug, Clone)]
pub struct Standalone {
    /// What it serves, each as `/s/NAME`.
    pub scenarios: Vec<Scenario>,
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the control interface listens; `None` for none.
    pub control: Option<SocketAddr>,
    /// What orders have to carry; `None` asks for nothing.
    pub control_token: Option<Token>,
    /// Names under which the control interface may be asked, beside those of
    /// this machine's loopback and its own address.
    pub control_hosts: Vec<String>,
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
            control_token: None,
            control_hosts: Vec::new(),
            max_connections: MAX_CONNECTIONS,
            seed: 1,
            exit_with_stdin: false,
        }
    }
}

impl Standalone {
    /// Serves until SIGINT, SIGTERM or, where asked for, the end of standard
    /// input. Says where in one line of JSON on standard output, [`Ready`], and
    /// what happens on each connection on standard error. Raises this process's
    /// limit on open files to what it may be.
    ///
    /// # Errors
    /// When an address or a scenario cannot be served.
    pub fn run(self) -> Result<(), StandaloneError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        LocalSet::new().block_on(&runtime, async {
            let mut ending = Ending::watch(self.exit_with_stdin)?;
            let allowed = Allowed::within(self.max_connections, descriptors::raise());
            let (out, log) = (Lines::to_stdout()?, Lines::to_stderr()?);
            let serving = self.start_with(allowed, Some(log.clone())).await?;
            self.announce(&serving, allowed, &out, &log)?;
            let orphaned = tokio::select! {
                orphaned = ending.moment() => orphaned,
                error = failure(&out) => return Err(error.into()),
            };
            ending.obeyed_by(serving, orphaned).await;
            // Nobody may read it, or slowly: then the server ends all the same.
            let clock = Clock::real();
            let _ = clock
                .timeout_at(clock.now() + LONGEST_WORDS, log.flushed(LAST_WORDS))
                .await;
            Ok(())
        })
    }

    /// For machines on standard output, for people on standard error.
    fn announce(
        &self,
        serving: &Serving,
        allowed: Allowed,
        out: &Lines,
        log: &Lines,
    ) -> io::Result<()> {
        let ready = Ready::of(serving, allowed.downloads);
        let url = &ready.url;
        log.say(&format!("listening on {url}/ (GET / lists what is served)"));
        if let Some(control) = &ready.control {
            log.say(&format!("control on {control}/"));
        }
        let control = serving.control.as_ref().map(|(addr, _)| *addr);
        for addr in [Some(serving.addr()), control].into_iter().flatten() {
            if !addr.ip().to_canonical().is_loopback() {
                log.say(&format!("note: {addr} can be reached from other machines"));
            }
        }
        if let Some(note) = allowed.note(self.max_connections) {
            log.say(&format!("note: {note}"));
        }
        out.say_always(&serde_json::to_string(&ready)?);
        Ok(())
    }

    /// Starts listening, within a [`LocalSet`]. Nothing is printed; the journal
    /// is [`Serving::journal`].
    ///
    /// # Errors
    /// When an address or a scenario cannot be served.
    pub async fn start(&self) -> Result<Serving, StandaloneError> {
        let allowed = Allowed::asked(self.max_connections);
        self.start_with(allowed, None).await
    }

    async fn start_with(
        &self,
        allowed: Allowed,
        log: Option<Lines>,
    ) -> Result<Serving, StandaloneError> {
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
        journals.extend(
            log.clone()
                .map(|lines| Rc::new(Log { lines }) as Rc<dyn Journal>),
        );
        let clock = Clock::real();
        let trial = Trial::new(clock, Rc::new(All(journals)));
        let router = Rc::new(Rc::clone(&site));
        let listening = listen(listener, Rc::clone(&trial), router, allowed.downloads)?;
        let control = match control {
            None => None,
            Some(listener) => {
                let at = listener.local_addr()?;
                let hosts = self.control_hosts.clone();
                let asked = Control {
                    guard: Guard::new(at.ip(), hosts, self.control_token.clone()),
                    waiting: listening.waiting(),
                    allowed,
                    log,
                    site,
                    trial,
                    journal: Rc::clone(&journal),
                    metrics,
                    telling: Telling::default(),
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

/// Why standard output cannot be written to; never, where it can.
async fn failure(out: &Lines) -> io::Error {
    match out.flushed(FOR_EVER).await {
        Err(Unwritten::Failed(error)) => error,
        _ => std::future::pending().await,
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
    /// Connections at a time.
    pub connections: usize,
}

impl Ready {
    fn of(serving: &Serving, connections: usize) -> Self {
        Self {
            ready: true,
            url: serving.url(),
            control: serving.control(),
            pid: std::process::id(),
            connections,
        }
    }
}
