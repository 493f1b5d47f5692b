//! The trials of the user's clients: scenario x client x repetition, always over
//! TCP with the numbers of `[tcp]`.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use shortread_server::scenario::{ScaleError, Scenario, Tcp};

use super::{ClientClock, ClientCommand, ClockChoice, ClockKind, Preload};
use crate::{
    plan::{MOST_TRIALS, path_component},
    suite::Case,
};

/// Time that a client gets beyond the scenario's own length, to start on a loaded
/// machine and to lose its own patience. httpx waits for 5 s by default.
pub const START_UP: Duration = Duration::from_secs(10);

/// A scenario with more patience only runs if it is named: it would take minutes,
/// since nothing ends such a client early.
const PATIENCE: Duration = Duration::from_secs(120);

/// The trials of one run of clients.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientPlan {
    /// The trials in the order of start and report.
    pub trials: Vec<ClientTrial>,
    /// The names of the scenarios that no client plays, since they would take too long.
    pub left_out: Vec<String>,
}

/// One scenario x client x repetition.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientTrial {
    /// `fin-chunked/client/curl/tcp/1`.
    pub id: String,
    /// The scenario of the file, not scaled.
    pub scenario: Arc<Scenario>,
    /// The client to run.
    pub client: Arc<ClientCommand>,
    /// The time limit; `None` means [`ClientTrial::limit`].
    limit: Option<Duration>,
    /// The number of the repetition, from 1.
    pub repetition: u32,
    /// The seed of all random numbers of the server.
    pub seed: u64,
    /// The clock of the client, as planned.
    pub clock: ClientClock,
    /// The factor on every duration with which the scenario is played: that of its file,
    /// or a larger one where the clock cannot be as fast as that.
    time: f64,
    /// The library that scales it, if it is scaled.
    library: Option<PathBuf>,
    /// The suite, and the case of it that this is; `None` for a scenario by itself.
    pub case: Option<(&'static str, &'static Case)>,
}

/// The reasons why a plan cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientPlanError {
    /// Two clients would share their ids.
    #[error("two clients are named `{0}`; give one another name: --client 'other=...'")]
    SameClient(String),
    /// There is too much to run.
    #[error(
        "these choices make {planned} trials, but a run has at most {MOST_TRIALS}; lower \
         --repeat, or name fewer scenarios or clients"
    )]
    TooMany {
        /// Trials.
        planned: u128,
    },
    /// `--clock scaled`, and a client's clock cannot be.
    #[error("the clock of `{client}` cannot be scaled in `{scenario}`: {why}")]
    NotScaled {
        /// The client's name.
        client: String,
        /// The scenario's name.
        scenario: String,
        /// The reason.
        why: String,
    },
    /// Two different scenarios would share their ids.
    #[error("two different scenarios are named `{0}`; rename one of the files")]
    SameScenario(String),
}

impl ClientPlan {
    /// Every combination: scenario by scenario, and within it client by client. A
    /// scenario named twice counts once. The first repetition has `seed`, each
    /// further one adds 1. Without `limit`, each scenario has its own.
    ///
    /// # Errors
    /// Two clients or two scenarios have the same name, or there are too many
    /// trials.
    pub fn resolve(
        scenarios: &[Arc<Scenario>],
        clients: &[Arc<ClientCommand>],
        repetitions: u32,
        seed: u64,
        limit: Option<Duration>,
    ) -> Result<Self, ClientPlanError> {
        let mut names = BTreeSet::new();
        if let Some(twice) = clients.iter().find(|client| !names.insert(&client.name)) {
            return Err(ClientPlanError::SameClient(twice.name.clone()));
        }
        let mut kept: Vec<&Arc<Scenario>> = Vec::new();
        for scenario in scenarios {
            if !kept.contains(&scenario) {
                kept.push(scenario);
            }
        }
        let planned = kept.len() as u128 * clients.len() as u128 * u128::from(repetitions.max(1));
        if planned > MOST_TRIALS {
            return Err(ClientPlanError::TooMany { planned });
        }
        let mut trials = Vec::new();
        for scenario in kept {
            for client in clients {
                for repetition in 1..=repetitions.max(1) {
                    trials.push(ClientTrial {
                        id: format!("{}/client/{}/tcp/{repetition}", scenario.name, client.name),
                        scenario: Arc::clone(scenario),
                        client: Arc::clone(client),
                        limit,
                        repetition,
                        seed: seed.wrapping_add(u64::from(repetition - 1)),
                        clock: ClientClock::default(),
                        time: scenario.tcp.time,
                        library: None,
                        case: None,
                    });
                }
            }
        }
        let mut seen = BTreeSet::new();
        match trials.iter().find(|trial| !seen.insert(trial.file_name())) {
            Some(twice) => Err(ClientPlanError::SameScenario(twice.scenario.name.clone())),
            None => Ok(Self {
                trials,
                left_out: Vec::new(),
            }),
        }
    }

