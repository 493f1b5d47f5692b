//! The process of a trial, from inside.

use std::{
    io::{self, BufRead as _, Read as _, Write as _},
    time::Duration,
};

use anyhow::Context as _;
use shortread_server::{
    clock::{Clock, Instant},
    descriptors,
};
use tokio::task::LocalSet;

use super::{FromTrial, TrialOrder};
use crate::{
    client::{DeliveryProgress, Tcp},
    engine,
};

/// Least time between two lines of progress.
const REPORT_EVERY: Duration = Duration::from_millis(100);

/// Reads an order from standard input, carries it out, and reports on standard
/// output. It ends with its standard input, so a killed run leaves no trial
/// behind.
///
/// # Errors
/// There is no order, or nobody reads the report.
pub fn trial_process() -> anyhow::Result<()> {
    let mut line = String::new();
    io::stdin()
        .lock()
        .read_line(&mut line)
        .context("no order on standard input")?;
    let order: TrialOrder = serde_json::from_str(&line).context("not an order")?;
    std::thread::spawn(|| {
        let mut rest = [0; 64];
        while io::stdin().lock().read(&mut rest).is_ok_and(|n| n > 0) {}
        std::process::exit(crate::exit::TOOL_FAILED.into());
    });
    // Each parallel download has a socket and perhaps a file, and nothing is
    // started here that would inherit the limit.
    let _ = descriptors::raise();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    survive_large_files(&runtime);
    // A busy run must not block the client: progress without room in the pipe is
    // dropped, as whole lines (pipe(7)).
    let waits = waiting_for_room(false);
    let clock = Clock::real();
    let mut said = Instant::default();
    let mut delivered = vec![0; order.spec.scenario.all_requests() as usize];
    let progress = move |progress: DeliveryProgress| {
        // Parts of a download count by themselves.
        if progress.download >= delivered.len() {
            delivered.resize(progress.download + 1, 0);
        }
        delivered[progress.download] = progress.delivered_bytes;
        if progress.at >= said + REPORT_EVERY {
            said = progress.at;
            // Without a reader, the thread above ends the process.
            let _ = say(&FromTrial::Progress {
                delivered_bytes: delivered.iter().sum(),
            });
        }
    };
    let report = LocalSet::new().block_on(
        &runtime,
        engine::run(order.spec, &Tcp(order.addr), clock, progress),
    );
    if waits {
        waiting_for_room(true);
    }
    say(&FromTrial::Report(Box::new(report))).context("cannot send the report")
}

/// A file above RLIMIT_FSIZE is then an error (EFBIG, write(2)) and not the end of the
/// process, as in Python, which ignores the signal at its start.
fn survive_large_files(runtime: &tokio::runtime::Runtime) {
    use tokio::signal::unix::{SignalKind, signal};
    let _inside = runtime.enter();
    // The handler stays when nobody waits for the signal.
    let _ = signal(SignalKind::from_raw(libc::SIGXFSZ));
}

/// Makes writes to standard output wait for room, or fail without it. Returns
/// true on success. The pipe belongs to this process alone.
fn waiting_for_room(wait: bool) -> bool {
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

    let out = io::stdout();
    let set = fcntl_getfl(&out).and_then(|mut flags| {
        flags.set(OFlags::NONBLOCK, !wait);
        fcntl_setfl(&out, flags)
    });
    set.is_ok()
}

fn say(message: &FromTrial) -> io::Result<()> {
    let mut line = serde_json::to_string(message)?;
    line.push('\n');
    let mut out = io::stdout().lock();
    out.write_all(line.as_bytes())?;
    out.flush()
}
