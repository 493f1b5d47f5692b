//! Of the servers that are drawn here, a client that resumes, verifies and names its file
//! last saves a wrong one only where no length shows it, and says that it rests on no
//! digest: random faults at random attempts, objects that change, and ranges that are
//! answered wrongly, in the virtual world.
//!
//! `SHORTREAD_SCHEDULES=100000 cargo test --release -p shortread --lib never_wrong` runs
//! as many as that.

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
        let then = pick(chance, &["fin", "reset"]);
        let _ = write!(
            text,
            "[[fault]]\n{on}when = {{ body = \"{at} B\" }}\nthen = \"{then}\"\n"
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

/// `None` for a file that contradicts itself.
fn scenario(chance: &mut Pcg32) -> Option<Arc<Scenario>> {
    let text = file(chance);
    parse("x", "x.toml", &text).ok().map(Arc::new)
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

#[test]
fn a_file_is_whole_or_the_result_says_otherwise() {
    let schedules = std::env::var("SHORTREAD_SCHEDULES");
    let schedules = schedules.map_or(SCHEDULES, |text| text.parse().expect("a number"));
    let strategies = [
        StrategyName::FixedChunk,
        StrategyName::Readany,
        StrategyName::IterAny,
        StrategyName::ReadAll,
    ];
    let (mut played, mut whole, mut errors, mut wrong) = (0, 0, 0, 0);
    for seed in 0..schedules {
        let mut chance = Pcg32::seed_from_u64(seed);
        let Some(scenario) = scenario(&mut chance) else {
            continue;
        };
        let name = pick(&mut chance, &strategies);
        let record = play(&scenario, recipe(&mut chance), name, seed);
        let remedy = record.remedy.clone().expect("there is a recipe");
        played += 1;
        let said_success = record.outcome.error.is_empty() && record.outcome.kind != Kind::Stalled;
        if !said_success {
            errors += 1;
            assert_ne!(remedy.file, Left::Target, "seed {seed}: {record:#?}");
            continue;
        }
        if record.outcome.kind == Kind::Complete {
            whole += 1;
            continue;
        }
        wrong += 1;
        assert!(remedy.rests_on < Some(Basis::Digest), "seed {seed}");
        assert!(
            is_beyond_the_length(&scenario),
            "seed {seed}: {record:#?}\n{scenario:#?}"
        );
    }
    // A generator that draws nothing of use would pass too.
    assert!(played * 2 > schedules, "{played} of {schedules}");
    assert!(
        whole > 0 && errors > 0,
        "{whole} whole, {errors} errors, {wrong} wrong"
    );
    println!("{played} played: {whole} whole, {errors} errors, {wrong} wrong files");
}
