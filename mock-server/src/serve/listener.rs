//! Accepts connections, up to a limit, until told to stop.

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
    flow::{ListenerState, Urgency},
    http1::{Router, serve_connection},
    link::{TcpWire, Wire as _, sys},
    scenario::Sockets,
};

/// Default limit of connections served at a time. More wait in the listener's
/// backlog.
pub const MAX_CONNECTIONS: usize = 4096;

/// Pause after a failed accept.
const BACK_OFF: Duration = Duration::from_millis(10);

/// An open listener.
#[must_use = "dropping it leaves the listener running unseen"]
pub struct Listening {
    state: Rc<ListenerState>,
    addr: SocketAddr,
    waiting: AcceptQueue,
    accepting: JoinHandle<()>,
}

/// Counts the connections that wait to be accepted.
#[derive(Debug, Clone, Default)]
pub(super) struct AcceptQueue(Weak<TcpListener>);

impl AcceptQueue {
    /// `None` if nobody listens any more, or the system does not tell.
    pub(super) fn count(&self) -> Option<u32> {
        let info = sys::tcp_info(&*self.0.upgrade()?);
        info.ok().map(|info| info.unacked)
    }
}

/// Accepts connections on `listener` for `state`, at most `limit` at a time. The
/// `router` chooses what they play. Must be called within a
/// [`tokio::task::LocalSet`].
///
/// # Errors
/// The listener has no address.
pub fn listen(
    listener: TcpListener,
    state: Rc<ListenerState>,
    router: Rc<dyn Router>,
    limit: usize,
) -> io::Result<Listening> {
    let addr = listener.local_addr()?;
    let listener = Rc::new(listener);
    let waiting = AcceptQueue(Rc::downgrade(&listener));
    let accepting = accept(listener, Rc::clone(&state), router, limit.max(1));
    let accepting = spawn_local(accepting);
    Ok(Listening {
        state,
        addr,
        waiting,
        accepting,
    })
}

impl Listening {
    /// The address of the listener.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The state that its connections share; it outlives [`Listening::join`].
    pub fn state(&self) -> Rc<ListenerState> {
        Rc::clone(&self.state)
    }

    /// A counter of the connections that wait to be accepted.
    pub(super) fn waiting(&self) -> AcceptQueue {
        self.waiting.clone()
    }

    /// Tells the connections to end.
    pub fn close(&self, how: Urgency) {
        self.state.close(how);
    }

    /// Waits until every connection has ended; panics if one panicked.
    pub async fn join(self) {
        if let Err(error) = self.accepting.await {
            propagate(error);
        }
    }
}

/// The notes that were already printed: each is printed once, however long its
/// reason lasts.
#[derive(Default)]
struct SaidOnce {
    full: bool,
    failed: bool,
}

impl SaidOnce {
    fn full(&mut self, state: &ListenerState, limit: usize) {
        if !std::mem::replace(&mut self.full, true) {
            state.note(&format!(
                "{limit} connections are open, the limit; new ones wait until others end"
            ));
        }
    }

    fn failed(&mut self, state: &ListenerState, error: &io::Error) {
        // A client that leaves before it is accepted does no harm.
        let lasts = error.kind() != io::ErrorKind::ConnectionAborted;
        if lasts && !std::mem::replace(&mut self.failed, true) {
            state.note(&format!(
                "a connection cannot be accepted and waits: {error}"
            ));
        }
    }
}

async fn accept(
    listener: Rc<TcpListener>,
    state: Rc<ListenerState>,
    router: Rc<dyn Router>,
    limit: usize,
) {
    let mut closing = state.closing();
    let mut connections = JoinSet::new();
    let mut said = SaidOnce::default();
    loop {
        tokio::select! {
            biased;
            () = closing.wait_for(|closing| closing != Urgency::No) => break,
            Some(ended) = connections.join_next() => ended.unwrap_or_else(propagate),
            accepted = listener.accept(), if connections.len() < limit => match accepted {
                Ok((stream, _)) => {
                    start(stream, &state, &router, &mut connections);
                    if connections.len() >= limit {
                        said.full(&state, limit);
                    }
                }
                // The process is out of descriptors, or the client left before it was
                // accepted. Neither ends the server.
                Err(error) => {
                    said.failed(&state, &error);
                    state.clock.sleep(BACK_OFF).await;
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
    state: &Rc<ListenerState>,
    router: &Rc<dyn Router>,
    connections: &mut JoinSet<()>,
) {
    if let Ok(mut wire) = TcpWire::new(stream) {
        // These settings hold until a scenario sets others; the journal shows the
        // real ones.
        let _ = wire.configure(&Sockets::default());
        let (state, router) = (Rc::clone(state), Rc::clone(router));
        connections.spawn_local(tasks::counted(|| serve_connection(wire, state, router)));
    }
}

fn propagate(error: JoinError) {
    if let Ok(panic) = error.try_into_panic() {
        std::panic::resume_unwind(panic);
    }
}
