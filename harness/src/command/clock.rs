//! The clock of a client: as fast as its scenario is scaled, so that its own
//! limits end a small download where they would end the large one.
//!
//! The distribution's libfaketime is preloaded with one fixed rate, 1 / `tcp.time`.
//! It scales the clocks and the waits of libc: sleeps, `poll`, `select`,
//! `epoll_wait`, `pthread_cond_timedwait`, `timer_settime`, `alarm`. Tried with
//! 0.9.10, it does not scale `setitimer`, `SO_RCVTIMEO`, TCP's own timers, and
//! `sem_clockwait`, which a timed wait for a lock in Python ends in.
//!
//! The rate is fixed from the start. libfaketime can change it later through a file,
//! even without a jump, but a wait keeps the rate that it began with, and clients
//! begin to wait before anybody else can know that they have connected. A start-up
//! costs a client more of its own time, but its limits begin with its request; the
//! record tells how long it took.
//!
//! Programs that do not ask libc for the time are told by their file before the
//! run (static ones, Go), and by their memory map while they have a socket.

mod program;

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shortread_server::clock::Clock;

pub(crate) use program::hindrance;

/// The name of the library for programs with threads.
const LIBRARY: &str = "libfaketimeMT.so.1";

/// The places of Debian's, Fedora's and Arch's package, and of its source.
const FOLDERS: [&str; 5] = [
    "/usr/lib/x86_64-linux-gnu/faketime",
    "/usr/lib/aarch64-linux-gnu/faketime",
    "/usr/lib64/faketime",
    "/usr/lib/faketime",
    "/usr/local/lib/faketime",
];

/// The real time that a client's shortest own limit must still be: with less, a loaded
/// machine decides the outcome.
pub const LEAST_REAL: Duration = Duration::from_millis(500);

/// The seconds that the probe sleeps, and its rate.
const PROBE: (&str, f64) = ("10", 100.0);

/// Time after which the probe counts as not scaled: half of what it would take.
const PROBE_LIMIT: Duration = Duration::from_secs(5);

/// The time between two looks at the probe.
const PROBE_STEP: Duration = Duration::from_millis(5);

/// `--clock`: the wanted clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ClockChoice {
    /// Scaled where that works.
    #[default]
    Auto,
    /// Scaled, or nothing runs.
    Scaled,
    /// The machine's clock.
    Real,
}

/// The clock that a client had.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ClockKind {
    /// As fast as the scenario is scaled.
    Scaled,
    /// The machine's.
    #[default]
    Real,
}

impl ClockKind {
    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Scaled => "scaled",
            Self::Real => "real",
        }
    }
}

/// The clock of a trial's client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClientClock {
    /// Its kind.
    pub kind: ClockKind,
    /// Seconds of the client in one real second.
    pub factor: f64,
    /// The reason why the client's own limits are not scaled although the scenario
    /// is; null if they are, or if the scenario is not.
    pub not_scaled: Option<String>,
    /// True if every process with a socket had the library, as far as it lived long
    /// enough to be seen; null if none was seen, or if the clock is real.
    pub library_seen: Option<bool>,
    /// Real time from the client's start to its first request, in nanoseconds;
    /// null without a request.
    pub start_up_ns: Option<u64>,
}

impl Default for ClientClock {
    fn default() -> Self {
        Self {
            kind: ClockKind::Real,
            factor: 1.0,
            not_scaled: None,
            library_seen: None,
            start_up_ns: None,
        }
    }
}

impl ClientClock {
    /// The machine's, although the scenario is scaled.
    pub(crate) fn real(why: impl Into<String>) -> Self {
        Self {
            not_scaled: Some(why.into()),
            ..Self::default()
        }
    }

