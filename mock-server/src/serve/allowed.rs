//! The limits on open connections, and their reasons.

use crate::descriptors::Limit;

/// Most connections to the control interface at a time, if there are enough
/// descriptors.
pub(super) const MOST_CONTROL: usize = 256;

/// Descriptors that the server itself needs: standard streams, listeners, the
/// runtime, signals, and short queries to the kernel.
const OWN: u64 = 16;

/// The most connections served at a time; more have to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allowed {
    pub(super) downloads: usize,
    pub(super) control: usize,
    /// The limit on open files, if it is lower than the requested number allows.
    pub(super) by_files: Option<u64>,
}

impl Allowed {
    /// Allows the requested number of downloads.
    pub(super) fn asked(downloads: usize) -> Self {
        Self {
            downloads,
            control: MOST_CONTROL,
            by_files: None,
        }
    }

    /// Allows the requested number, or fewer if there are not enough descriptors.
    /// Some are kept for the control interface, so that people can find out what
    /// is wrong.
    pub(super) fn within(downloads: usize, files: Option<Limit>) -> Self {
        let Some(Limit { now: files, .. }) = files else {
            return Self::asked(downloads);
        };
        let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let control = size(files / 16).clamp(1, MOST_CONTROL);
        let left = size(files.saturating_sub(OWN)).saturating_sub(control);
        Self {
            downloads: downloads.min(left.max(1)),
            control,
            by_files: (left < downloads).then_some(files),
        }
    }

    /// The note for people, if the limit is lower than requested.
    pub(super) fn note(&self, asked: usize) -> Option<String> {
        let files = self.by_files?;
        let served = self.downloads;
        Some(format!(
            "at most {served} connections at a time, not the {asked} of --max-connections: \
             the limit on open files is {files} (`ulimit -n`)"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(downloads: usize, files: u64) -> Allowed {
        let limit = Limit {
            given: 1024,
            now: files,
        };
        Allowed::within(downloads, Some(limit))
    }

    #[test]
    fn the_smaller_limit_holds_and_control_keeps_some() {
        assert_eq!(within(4096, 1 << 20), Allowed::asked(4096));
        assert_eq!(Allowed::within(4096, None), Allowed::asked(4096));
        let few = Allowed {
            downloads: 944,
            control: 64,
            by_files: Some(1024),
        };
        assert_eq!(within(4096, 1024), few);
        assert_eq!(within(100, 1024).note(100), None);
        let note = few.note(4096).unwrap();
        assert!(
            note.contains("944") && note.contains("4096") && note.contains("1024"),
            "{note}"
        );
        // At least one of each is always allowed.
        assert_eq!((within(9, 3).downloads, within(9, 3).control), (1, 1));
    }
}
