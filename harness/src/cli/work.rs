//! The work of a run: read with strategies in one or both worlds, or run the
//! user's clients.

use std::{future::Future, io, pin::Pin, sync::Arc, thread};

use shortread_server::scenario::{Scenario, World};

use super::{args::RunArgs, failure::Failure, progress::Task, resolve};
use crate::{
    command::{ClientPlan, Known},
    engine::aiohttp::reader::Warning,
    measure::{Counters, Load},
    plan::Plan,
    results::RunInfo,
    world::{
        RunEnd, RunEvent, simulated,
        tcp::{self, Options, ServerError},
    },
};

/// A plan of either kind.
#[derive(Debug)]
pub(super) enum Work {
    /// Strategies.
    Strategies(Plan),
    /// Clients, and their accepted failures.
    Clients(ClientPlan, Known),
}

impl Work {
    /// The work of `shortread run`, and warnings about it.
    pub(super) fn of(args: &RunArgs) -> Result<(Self, Vec<Warning>), Failure> {
        if args.clients.is_empty() {
            let (plan, warnings) = resolve::plan(args)?;
            return Ok((Self::Strategies(plan), warnings));
        }
        let (plan, known) = resolve::client_plan(args)?;
        Ok((Self::Clients(plan, known), Vec::new()))
    }

    /// The header of the run, which starts now.
    pub(super) fn header(&self, command_line: Vec<String>) -> RunInfo {
        match self {
            Self::Strategies(plan) => RunInfo::starting(command_line, plan),
            Self::Clients(plan, _) => RunInfo::starting_clients(command_line, plan),
        }
    }

    /// The scenarios, in the order of the plan.
    pub(super) fn scenarios(&self) -> Vec<Arc<Scenario>> {
        match self {
            Self::Strategies(plan) => distinct(plan),
            Self::Clients(plan, _) => plan.scenarios(),
        }
    }

    /// The trials, in the order of the plan.
    pub(super) fn tasks(&self) -> Vec<Task> {
        match self {
            Self::Strategies(plan) => plan.trials.iter().map(Task::from).collect(),
            Self::Clients(plan, _) => plan.trials.iter().map(Task::from).collect(),
        }
    }

    /// The sentence about the clocks of clients.
    pub(super) fn clocks(&self) -> Option<String> {
        match self {
            Self::Strategies(_) => None,
            Self::Clients(plan, _) => plan.clocks(),
        }
    }

    /// The file name for the trial at this place of the plan.
    pub(super) fn file_name(&self, index: usize) -> String {
        match self {
            Self::Strategies(plan) => plan.trials[index].file_name(),
            Self::Clients(plan, _) => plan.trials[index].file_name(),
        }
    }

    /// Runs the trials until they end or `stop` does. Returns how the run ended,
    /// and the load of the machine during trials over TCP. Must be called within
    /// a [`tokio::task::LocalSet`].
    pub(super) async fn run(
        &self,
        options: &Options,
        mut stop: Pin<&mut impl Future<Output = ()>>,
        observe: &mut impl FnMut(RunEvent) -> io::Result<()>,
    ) -> Result<(RunEnd, Option<Load>), ServerError> {
        if let Self::Strategies(plan) = self {
            let threads = thread::available_parallelism().map_or(1, usize::from);
            let trials = plan.of(World::Virtual);
            let end = simulated::run(trials, threads, stop.as_mut(), &mut *observe).await?;
            if end == RunEnd::Interrupted {
                return Ok((end, None));
            }
        }
        let before = Counters::now().filter(|_| self.has_sockets());
        let end = match self {
            Self::Strategies(plan) => tcp::run(plan.of(World::Tcp), options, stop, observe).await?,
            Self::Clients(plan, known) => {
                tcp::run_clients(plan.in_order(), known.clone(), options, stop, observe).await?
            }
        };
        let load = Counters::now()
            .zip(before)
            .map(|(now, then)| now.since(then));
        Ok((end, load))
    }

    /// True if any trial runs over TCP.
    fn has_sockets(&self) -> bool {
        match self {
            Self::Strategies(plan) => plan.trials.iter().any(|trial| trial.world == World::Tcp),
            Self::Clients(..) => true,
        }
    }
}

fn distinct(plan: &Plan) -> Vec<Arc<Scenario>> {
    let mut scenarios: Vec<Arc<Scenario>> = Vec::new();
    for trial in &plan.trials {
        if !scenarios
            .iter()
            .any(|known| Arc::ptr_eq(known, &trial.scenario))
        {
            scenarios.push(Arc::clone(&trial.scenario));
        }
    }
    scenarios
}
