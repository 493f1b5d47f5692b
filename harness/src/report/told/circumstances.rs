//! The circumstances of a run: its program, its choice, its place and its time.

use shortread_server::units::human_ns;

use crate::report::RunView;

/// The circumstances of a run, each as a fragment.
#[derive(Debug)]
pub(in crate::report) struct Circumstances {
    /// The command as typed.
    pub(in crate::report) command: String,
    /// Records that there are.
    pub(in crate::report) records: usize,
    /// Trials that were planned.
    pub(in crate::report) planned: u64,
    /// The worlds: `virtual and tcp`.
    pub(in crate::report) worlds: String,
    /// The seed of the first repetition.
    pub(in crate::report) seed: u64,
    /// The programs that took part, but for the profiles, which have a line of
    /// their own.
    pub(in crate::report) versions: String,
    /// All profiles with their rules, the newest first.
    pub(in crate::report) profiles: String,
    /// The machine.
    pub(in crate::report) host: String,
    /// UTC.
    pub(in crate::report) started: String,
    /// The real time of the run; `unknown` if it has not ended.
    pub(in crate::report) real_time: String,
    /// The simulated time of its virtual trials.
    pub(in crate::report) simulated: Option<String>,
}

impl Circumstances {
    pub(super) fn of(run: &RunView<'_>) -> Self {
        let info = run.info;
        let unknown = || "unknown".to_owned();
        let worlds: Vec<&str> = info.worlds.iter().map(|world| world.word()).collect();
        let versions = info.versions.iter().filter(|(name, _)| *name != "profiles");
        let versions: Vec<String> = versions
            .map(|(name, version)| format!("{name} {version}"))
            .collect();
        Self {
            command: info.command_line.join(" "),
            records: run.records.len(),
            planned: info.planned_trials,
            worlds: worlds.join(" and "),
            seed: info.seed,
            versions: versions.join(", "),
            profiles: run.profiles(usize::MAX),
            host: format!(
                "Linux {}, {} CPUs, congestion control {}",
                info.host.kernel.clone().unwrap_or_else(unknown),
                info.host.cpus.map_or_else(unknown, |cpus| cpus.to_string()),
                info.host.congestion_control.clone().unwrap_or_else(unknown),
            ),
            started: info.started.clone(),
            real_time: info.real_ns.map_or_else(unknown, human_ns),
            simulated: info.simulated_ns.map(human_ns),
        }
    }
}
