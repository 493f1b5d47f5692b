//! What ends the server: a signal, or the end of its standard input.

use std::io;

use tokio::sync::oneshot;

use super::Serving;
use crate::{clock::Clock, flow::Closing};

/// After a signal, responses under way have this long; then they are cut. A
/// second signal cuts them at once.
const GRACE: std::time::Duration = std::time::Duration::from_secs(5);

/// Ends the server when it is time.
pub(super) struct Ending {
    signals: Signals,
    input: Option<oneshot::Receiver<()>>,
}

impl Ending {
    /// Watches for signals, and for the end of standard input where
    /// `with_stdin`. Within a runtime.
    pub(super) fn watch(with_stdin: bool) -> io::Result<Self> {
        Ok(Self {
            signals: Signals::new()?,
            input: with_stdin.then(watch_stdin),
        })
    }

    /// Waits for the moment; tells whether it is the parent's end.
    pub(super) async fn moment(&mut self) -> bool {
        tokio::select! {
            () = self.signals.next() => false,
            () = ended(&mut self.input) => true,
        }
    }

    /// Ends the connections, and waits until every one has ended; without a
    /// parent (`orphaned`) at once.
    pub(super) async fn obeyed_by(mut self, serving: Serving, orphaned: bool) {
        let trial = serving.trial();
        // Without a parent nobody waits for what is under way.
        trial.close(if orphaned {
            Closing::Now
        } else {
            Closing::Gracefully
        });
        let mut all = std::pin::pin!(serving.join());
        tokio::select! {
            () = &mut all => return,
            () = self.signals.next() => {}
            () = ended(&mut self.input), if !orphaned => {}
            () = Clock::real().sleep(GRACE) => {}
        }
        trial.close(Closing::Now);
        all.await;
    }
}

/// Never, where nobody watches it.
async fn ended(input: &mut Option<oneshot::Receiver<()>>) {
    match input {
        Some(end) => drop(end.await),
        None => std::future::pending().await,
    }
}

/// A thread of its own: reading standard input cannot be interrupted, and the
/// process must be able to end without it.
fn watch_stdin() -> oneshot::Receiver<()> {
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || {
        // An error is as good as an end: nobody holds the other side.
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = tell.send(());
    });
    told
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
}
