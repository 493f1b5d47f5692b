//! What is known of a run as a whole: `run.json` and `summary.json`.

use std::{collections::BTreeMap, fs};

use mock_server::scenario::{Kind, World};
use serde::{Deserialize, Serialize};

use super::{Group, Record};

/// The version of the results format. It grows when a reader of the old one
/// would be misled, not when a field is added.
pub const SCHEMA_VERSION: u32 = 1;

/// `run.json`: under which circumstances the records came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunInfo {
    /// [`SCHEMA_VERSION`] of the program that wrote it.
    pub schema_version: u32,
    /// As typed, program name first.
    pub command_line: Vec<String>,
    /// Of the first repetition.
    pub seed: u64,
    /// The worlds that trials ran in.
    pub worlds: Vec<World>,
    /// Names and versions of what could change an outcome: `shortread`, and
    /// the profiles under `profiles`, comma-separated.
    pub versions: BTreeMap<String, String>,
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
    /// Ended by Ctrl-C: records of the remaining trials are missing.
    pub interrupted: bool,
}

/// Facts of the machine that change figures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// The kernel's release, `6.12.0`.
    pub kernel: Option<String>,
    /// CPUs that the process may use.
    pub cpus: Option<u64>,
    /// The default of TCP_CONGESTION.
    pub congestion_control: Option<String>,
}

impl Host {
    /// The machine that this runs on; what cannot be found out is absent.
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSummary {
    /// [`SCHEMA_VERSION`] of the program that wrote it.
    pub schema_version: u32,
    /// Trials by the kind of their outcome.
    pub by_kind: BTreeMap<Kind, u64>,
    /// Trials by what happened to the user.
    pub by_group: BTreeMap<Group, u64>,
    /// Ids of the trials whose outcome differs from the expectation.
    pub unexpected: Vec<String>,
    /// Trials of which nothing was expected.
    pub without_expectation: u64,
    /// Sums over all trials.
    pub totals: Totals,
}

/// Sums over the trials of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Trials that ended, in whatever way.
    pub trials: u64,
    /// Bytes that whole downloads would have delivered.
    pub expected_bytes: u64,
    /// Bytes handed to applications.
    pub delivered_bytes: u64,
    /// Trial time, in nanoseconds; trials that ran side by side count each.
    pub elapsed_ns: u64,
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
            match record.as_expected {
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
        }
        summary
    }
}
