//! The server for any client: scenarios by name, until a signal.

use std::{
    collections::{BTreeMap, BTreeSet},
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
    site::{Named, Site},
};
use crate::{
    clock::Clock,
    descriptors,
    flow::{ListenerState, Urgency},
    http1::Unplayable,
    journal::{Journal, Kept},
    scenario::Scenario,
    text::printable,
};

/// Time to write the remaining lines at the end of the server, if nobody reads
/// them.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The same, if somebody reads them.
const LONGEST_WORDS: Duration = Duration::from_secs(5);

/// No limit: the server works even if nobody reads its first line.
const FOR_EVER: Duration = Duration::from_secs(u32::MAX as u64);

/// Settings of the server.
#[derive(Debug, Clone)]
pub struct Standalone {
    /// The scenarios to serve, each as `/s/NAME`.
    pub scenarios: Vec<Scenario>,
    /// The address to listen on; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The address of the control interface; `None` for no interface.
    pub control: Option<SocketAddr>,
    /// The token that control requests must carry, if any.
    pub control_token: Option<Token>,
    /// Host names of the control interface, beside those of loopback and its own
    /// address.
    pub control_hosts: Vec<String>,
    /// Most connections at a time.
    pub max_connections: usize,
    /// The seed of all random numbers.
    pub seed: u64,
    /// Ends the server when standard input ends.
    pub exit_with_stdin: bool,
}

/// The reasons why the server cannot run.
#[derive(Debug, thiserror::Error)]
pub enum StandaloneError {
    /// The address is taken, or is not an address of this machine.
    #[error(
        "cannot listen on {addr}: {error}; choose another address with {option} (port 0 picks a free one)"
    )]
    Listen {
        /// The requested address.
        addr: SocketAddr,
        /// The option that sets it.
        option: &'static str,
        /// The system's error.
        error: io::Error,
    },
    /// A body cannot be made, or the kernel refuses a socket setting.
    #[error("scenario {name}: {error}")]
    Scenario {
        /// Its name.
        name: String,
        /// The mistake.
        error: Unplayable,
    },
    /// Two scenarios have the same name.
    #[error("two scenarios are called {0}: leave one of them out, or rename it")]
    Name(String),
    /// Two scenarios have the same alias.
    #[error("scenarios {0} and {1} are both at {2}: leave one of them out, or change its `alias`")]
    Alias(String, String, String),
    /// Any other error of the system.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A name that two scenarios have.
fn same_name(scenarios: &[Scenario]) -> Option<String> {
    let mut known = BTreeSet::new();
    let mut names = scenarios.iter().map(|one| one.name.as_str());
    let twice = names.find(|name| !known.insert(*name))?;
    Some(printable(twice).into_owned())
}

/// Two scenarios that have an alias in common, and that.
fn same_alias(scenarios: &[Scenario]) -> Option<(String, String, String)> {
    let mut known = BTreeMap::new();
    let each = scenarios
        .iter()
        .flat_map(|one| one.alias.iter().map(move |path| (path, &one.name)));
    each.into_iter().find_map(|(path, name)| {
        let other = known.insert(path, name).filter(|other| *other != name)?;
        Some((other.clone(), name.clone(), path.clone()))
    })
}

