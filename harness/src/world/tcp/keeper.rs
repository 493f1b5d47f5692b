//! The process that keeps a client of one's own: starts it, stops it at its
//! limit, and sees to it that nothing of it remains.
//!
//! A process between the run and the client, so that the client ends with the
//! run, whatever ends that: the keeper's standard input does. It adopts what a
//! client leaves behind (PR_SET_CHILD_SUBREAPER), and is small: the memory that
//! the kernel counts for a child begins with that of its parent.

use std::{
    fs::{self, File},
    io::{self, BufRead as _, Read as _, Write as _},
    os::unix::process::ExitStatusExt as _,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::Context as _;
use mock_server::clock::Clock;
use rustix::process::{Pid, Signal};
use tokio::{
    process::{Child, Command},
    sync::oneshot,
};

use super::{ClientOrder, FromKeeper, family, tail};
use crate::{
    clients::{ClientEnd, NO_PROXY, Stopped},
    measure::process::children_usage,
};

/// From SIGTERM to SIGKILL.
const GRACE: Duration = Duration::from_secs(2);

/// For the rest of standard error, once every process is gone that could write
/// to it.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Reads an order from standard input, carries it out, and reports on standard
/// output. The end of standard input ends the client and this process.
///
/// # Errors
/// When there is no order, or nobody to report to.
pub fn keeper_process() -> anyhow::Result<()> {
    let mut line = String::new();
    io::stdin()
        .lock()
        .read_line(&mut line)
        .context("no order on standard input")?;
    let order: ClientOrder = serde_json::from_str(&line).context("not an order")?;
    let (gone, run_gone) = oneshot::channel();
    // A thread of its own: reading standard input cannot be interrupted.
    std::thread::spawn(move || {
        let mut rest = [0; 64];
        while io::stdin().lock().read(&mut rest).is_ok_and(|n| n > 0) {}
        // The client may have ended before.
        let _ = gone.send(());
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let told = match runtime.block_on(keep(&order, run_gone)) {
        Ok(Some(end)) => FromKeeper::Ended(end),
        // Nobody listens any more, and nobody else clears up.
        Ok(None) => {
            let _ = fs::remove_dir_all(&order.folder);
            return Ok(());
        }
        Err(error) => FromKeeper::Failed(format!("cannot run `{}`: {error}", order.words[0])),
    };
    let mut line = serde_json::to_string(&told)?;
    line.push('\n');
    let mut out = io::stdout().lock();
    out.write_all(line.as_bytes())
        .and_then(|()| out.flush())
        .context("nobody to report to")
}

/// How the client ended; `None` if the run did before.
async fn keep(
    order: &ClientOrder,
    run_gone: oneshot::Receiver<()>,
) -> io::Result<Option<ClientEnd>> {
    family::adopt_orphans();
    let mut command = Command::new(&order.words[0]);
    command
        .args(&order.words[1..])
        .env("NO_PROXY", NO_PROXY)
        .env("no_proxy", NO_PROXY)
        .stdin(Stdio::null())
        .stdout(match &order.stdout {
            Some(path) => File::create(path)?.into(),
            None => Stdio::null(),
        })
        .stderr(Stdio::piped())
        .process_group(0);
    #[cfg(shortread_linux)]
    end_with_keeper(&mut command);
    let clock = Clock::real();
    let started = clock.now();
    let mut child = command.spawn()?;
    let said = tokio::spawn(tail::read(child.stderr.take()));
    let mut stopped = None;
    let status = tokio::select! {
        biased;
        _ = run_gone => None,
        status = child.wait() => Some(status?),
        () = clock.sleep_until(started + order.limit) => {
            stopped = Some(Stopped::Term);
            signal_group(&child, Signal::TERM);
            match clock.timeout_at(clock.now() + GRACE, child.wait()).await {
                Ok(status) => Some(status?),
                Err(_) => {
                    stopped = Some(Stopped::Kill);
                    signal_group(&child, Signal::KILL);
                    Some(child.wait().await?)
                }
            }
        }
    };
    let ended = clock.now();
    if status.is_none() {
        signal_group(&child, Signal::KILL);
        child.wait().await?;
    }
    family::end_children();
    let Some(status) = status else {
        return Ok(None);
    };
    let said = clock.timeout_at(clock.now() + LAST_WORDS, said).await;
    let said = said.ok().and_then(Result::ok).unwrap_or_default();
    let usage = children_usage();
    Ok(Some(ClientEnd {
        started,
        ended,
        exit_status: ExitStatus::code(&status),
        signal: status.signal(),
        stopped,
        stderr_tail: said.lines,
        stderr_bytes: said.bytes,
        peak_rss_bytes: usage.map(|usage| usage.max_rss_bytes),
        cpu_ns: usage.map(|usage| usage.cpu_ns),
    }))
}

/// Signals the client's process group, which is its own as long as nobody has
/// waited for it.
fn signal_group(child: &Child, signal: Signal) {
    let pid = child.id().and_then(|id| i32::try_from(id).ok());
    if let Some(pid) = pid.and_then(Pid::from_raw) {
        // It may just have ended.
        let _ = rustix::process::kill_process_group(pid, signal);
    }
}

/// Lets the kernel end the client when its keeper is killed, as a client may do
/// it to its parent: nobody else would know of it at that moment. What the
/// client has forked goes to the run, which adopts and ends it.
#[cfg(shortread_linux)]
#[expect(
    unsafe_code,
    reason = "what runs between fork and exec cannot be checked"
)]
fn end_with_keeper(command: &mut Command) {
    let keeper = rustix::process::getpid();
    let ask = move || {
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
        // It may have died before.
        match rustix::process::getppid() == Some(keeper) {
            true => Ok(()),
            false => Err(io::ErrorKind::BrokenPipe.into()),
        }
    };
    // SAFETY: prctl(2) and getppid(2) alone, without memory of ours.
    unsafe {
        command.pre_exec(ask);
    }
}
