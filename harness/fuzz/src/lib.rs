//! Readers of foreign input, each as a function of bytes that a fuzzer can call:
//! no input may panic, take long or take much memory.
//!
//! `harness/fuzz/run` lets libFuzzer call them. The tests here call each one with
//! its seeds, so that a target that refuses them is noticed at once.

mod bounds;
mod change;
mod client;
mod folder;
mod grammar;
mod pieces;
mod query;
mod request;
mod scenario;
mod sections;
mod words;

// Scenarios are drawn as the random ones are: with every key of the grammar.
#[path = "../../examples/random/dice.rs"]
mod dice;
#[path = "../../examples/random/draft.rs"]
#[expect(dead_code, reason = "what is drawn here is not made smaller")]
mod draft;
#[path = "../../examples/random/draw/mod.rs"]
#[expect(dead_code, reason = "nothing here is played on real sockets")]
mod draw;

use std::{fs, io, path::Path};

pub use bounds::Bounds;
pub use change::Changes;
pub use sections::Syntax;

/// The result of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It was taken: others may be made from it.
    Taken,
    /// It was refused, as it should be. Most changes of it are refused too, and
    /// reach nothing behind that.
    Refused,
}

/// A function that takes anything, and inputs to begin with.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// As it is asked for.
    pub name: &'static str,
    /// The function to call. An error panics.
    pub run: fn(&[u8]) -> Heard,
    /// Inputs that reach far, to be changed from.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Inputs are no longer than so many bytes.
    pub longest: usize,
    /// So many bytes at its start choose what is done with the others.
    pub choices: usize,
    /// The syntax of the other bytes.
    pub syntax: Option<Syntax>,
    /// Words for inputs beside those of the seeds: `key=value`, and the kind of the
    /// section that takes it.
    pub words: fn() -> Vec<(&'static str, String)>,
    /// Draws a new input, except its choices; without it one is drawn from the
    /// parts of seeds.
    pub fresh: Option<fn(u64) -> Vec<u8>>,
}

/// No further words.
fn no_words() -> Vec<(&'static str, String)> {
    Vec::new()
}

/// All of them.
pub const TARGETS: [Target; 5] = [
    scenario::TARGET,
    query::TARGET,
    request::TARGET,
    client::TARGET,
    folder::TARGET,
];

impl Target {
    /// The target that is called `name`.
    pub fn named(name: &str) -> Option<&'static Self> {
        TARGETS.iter().find(|target| target.name == name)
    }

    /// Writes each seed into a file of its own in `folder`.
    ///
    /// # Errors
    /// If one cannot be written.
    pub fn write_seeds(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let named = (self.seeds)().into_iter().enumerate();
        for (number, seed) in named.filter(|(_, seed)| seed.len() <= self.longest) {
            fs::write(folder.join(format!("seed-{number:03}")), seed)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_seed_of_every_target_is_taken() {
        for target in TARGETS {
            let seeds = (target.seeds)();
            let short = seeds.iter().filter(|seed| seed.len() <= target.longest);
            assert!(short.count() > 10, "{}", target.name);
            let all = seeds.len();
            let taken = seeds
                .iter()
                .filter(|seed| (target.run)(seed) == Heard::Taken);
            let taken = taken.count();
            assert!(taken * 2 > all, "{}: {taken} of {all}", target.name);
            (target.run)(b"");
        }
    }

    #[test]
    fn most_changes_of_a_valid_input_leave_it_valid() {
        for target in TARGETS {
            let changes = Changes::of(&target);
            let (mut taken, mut all) = (0, 0);
            for (seed, number) in (target.seeds)().iter().take(60).zip(0..) {
                if (target.run)(seed) == Heard::Refused {
                    continue;
                }
                for again in 0..10 {
                    let changed = changes.changed(seed, number * 10 + again);
                    let changed = changed.filter(|changed| changed.len() <= target.longest);
                    all += u32::from(changed.is_some());
                    let is_taken = |input: &Vec<u8>| (target.run)(input) == Heard::Taken;
                    taken += u32::from(changed.as_ref().is_some_and(is_taken));
                }
            }
            // Up to four changes at once, of which each may be one too many.
            println!("{}: {taken} of {all}", target.name);
            assert!(taken * 3 > all, "{}: {taken} of {all}", target.name);
        }
    }
}
