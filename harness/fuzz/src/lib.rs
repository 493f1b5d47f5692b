//! What reads the input of strangers, each as a function of bytes that a fuzzer
//! can call: no input may panic, take long or take much memory.
//!
//! `harness/fuzz/run` lets libFuzzer call them; the tests here call each with
//! its seeds, so that a target that no longer takes them is noticed at once.

mod bounds;
mod change;
mod client;
mod folder;
mod query;
mod request;
mod scenario;

use std::{fs, io, path::Path};

pub use bounds::Bounds;
pub use change::Changes;

/// A function that takes anything, and inputs to begin with.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// As it is asked for.
    pub name: &'static str,
    /// What is called. It returns nothing: what is wrong panics.
    pub run: fn(&[u8]),
    /// Inputs that reach far, to be changed from.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Inputs are no longer than so many bytes.
    pub longest: usize,
    /// So many bytes at its start choose what is done with the others.
    pub choices: usize,
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
    /// When one cannot be written.
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
            for seed in seeds {
                (target.run)(&seed);
            }
            (target.run)(b"");
        }
    }
}
