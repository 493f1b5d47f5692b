//! Asks a Python interpreter for its aiohttp release.

use std::{io, process::Stdio, time::Duration};

use shortread_server::clock::Clock;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    process::{Child, Command},
};

use crate::engine::aiohttp::reader::{Profile, ProfileError, Warning};

/// An import takes well under a second, but more on a cold or remote disk.
const PATIENCE: Duration = Duration::from_secs(20);

/// Most bytes read from an interpreter.
const MOST_OUTPUT: u64 = 16 << 10;

/// Prints the release, or that there is none. Any other problem ends it with a
/// traceback, whose last line is the reason.
const QUESTION: &str = "\
try:
    import aiohttp
except ImportError as error:
    if error.name != 'aiohttp':
        raise
    print('none')
else:
    print('aiohttp-' + aiohttp.__version__)
";

/// The profile of the aiohttp that `python` (a path, or a name in PATH) would
/// import.
///
/// # Errors
/// The interpreter does not name a release that can be imitated within 20 s.
pub(super) fn profile(python: &str) -> Result<(Profile, Option<Warning>), InterpreterError> {
    within(python, PATIENCE)
}

/// The reasons why an interpreter named no release. Each names the interpreter.
#[derive(Debug, thiserror::Error)]
pub(super) enum InterpreterError {
    #[error("cannot start the interpreter `{python}`: {reason}")]
    NotStarted { python: String, reason: io::Error },
    #[error("the interpreter `{python}` has no aiohttp")]
    NoAiohttp { python: String },
    #[error("the interpreter `{python}` did not answer within {patience:?}")]
    Silent { python: String, patience: Duration },
    #[error("the interpreter `{python}` failed ({status}): {last_line}")]
    Failed {
        python: String,
        status: std::process::ExitStatus,
        last_line: String,
    },
    #[error("`{python}` is not a Python interpreter with aiohttp: it answered `{answer}`")]
    Nonsense { python: String, answer: String },
    #[error("cannot imitate the aiohttp of `{python}`: {reason}")]
    Release {
        python: String,
        reason: ProfileError,
    },
}

fn within(
    python: &str,
    patience: Duration,
) -> Result<(Profile, Option<Warning>), InterpreterError> {
    let owned = || python.to_owned();
    let not_started = |reason| InterpreterError::NotStarted {
        python: owned(),
        reason,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(not_started)?;
    let (status, output, errors) = runtime.block_on(async {
        let mut child = Command::new(python)
            .args(["-c", QUESTION])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(not_started)?;
        let clock = Clock::real();
        let answer = clock
            .timeout_at(clock.now() + patience, hear(&mut child))
            .await;
        match answer {
            Ok(answer) => answer.map_err(not_started),
            Err(_) => Err(InterpreterError::Silent {
                python: owned(),
                patience,
            }),
        }
    })?;
    if !status.success() {
        return Err(InterpreterError::Failed {
            python: owned(),
            status,
            last_line: last_line(&errors).unwrap_or("it said nothing").into(),
        });
    }
    // A `sitecustomize` may have printed something before.
    match last_line(&output).unwrap_or_default() {
        "none" => Err(InterpreterError::NoAiohttp { python: owned() }),
        answer => Profile::parse(answer).map_err(|reason| match reason {
            ProfileError::Malformed { given } => InterpreterError::Nonsense {
                python: owned(),
                answer: given,
            },
            reason => InterpreterError::Release {
                python: owned(),
                reason,
            },
        }),
    }
}

/// Its exit status, output and error output.
async fn hear(child: &mut Child) -> io::Result<(std::process::ExitStatus, String, String)> {
    let (output, errors) = (child.stdout.take(), child.stderr.take());
    let (output, errors) = tokio::try_join!(all(output), all(errors))?;
    Ok((child.wait().await?, output, errors))
}

/// All output, up to [`MOST_OUTPUT`]; then the pipe is closed.
async fn all(pipe: Option<impl AsyncRead + Unpin>) -> io::Result<String> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(MOST_OUTPUT).read_to_end(&mut bytes).await?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn last_line(text: &str) -> Option<&str> {
    text.lines().map(str::trim).rfind(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program in `tests/interpreters`, which answers without reading the
    /// question.
    fn ask(name: &str) -> Result<(Profile, Option<Warning>), InterpreterError> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interpreters");
        within(&format!("{folder}/{name}"), PATIENCE)
    }

    fn refused(name: &str) -> String {
        let error = ask(name).unwrap_err().to_string();
        error.replace(
            concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interpreters/"),
            "",
        )
    }

    #[test]
    fn the_release_that_it_names_is_the_profile() {
        let (profile, warning) = ask("with-3.12.15").unwrap();
        assert_eq!(profile.to_string(), "aiohttp-3.12.15");
        assert_eq!(warning, None);
    }

    #[test]
    fn each_way_to_name_none_has_its_error() {
        insta::assert_snapshot!(refused("without-aiohttp"), @"the interpreter `without-aiohttp` has no aiohttp");
        insta::assert_snapshot!(refused("fails"), @"the interpreter `fails` failed (exit status: 1): ImportError: cannot import name 'x'");
        insta::assert_snapshot!(refused("with-3.6.3"), @"cannot imitate the aiohttp of `with-3.6.3`: aiohttp-3.6.3 is too old: the oldest profile is aiohttp-3.7.0");
        insta::assert_snapshot!(refused("no-such-file"), @"cannot start the interpreter `no-such-file`: No such file or directory (os error 2)");
        insta::assert_snapshot!(within("/bin/echo", PATIENCE).unwrap_err(), @"`/bin/echo` is not a Python interpreter with aiohttp: it answered `print('aiohttp-' + aiohttp.__version__)`");
        insta::assert_snapshot!(within("/bin/true", PATIENCE).unwrap_err(), @"`/bin/true` is not a Python interpreter with aiohttp: it answered ``");
    }

    #[test]
    fn one_that_does_not_answer_is_not_waited_for() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interpreters");
        let error = within(&format!("{folder}/hangs"), Duration::from_millis(200)).unwrap_err();
        assert!(matches!(error, InterpreterError::Silent { .. }), "{error}");
    }

    #[test]
    fn one_that_never_stops_talking_is_not_listened_to() {
        let error = within("/usr/bin/yes", PATIENCE).unwrap_err();
        // The closed pipe ends the program.
        assert!(matches!(error, InterpreterError::Failed { .. }), "{error}");
    }

    #[test]
    fn a_real_interpreter_understands_the_question() {
        match within("python3", PATIENCE) {
            Ok(_) | Err(InterpreterError::NoAiohttp { .. } | InterpreterError::Release { .. }) => {}
            Err(InterpreterError::NotStarted { .. }) if std::env::var_os("CI").is_none() => {
                eprintln!("skipped: there is no python3");
            }
            Err(error) => panic!("{error}"),
        }
    }
}
