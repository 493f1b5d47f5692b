//! Checks cases, and writes down the failed ones.

use std::{fs, io, path::PathBuf, time::Duration};

use crate::{
    both::{self, Pair, Sockets},
    case::Case,
    oracle,
    played::{self, Played, parting},
    shrink::shrink,
    tie::Decided,
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
    /// Pairs that agreed when the machine was less busy, and ties of a moment and
    /// of reads.
    excused: Option<[u64; 3]>,
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
            excused: None,
        })
    }

    /// A summary for people and for CI.
    pub(crate) fn sentence(&self) -> String {
        let (scenarios, failed) = (self.scenarios, self.failed);
        match self.excused {
            None => format!("{scenarios} scenarios, twice each, {failed} failed"),
            Some([alone, moments, reads]) => format!(
                "{scenarios} scenarios, in both worlds, {failed} failed \
                 ({alone} agreed when run again, {moments} decided by a moment, \
                 {reads} by where reads end)"
            ),
        }
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
        let all: Vec<&Case> = cases.iter().collect();
        let sockets = Sockets {
            jobs: self.jobs,
            scratch: &self.keep,
            patience: PATIENCE,
        };
        let pairs = both::pairs(&all, self.threads, &sockets)?;
        let [alone, moments, reads] = self.excused.get_or_insert_default();
        for pair in &pairs {
            *alone += u64::from(*pair == Pair::AgreeAlone);
            *moments += u64::from(*pair == Pair::Tie(Decided::ByAMoment));
            *reads += u64::from(*pair == Pair::Tie(Decided::ByReads));
        }
        for (case, pair) in cases.iter().zip(pairs) {
            self.scenarios += 1;
            if let Pair::Apart(what) = pair {
                self.report(case, case, "both", &what.join("\n  "))?;
            }
        }
        Ok(())
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

/// The error of two runs of `case` in memory, if there is one.
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
