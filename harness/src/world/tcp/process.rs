//! The process of a trial, from outside.

use std::{path::Path, process::Stdio};

use shortread_server::clock::Clock;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, Command},
};

use super::{FromTrial, TrialOrder};
use crate::client::ClientReport;

/// Runs a trial in its own process. The error says why there is no report.
pub(super) async fn run(
    program: &Path,
    order: &TrialOrder,
    progress: impl FnMut(u64),
) -> Result<ClientReport, String> {
    let mut child = spawn(program, "trial")
        .map_err(|error| format!("cannot start the trial process: {error}"))?;
    let clock = Clock::real();
    let deadline = clock.now() + order.patience;
    let result = match clock
        .timeout_at(deadline, talk(&mut child, order, progress))
        .await
    {
        Ok(result) => result,
        Err(_) => Err(format!(
            "the trial process was silent for {:?}",
            order.patience
        )),
    };
    // The report is its last message, so the rest of the process is not needed.
    let _ = child.kill().await;
    result
}

/// Starts `program` in the role `role`. It ends with its standard input, or when
/// the handle is dropped. The terminal's Ctrl-C does not reach it, so the run can
/// end it in order.
pub(super) fn spawn(program: &Path, role: &str) -> std::io::Result<Child> {
    let mut command = Command::new(program);
    command
        .args(role.split(' '))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    command.spawn()
}

async fn talk(
    child: &mut Child,
    order: &TrialOrder,
    mut progress: impl FnMut(u64),
) -> Result<ClientReport, String> {
    let words = |error: std::io::Error| format!("cannot reach the trial process: {error}");
    let mut line = serde_json::to_string(order).map_err(|error| error.to_string())?;
    line.push('\n');
    // The input stays open until the report: its end would end the trial.
    let mut input = child.stdin.take().ok_or("the trial process has no input")?;
    let output = child
        .stdout
        .take()
        .ok_or("the trial process has no output")?;
    // If it died at once, its exit status tells more than the broken pipe.
    let _ = input.write_all(line.as_bytes()).await;
    let mut lines = BufReader::new(output).lines();
    while let Some(line) = lines.next_line().await.map_err(words)? {
        match serde_json::from_str(&line) {
            Ok(FromTrial::Progress { delivered_bytes }) => progress(delivered_bytes),
            Ok(FromTrial::Report(report)) => return Ok(*report),
            Err(error) => return Err(format!("the trial process said `{line}`: {error}")),
        }
    }
    let status = child.wait().await.map_err(words)?;
    Err(format!(
        "the trial process ended without a report ({status})"
    ))
}
