//! The process of the server, from outside.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    io,
    net::SocketAddr,
    path::PathBuf,
    rc::Rc,
};

use shortread_server::{
    journal::{Event, Progress},
    scenario::Scenario,
    serve::protocol::{Command, Reply},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, ChildStdin, ChildStdout},
    sync::{Mutex, mpsc},
    task::spawn_local,
};

use super::{family::Family, process};

/// The reasons why the server did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The process did not start.
    #[error("cannot start the server process: {0}")]
    Start(io::Error),
    /// The process is gone, and running trials are lost; the next one gets a new
    /// server.
    #[error("the server process ended in the middle of the trial")]
    Died,
    /// The server gave this reason.
    #[error("the server cannot play this scenario: {0}")]
    Refused(String),
    /// Some events are missing, so there is no record.
    #[error("the server's record of this trial is incomplete: {0}")]
    Untold(String),
    /// The record of a trial could not be written.
    #[error(transparent)]
    Observer(#[from] io::Error),
}

/// The server of a run, started when first needed, and again if it died.
pub(super) struct Servers {
    program: PathBuf,
    family: Rc<Family>,
    current: Mutex<Option<Rc<Server>>>,
}

/// One server process.
pub(super) struct Server {
    input: Mutex<Option<ChildStdin>>,
    /// The trials that wait for replies.
    waiting: Rc<PendingTrial>,
    child: RefCell<Child>,
}

/// The server's report about a closed trial.
#[derive(Debug, Default)]
pub(super) struct ServerAccount {
    pub(super) events: Vec<Event>,
    pub(super) progress: Vec<Progress>,
}

#[derive(Default)]
struct PendingTrial {
    trials: RefCell<BTreeMap<String, mpsc::UnboundedSender<Reply>>>,
    gone: Cell<bool>,
}

impl Servers {
    /// Servers of this program; each belongs to `family`.
    pub(super) fn new(program: PathBuf, family: Rc<Family>) -> Self {
        Self {
            program,
            family,
            current: Mutex::default(),
        }
    }

    /// A server that is alive, as far as is known.
    pub(super) async fn get(&self) -> Result<Rc<Server>, ServerError> {
        let mut current = self.current.lock().await;
        match current.as_ref() {
            Some(server) if !server.waiting.gone.get() => Ok(Rc::clone(server)),
            _ => {
                let server = Rc::new(Server::start(&self.program)?);
                self.family.started(server.child.borrow().id());
                *current = Some(Rc::clone(&server));
                Ok(server)
            }
        }
    }

    /// Opens a listener for a trial, on a server that is alive as far as is
    /// known.
    pub(super) async fn open(
        &self,
        trial: &str,
        scenario: &Scenario,
        seed: u64,
    ) -> Result<(Rc<Server>, SocketAddr), ServerError> {
        let server = self.get().await?;
        match server.open(trial, scenario, seed).await {
            // The server died before this trial began, so a new one can play it.
            Err(ServerError::Died) => {
                server.waiting.gone.set(true);
                let server = self.get().await?;
                let addr = server.open(trial, scenario, seed).await?;
                Ok((server, addr))
            }
            opened => Ok((server, opened?)),
        }
    }

    /// Ends the server and waits for it.
    pub(super) async fn end(&self) {
        let Some(server) = self.current.lock().await.take() else {
            return;
        };
        server.input.lock().await.take();
        // Nobody else holds `Server`: every trial that used it has ended.
        if let Ok(server) = Rc::try_unwrap(server) {
            let _ = server.child.into_inner().wait().await;
        }
    }
}

impl Server {
    fn start(program: &std::path::Path) -> Result<Self, ServerError> {
        let mut child =
            process::spawn(program, "serve --supervised").map_err(ServerError::Start)?;
        let waiting = Rc::<PendingTrial>::default();
        if let Some(output) = child.stdout.take() {
            spawn_local(listen(output, Rc::clone(&waiting)));
        }
        Ok(Self {
            input: Mutex::new(child.stdin.take()),
            waiting,
            child: RefCell::new(child),
        })
    }