    /// The clock for a scenario with the factor `time` on every duration, where
    /// `library` is the one to preload, or the reason why there is none, and
    /// `hindrance` the reason why the program would ignore it. It is at most so fast that
    /// [`LEAST_REAL`] is left of the limit `shortest`; the scenario is then played slower.
    pub(crate) fn decide(
        choice: ClockChoice,
        time: f64,
        shortest: Duration,
        library: Result<&Path, &str>,
        hindrance: Option<&str>,
    ) -> Self {
        let factor = 1.0 / time;
        // A factor that is no number is refused when the scenario is scaled.
        if !factor.is_finite() || factor <= 1.0 {
            return Self::default();
        }
        match (choice, library, hindrance) {
            (ClockChoice::Real, ..) => Self::real("--clock real"),
            (_, Err(why), _) | (_, _, Some(why)) => Self::real(why),
            _ => Self::scaled(factor.min(shortest.div_duration_f64(LEAST_REAL))),
        }
    }

    /// One that is `factor` times as fast as the machine's.
    fn scaled(factor: f64) -> Self {
        match factor > 1.0 {
            true => Self {
                kind: ClockKind::Scaled,
                factor,
                ..Self::default()
            },
            false => Self::default(),
        }
    }

    /// The factor on every duration with which a scenario whose file has `time` is played.
    pub(crate) fn time(&self, time: f64) -> f64 {
        match self.not_scaled {
            Some(_) => time,
            None => 1.0 / self.factor,
        }
    }

    /// Adds what was seen while the client ran.
    pub(crate) fn confirm(&mut self, library_seen: Option<bool>) {
        if self.kind == ClockKind::Real {
            return;
        }
        self.library_seen = library_seen;
        if library_seen == Some(false) {
            self.kind = ClockKind::Real;
            self.factor = 1.0;
            self.not_scaled = Some("a process with a socket ran without the library".into());
        }
    }
}

/// The library to preload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preload {
    /// Its file.
    pub library: PathBuf,
    /// Seconds of the client in one real second.
    pub factor: f64,
}

impl Preload {
    /// The variables for a client's environment. `preloaded` is the value of
    /// `LD_PRELOAD` so far.
    pub(crate) fn variables(&self, preloaded: Option<&str>) -> [(&'static str, String); 2] {
        let library = self.library.display();
        let preload = match preloaded {
            Some(more) if !more.is_empty() => format!("{library}:{more}"),
            _ => library.to_string(),
        };
        [
            ("LD_PRELOAD", preload),
            ("FAKETIME", format!("+0 x{:.6}", self.factor)),
        ]
    }
}

/// The library, if a program runs under it and its time passes faster.
///
/// # Errors
/// The reason why no clock can be scaled on this machine.
pub(crate) fn library() -> Result<PathBuf, String> {
    let mut files = FOLDERS.iter().map(|folder| Path::new(folder).join(LIBRARY));
    let file = files
        .find(|file| file.is_file())
        .ok_or("libfaketime is not installed")?;
    match probe(&file) {
        true => Ok(file),
        false => Err(format!("{} does not scale the time here", file.display())),
    }
}

/// True if ten seconds of sleep pass in much less.
fn probe(library: &Path) -> bool {
    let preload = Preload {
        library: library.into(),
        factor: PROBE.1,
    };
    let started = Command::new("sleep")
        .arg(PROBE.0)
        .envs(preload.variables(None))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    started.is_ok_and(|mut child| {
        let ended = ends_in_time(&mut child);
        // It may have ended; it is waited for in any case.
        let _ = child.kill();
        let _ = child.wait();
        forget(child.id());
        ended
    })
}

fn ends_in_time(child: &mut Child) -> bool {
    let clock = Clock::real();
    let deadline = clock.now() + PROBE_LIMIT;
    while clock.now() < deadline {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => clock.block(PROBE_STEP),
            Err(_) => return false,
        }
    }
    false
}