impl Default for Standalone {
    /// The settings for a test: free ports on loopback, no named scenarios.
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
    /// Serves until SIGINT, SIGTERM or, if requested, the end of standard input.
    /// Prints its addresses as one line of JSON ([`Ready`]) on standard output,
    /// and the events of each connection on standard error. Raises the limit on
    /// open files as far as it can.
    ///
    /// # Errors
    /// An address or a scenario cannot be served.
    pub fn run(self) -> Result<(), StandaloneError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let served = LocalSet::new().block_on(&runtime, async {
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
            // The server must end even if its output is read slowly or not at all.
            let clock = Clock::real();
            let _ = clock
                .timeout_at(clock.now() + LONGEST_WORDS, log.flushed(LAST_WORDS))
                .await;
            Ok(())
        });
        // A pass over a coded body of any size may be under way, and nobody waits for it.
        runtime.shutdown_background();
        served
    }

    /// Prints the ready line for programs on standard output, and for people on
    /// standard error.
    fn announce(
        &self,
        serving: &Serving,
        allowed: Allowed,
        out: &Lines,
        log: &Lines,
    ) -> io::Result<()> {
        let ready = Ready::of(serving, allowed.downloads);
        let url = &ready.url;
        log.say(&format!("listening on {url}/ (GET / lists all paths)"));
        if let Some(control) = &ready.control {
            log.say(&format!("control on {control}/"));
        }
        let control = serving.control.as_ref().map(|(addr, _)| *addr);
        for addr in [Some(serving.addr()), control].into_iter().flatten() {
            if !addr.ip().to_canonical().is_loopback() {
                log.say(&format!("note: other machines can reach {addr}"));
            }
        }
        if let Some(note) = allowed.note(self.max_connections) {
            log.say(&format!("note: {note}"));
        }
        out.say_always(&serde_json::to_string(&ready)?);
        Ok(())
    }

    /// Starts listening, within a [`LocalSet`]. Prints nothing; the journal is
    /// [`Serving::journal`].
    ///
    /// # Errors
    /// An address or a scenario cannot be served.
    pub async fn start(&self) -> Result<Serving, StandaloneError> {
        let allowed = Allowed::asked(self.max_connections);
        self.start_with(allowed, None).await
    }

    async fn start_with(
        &self,
        allowed: Allowed,
        log: Option<Lines>,
    ) -> Result<Serving, StandaloneError> {
        if let Some(name) = same_name(&self.scenarios) {
            return Err(StandaloneError::Name(name));
        }
        if let Some((one, other, path)) = same_alias(&self.scenarios) {
            return Err(StandaloneError::Alias(one, other, path));
        }
        let mut scenarios = Vec::new();
        for scenario in &self.scenarios {
            let name = scenario.name.clone();
            let named = Named::new(scenario.clone(), self.seed)
                .map_err(|error| StandaloneError::Scenario { name, error })?;
            scenarios.push(named);
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
        let state = ListenerState::new(clock, Rc::new(All(journals)));
        let router = Rc::new(Rc::clone(&site));
        let listening = listen(listener, Rc::clone(&state), router, allowed.downloads)?;
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
                    state,
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

/// A running server.
#[must_use = "dropping it leaves the server running unseen"]
pub struct Serving {
    listening: Listening,
    journal: Rc<Kept>,
    control: Option<(SocketAddr, JoinHandle<()>)>,
}

impl Serving {
    /// The address of the server.
    pub fn addr(&self) -> SocketAddr {
        self.listening.addr()
    }

    /// Its URL, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr())
    }

    /// The URL of the control interface, if there is one.
    pub fn control(&self) -> Option<String> {
        let (addr, _) = self.control.as_ref()?;
        Some(format!("http://{addr}"))
    }

    /// The events, by test.
    pub fn journal(&self) -> Rc<Kept> {
        Rc::clone(&self.journal)
    }

    /// The state that its connections share; it outlives [`Serving::join`].
    pub fn state(&self) -> Rc<ListenerState> {
        self.listening.state()
    }

    /// Tells the connections to end.
    pub fn close(&self, how: Urgency) {
        self.listening.close(how);
    }

    /// Waits until every connection has ended, and ends the control interface.
    /// Panics if a connection panicked.
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

/// The error of standard output. Waits forever if there is none.
async fn failure(out: &Lines) -> io::Error {
    match out.flushed(FOR_EVER).await {
        Err(Unwritten::Failed(error)) => error,
        _ => std::future::pending().await,
    }
}

/// The first line on standard output, for the program that started the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// Always true: the server answers requests from now on.
    pub ready: bool,
    /// The URL of the scenarios, without a slash at its end.
    pub url: String,
    /// The URL of the control interface; null if there is none.
    pub control: Option<String>,
    /// The process id of the server.
    pub pid: u32,
    /// Most connections at a time.
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
