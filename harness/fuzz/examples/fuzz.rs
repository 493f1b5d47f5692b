//! Hands a target to libFuzzer, which provides the `main` of this program and its
//! command line. The environment names the target (`FUZZ_TARGET`) and the folder
//! to which its seeds are written first (`FUZZ_SEEDS`).
#![no_main]

use std::{env, path::Path, sync::OnceLock};

use fuzz::{Bounds, Changes, Heard, Target};
use libfuzzer_sys::{Corpus, fuzz_crossover, fuzz_mutator, fuzz_target, fuzzer_mutate};

#[global_allocator]
static HEAP: shortread::measure::heap::Counting = shortread::measure::heap::Counting;

static CHOSEN: OnceLock<(&'static Target, Changes)> = OnceLock::new();

fn begin() {
    let name = env::var("FUZZ_TARGET").unwrap_or_default();
    let Some(target) = Target::named(&name) else {
        let known = fuzz::TARGETS.map(|target| target.name).join(", ");
        eprintln!("FUZZ_TARGET=`{name}` is no target; there are {known}");
        std::process::exit(2);
    };
    if let Some(folder) = env::var_os("FUZZ_SEEDS")
        && let Err(error) = target.write_seeds(Path::new(&folder))
    {
        eprintln!("cannot write seeds into {}: {error}", folder.display());
        std::process::exit(1);
    }
    // The first input must not pay for values that are made once.
    for seed in (target.seeds)().iter().take(1) {
        (target.run)(seed);
    }
    CHOSEN.get_or_init(|| (target, Changes::of(target)));
}

fuzz_target!(init: begin(), |input: &[u8]| -> Corpus {
    let Some((target, _)) = CHOSEN.get() else {
        return Corpus::Reject;
    };
    let input = &input[..input.len().min(target.longest)];
    match Bounds::OF_ONE_INPUT.hold(target.run, input) {
        Heard::Taken => Corpus::Keep,
        Heard::Refused => Corpus::Reject,
    }
});

// Three of four changes are ours, the rest are libFuzzer's.
fuzz_mutator!(
    |input: &mut [u8], size: usize, max_size: usize, seed: u32| {
        let changes = CHOSEN.get().filter(|_| !seed.is_multiple_of(4));
        match changes.and_then(|(_, changes)| changes.changed(&input[..size], seed)) {
            Some(changed) if changed.len() <= max_size => {
                input[..changed.len()].copy_from_slice(&changed);
                changed.len()
            }
            _ => fuzzer_mutate(input, size, max_size),
        }
    }
);

// Half of all inputs are made of two.
fuzz_crossover!(|one: &[u8], other: &[u8], into: &mut [u8], seed: u32| {
    let changes = CHOSEN.get();
    match changes.and_then(|(_, changes)| changes.crossed(one, other, seed)) {
        Some(crossed) if crossed.len() <= into.len() => {
            into[..crossed.len()].copy_from_slice(&crossed);
            crossed.len()
        }
        _ => 0,
    }
});
