//! A run as reports see it.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use shortread_server::{
    scenario::{Kind, Scenario, World},
    units::counted,
};

use crate::{
    exit,
    results::agree::Agreement,
    results::warning::Warning,
    results::{PlannedProfile, Record, RunInfo, StoredRun, Timelines},
    warning::warnings,
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
    /// The folder of the run, if it is kept.
    pub folder: Option<&'a Path>,
    /// The timelines of the trials by id; some may be missing.
    pub timelines: &'a Timelines,
    /// The agreement of the worlds; `None` if trials ran in only one.
    pub agreement: Option<&'a Agreement>,
    /// True if the run should fail on an unexpected outcome, or if the worlds
    /// disagree.
    pub check: bool,
}

impl<'a> RunView<'a> {
    /// The records of clients without remedies, which is what came of the scenarios; where
    /// there are none, all.
    pub(super) fn plain(&self) -> impl Iterator<Item = &'a Record> + use<'a> {
        let records = self.records;
        let any = records.iter().any(|record| record.recipe.is_none());
        let wanted = move |record: &&Record| !any || record.recipe.is_none();
        records.iter().filter(wanted)
    }

    /// A run that was kept; `agreement` is [`Agreement::of`] its records.
    pub fn of(stored: &'a StoredRun, agreement: Option<&'a Agreement>) -> Self {
        Self {
            info: &stored.info,
            records: &stored.records,
            scenarios: &stored.scenarios,
            folder: Some(&stored.path),
            timelines: &stored.timelines,
            agreement,
            check: stored.was_check(),
        }
    }

    /// The profiles with their rules, the newest first; of more than `most`
    /// only that one, and the number of the others.
    pub(super) fn profiles(&self, most: usize) -> String {
        let all = &self.info.profiles;
        let named = |one: &PlannedProfile| format!("{} (rules of {})", one.profile, one.rules);
        match all.iter().next_back() {
            None => "none".into(),
            Some(newest) if all.len() > most => {
                format!("{} and {} others", named(newest), all.len() - 1)
            }
            Some(_) => {
                let named: Vec<String> = all.iter().rev().map(named).collect();
                named.join(", ")
            }
        }
    }

    /// The number of repetitions, if more than one was requested, as a sentence.
    pub(super) fn repetitions(&self) -> Option<String> {
        let (asked, once) = (self.info.repetitions, self.info.ran_once.len());
        let names = self.records.iter().map(|record| record.scenario.as_str());
        let scenarios = names.collect::<BTreeSet<_>>().len();
        let why = "since nothing in them is random";
        let but = match once {
            _ if once < scenarios && self.repeats_recipes() => {
                "; in the virtual world a trial in which nothing is random ran once".into()
            }
            0 => String::new(),
            _ if once == scenarios => {
                format!("; in the virtual world each scenario ran once, {why}")
            }
            _ => {
                format!("; in the virtual world {once} of {scenarios} scenarios ran once, {why}")
            }
        };
        (asked > 1).then(|| format!("Repetitions: {asked} of each trial{but}."))
    }

    /// True if recipes ran in the virtual world: those that draw their waits are repeated,
    /// beside others and beside trials without any that are not.
    fn repeats_recipes(&self) -> bool {
        !self.info.recipes.is_empty() && self.info.worlds.contains(&World::Virtual)
    }

