//! Ends the server after a signal, or at the end of its standard input.

use std::io;

use tokio::sync::oneshot;

use super::Serving;
use crate::{clock::Clock, flow::Urgency};

/// Time for current responses after a signal; then they are cut. A second signal
/// cuts them at once.
const GRACE: std::time::Duration = std::time::Duration::from_secs(5);

/// Watches for the end of the server.
pub(super) struct Ending {
    signals: Signals,
    input: Option<oneshot::Receiver<()>>,
}

impl Ending {
    /// Watches for signals and, with `with_stdin`, for the end of standard input.
    /// Needs a runtime.
    pub(super) fn watch(with_stdin: bool) -> io::Result<Self> {
        Ok(Self {
            signals: Signals::new()?,
            input: with_stdin.then(watch_stdin),
        })
    }

    /// Waits for the end. Returns true if standard input ended.
    pub(super) async fn moment(&mut self) -> bool {
        tokio::select! {
            () = self.signals.next() => false,
            () = ended(&mut self.input) => true,
        }
    }

    /// Ends the connections and waits for them. An `orphaned` server, without a
    /// parent, ends them at once.
    pub(super) async fn obeyed_by(mut self, serving: Serving, orphaned: bool) {
        let state = serving.state();
        // Without a parent, nobody waits for current responses.
        state.close(if orphaned {
            Urgency::Now
        } else {
            Urgency::Gracefully
        });
        let mut all = std::pin::pin!(serving.join());
        tokio::select! {
            () = &mut all => return,
            () = self.signals.next() => {}
            () = ended(&mut self.input), if !orphaned => {}
            () = Clock::real().sleep(GRACE) => {}
        }
        state.close(Urgency::Now);
        all.await;
    }
}

/// Waits forever if standard input is not watched.
async fn ended(input: &mut Option<oneshot::Receiver<()>>) {
    match input {
        Some(end) => drop(end.await),
        None => std::future::pending().await,
    }
}

/// This needs its own thread: a read of standard input cannot be interrupted, and
/// the process must be able to end during one.
fn watch_stdin() -> oneshot::Receiver<()> {
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || {
        // An error counts as the end: nobody holds the other side.
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = tell.send(());
    });
    told
}

/// SIGINT and SIGTERM (on Windows only Ctrl-C).
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
}