    /// Makes the trials those of `suite`: each client has the first part of its case.
    pub fn set_suite(&mut self, suite: &'static str, cases: &'static [Case]) {
        for trial in &mut self.trials {
            let name = &trial.scenario.name;
            trial.case = cases
                .iter()
                .find(|case| case.name == name)
                .map(|case| (suite, case));
        }
    }

    /// Chooses the clock of each trial: at most so fast that [`LEAST_REAL`] is left of
    /// the limit `shortest`. `library` looks for the one to preload; it is only asked if
    /// a scenario is scaled.
    ///
    /// [`LEAST_REAL`]: super::LEAST_REAL
    ///
    /// # Errors
    /// Scaled clocks are wanted, and one cannot be.
    pub fn set_clocks(
        &mut self,
        choice: ClockChoice,
        shortest: Duration,
        library: impl FnOnce() -> Result<PathBuf, String>,
    ) -> Result<(), ClientPlanError> {
        let is_scaled = |trial: &ClientTrial| trial.scenario.tcp.time < 1.0;
        if !self.trials.iter().any(is_scaled) {
            return Ok(());
        }
        let library = match choice {
            ClockChoice::Real => Err("--clock real".into()),
            ClockChoice::Auto | ClockChoice::Scaled => library(),
        };
        let hindrances: BTreeMap<String, Option<&str>> = self
            .clients()
            .iter()
            .map(|client| (client.name.clone(), client.hindrance()))
            .collect();
        for trial in &mut self.trials {
            let time = trial.scenario.tcp.time;
            let hindrance = hindrances.get(&trial.client.name).copied().flatten();
            let found = library.as_deref().map_err(String::as_str);
            trial.clock = ClientClock::decide(choice, time, shortest, found, hindrance);
            trial.time = trial.clock.time(time);
            if let Err(why) = trial.played()
                && trial.time > time
            {
                trial.clock = ClientClock::real(format!("not to be played slower: {why}"));
                trial.time = time;
            }
            trial.library = match trial.clock.kind {
                ClockKind::Scaled => library.as_ref().ok().cloned(),
                ClockKind::Real => None,
            };
            if let (ClockChoice::Scaled, Some(why)) = (choice, &trial.clock.not_scaled) {
                return Err(ClientPlanError::NotScaled {
                    client: trial.client.name.clone(),
                    scenario: trial.scenario.name.clone(),
                    why: why.clone(),
                });
            }
        }
        Ok(())
    }

    /// The line about the clocks; `None` if no scenario is scaled.
    pub fn clocks(&self) -> Option<String> {
        let mut scaled = 0_usize;
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for trial in &self.trials {
            match (&trial.clock.not_scaled, trial.clock.kind) {
                (Some(why), _) => *reasons.entry(why).or_default() += 1,
                (None, ClockKind::Scaled) => scaled += 1,
                (None, ClockKind::Real) => {}
            }
        }
        if scaled == 0 && reasons.is_empty() {
            return None;
        }
        let mut line = format!("clients run on clocks as fast as their scenarios: {scaled}");
        for (why, count) in reasons {
            line.push_str(&format!("; own limits not scaled: {count} ({why})"));
        }
        if !self.left_out.is_empty() {
            line.push_str(&format!(
                "; not played, since it takes over a minute (name it, or --all): {}",
                self.left_out.join(", ")
            ));
        }
        Some(line)
    }

