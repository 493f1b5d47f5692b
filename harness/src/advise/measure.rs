//! Which remedy helps with a scenario, by playing it with each in the virtual world.

use std::{io, sync::Arc, time::Duration};

use shortread_server::{
    clock::Clock,
    scenario::{Scenario, StrategyName},
    units::ByteSize,
};

use crate::{
    engine::aiohttp::reader::Profile,
    plan::{Choice, Plan},
    remedy::Recipe,
    report::{Best, RunView},
    results::{Record, RunInfo, Timelines},
    world::{RunEnd, RunEvent, simulated},
};

/// The most bytes of all responses to a client that asks once. They are played nine times
/// at least: 136 MB took 0.4 s in a debug build (2026-11-28, 2 cores).
pub(super) const MOST_MEASURED: ByteSize = ByteSize::mib(256);

/// The longest real time that it may take. Bytes bound it as a rule; what comes byte by
/// byte takes more for each.
pub(super) const LONGEST_MEASUREMENT: Duration = Duration::from_secs(20);

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum Unmeasured {
    /// It would take too long.
    #[error("it sends {}, and up to {} are played here", .0.human(), MOST_MEASURED)]
    TooLarge(ByteSize),
    /// It took too long.
    #[error("it took more than {} s", LONGEST_MEASUREMENT.as_secs())]
    TooLong,
    /// The tool failed without any remedy.
    #[error("the tool failed")]
    Failed,
    /// There is no run of it.
    #[error("it cannot be played: {0}")]
    Plan(#[from] crate::plan::PlanError),
    /// The machine refused.
    #[error("it cannot be played: {0}")]
    Io(#[from] io::Error),
}

/// Plays `scenario` without remedies, with each alone and with `safe`: 64 KiB at a time,
/// by the newest release, with the numbers of `[tcp]` where it can be scaled. That is how
/// the table of docs/REMEDIES.md is made. `called` is the user's word for the scenario.
///
/// # Errors
/// See [`Unmeasured`].
pub fn measure(scenario: &Scenario, called: &str) -> Result<Best, Unmeasured> {
    let played = scenario.scaled();
    let is_scaled = played.is_ok();
    let sent = sent(played.as_ref().unwrap_or(scenario));
    if sent > MOST_MEASURED {
        return Err(Unmeasured::TooLarge(sent));
    }
    let scenario = Arc::new(scenario.clone());
    let plan = plan(&scenario, is_scaled)?;
    let records = play(&plan, LONGEST_MEASUREMENT)?;
    let words = ["shortread", "run", called].map(str::to_owned);
    let info = RunInfo::starting(words.to_vec(), &plan);
    let run = RunView {
        info: &info,
        records: &records,
        scenarios: &[scenario],
        folder: None,
        timelines: &Timelines::new(),
        agreement: None,
        check: false,
    };
    Best::of(&run).ok_or(Unmeasured::Failed)
}

/// The bytes of all responses to a client that asks once.
fn sent(scenario: &Scenario) -> ByteSize {
    let requests = u64::from(scenario.all_requests());
    ByteSize(scenario.body.size.0.saturating_mul(requests))
}

fn plan(scenario: &Arc<Scenario>, scaled: bool) -> Result<Plan, crate::plan::PlanError> {
    // None of the programs to paste fetches parts side by side.
    let recipes = Recipe::all().into_iter();
    let recipes = recipes
        .filter(|recipe| recipe.segments.is_none())
        .map(|recipe| Some(Arc::new(recipe)));
    let choice = Choice {
        strategies: vec![StrategyName::FixedChunk],
        chunk_sizes: vec![ByteSize::kib(64)],
        profiles: vec![Profile::newest()],
        recipes: std::iter::once(None).chain(recipes).collect(),
        ..Choice::default()
    };
    let mut plan = Plan::resolve(&[Arc::clone(scenario)], &choice)?;
    for trial in &mut plan.trials {
        trial.scaled = scaled;
    }
    Ok(plan)
}

/// The records, in the order of the plan, if they are there within `longest`.
fn play(plan: &Plan, longest: Duration) -> Result<Vec<Record>, Unmeasured> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let trials = plan.trials.iter().cloned().enumerate().collect();
    let mut records = Vec::new();
    let observe = |event: RunEvent| {
        if let RunEvent::Ended { record, .. } = event {
            records.push(*record);
        }
        Ok(())
    };
    let ended = runtime.block_on(async {
        let clock = Clock::real();
        let late = clock.sleep_until(clock.now() + longest);
        simulated::run(trials, threads, late, observe).await
    })?;
    match ended {
        RunEnd::Finished => Ok(records),
        RunEnd::Interrupted => Err(Unmeasured::TooLong),
    }
}

#[cfg(test)]
mod tests {
    use shortread_server::scenario::parse;

    use super::*;

    #[test]
    fn a_measurement_that_takes_too_long_ends_without_a_result() {
        let text = "title = 't'\ncause = 'a test'\nbody.size = '1MB'";
        let scenario = Arc::new(parse("t", "t.toml", text).unwrap());
        let plan = plan(&scenario, true).unwrap();
        let ended = play(&plan, Duration::ZERO);
        assert!(matches!(ended, Err(Unmeasured::TooLong)), "{ended:?}");
        assert_eq!(play(&plan, LONGEST_MEASUREMENT).unwrap().len(), 9);
    }
}
