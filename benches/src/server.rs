//! The mock server on its own thread, as it has its own process in a run.

use std::{fs, io, net::SocketAddr, path::PathBuf, rc::Rc, thread::JoinHandle, time::Duration};

use shortread_server::{
    clock::Clock,
    flow::{ListenerState, Urgency},
    http1::Played,
    journal::{Event, Journal},
    scenario::Scenario,
    serve::{Listening, MAX_CONNECTIONS, listen},
};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
    task::LocalSet,
};

/// One scenario, served on a loopback port until this is dropped.
#[derive(Debug)]
pub struct Server {
    addr: SocketAddr,
    cpu: ThreadCpu,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts the thread and waits until it listens.
    ///
    /// # Errors
    /// There is no runtime, no port, or the body cannot be made.
    pub fn start(scenario: Scenario) -> io::Result<Self> {
        let (ready, mut started) = mpsc::channel(1);
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let served = runtime.and_then(|runtime| {
                LocalSet::new().block_on(&runtime, async {
                    let listening = open(scenario).await?;
                    let _ = ready
                        .send(Ok((listening.addr(), ThreadCpu::of_this_thread())))
                        .await;
                    // Dropping the sender stops the server as well.
                    let _ = stopped.await;
                    listening.close(Urgency::Now);
                    listening.join().await;
                    Ok(())
                })
            });
            if let Err(error) = served {
                let _ = ready.blocking_send(Err(error));
            }
        });
        let (addr, cpu) = started
            .blocking_recv()
            .unwrap_or_else(|| Err(io::Error::other("the server's thread ended at its start")))?;
        Ok(Self {
            addr,
            cpu,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The address of the server.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The CPU time of its thread.
    pub fn cpu(&self) -> &ThreadCpu {
        &self.cpu
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        // A panic of the server has been printed by its thread already.
        let panicked = self
            .thread
            .take()
            .is_some_and(|thread| thread.join().is_err());
        assert!(
            !panicked || std::thread::panicking(),
            "the server's thread panicked"
        );
    }
}

async fn open(scenario: Scenario) -> io::Result<Listening> {
    let played = Played::new(scenario, 1).map_err(io::Error::other)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let trial = ListenerState::new(Clock::real(), Rc::new(Nowhere));
    listen(listener, trial, Rc::new(played), MAX_CONNECTIONS)
}

/// A journal that keeps nothing: a bench makes thousands of connections.
struct Nowhere;

impl Journal for Nowhere {
    fn write(&self, _: Event) {}
}

/// CPU time of one thread of this process.
#[derive(Debug, Clone)]
pub struct ThreadCpu(PathBuf);

impl ThreadCpu {
    /// The calling thread's, readable from any thread.
    pub fn of_this_thread() -> Self {
        // A link to PID/task/TID (proc(5)); absent on other systems.
        let own = fs::read_link("/proc/thread-self").unwrap_or_default();
        Self(PathBuf::from("/proc").join(own).join("schedstat"))
    }

    /// User and system time so far; `None` where the system does not tell.
    pub fn time(&self) -> Option<Duration> {
        // "Time spent on the cpu (in nanoseconds)" is the first of three
        // numbers (Documentation/scheduler/sched-stats.rst).
        let text = fs::read_to_string(&self.0).ok()?;
        let nanos = text.split_whitespace().next()?.parse().ok()?;
        Some(Duration::from_nanos(nanos))
    }
}