    /// Opens a listener for a trial.
    async fn open(
        &self,
        trial: &str,
        scenario: &Scenario,
        seed: u64,
    ) -> Result<SocketAddr, ServerError> {
        let command = Command::Open {
            trial: trial.to_owned(),
            scenario: Box::new(scenario.clone()),
            seed,
        };
        let mut replies = self.tell(trial, &command).await?;
        match replies.recv().await {
            Some(Reply::Opened { addr, .. }) => Ok(addr),
            Some(Reply::Failed { error, .. }) => Err(ServerError::Refused(error)),
            _ => Err(ServerError::Died),
        }
    }

    /// Closes the listener of a trial, and returns the server's report.
    pub(super) async fn close(&self, trial: &str) -> Result<ServerAccount, ServerError> {
        let command = Command::Close {
            trial: trial.to_owned(),
        };
        let mut replies = self.tell(trial, &command).await?;
        let (mut events, mut progress) = (Vec::new(), Vec::new());
        loop {
            match replies.recv().await {
                Some(Reply::Event { event, .. }) => events.push(event),
                Some(Reply::Progress { samples, .. }) => progress = samples,
                Some(Reply::Closed { count, .. }) if count == events.len() => break,
                Some(Reply::Failed { error, .. }) => {
                    self.waiting.trials.borrow_mut().remove(trial);
                    return Err(ServerError::Untold(error));
                }
                _ => return Err(ServerError::Died),
            }
        }
        self.waiting.trials.borrow_mut().remove(trial);
        Ok(ServerAccount { events, progress })
    }

    async fn tell(
        &self,
        trial: &str,
        command: &Command,
    ) -> Result<mpsc::UnboundedReceiver<Reply>, ServerError> {
        let (send, receive) = mpsc::unbounded_channel();
        self.waiting
            .trials
            .borrow_mut()
            .insert(trial.to_owned(), send);
        if self.waiting.gone.get() {
            return Err(ServerError::Died);
        }
        let mut line = serde_json::to_string(command).map_err(io::Error::other)?;
        line.push('\n');
        let mut input = self.input.lock().await;
        let input = input.as_mut().ok_or(ServerError::Died)?;
        input
            .write_all(line.as_bytes())
            .await
            .map_err(|_| ServerError::Died)?;
        Ok(receive)
    }
}

/// Hands each reply to its trial, until the server ends; then every waiting trial
/// sees the end of its channel.
async fn listen(output: ChildStdout, waiting: Rc<PendingTrial>) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let Ok(reply) = serde_json::from_str::<Reply>(&line) else {
            break;
        };
        let trial = match &reply {
            Reply::Opened { trial, .. }
            | Reply::Event { trial, .. }
            | Reply::Progress { trial, .. }
            | Reply::Closed { trial, .. } => Some(trial),
            Reply::Failed { trial, .. } => trial.as_ref(),
        };
        if let Some(send) = trial.and_then(|trial| waiting.trials.borrow().get(trial).cloned()) {
            // An interrupted trial no longer listens.
            let _ = send.send(reply);
        }
    }
    waiting.gone.set(true);
    waiting.trials.borrow_mut().clear();
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    /// A server that dies without a reply at its first command, and obeys when
    /// started again.
    const DIES_ONCE: &str = r#"#!/bin/sh
read -r command
mkdir "$0.died" 2>/dev/null && exit
echo '{"opened":{"trial":"one","addr":"127.0.0.1:9"}}'
cat >/dev/null
"#;

    #[tokio::test]
    async fn a_server_that_died_before_a_trial_began_costs_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("server");
        fs::write(&program, DIES_ONCE).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
        tokio::task::LocalSet::new()
            .run_until(async {
                let servers = Servers::new(program.clone(), Rc::default());
                let opened = servers.open("one", &Scenario::default(), 1).await;
                let (server, addr) = opened.unwrap_or_else(|error| panic!("{error}"));
                assert_eq!(addr, "127.0.0.1:9".parse().unwrap());
                assert!(program.with_extension("died").exists());
                drop(server);
                servers.end().await;
            })
            .await;
    }
}
