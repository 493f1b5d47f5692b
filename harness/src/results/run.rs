//! The facts about a whole run: `run.json` and `summary.json`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::Arc,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shortread_server::{
    clock,
    scenario::{Kind, World},
    text::printable,
};

use super::{Record, warning::Warning};
use crate::{
    command::{ClientCommand, ClientPlan},
    engine::aiohttp::reader::{Profile, Release},
    measure::Load,
    outcome::Group,
    plan::Plan,
};

/// The version of the results format. It grows when a reader of the old one
/// would be misled, not when a field is added.
pub const SCHEMA_VERSION: u32 = 1;

/// `run.json`: under which circumstances the records came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunInfo {
    /// [`SCHEMA_VERSION`] of the program that wrote it.
    pub schema_version: u32,
    /// As typed, program name first.
    pub command_line: Vec<String>,
    /// Of the first repetition.
    pub seed: u64,
    /// The requested repetitions of each trial.
    #[serde(default = "once")]
    pub repetitions: u32,
    /// The scenarios that ran once in the virtual world all the same, since
    /// nothing in them is random: any repetition is the same to the byte.
    #[serde(default)]
    pub ran_once: Vec<String>,
    /// The scenarios of the plan, in its order; empty in runs of versions that
    /// did not write it.
    #[serde(default)]
    pub scenarios: Vec<String>,
    /// The scenarios of the catalogue that no client played, since they would take over a
    /// minute.
    #[serde(default)]
    pub left_out: Vec<String>,
    /// The worlds that trials ran in.
    pub worlds: Vec<World>,
    /// Names and versions of what could change an outcome: `shortread`, and
    /// the profiles under `profiles`, comma-separated.
    pub versions: BTreeMap<String, String>,
    /// Each profile of the plan with its rules, the oldest first.
    #[serde(default)]
    pub profiles: Vec<PlannedProfile>,
    /// Each client of one's own, in the order of the command line.
    #[serde(default)]
    pub clients: Vec<PlannedClient>,
    /// The recipes that trials had too, by name, in the order of the command line.
    #[serde(default)]
    pub recipes: Vec<String>,
    /// The machine.
    pub host: Host,
    /// Trials in the plan.
    pub planned_trials: u64,
    /// UTC, `2026-11-22T16:03:00Z`.
    pub started: String,
    /// UTC; null while the run goes on, or when it died.
    pub finished: Option<String>,
    /// Real time of the whole run, in nanoseconds; null until it finished.
    pub real_ns: Option<u64>,
    /// Simulated time of all trials of the virtual world together, in
    /// nanoseconds; null where none ran.
    pub simulated_ns: Option<u64>,
    /// The load of the machine while trials ran over TCP; null if none did, or
    /// /proc does not tell.
    #[serde(default)]
    pub load: Option<Load>,
    /// Ended by Ctrl-C: records of the remaining trials are missing.
    pub interrupted: bool,
}

/// The repetitions of a run without the field, as far as is known.
fn once() -> u32 {
    1
}

/// A profile that trials follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedProfile {
    /// The exact release, `aiohttp-3.12.15`.
    pub profile: String,
    /// The releases that share its rules, `3.11.11-3.12.15`.
    pub rules: String,
}

impl PlannedProfile {
    pub(crate) fn of(profile: &Profile) -> Self {
        Self {
            profile: profile.to_string(),
            rules: profile.rule_set().into(),
        }
    }
}

/// A client of one's own that trials run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedClient {
    /// Its name.
    pub name: String,
    /// As it was typed, with `{url}` and `{out}`.
    pub command: String,
}

/// Facts of the machine that change figures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Host {
    /// The kernel's release, `6.12.0`.
    pub kernel: Option<String>,
    /// CPUs that the process may use.
    pub cpus: Option<u64>,
    /// The default of TCP_CONGESTION.
    pub congestion_control: Option<String>,
}

/// Options whose value is a path, and of no scenario.
const OF_PATHS: [&str; 5] = ["--out", "--known", "--client", "--profile-from", "--recipe"];

