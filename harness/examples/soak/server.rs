//! The server as a process, and its resources as listed in /proc (proc(5)).

use std::{
    env, fmt, fs,
    io::{self, BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use shortread_server::{clock::Clock, serve::Ready};

use crate::http;

/// Longest time for the server to end: 5 s for its open work, and as much again for
/// a busy machine.
const ENDS: Duration = Duration::from_secs(10);

pub(crate) struct Server {
    child: Child,
    /// Held and never read, as by a program that forgot it.
    _stderr: Option<ChildStderr>,
    pub(crate) site: SocketAddr,
    pub(crate) control: SocketAddr,
}

/// The resources of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Holding {
    pub(crate) tasks: u64,
    pub(crate) sockets: u64,
    pub(crate) descriptors: u64,
    pub(crate) threads: u64,
}

impl Server {
    pub(crate) fn start(program: Option<&Path>) -> io::Result<Self> {
        let program = match program {
            Some(program) => program.to_owned(),
            None => beside_this()?,
        };
        let mut child = Command::new(&program)
            .args([
                "serve",
                "healthy",
                "--listen",
                "127.0.0.1:0",
                "--exit-with-stdin",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| {
                let said = format!(
                    "{}: {error}; `cargo build --release` makes it",
                    program.display()
                );
                io::Error::new(error.kind(), said)
            })?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let ready: Ready = serde_json::from_str(&line)?;
        let addr = |url: &str| url.trim_start_matches("http://").parse();
        let control = ready.control.unwrap_or_default();
        Ok(Self {
            site: addr(&ready.url).map_err(io::Error::other)?,
            control: addr(&control).map_err(io::Error::other)?,
            _stderr: child.stderr.take(),
            child,
        })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The resources that it holds now. The request for the count of tasks comes
    /// first, and its connection gets time to end.
    pub(crate) fn holding(&self, clock: Clock) -> io::Result<Holding> {
        let tasks = metric(self.control, "shortread_tasks")?;
        clock.block(Duration::from_millis(50));
        let folder = format!("/proc/{}/fd", self.pid());
        let (mut sockets, mut descriptors) = (0, 0);
        for entry in fs::read_dir(folder)? {
            descriptors += 1;
            // One that was closed since has no target.
            let target = fs::read_link(entry?.path()).unwrap_or_default();
            sockets += u64::from(target.to_string_lossy().starts_with("socket:"));
        }
        Ok(Holding {
            tasks,
            sockets,
            descriptors,
            threads: status(self.pid(), "Threads:")?,
        })
    }

    /// Asks it to end, as a service manager does; says what went wrong.
    pub(crate) fn end(&mut self, clock: Clock) -> Result<(), String> {
        let pid = Pid::from_child(&self.child);
        if let Err(error) = kill_process(pid, Signal::TERM) {
            return Err(format!("it was gone before it was told to end: {error}"));
        }
        let late = clock.now() + ENDS;
        while clock.now() < late {
            match self.child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => return Err(format!("it ended with {status}")),
                Ok(None) => clock.block(Duration::from_millis(20)),
                Err(error) => return Err(error.to_string()),
            }
        }
        Err(format!(
            "SIGTERM did not end it within {} s",
            ENDS.as_secs()
        ))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Holding {
    pub(crate) fn is_more_than(&self, before: &Self) -> bool {
        self.tasks > before.tasks
            || self.sockets > before.sockets
            || self.descriptors > before.descriptors
            || self.threads > before.threads
    }
}

impl fmt::Display for Holding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            tasks,
            sockets,
            descriptors,
            threads,
        } = self;
        write!(
            f,
            "{tasks} tasks, {sockets} sockets, {descriptors} descriptors, {threads} threads"
        )
    }
}

/// A count of `/metrics`, whatever its kind.
pub(crate) fn metric(control: SocketAddr, name: &str) -> io::Result<u64> {
    let answer = http::get(control, "/metrics", Duration::from_secs(5))?;
    let text = String::from_utf8_lossy(&answer.body);
    let mut lines = text.lines().filter_map(|line| line.strip_prefix(name));
    let value = lines.find_map(|rest| rest.strip_prefix(' ')?.trim().parse().ok());
    value.ok_or_else(|| io::Error::other(format!("/metrics does not tell {name}")))
}

/// Resident memory in bytes (`VmRSS`).
pub(crate) fn resident(pid: u32) -> io::Result<u64> {
    status(pid, "VmRSS:").map(|kib| kib * 1024)
}

fn status(pid: u32, key: &str) -> io::Result<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let value = text.lines().find_map(|line| line.strip_prefix(key));
    let number = value.and_then(|value| value.split_whitespace().next()?.parse().ok());
    number.ok_or_else(|| io::Error::other(format!("/proc/{pid}/status has no {key}")))
}

/// `target/release/shortread` for `target/release/examples/soak`.
fn beside_this() -> io::Result<PathBuf> {
    let this = env::current_exe()?;
    let folder = this.parent().and_then(Path::parent);
    Ok(folder.unwrap_or(Path::new(".")).join("shortread"))
}