    /// The trials with their places in the plan, in the order of their start: all
    /// first repetitions, then all second ones, and so on.
    pub fn in_order(&self) -> Vec<(usize, ClientTrial)> {
        let mut trials: Vec<_> = self.trials.iter().cloned().enumerate().collect();
        trials.sort_by_key(|(_, trial)| trial.repetition);
        trials
    }

    /// The number of repetitions of each trial.
    pub fn repetitions(&self) -> u32 {
        let repetitions = self.trials.iter().map(|trial| trial.repetition);
        repetitions.max().unwrap_or(1)
    }

    /// Leaves out trials that take over a minute.
    pub fn leave_out_slow(&mut self) {
        let before = self.scenarios();
        let is_slow = |played: Scenario| played.give_up() > PATIENCE;
        self.trials
            .retain(|trial| !trial.played().is_ok_and(is_slow));
        let left = self.scenarios();
        let gone = before.iter().filter(|scenario| !left.contains(scenario));
        self.left_out = gone.map(|scenario| scenario.name.clone()).collect();
    }

    /// The scenarios, in the order of the plan.
    pub fn scenarios(&self) -> Vec<Arc<Scenario>> {
        let mut scenarios: Vec<Arc<Scenario>> = Vec::new();
        for trial in &self.trials {
            if !scenarios.contains(&trial.scenario) {
                scenarios.push(Arc::clone(&trial.scenario));
            }
        }
        scenarios
    }

    /// The clients, in the order of the command line.
    pub fn clients(&self) -> Vec<Arc<ClientCommand>> {
        let mut clients: Vec<Arc<ClientCommand>> = Vec::new();
        for trial in &self.trials {
            if !clients.contains(&trial.client) {
                clients.push(Arc::clone(&trial.client));
            }
        }
        clients
    }
}

impl ClientTrial {
    /// The id as one component of a path.
    pub fn file_name(&self) -> String {
        path_component(&self.id)
    }

    /// The library to preload, and its rate.
    pub fn preload(&self) -> Option<Preload> {
        self.library.clone().map(|library| Preload {
            library,
            factor: self.clock.factor,
        })
    }

    /// The scenario with the numbers to play.
    ///
    /// # Errors
    /// Scaling would change its meaning.
    pub fn played(&self) -> Result<Scenario, ScaleError> {
        if self.time == self.scenario.tcp.time {
            return self.scenario.scaled();
        }
        let slower = Scenario {
            tcp: self.tcp(),
            ..(*self.scenario).clone()
        };
        slower.scaled()
    }

    /// The factors with which it is played.
    pub fn tcp(&self) -> Tcp {
        Tcp {
            time: self.time,
            ..self.scenario.tcp.clone()
        }
    }

    /// The time at which the client is stopped: the given limit, or twice the
    /// time in which `played` ends plus [`START_UP`].
    pub fn limit(&self, played: &Scenario) -> Duration {
        self.limit
            .unwrap_or_else(|| played.give_up().saturating_add(START_UP))
    }

