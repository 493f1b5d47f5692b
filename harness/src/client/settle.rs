//! The last step of a download that is saved: the file gets its name, or the other one that
//! it has is told.

use super::{
    course::Left,
    report::{Download, Failure, Verdict},
};
use crate::sink::TargetFile;

/// Gives `file` its name if the account of `download` says so. Where it keeps another, the
/// failure names it.
///
/// The disk is waited for on another thread: fsync(2) takes as long as it takes, and other
/// downloads of the trial go on meanwhile.
pub(super) async fn settle(file: TargetFile, download: &mut Download) {
    let said = download.account.as_ref().map(|account| account.file);
    let other = file.temporary().map(|path| path.display().to_string());
    let left = match (said, other) {
        _ if !file.is_open() => Left::Nothing,
        // Without `atomic` it has had its name all the time.
        (_, None) => Left::Target,
        (Some(Left::Target) | None, Some(other)) => {
            match tokio::task::spawn_blocking(|| file.finish()).await {
                Ok(Ok(())) => Left::Target,
                Ok(Err(unnamed)) => {
                    let mut failure = Failure::sink(&unnamed.error);
                    if !unnamed.renamed {
                        failure.keeps(&other);
                    }
                    download.verdict = Verdict::Failure(failure);
                    match unnamed.renamed {
                        true => Left::Target,
                        false => Left::Temporary,
                    }
                }
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            }
        }
        (Some(_), Some(other)) => {
            if let Verdict::Failure(failure) = &mut download.verdict {
                failure.keeps(&other);
            }
            Left::Temporary
        }
    };
    if let Some(account) = &mut download.account {
        account.file = left;
    }
}

impl Failure {
    /// Adds the name that the file has instead of its own.
    fn keeps(&mut self, other: &str) {
        let message = format!("what came is kept as `{other}`");
        self.error.push(message.into());
    }
}
