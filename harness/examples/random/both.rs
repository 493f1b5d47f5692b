//! Cases played in memory and on real sockets, with the same numbers.

use std::{io, path::Path, time::Duration};

use shortread::{results::agree::Agreement, world::tcp};
use shortread_server::{clock::Clock, scenario::World};

use crate::{
    case::Case,
    oracle,
    played::{Played, in_memory, keep, numbered, with_sockets},
    tie::{Decided, neighbours},
};

/// Further tries of a trial whose worlds differ, and trials side by side in them: a
/// busy machine is no difference between the worlds.
const AGAIN: [usize; 2] = [8, 2];

/// The results of a case in both worlds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Pair {
    /// The same.
    Agree,
    /// The same where the machine was less busy.
    AgreeAlone,
    /// No number of the scenario decides it.
    Tie(Decided),
    /// Not the same, and why.
    Apart(Vec<String>),
}

/// The use of real sockets.
pub(crate) struct Sockets<'a> {
    /// Trials at a time.
    pub(crate) jobs: usize,
    /// The folder for the files of sinks.
    pub(crate) scratch: &'a Path,
    /// After which a batch hangs.
    pub(crate) patience: Duration,
}

/// Plays each of `cases` in both worlds.
pub(crate) fn pairs(
    cases: &[&Case],
    threads: usize,
    sockets: &Sockets<'_>,
) -> io::Result<Vec<Pair>> {
    let simulated = in_memory(cases, true, threads, sockets.patience)?;
    let mut pairs = vec![Pair::Agree; cases.len()];
    let mut left: Vec<usize> = (0..cases.len()).collect();
    for (round, jobs) in [sockets.jobs].into_iter().chain(AGAIN).enumerate() {
        let again: Vec<&Case> = left.iter().map(|index| cases[*index]).collect();
        let real = on_sockets(&again, jobs, sockets)?;
        let mut apart = Vec::new();
        for (index, real) in left.into_iter().zip(real) {
            pairs[index] = match (&simulated[index], real) {
                (Some(simulated), Some(real)) => {
                    compare(cases[index], simulated, &real, round == AGAIN.len())?
                }
                _ => Pair::Apart(vec!["it has not come to its end".into()]),
            };
            match &pairs[index] {
                Pair::Apart(_) => apart.push(index),
                Pair::Agree if round > 0 => pairs[index] = Pair::AgreeAlone,
                _ => {}
            }
        }
        left = apart;
    }
    Ok(pairs)
}

/// The cases on real sockets; `None` for one that has not come to its end.
fn on_sockets(
    cases: &[&Case],
    jobs: usize,
    sockets: &Sockets<'_>,
) -> io::Result<Vec<Option<Played>>> {
    let trials = numbered(cases, World::Tcp, true)?;
    let options = tcp::Options {
        program: std::env::current_exe()?,
        jobs,
        scratch: sockets.scratch.to_owned(),
        save: None,
    };
    let mut played: Vec<Option<Played>> = vec![None; cases.len()];
    let observe = |event| {
        keep(&mut played, event);
        Ok(())
    };
    let clock = Clock::real();
    let run = async { tcp::run(trials, &options, clock.sleep(sockets.patience), observe).await };
    with_sockets(run)?.map_err(io::Error::other)?;
    Ok(played)
}

/// Checks that the worlds agree on `case`, and that neither contradicts itself.
/// Only the last try may be excused by a tie.
fn compare(case: &Case, simulated: &Played, real: &Played, last: bool) -> io::Result<Pair> {
    let scaled = case.scenario.scaled().map_err(io::Error::other)?;
    let mut wrong = Vec::new();
    for (world, played) in [("virtual", simulated), ("tcp", real)] {
        let of = oracle::faults_of(&played.record, &played.detail, &scaled);
        wrong.extend(of.into_iter().map(|what| format!("{world}: {what}")));
    }
    if !wrong.is_empty() {
        return Ok(Pair::Apart(wrong));
    }
    let differences = |simulated| {
        let agreement = Agreement::of(&[simulated, real.record.clone()]);
        agreement.map_or_else(Vec::new, |agreement| agreement.disagreements)
    };
    let apart = differences(simulated.record.clone());
    if apart.is_empty() {
        return Ok(Pair::Agree);
    }
    let trial = case.trial(World::Virtual, true)?;
    let tie = last
        .then(|| neighbours(&trial, &scaled))
        .into_iter()
        .flatten()
        .find(|(_, other)| differences(other.clone()).is_empty());
    Ok(match tie {
        Some((decided, _)) => Pair::Tie(decided),
        None => Pair::Apart(apart.into_iter().map(|one| one.what).collect()),
    })
}
