//! A run as reports see it.

use std::{path::Path, sync::Arc};

use mock_server::scenario::Scenario;

use crate::{
    cli::exit,
    results::{Record, RunInfo},
};

/// Everything that a report can tell of.
#[derive(Debug, Clone, Copy)]
pub struct RunView<'a> {
    /// The header.
    pub info: &'a RunInfo,
    /// The records, in the order of the plan.
    pub records: &'a [Record],
    /// The scenarios as their files say them, not scaled; one that is missing
    /// here is reported without its prose.
    pub scenarios: &'a [Arc<Scenario>],
    /// Where the run is kept.
    pub folder: Option<&'a Path>,
    /// Whether the run was to fail on an unexpected outcome.
    pub check: bool,
}

impl<'a> RunView<'a> {
    /// The scenario called `name`.
    pub fn scenario(&self, name: &str) -> Option<&'a Scenario> {
        self.scenarios
            .iter()
            .find(|scenario| scenario.name == name)
            .map(Arc::as_ref)
    }

    /// The records whose outcome is not the expected one.
    pub fn unexpected(&self) -> impl Iterator<Item = &'a Record> {
        self.records
            .iter()
            .filter(|record| record.as_expected == Some(false))
    }

    /// What the process will exit with.
    pub fn exit_code(&self) -> u8 {
        if self.info.interrupted {
            exit::INTERRUPTED
        } else if self.check && self.unexpected().next().is_some() {
            exit::UNEXPECTED
        } else {
            exit::DONE
        }
    }

    /// What that exit code means, as a sentence.
    pub(super) fn exit_meaning(&self) -> String {
        let any = self.unexpected().next().is_some();
        let meaning = match self.exit_code() {
            exit::INTERRUPTED => format!(
                "interrupted; {} of {} trials have a record",
                self.records.len(),
                self.info.planned_trials
            ),
            exit::UNEXPECTED => "an outcome is not the expected one".into(),
            _ if self.check => "no outcome differs from its expectation".into(),
            _ if any => "the run did its work; with --check it would be 10".into(),
            _ => "the run did its work, whatever the downloads came to".into(),
        };
        format!("Exit code {}: {meaning}.", self.exit_code())
    }
}
