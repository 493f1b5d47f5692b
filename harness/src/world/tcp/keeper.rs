//! The keeper of a client: starts it, stops it at its limit, and makes sure that
//! nothing of it remains.
//!
//! It is a process between run and client, so that the client always ends with
//! the run: the end of the keeper's standard input ends it. The keeper adopts
//! what a client leaves behind (PR_SET_CHILD_SUBREAPER). It is small, since the
//! kernel counts the memory of a child from that of its parent.

use std::{
    fs::{self, File},
    io::{self, BufRead as _, Read as _, Write as _},
    os::unix::process::ExitStatusExt as _,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::Context as _;
use rustix::process::{Pid, Signal};
use shortread_server::clock::Clock;
use tokio::{
    process::{Child, Command},
    sync::oneshot,
};

use super::{ClientOrder, FromKeeper, family, mapped, tail};
use crate::{
    command::{ClientEnd, NO_PROXY, Stopped, forget},
    measure::process::children_usage,
};

/// Time from SIGTERM to SIGKILL.
const GRACE: Duration = Duration::from_secs(2);

/// Time for the rest of standard error, once all processes that could write to it
/// are gone.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Reads an order from standard input, carries it out, and reports on standard
/// output. The end of standard input ends the client and this process.
///
/// # Errors
/// There is no order, or nobody reads the report.
pub fn keeper_process() -> anyhow::Result<()> {
    let mut line = String::new();
    io::stdin()
        .lock()
        .read_line(&mut line)
        .context("no order on standard input")?;
    let order: ClientOrder = serde_json::from_str(&line).context("not an order")?;
    let (gone, run_gone) = oneshot::channel();
    // This needs its own thread: a read of standard input cannot be interrupted.
    std::thread::spawn(move || {
        let mut rest = [0; 64];
        while io::stdin().lock().read(&mut rest).is_ok_and(|n| n > 0) {}
        // The client may already have ended.
        let _ = gone.send(());
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let told = match runtime.block_on(keep(&order, run_gone)) {
        Ok(Some(end)) => FromKeeper::Ended(end),
        // Nobody listens any more, and nobody else cleans up.
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
        .context("cannot send the report")
}

/// The end of the client; `None` if the run ended first.
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
        .envs(order.variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(match &order.stdout {
            Some(path) => File::create(path)?.into(),
            None => Stdio::null(),
        })
        .stderr(Stdio::piped())
        .process_group(0);
    if let Some(preload) = &order.preload {
        let before = std::env::var("LD_PRELOAD").ok();
        command.envs(preload.variables(before.as_deref()));
    }
    #[cfg(shortread_linux)]
    end_with_keeper(&mut command);
    let clock = Clock::real();
    let started = clock.now();
    let mut child = command.spawn()?;
    let pid = child.id();
    let seen = mapped::Seen::default();
    let watch = order.preload.as_ref().zip(pid).map(|(preload, pid)| {
        let library = preload.library.clone();
        tokio::spawn(mapped::watch(pid, library, seen.clone()))
    });
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
    if let (Some(watch), Some(pid)) = (watch, pid) {
        watch.abort();
        forget(pid);
    }
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
        library_seen: seen.get(),
        peak_rss_bytes: usage.map(|usage| usage.max_rss_bytes),
        cpu_ns: usage.map(|usage| usage.cpu_ns),
    }))
}

/// Signals the client's process group. It is the client's own as long as nobody
/// has waited for it.
fn signal_group(child: &Child, signal: Signal) {
    let pid = child.id().and_then(|id| i32::try_from(id).ok());
    if let Some(pid) = pid.and_then(Pid::from_raw) {
        // The group may just have ended.
        let _ = rustix::process::kill_process_group(pid, signal);
    }
}

/// Lets the kernel kill the client when its keeper is killed, which the client
/// itself may do: nobody else would know of it at that moment. The run adopts and
/// ends the processes that the client has forked.
#[cfg(shortread_linux)]
#[expect(
    unsafe_code,
    reason = "what runs between fork and exec cannot be checked"
)]
fn end_with_keeper(command: &mut Command) {
    let keeper = rustix::process::getpid();
    let ask = move || {
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
        // The keeper may already have died.
        match rustix::process::getppid() == Some(keeper) {
            true => Ok(()),
            false => Err(io::ErrorKind::BrokenPipe.into()),
        }
    };
    // SAFETY: only prctl(2) and getppid(2), without any memory of ours.
    unsafe {
        command.pre_exec(ask);
    }
}