impl RunInfo {
    /// The header of a run of `plan` that starts now.
    pub fn starting(command_line: Vec<String>, plan: &Plan) -> Self {
        let worlds: BTreeSet<World> = plan.trials.iter().map(|trial| trial.world).collect();
        let profiles: BTreeMap<Release, Profile> = plan
            .trials
            .iter()
            .filter_map(|trial| trial.profile.map(|profile| (profile.release, profile)))
            .collect();
        let profiles: Vec<PlannedProfile> = profiles.values().map(PlannedProfile::of).collect();
        let releases: Vec<&str> = profiles.iter().map(|one| one.profile.as_str()).collect();
        Self {
            seed: plan.trials.first().map_or(0, |trial| trial.seed),
            repetitions: plan.repetitions,
            ran_once: plan.ran_once(),
            left_out: Vec::new(),
            scenarios: plan.scenarios(),
            worlds: worlds.into_iter().collect(),
            versions: BTreeMap::from([
                ("shortread".into(), env!("CARGO_PKG_VERSION").into()),
                ("profiles".into(), releases.join(", ")),
            ]),
            profiles,
            recipes: plan.recipes(),
            planned_trials: plan.trials.len() as u64,
            ..Self::starting_now(command_line)
        }
    }

    /// A scenario as the command line named it: the path of a file, or `name`.
    pub(crate) fn typed(&self, name: &str) -> String {
        let words = self.command_line.iter().skip(1);
        // A folder of results may be called as a scenario is.
        let values = self.command_line.iter();
        let typed = words.zip(values).find(|(word, before)| {
            let path = Path::new(word.as_str());
            let is_path = word.contains('/') || path.extension().is_some_and(|end| end == "toml");
            let is_value = OF_PATHS.contains(&before.as_str()) || word.starts_with('-');
            is_path && !is_value && path.file_stem().is_some_and(|stem| stem == name)
        });
        typed.map_or_else(|| name.into(), |(word, _)| word.clone())
    }

    /// The file of a recipe as the command line named it; `None` if the recipe is of no
    /// file.
    pub(crate) fn typed_recipe(&self, name: &str) -> Option<&str> {
        let words = self.command_line.iter();
        let behind = words.clone().skip(1).zip(words.clone());
        let behind = behind.filter(|(_, option)| *option == "--recipe");
        let behind = behind.map(|(word, _)| word.as_str());
        let joined = words.filter_map(|word| word.strip_prefix("--recipe="));
        let is_file = |word: &&str| word.contains('/') || word.ends_with(".toml");
        behind.chain(joined).filter(is_file).find(|word| {
            let file = Path::new(word).file_name();
            file.is_some_and(|file| printable(&file.to_string_lossy()) == name)
        })
    }

    /// The header of a run of clients that starts now.
    pub fn starting_clients(command_line: Vec<String>, plan: &ClientPlan) -> Self {
        let planned = |client: Arc<ClientCommand>| PlannedClient {
            name: client.name.clone(),
            command: client.command.clone(),
        };
        Self {
            seed: plan.trials.first().map_or(0, |trial| trial.seed),
            repetitions: plan.repetitions(),
            scenarios: plan
                .scenarios()
                .iter()
                .map(|one| one.name.clone())
                .collect(),
            left_out: plan.left_out.clone(),
            worlds: vec![World::Tcp],
            clients: plan.clients().into_iter().map(planned).collect(),
            planned_trials: plan.trials.len() as u64,
            ..Self::starting_now(command_line)
        }
    }

