//! `shortread diagnose`: finds causes from the numbers in a user's log.

use std::path::Path;

use shortread_server::input;

use super::{Done, Failure, Out, args::DiagnoseArgs, exit};
use crate::diagnose::{Evidence, EvidenceError, Told, diagnose, last_known, report};

/// The longest log, in bytes.
const LONGEST_LOG: u64 = 64 << 20;

pub(super) fn run(args: &DiagnoseArgs, out: Out<'_>) -> Done {
    let logged = args.log.as_deref().map(last_line).transpose()?;
    let evidence = Evidence::read(&Told {
        got: &args.got,
        after: &args.after,
        of: args.of.as_deref(),
        error: args.error.as_deref().or(logged.as_deref()),
        idle: args.idle.as_deref(),
        attempts: &args.attempts,
    })?;
    let ranked = diagnose(&evidence);
    let text = match args.json {
        true => report::json(&evidence, &ranked),
        false => report::text(&evidence, &ranked),
    };
    out.write_all(text.as_bytes())?;
    Ok(exit::DONE)
}

/// The line of the log at `path` that tells of the failure.
fn last_line(path: &Path) -> Result<String, Failure> {
    let name = path.display();
    let bytes = input::read(path, LONGEST_LOG).map_err(|error| {
        Failure::usage(
            format!("cannot read {name}: {error}"),
            "name a log, or use --error",
        )
    })?;
    let bytes = bytes.ok_or_else(|| {
        Failure::usage(
            format!("{name} is longer than 64 MiB"),
            format!("cut its end off: tail -n 1000 {name} > end.log"),
        )
    })?;
    let text = String::from_utf8_lossy(&bytes);
    last_known(&text).map(str::to_owned).ok_or_else(|| {
        Failure::usage(
            format!("{name} has no line that names a known exception or message"),
            "give the message with --error, or `--error none` if the client reported success",
        )
    })
}

impl From<EvidenceError> for Failure {
    fn from(error: EvidenceError) -> Self {
        Self::usage(
            error.to_string(),
            "for example: shortread diagnose --got 600MB --after 300s --of 1GB --error TimeoutError",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(log: &str) -> Result<String, Failure> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), log).unwrap();
        last_line(file.path())
    }

    #[test]
    fn a_log_is_read_for_its_last_known_message() {
        let log = "starting\nConnectionResetError: [Errno 104]\n  retrying\n\
                   aiohttp.client_exceptions.SocketTimeoutError: Timeout on reading\nbye\n";
        let line = of(log).unwrap();
        assert!(
            line.starts_with("aiohttp.client_exceptions.SocketTimeoutError"),
            "{line}"
        );
        let refused = |log: &str| match of(log).unwrap_err() {
            Failure::Usage { message, help } => format!("{message}; {}", help.unwrap()),
            other => panic!("{other:?}"),
        };
        assert!(refused("all is well\n").contains("no line that names a known exception"));
        assert!(refused("").contains("--error none"));
        assert!(last_line(Path::new("/nowhere")).is_err());
        assert!(last_line(Path::new("/dev/zero")).is_err());
    }
}