/// Removes the shared memory of libfaketime in the process `pid`, which has ended:
/// after a signal the library cannot do it itself.
pub(crate) fn forget(pid: u32) {
    for name in ["faketime_shm_", "sem.faketime_sem_"] {
        // Usually they are gone.
        let _ = std::fs::remove_file(format!("/dev/shm/{name}{pid}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `--shortest-limit` is without a value.
    const SHORTEST_LIMIT: Duration = Duration::from_secs(50);

    const HERE: Result<&Path, &str> = Err("not installed");

    fn decided(choice: ClockChoice, time: f64) -> ClientClock {
        let library = Ok(Path::new("/lib.so"));
        ClientClock::decide(choice, time, SHORTEST_LIMIT, library, None)
    }

    #[test]
    fn the_clock_is_as_fast_as_the_scenario_is_scaled() {
        for choice in [ClockChoice::Auto, ClockChoice::Scaled] {
            let clock = decided(choice, 0.02);
            assert_eq!((clock.kind, clock.factor), (ClockKind::Scaled, 50.0));
            assert_eq!(clock.not_scaled, None);
        }
    }

    #[test]
    fn the_clock_leaves_half_a_second_of_the_shortest_limit() {
        let clock = decided(ClockChoice::Auto, 0.0003);
        assert_eq!((clock.kind, clock.factor), (ClockKind::Scaled, 100.0));
        assert_eq!(clock.time(0.0003), 0.01);
        let library = || Ok(Path::new("/lib.so"));
        let decided =
            |shortest| ClientClock::decide(ClockChoice::Auto, 0.02, shortest, library(), None);
        let clock = decided(Duration::from_secs(5));
        assert_eq!((clock.factor, clock.time(0.02)), (10.0, 0.1));
        // Nothing is scaled, neither the clock nor the scenario.
        let clock = decided(LEAST_REAL);
        assert_eq!((clock.kind, clock.time(0.02)), (ClockKind::Real, 1.0));
    }

    #[test]
    fn a_scenario_that_is_not_scaled_needs_no_clock_and_no_reason() {
        for choice in [ClockChoice::Auto, ClockChoice::Scaled, ClockChoice::Real] {
            let clock = ClientClock::decide(choice, 1.0, SHORTEST_LIMIT, HERE, Some("static"));
            assert_eq!(clock, ClientClock::default());
        }
    }

    #[test]
    fn a_clock_that_is_not_scaled_says_why() {
        let why = |clock: ClientClock| {
            assert_eq!((clock.kind, clock.factor), (ClockKind::Real, 1.0));
            clock.not_scaled.unwrap()
        };
        assert_eq!(why(decided(ClockChoice::Real, 0.5)), "--clock real");
        let missing = ClientClock::decide(ClockChoice::Auto, 0.5, SHORTEST_LIMIT, HERE, None);
        assert_eq!(why(missing), "not installed");
        let library = Ok(Path::new("/lib.so"));
        let program = ClientClock::decide(
            ClockChoice::Auto,
            0.5,
            SHORTEST_LIMIT,
            library,
            Some("static"),
        );
        assert_eq!(program.time(0.5), 0.5);
        assert_eq!(why(program), "static");
    }

    #[test]
    fn a_process_without_the_library_makes_the_clock_real() {
        let mut clock = decided(ClockChoice::Auto, 0.02);
        clock.confirm(Some(true));
        assert_eq!(clock.kind, ClockKind::Scaled);
        clock.confirm(Some(false));
        assert_eq!((clock.kind, clock.factor), (ClockKind::Real, 1.0));
        assert!(clock.not_scaled.unwrap().contains("without the library"));
    }

    #[test]
    fn what_is_preloaded_already_stays() {
        let preload = Preload {
            library: "/lib.so".into(),
            factor: 1.0 / 0.017,
        };
        let [(_, preloaded), (_, rate)] = preload.variables(Some("/other.so"));
        assert_eq!(preloaded, "/lib.so:/other.so");
        assert_eq!(rate, "+0 x58.823529");
        assert_eq!(preload.variables(None)[0].1, "/lib.so");
    }
}
