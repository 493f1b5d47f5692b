//! Of the servers that are drawn here, a client that resumes, verifies and names its file
//! last saves a wrong one only where no length shows it, and says that it rests on no
//! digest: random faults at random attempts, objects that change, and ranges that are
//! answered wrongly, in the virtual world.
//!
//! `SHORTREAD_SCHEDULES=100000 cargo test -p shortread --lib never_wrong` plays as many
//! as that.

use std::{fmt::Write as _, sync::Arc};

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg32;
use shortread_server::scenario::{Kind, Partial, Scenario, StrategyName, Validators, parse};

use super::{
    Named, On200, Recipe,
    trials_for_tests::{HEAD, play},
};
use crate::client::{Basis, Left};

/// Schedules of a run that is not told otherwise.
const SCHEDULES: u64 = 2000;

/// Files drawn for a schedule, of which one must be valid: some three in ten are not.
const DRAWS: usize = 100;

/// Bytes of the largest object: a few of the reader's buffers.
const LARGEST: u64 = 300_000;

fn pick<T: Copy>(chance: &mut Pcg32, all: &[T]) -> T {
    all[chance.random_range(0..all.len())]
}

/// A server that fails at random, as a scenario file.
fn file(chance: &mut Pcg32) -> String {
    let size = chance.random_range(1..=LARGEST);
    let mut text = format!(
        "{HEAD}[body]\nsize = \"{size} B\"\nframing = \"{}\"\n",
        pick(
            chance,
            &["content-length", "content-length", "chunked", "close"]
        )
    );
    let _ = writeln!(
        text,
        "[response]\nrange = \"{}\"\nvalidators = \"{}\"\ndigest = \"{}\"",
        pick(chance, Partial::ALL).word(),
        pick(chance, Validators::ALL).word(),
        pick(
            chance,
            &["none", "none", "none", "sha-256", "sha-512", "wrong"]
        ),
    );
    for _ in 0..chance.random_range(0..3) {
        let on = pick(
            chance,
            &[
                "",
                "on = { request = \"1\" }\n",
                "on = { request = \"2..3\" }\n",
            ],
        );
        let at = chance.random_range(0..=size);
        let then = pick(
            chance,
            &["\"fin\"", "\"fin\"", "\"reset\"", "{ stall = \"5m\" }"],
        );
        let _ = write!(
            text,
            "[[fault]]\n{on}when = {{ body = \"{at} B\" }}\nthen = {then}\n"
        );
    }
    for _ in 0..chance.random_range(0..2) {
        let on = pick(chance, &["2", "3..", "every 2"]);
        let status = pick(chance, &[200, 204, 403, 404, 416, 429, 500, 503]);
        let page = match status {
            204 => "",
            _ => "page = \"busy\"\n",
        };
        let _ = write!(
            text,
            "[[answer]]\non = {{ request = \"{on}\" }}\nstatus = {status}\n{page}"
        );
    }
    if chance.random_bool(0.5) {
        let from = chance.random_range(2..5);
        let size = match chance.random_bool(0.5) {
            true => size,
            false => chance.random_range(1..=LARGEST),
        };
        let _ = write!(
            text,
            "[[version]]\non = {{ request = \"{from}..\" }}\nsize = \"{size} B\"\n"
        );
        if chance.random_bool(0.3) {
            text.push_str("etag = \"same\"\n");
        }
    }
    text
}

/// The first file drawn that does not contradict itself, as some do: a fault behind one
/// that ends the connection, a tag where no validator is sent.
fn scenario(chance: &mut Pcg32) -> Arc<Scenario> {
    let drawn = (0..DRAWS).find_map(|_| parse("x", "x.toml", &file(chance)).ok());
    Arc::new(drawn.expect("a valid file in so many draws"))
}

fn recipe(chance: &mut Pcg32) -> Recipe {
    let mut recipe = Recipe::of(&Named::SAFE);
    let mut resume = recipe.resume.unwrap_or_default();
    resume.on_200 = pick(chance, &[On200::Restart, On200::Skip, On200::Fail]);
    recipe.resume = Some(resume);
    recipe
}

/// A lie that no length and no validator shows: the bytes of another place, or of another
/// version under the same tag.
fn is_beyond_the_length(scenario: &Scenario) -> bool {
    let same_tag = scenario
        .versions
        .iter()
        .any(|version| version.etag.is_some());
    let trusted = scenario.response.validators == Validators::None;
    same_tag
        || trusted
        || matches!(
            scenario.response.range,
            Partial::WrongStart | Partial::AnyIfRange | Partial::More
        )
}

/// How many schedules ended how.
#[derive(Debug, Default)]
struct Ends {
    whole: u64,
    errors: u64,
    wrong: u64,
}

/// Plays the schedule of `seed`.
fn judge(seed: u64, ends: &mut Ends) {
    let mut chance = Pcg32::seed_from_u64(seed);
    let scenario = scenario(&mut chance);
    let name = pick(
        &mut chance,
        &[
            StrategyName::FixedChunk,
            StrategyName::Readany,
            StrategyName::IterAny,
            StrategyName::ReadAll,
        ],
    );
    let record = play(&scenario, recipe(&mut chance), name, seed);
    let remedy = record.remedy.clone().expect("there is a recipe");
    let said_success = record.outcome.error.is_empty() && record.outcome.kind != Kind::Stalled;
    if !said_success {
        ends.errors += 1;
        assert_ne!(remedy.file, Left::Target, "seed {seed}: {record:#?}");
        return;
    }
    if record.outcome.kind == Kind::Complete {
        ends.whole += 1;
        return;
    }
    ends.wrong += 1;
    assert!(remedy.rests_on < Some(Basis::Digest), "seed {seed}");
    assert!(
        is_beyond_the_length(&scenario),
        "seed {seed}: {record:#?}\n{scenario:#?}"
    );
}

#[test]
fn a_file_is_whole_or_the_result_says_otherwise() {
    let schedules = std::env::var("SHORTREAD_SCHEDULES");
    let schedules = schedules.map_or(SCHEDULES, |text| text.parse().expect("a number"));
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let ends: Vec<Ends> = std::thread::scope(|scope| {
        let play = |first| {
            let seeds = (first..schedules).step_by(threads as usize);
            seeds.fold(Ends::default(), |mut ends, seed| {
                judge(seed, &mut ends);
                ends
            })
        };
        let running: Vec<_> = (0..threads)
            .map(|first| scope.spawn(move || play(first)))
            .collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, Ends>| {
            thread
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        running.into_iter().map(join).collect()
    });
    let sum = |of: fn(&Ends) -> u64| ends.iter().map(of).sum::<u64>();
    let (whole, errors, wrong) = (sum(|e| e.whole), sum(|e| e.errors), sum(|e| e.wrong));
    assert_eq!(whole + errors + wrong, schedules);
    // A generator that draws nothing of use would pass too.
    assert!(
        whole * 10 > schedules && errors * 10 > schedules,
        "{whole} whole, {errors} errors, {wrong} wrong"
    );
    println!("{schedules} schedules: {whole} whole, {errors} errors, {wrong} wrong files");
}