    /// The scenario called `name`.
    pub fn scenario(&self, name: &str) -> Option<&'a Scenario> {
        self.scenarios
            .iter()
            .find(|scenario| scenario.name == name)
            .map(Arc::as_ref)
    }

    /// The warnings that the run's figures may mislead.
    pub fn warnings(&self) -> Vec<Warning> {
        warnings(self.info, self.records, self.scenarios)
    }

    /// The records whose outcome is not the expected one, and those that the tool
    /// could not play.
    pub fn unexpected(&self) -> impl Iterator<Item = &'a Record> {
        self.records
            .iter()
            .filter(|record| record.passed() == Some(false))
    }

    /// True if a trial had another result in the other world.
    pub fn worlds_disagree(&self) -> bool {
        self.agreement
            .is_some_and(|agreement| !agreement.disagreements.is_empty())
    }

    /// True if anything is not as it should be.
    fn differs(&self) -> bool {
        self.unexpected().next().is_some() || self.worlds_disagree()
    }

    /// The exit code of the process.
    pub fn exit_code(&self) -> u8 {
        if self.info.interrupted {
            exit::INTERRUPTED
        } else if self.check && self.differs() {
            exit::UNEXPECTED
        } else if self.lacks_files() {
            exit::TOOL_FAILED
        } else {
            exit::DONE
        }
    }

    /// True if `--save` asked for files, and the tool failed in one of their trials.
    fn lacks_files(&self) -> bool {
        let asked = |word: &String| word == "--save" || word.starts_with("--save=");
        self.info.command_line.iter().any(asked) && self.failures() > 0
    }

    /// The number of trials in which the tool failed.
    fn failures(&self) -> usize {
        let kinds = self.records.iter().map(|record| record.outcome.kind);
        kinds.filter(|kind| *kind == Kind::ToolError).count()
    }

    /// The missing part of the plan, as a sentence.
    pub(super) fn missing(&self) -> Option<String> {
        let (there, planned) = (self.records.len(), self.info.planned_trials);
        let why = match self.info.interrupted {
            true => "the run was interrupted",
            false => "the run goes on or was killed, or its trials.jsonl was cut",
        };
        ((there as u64) < planned)
            .then(|| format!("Only {there} of {planned} trials have a record: {why}."))
    }

    /// The meaning of the exit code, as a sentence. A run that did not end has
    /// none.
    pub(super) fn exit_meaning(&self) -> String {
        if let Some(missing) = self.missing()
            && !self.info.interrupted
        {
            return missing;
        }
        let meaning = match self.exit_code() {
            exit::INTERRUPTED => format!(
                "interrupted; {} of {} trials have a record",
                self.records.len(),
                self.info.planned_trials
            ),
            exit::TOOL_FAILED => format!(
                "a file was not saved, since the tool failed in {}",
                counted(self.failures(), "trial")
            ),
            exit::UNEXPECTED => {
                let tool = self
                    .unexpected()
                    .filter(|r| r.outcome.kind == Kind::ToolError);
                let tool = tool.count();
                let mut why = Vec::new();
                if self.unexpected().count() > tool {
                    why.push("an outcome is not the expected one".to_owned());
                }
                if tool > 0 {
                    why.push(format!("the tool failed in {}", counted(tool, "trial")));
                }
                if self.worlds_disagree() {
                    why.push("the worlds disagree".into());
                }
                why.join(", and ")
            }
            _ if self.check => "no outcome differs from its expectation".into(),
            _ if self.differs() => "the run did its work; with --check it would be 10".into(),
            _ => "the run did its work, whatever the downloads came to".into(),
        };
        format!("Exit code {}: {meaning}.", self.exit_code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        report::client_samples::view,
        results::{RunSummary, samples},
    };

    #[test]
    fn a_trial_that_the_tool_could_not_play_never_passes() {
        for expected in [None, Some(true)] {
            let mut record = samples::record("a", "readany");
            record.outcome = samples::outcome(Kind::ToolError, None, None, None);
            record.as_expected = expected;
            let records = [record, samples::record("b", "readany")];
            let mut info = samples::run_info();
            info.planned_trials = 2;
            let run = view(&info, &records);
            assert_eq!(run.exit_code(), exit::UNEXPECTED, "{expected:?}");
            assert_eq!(
                run.exit_meaning(),
                "Exit code 10: the tool failed in 1 trial."
            );
            let summary = RunSummary::of(&records);
            assert_eq!(summary.unexpected, [records[0].id.clone()]);
            assert_eq!(summary.without_expectation, 0);
        }
    }
}
