//! Accepting connections, up to a limit, until told to stop.

use std::{io, net::SocketAddr, rc::Rc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinError, JoinHandle, JoinSet, spawn_local},
};

use super::{Closing, Trial, serve_connection, tasks};
use crate::{
    link::{TcpWire, Wire as _},
    scenario::Sockets,
};

/// Connections served at a time by default. Further ones wait in the
/// listener's backlog.
pub const MAX_CONNECTIONS: usize = 4096;

/// A listener at work.
#[must_use = "dropping it leaves the listener running unseen"]
pub struct Listening {
    trial: Rc<Trial>,
    addr: SocketAddr,
    accepting: JoinHandle<()>,
}

/// Accepts on `listener` for `trial`, at most `limit` connections at a time.
/// Must be called within a [`tokio::task::LocalSet`].
///
/// # Errors
/// When the listener has no address.
pub fn listen(listener: TcpListener, trial: Rc<Trial>, limit: usize) -> io::Result<Listening> {
    let addr = listener.local_addr()?;
    let accepting = spawn_local(accept(listener, Rc::clone(&trial), limit.max(1)));
    Ok(Listening {
        trial,
        addr,
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

async fn accept(listener: TcpListener, trial: Rc<Trial>, limit: usize) {
    let mut closing = trial.closing();
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            _ = closing.wait_for(|closing| *closing != Closing::No) => break,
            Some(ended) = connections.join_next() => ended.unwrap_or_else(propagate),
            accepted = listener.accept(), if connections.len() < limit => match accepted {
                Ok((stream, _)) => start(stream, &trial, &mut connections),
                // Out of descriptors, or a client that was gone before it was
                // accepted: neither ends the server.
                Err(_) => trial.clock.sleep(Duration::from_millis(10)).await,
            },
        }
    }
    drop(listener);
    while let Some(ended) = connections.join_next().await {
        ended.unwrap_or_else(propagate);
    }
}

fn start(stream: TcpStream, trial: &Rc<Trial>, connections: &mut JoinSet<()>) {
    if let Ok(mut wire) = TcpWire::new(stream) {
        // Until a scenario says otherwise; the journal shows what is in force.
        let _ = wire.configure(&Sockets::default());
        connections.spawn_local(tasks::counted(serve_connection(wire, Rc::clone(trial))));
    }
}

fn propagate(error: JoinError) {
    if let Ok(panic) = error.try_into_panic() {
        std::panic::resume_unwind(panic);
    }
}