    /// The likely time of the trial, for the remaining time of a run.
    pub fn likely_duration(&self) -> Duration {
        let played = self.played().ok();
        let played = played.as_ref().unwrap_or(&self.scenario);
        played.likely_duration(self.limit(played))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(name: &str) -> Arc<ClientCommand> {
        Arc::new(ClientCommand::parse(&format!("{name}=sh {{url}}")).unwrap())
    }

    fn named(name: &str) -> Arc<Scenario> {
        Arc::new(Scenario {
            name: name.into(),
            ..Scenario::default()
        })
    }

    #[test]
    fn each_scenario_meets_each_client_as_often_as_told() {
        let scenarios = [named("b"), named("a"), named("b")];
        let clients = [client("one"), client("two")];
        let plan = ClientPlan::resolve(&scenarios, &clients, 2, 7, None).unwrap();
        let ids: Vec<_> = plan
            .trials
            .iter()
            .map(|t| (t.id.as_str(), t.seed))
            .collect();
        assert_eq!(
            ids,
            [
                ("b/client/one/tcp/1", 7),
                ("b/client/one/tcp/2", 8),
                ("b/client/two/tcp/1", 7),
                ("b/client/two/tcp/2", 8),
                ("a/client/one/tcp/1", 7),
                ("a/client/one/tcp/2", 8),
                ("a/client/two/tcp/1", 7),
                ("a/client/two/tcp/2", 8),
            ]
        );
        assert_eq!((plan.clients().len(), plan.scenarios().len()), (2, 2));
        assert_eq!(plan.repetitions(), 2);
        let order: Vec<usize> = plan.in_order().iter().map(|(index, _)| *index).collect();
        assert_eq!(order, [0, 2, 4, 6, 1, 3, 5, 7]);
    }

    #[test]
    fn names_that_would_share_an_id_are_refused() {
        let same = ClientPlan::resolve(&[named("a")], &[client("x"), client("x")], 1, 1, None);
        assert_eq!(same, Err(ClientPlanError::SameClient("x".into())));
        let other = Arc::new(Scenario {
            title: "another".into(),
            ..(*named("a")).clone()
        });
        let same = ClientPlan::resolve(&[named("a"), other], &[client("x")], 1, 1, None);
        assert_eq!(same, Err(ClientPlanError::SameScenario("a".into())));
    }

    #[test]
    fn the_limit_is_the_one_told_or_follows_from_the_scenario() {
        let mut scenario = (*named("a")).clone();
        scenario.client.give_up = Some(Duration::from_secs(600));
        scenario.tcp.time = 0.01;
        let scenarios = [Arc::new(scenario)];
        let limit = |told| {
            let plan = ClientPlan::resolve(&scenarios, &[client("x")], 1, 1, told).unwrap();
            plan.trials[0].limit(&plan.trials[0].played().unwrap())
        };
        assert_eq!(limit(None), Duration::from_secs(6) + START_UP);
        let second = Duration::from_secs(1);
        assert_eq!(limit(Some(second)), second);
    }

    #[test]
    fn what_is_too_slow_on_a_clock_that_leaves_limits_half_a_second_is_left_out() {
        let scenario = |name: &str, seconds| {
            let mut scenario = (*named(name)).clone();
            scenario.client.give_up = Some(Duration::from_secs(seconds));
            scenario.tcp.time = 0.001;
            Arc::new(scenario)
        };
        // At 100 times: 100 s, and 130 s.
        let scenarios = [scenario("short", 10_000), scenario("long", 13_000)];
        let planned = |choice| {
            let mut plan = ClientPlan::resolve(&scenarios, &[client("x")], 1, 1, None).unwrap();
            let library = || Ok("/lib.so".into());
            plan.set_clocks(choice, Duration::from_secs(50), library)
                .unwrap();
            plan.leave_out_slow();
            plan
        };
        let plan = planned(ClockChoice::Auto);
        assert_eq!(plan.left_out, ["long"]);
        let [trial] = &plan.trials[..] else {
            panic!("{plan:?}")
        };
        assert_eq!(trial.clock.factor, 100.0);
        assert_eq!(trial.played().unwrap().give_up(), Duration::from_secs(100));
        assert!(plan.clocks().unwrap().ends_with("or --all): long"));
        // The machine's clock needs no slower scenario.
        let plan = planned(ClockChoice::Real);
        assert_eq!(plan.trials.len(), 2);
        assert_eq!(
            plan.trials[1].played().unwrap().give_up(),
            Duration::from_secs(13)
        );
    }
}
