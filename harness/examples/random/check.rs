//! Cases checked, and what failed written down.

use std::{fs, io, path::PathBuf, time::Duration};

use harness::{
    plan::Trial,
    world::{RunEvent, agree::Agreement, tcp},
};
use mock_server::scenario::World;

use crate::{
    case::Case,
    oracle,
    played::{self, Played, parting},
    shrink::shrink,
};

/// A batch takes seconds; one that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(300);

/// A case that is shrunk takes milliseconds.
const PATIENCE_OF_ONE: Duration = Duration::from_secs(30);

/// Checks cases and counts.
pub(crate) struct Check {
    keep: PathBuf,
    threads: usize,
    jobs: usize,
    scenarios: u64,
    pub(crate) failed: u64,
    both: bool,
}

impl Check {
    pub(crate) fn new(keep: PathBuf, threads: usize, jobs: usize) -> io::Result<Self> {
        fs::create_dir_all(&keep)?;
        Ok(Self {
            keep,
            threads: threads.max(1),
            jobs: jobs.max(1),
            scenarios: 0,
            failed: 0,
            both: false,
        })
    }

    /// What was done, for people and for CI.
    pub(crate) fn sentence(&self) -> String {
        let how = if self.both {
            "in both worlds"
        } else {
            "twice each"
        };
        format!(
            "{} scenarios, {how}, {} failed",
            self.scenarios, self.failed
        )
    }

    /// Plays `cases` twice in memory.
    pub(crate) fn twice(&mut self, cases: &[Case]) -> io::Result<()> {
        let all: Vec<&Case> = cases.iter().collect();
        let played = played::twice(&all, self.threads, PATIENCE)?;
        for (case, played) in cases.iter().zip(&played) {
            self.scenarios += 1;
            if let Some(what) = wrong_with(case, played) {
                let least = shrink(case, |smaller| {
                    let again = played::twice(&[smaller], self.threads, PATIENCE_OF_ONE);
                    again.is_ok_and(|played| wrong_with(smaller, &played[0]).is_some())
                });
                self.report(case, &least, "virtual", &what)?;
            }
        }
        Ok(())
    }

    /// Plays `cases` in memory and on real sockets, with the same numbers.
    pub(crate) fn both(&mut self, cases: &[Case]) -> io::Result<()> {
        self.both = true;
        let all: Vec<&Case> = cases.iter().collect();
        let simulated = played::in_memory(&all, true, self.threads, PATIENCE)?;
        let real = self.on_sockets(cases)?;
        for ((case, simulated), real) in cases.iter().zip(simulated).zip(real) {
            self.scenarios += 1;
            let what = match (simulated, real) {
                (Some(simulated), Some(real)) => apart(case, &simulated, &real),
                _ => vec!["it has not come to its end".into()],
            };
            if !what.is_empty() {
                self.report(case, case, "both", &what.join("\n  "))?;
            }
        }
        Ok(())
    }

    fn on_sockets(&self, cases: &[Case]) -> io::Result<Vec<Option<Played>>> {
        let trials: Vec<(usize, Trial)> = cases
            .iter()
            .map(|case| case.trial(World::Tcp, true))
            .collect::<Result<Vec<_>, _>>()
            .map_err(io::Error::other)?
            .into_iter()
            .enumerate()
            .collect();
        let options = tcp::Options {
            program: std::env::current_exe()?,
            jobs: self.jobs,
            scratch: self.keep.clone(),
        };
        let mut played: Vec<Option<Played>> = vec![None; cases.len()];
        let observe = |event| {
            if let RunEvent::Ended {
                index,
                record,
                detail,
            } = event
            {
                played[index] = Some(Played::new(*record, *detail));
            }
            Ok(())
        };
        let run = async {
            let clock = mock_server::clock::Clock::real();
            tcp::run(trials, &options, clock.sleep(PATIENCE), observe).await
        };
        played::with_sockets(run)?.map_err(io::Error::other)?;
        Ok(played)
    }

    /// Writes the case down as it was drawn and as it was shrunk.
    fn report(&mut self, case: &Case, least: &Case, world: &str, what: &str) -> io::Result<()> {
        self.failed += 1;
        let path = self.keep.join(format!("random-{}.toml", case.seed));
        fs::write(&path, least.text(world))?;
        if least.draft != case.draft {
            let drawn = path.with_extension("drawn.toml");
            fs::write(drawn, case.text(world))?;
        }
        println!("seed {}: {what}\n  {}", case.seed, path.display());
        Ok(())
    }
}

/// Why two runs of `case` in memory are not as they must be.
fn wrong_with(case: &Case, played: &[Option<Played>; 2]) -> Option<String> {
    let [Some(first), Some(second)] = played else {
        return Some("it has not come to its end".into());
    };
    let wrong = oracle::faults_of(&first.record, &first.detail, &case.scenario);
    if !wrong.is_empty() {
        return Some(wrong.join("\n  "));
    }
    let parting = parting(&first.text, &second.text)?;
    Some(format!("two runs differ:\n  {parting}"))
}

/// Why the worlds do not agree on `case`, or contradict themselves.
fn apart(case: &Case, simulated: &Played, real: &Played) -> Vec<String> {
    let scaled = match case.scenario.scaled() {
        Ok(scaled) => scaled,
        Err(error) => return vec![error.to_string()],
    };
    let mut wrong = Vec::new();
    for (world, played) in [("virtual", simulated), ("tcp", real)] {
        let of = oracle::faults_of(&played.record, &played.detail, &scaled);
        wrong.extend(of.into_iter().map(|what| format!("{world}: {what}")));
    }
    let pair = [simulated.record.clone(), real.record.clone()];
    if let Some(agreement) = Agreement::of(&pair) {
        wrong.extend(agreement.disagreements.into_iter().map(|one| one.what));
    }
    wrong
}