    fn starting_now(command_line: Vec<String>) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            command_line,
            seed: 0,
            repetitions: 1,
            ran_once: Vec::new(),
            left_out: Vec::new(),
            scenarios: Vec::new(),
            worlds: Vec::new(),
            versions: BTreeMap::from([("shortread".into(), env!("CARGO_PKG_VERSION").into())]),
            profiles: Vec::new(),
            clients: Vec::new(),
            recipes: Vec::new(),
            host: Host::here(),
            planned_trials: 0,
            started: clock::wall_rfc3339(),
            finished: None,
            real_ns: None,
            simulated_ns: None,
            load: None,
            interrupted: false,
        }
    }

    /// The run ended now with `records`, after `real_ns` nanoseconds of the
    /// monotonic clock.
    pub fn finish(&mut self, records: &[Record], real_ns: u64, interrupted: bool) {
        let simulated = records
            .iter()
            .filter(|record| record.world == World::Virtual);
        self.simulated_ns = simulated
            .map(|record| record.elapsed_ns)
            .reduce(u64::saturating_add);
        self.finished = Some(clock::wall_rfc3339());
        self.real_ns = Some(real_ns);
        self.interrupted = interrupted;
    }
}

impl Host {
    /// The machine that this runs on, without the facts that cannot be found out.
    pub fn here() -> Self {
        let line = |path| {
            let text = fs::read_to_string(path).ok()?;
            Some(text.trim().to_owned()).filter(|text| !text.is_empty())
        };
        Self {
            kernel: line("/proc/sys/kernel/osrelease"),
            cpus: std::thread::available_parallelism()
                .ok()
                .map(|n| n.get() as u64),
            congestion_control: line("/proc/sys/net/ipv4/tcp_congestion_control"),
        }
    }
}

/// `summary.json`: the run in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunSummary {
    /// [`SCHEMA_VERSION`] of the program that wrote it.
    pub schema_version: u32,
    /// Trials by the kind of their outcome.
    pub by_kind: BTreeMap<Kind, u64>,
    /// Trials by what happened to the user.
    pub by_group: BTreeMap<Group, u64>,
    /// Ids of the trials whose outcome differs from the expectation, or that the
    /// tool could not play.
    pub unexpected: Vec<String>,
    /// Ids of the trials on TCP that came to something else in the virtual
    /// world, where a run had both.
    #[serde(default)]
    pub disagreements: Vec<String>,
    /// Trials of which nothing was expected.
    pub without_expectation: u64,
    /// Warnings that figures may mislead.
    #[serde(default)]
    pub warnings: Vec<Warning>,
    /// Sums over all trials.
    pub totals: Totals,
}

/// Sums over the trials of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Totals {
    /// Trials that ended, in whatever way.
    pub trials: u64,
    /// Bytes that whole downloads would have delivered.
    pub expected_bytes: u64,
    /// Bytes handed to applications.
    pub delivered_bytes: u64,
    /// Trial time, in nanoseconds; trials that ran side by side count each.
    pub elapsed_ns: u64,
    /// Of it, time in which bytes kept coming.
    pub flowing_ns: u64,
    /// Body bytes that were compared with the object.
    pub received_bytes: u64,
}

