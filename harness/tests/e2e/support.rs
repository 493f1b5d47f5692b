//! Starting the program, waiting for it, and looking at its processes.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use shortread::results::{Record, read_records};
use shortread_server::{clock::Clock, serve::Ready};

/// Longer than anything here takes on a loaded machine; reaching it is a hang.
pub(crate) const HANG: Duration = Duration::from_secs(120);

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Marks every process that a test starts, and those that they start.
const MARK: &str = "SHORTREAD_TEST_FOLDER";

/// Looks until there is something to see.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let clock = Clock::real();
    let end = clock.now() + HANG;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(clock.now() < end, "in vain: {what}");
        clock.block(LOOK_EVERY);
    }
}

/// True if `program` can be run. A test without its program is skipped with a
/// sentence, and fails if `CI=true`.
pub(crate) fn is_there(program: &str) -> bool {
    let there = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    let needed = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(there || !needed, "with CI=true this test needs {program}");
    if !there {
        println!("skipped: this test needs {program}, and there is none");
    }
    there
}

/// A folder of its own for a test, with everything that its processes write.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a scenario file; its path.
    pub(crate) fn scenario(&self, name: &str, text: &str) -> String {
        let path = self.path().join(format!("{name}.toml"));
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// `shortread` with `args`, in this folder.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shortread"));
        command
            .args(args)
            .current_dir(self.path())
            .env(MARK, self.path())
            .env("NO_COLOR", "1");
        command
    }

    /// Starts `shortread` with `args`.
    pub(crate) fn start(&self, args: &[&str]) -> Program {
        Program::start(self.path(), self.command(args))
    }

    /// Runs `shortread` with `args` to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Ended {
        self.start(args).end()
    }

    /// The records of the one run in here, as far as it is.
    pub(crate) fn records(&self) -> Vec<Record> {
        let latest = self.latest();
        if latest.join("trials.jsonl").exists() {
            read_records(&latest).unwrap()
        } else {
            Vec::new()
        }
    }

    /// The folder of the last run in here.
    pub(crate) fn latest(&self) -> PathBuf {
        self.path().join("results/latest")
    }

    /// The processes of this test in the role `role`: `trial` or `serve`.
    pub(crate) fn processes(&self, role: &str) -> Vec<u32> {
        let arguments = |pid: &u32| fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        self.all_processes()
            .into_iter()
            .filter(|pid| arguments(pid).split(|byte| *byte == 0).nth(1) == Some(role.as_bytes()))
            .collect()
    }

    /// Every process of this test.
    pub(crate) fn all_processes(&self) -> Vec<u32> {
        let mark = format!("{MARK}={}", self.path().display());
        // A process that has ended and was not waited for has no environment.
        let marked = |pid: &u32| {
            fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environment| {
                environment
                    .split(|byte| *byte == 0)
                    .any(|variable| variable == mark.as_bytes())
            })
        };
        fs::read_dir("/proc")
            .unwrap()
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .filter(marked)
            .collect()
    }

    /// Waits until no process of this test is left.
    pub(crate) fn wait_until_deserted(&self) {
        until("no process is left", || {
            self.all_processes().is_empty().then_some(())
        });
    }
}

/// Sends `signal` (`INT`, `KILL`, ...) to a process that a test started.
pub(crate) fn signal(signal: &str, pid: u32) {
    let line = format!("kill -{signal} {pid}");
    let status = Command::new("sh").args(["-c", &line]).status().unwrap();
    assert!(status.success(), "{line}");
}

/// A process that a test started; killed if the test leaves it behind.
pub(crate) struct Program {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

/// The result of a program.
#[derive(Debug)]
pub(crate) struct Ended {
    /// `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Program {
    /// Starts `command`; what it prints goes into files, so that no pipe can
    /// fill up. `place` is the folder of these files.
    pub(crate) fn start(place: &Path, mut command: Command) -> Self {
        let (out, err) = (place.join("stdout"), place.join("stderr"));
        let child = command
            .stdin(Stdio::null())
            .stdout(fs::File::create(&out).unwrap())
            .stderr(fs::File::create(&err).unwrap())
            .spawn()
            .unwrap();
        Self { child, out, err }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Ended {
        let status = until("the program ends", || self.child.try_wait().unwrap());
        let read = |path: &Path| String::from_utf8(fs::read(path).unwrap()).unwrap();
        Ended {
            code: status.code(),
            out: read(&self.out),
            err: read(&self.err),
        }
    }

    /// Waits for the first line that a server prints.
    pub(crate) fn ready(&self) -> Ready {
        let line = until("a line is printed", || {
            let text = fs::read_to_string(&self.out).unwrap();
            text.split_once('\n').map(|(line, _)| line.to_owned())
        });
        serde_json::from_str(&line).expect(&line)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended already, where the test went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines of `output` as they come.
pub(crate) fn lines(output: ChildStdout) -> Receiver<String> {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                break;
            }
        }
    });
    receive
}
