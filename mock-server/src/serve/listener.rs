//! Accepting connections, up to a limit, until told to stop.

use std::{
    io,
    net::SocketAddr,
    rc::{Rc, Weak},
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinError, JoinHandle, JoinSet, spawn_local},
};

use super::tasks;
use crate::{
    flow::{Closing, Trial},
    http1::{Router, serve_connection},
    link::{TcpWire, Wire as _, sys},
    scenario::Sockets,
};

/// Connections served at a time by default. Further ones wait in the
/// listener's backlog.
pub const MAX_CONNECTIONS: usize = 4096;

/// Before accepting is tried again where it failed.
const BACK_OFF: Duration = Duration::from_millis(10);

/// A listener at work.
#[must_use = "dropping it leaves the listener running unseen"]
pub struct Listening {
    trial: Rc<Trial>,
    addr: SocketAddr,
    waiting: Waiting,
    accepting: JoinHandle<()>,
}

/// Tells how many connections wait to be accepted.
#[derive(Debug, Clone, Default)]
pub(super) struct Waiting(Weak<TcpListener>);

impl Waiting {
    /// `None` where nobody listens any more, or the system does not tell.
    pub(super) fn count(&self) -> Option<u32> {
        let info = sys::tcp_info(&*self.0.upgrade()?);
        info.ok().map(|info| info.unacked)
    }
}

/// Accepts on `listener` for `trial`, at most `limit` connections at a time,
/// which play what `router` says. Must be called within a [`tokio::task::LocalSet`].
///
/// # Errors
/// When the listener has no address.
pub fn listen(
    listener: TcpListener,
    trial: Rc<Trial>,
    router: Rc<dyn Router>,
    limit: usize,
) -> io::Result<Listening> {
    let addr = listener.local_addr()?;
    let listener = Rc::new(listener);
    let waiting = Waiting(Rc::downgrade(&listener));
    let accepting = accept(listener, Rc::clone(&trial), router, limit.max(1));
    let accepting = spawn_local(accepting);
    Ok(Listening {
        trial,
        addr,
        waiting,
        accepting,
    })
}

impl Listening {
    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What its connections share; outlives [`Listening::join`].
    pub fn trial(&self) -> Rc<Trial> {
        Rc::clone(&self.trial)
    }

    /// What waits to be accepted.
    pub(super) fn waiting(&self) -> Waiting {
        self.waiting.clone()
    }

    /// Tells the connections to end.
    pub fn close(&self, how: Closing) {
        self.trial.close(how);
    }

    /// Waits until every connection has ended; panics if one panicked.
    pub async fn join(self) {
        if let Err(error) = self.accepting.await {
            propagate(error);
        }
    }
}

/// What was said already: each is said once, however long it lasts.
#[derive(Default)]
struct Said {
    full: bool,
    failed: bool,
}

impl Said {
    fn full(&mut self, trial: &Trial, limit: usize) {
        if !std::mem::replace(&mut self.full, true) {
            trial.note(&format!(
                "{limit} connections are open, which is the most; further ones wait until some end"
            ));
        }
    }

    fn failed(&mut self, trial: &Trial, error: &io::Error) {
        // A client that went away before it was accepted is nobody's loss.
        let lasts = error.kind() != io::ErrorKind::ConnectionAborted;
        if lasts && !std::mem::replace(&mut self.failed, true) {
            trial.note(&format!(
                "a connection cannot be accepted and waits: {error}"
            ));
        }
    }
}

async fn accept(listener: Rc<TcpListener>, trial: Rc<Trial>, router: Rc<dyn Router>, limit: usize) {
    let mut closing = trial.closing();
    let mut connections = JoinSet::new();
    let mut said = Said::default();
    loop {
        tokio::select! {
            biased;
            () = closing.wait_for(|closing| closing != Closing::No) => break,
            Some(ended) = connections.join_next() => ended.unwrap_or_else(propagate),
            accepted = listener.accept(), if connections.len() < limit => match accepted {
                Ok((stream, _)) => {
                    start(stream, &trial, &router, &mut connections);
                    if connections.len() >= limit {
                        said.full(&trial, limit);
                    }
                }
                // Out of descriptors, or a client that was gone before it was
                // accepted: neither ends the server.
                Err(error) => {
                    said.failed(&trial, &error);
                    trial.clock.sleep(BACK_OFF).await;
                }
            },
        }
    }
    drop(listener);
    while let Some(ended) = connections.join_next().await {
        ended.unwrap_or_else(propagate);
    }
}

fn start(
    stream: TcpStream,
    trial: &Rc<Trial>,
    router: &Rc<dyn Router>,
    connections: &mut JoinSet<()>,
) {
    if let Ok(mut wire) = TcpWire::new(stream) {
        // Until a scenario says otherwise; the journal shows what is in force.
        let _ = wire.configure(&Sockets::default());
        let served = serve_connection(wire, Rc::clone(trial), Rc::clone(router));
        connections.spawn_local(tasks::counted(served));
    }
}

fn propagate(error: JoinError) {
    if let Ok(panic) = error.try_into_panic() {
        std::panic::resume_unwind(panic);
    }
}