impl RunSummary {
    /// Counts `records`.
    pub fn of(records: &[Record]) -> Self {
        let mut summary = Self {
            schema_version: SCHEMA_VERSION,
            ..Self::default()
        };
        for record in records {
            let kind = record.outcome.kind;
            *summary.by_kind.entry(kind).or_default() += 1;
            *summary.by_group.entry(Group::of(kind)).or_default() += 1;
            match record.passed() {
                Some(true) => {}
                Some(false) => summary.unexpected.push(record.id.clone()),
                None => summary.without_expectation += 1,
            }
            let totals = &mut summary.totals;
            totals.trials += 1;
            totals.expected_bytes = totals.expected_bytes.saturating_add(record.expected_bytes);
            totals.delivered_bytes = totals
                .delivered_bytes
                .saturating_add(record.delivered_bytes);
            totals.elapsed_ns = totals.elapsed_ns.saturating_add(record.elapsed_ns);
            totals.flowing_ns = totals.flowing_ns.saturating_add(record.flowing_ns);
            totals.received_bytes = totals.received_bytes.saturating_add(record.received_bytes);
        }
        summary
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use shortread_server::scenario::{Party, Scenario, StrategyName};

    use super::*;
    use crate::{plan::Choice, results::samples};

    #[test]
    fn a_recipe_of_a_file_is_called_as_the_command_line_called_it() {
        let mut info = samples::run_info();
        let line =
            "shortread run mine.toml --recipe my/mine.toml --recipe=other/b.toml --recipe curl";
        info.command_line = line.split(' ').map(Into::into).collect();
        assert_eq!(info.typed_recipe("mine.toml"), Some("my/mine.toml"));
        assert_eq!(info.typed_recipe("b.toml"), Some("other/b.toml"));
        assert_eq!(info.typed_recipe("curl"), None, "a client");
        assert_eq!(info.typed("mine"), "mine.toml", "a scenario");
    }

    #[test]
    fn a_summary_counts_by_kind_and_by_group_and_names_the_unexpected() {
        let reset = samples::outcome(Kind::Reset, Some(Party::Server), None, None);
        let mut records = vec![
            samples::record("a", "readany"),
            samples::ended(samples::record("b", "readany"), reset, 400, 2.0),
            samples::record("c", "readany"),
        ];
        records[1].as_expected = Some(false);
        records[2].as_expected = None;
        let summary = RunSummary::of(&records);
        assert_eq!(
            summary.by_kind,
            BTreeMap::from([(Kind::Complete, 2), (Kind::Reset, 1)])
        );
        assert_eq!(
            summary.by_group,
            BTreeMap::from([(Group::Cut, 1), (Group::Ok, 2)])
        );
        assert_eq!(summary.unexpected, ["b/readany/aiohttp-3.14.5/tcp/1"]);
        assert_eq!(summary.without_expectation, 1);
        assert_eq!(summary.totals.delivered_bytes, 2_000_000_400);
        assert_eq!(summary.totals.elapsed_ns, 18_000_000_000);
        // The keys of the file are words.
        let json = serde_json::to_string(&summary.by_group).unwrap();
        assert_eq!(json, r#"{"cut":1,"ok":2}"#);
    }

    #[test]
    fn a_scenario_is_called_as_the_command_line_called_it() {
        let mut info = samples::run_info();
        let mut typed = |words: &str| {
            info.command_line = words.split(' ').map(Into::into).collect();
            info.typed("mine")
        };
        assert_eq!(
            typed("shortread run dir/mine.toml healthy"),
            "dir/mine.toml"
        );
        assert_eq!(typed("shortread run mine.toml"), "mine.toml");
        assert_eq!(typed("shortread run ./mine"), "./mine");
        assert_eq!(typed("shortread run mine"), "mine");
        assert_eq!(typed("shortread run --out results/mine mine"), "mine");
        assert_eq!(typed("shortread run --out=results/mine mine"), "mine");
        assert_eq!(typed("bin/mine run"), "mine");
        assert_eq!(typed("shortread run"), "mine");
    }

    #[test]
    fn a_header_tells_what_was_planned_and_then_how_it_ended() {
        let scenario = Arc::new(Scenario::default());
        let choice = Choice {
            strategies: vec![StrategyName::Frames, StrategyName::Readany],
            profiles: vec![Profile::newest(), Profile::parse("aiohttp-3.9").unwrap().0],
            seed: 5,
            ..Choice::default()
        };
        let plan = Plan::resolve(&[scenario], &choice).unwrap();
        let mut info = RunInfo::starting(vec!["shortread".into()], &plan);
        assert_eq!((info.planned_trials, info.seed), (3, 5));
        assert_eq!(info.versions["profiles"], "aiohttp-3.9.5, aiohttp-3.14.5");
        let rules: Vec<&str> = info.profiles.iter().map(|one| one.rules.as_str()).collect();
        assert_eq!(rules, ["3.9.4-3.9.5", "3.14.4-3.14.5"]);
        assert_eq!(info.finished, None);
        info.finish(&[], 7, true);
        assert!(info.interrupted && info.finished.is_some());
    }
}
