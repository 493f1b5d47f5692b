//! Downloads by parts in the virtual world.

use shortread_server::scenario::{Kind, StrategyName, parse};

use super::*;
use crate::{
    client::Left,
    remedy::{
        Named, RecipeError,
        trials_for_tests::{self, HEAD},
    },
    results::Record,
};

fn recipe(at_a_time: u32, bytes: u64) -> Recipe {
    Recipe {
        segments: Some(Segments { at_a_time, bytes }),
        ..Recipe::of(&[Named::Segments, Named::Verify, Named::Atomic])
    }
}

fn play_with(rest: &str, recipe: Recipe, name: StrategyName) -> Record {
    let scenario = parse("x", "x.toml", &format!("{HEAD}{rest}"));
    let scenario = scenario.unwrap_or_else(|error| panic!("{error}")).into();
    trials_for_tests::play(&scenario, recipe, name, 1)
}

fn play(rest: &str) -> Record {
    play_with(rest, recipe(4, 1 << 20), StrategyName::FixedChunk)
}

const BODY: &str = "[body]\nsize = \"10MiB\"\n[link]\nrate = \"10MB/s\"\n";

#[test]
fn a_file_comes_by_parts_side_by_side_and_no_faster_than_its_link() {
    for name in StrategyName::ALL {
        let record = play_with(BODY, recipe(4, 1 << 20), *name);
        assert_eq!(record.outcome.kind, Kind::Complete, "{record:#?}");
        assert_eq!(record.delivered_bytes, 10 << 20);
        assert_eq!(record.received_bytes, 10 << 20);
        let remedy = record.remedy.unwrap();
        assert_eq!((remedy.parts, remedy.at_a_time), (10, 4));
        assert_eq!((remedy.attempts, remedy.resumed), (10, 0));
        assert_eq!(remedy.rests_on, Some(Basis::Validator));
        assert_eq!(remedy.file, Left::Target);
        // hyper keeps no connection here.
        let connections = match name {
            StrategyName::Frames => 10,
            _ => 4,
        };
        assert_eq!(record.server.connections, connections, "{name:?}");
        // 10 MiB at 10 MB/s.
        assert!(record.elapsed_ns >= 1_048_576_000, "{}", record.elapsed_ns);
    }
}

#[test]
fn a_small_file_is_one_part() {
    let record = play("[body]\nsize = \"1000 B\"\n");
    assert_eq!(record.outcome.kind, Kind::Complete, "{record:#?}");
    let remedy = record.remedy.unwrap();
    assert_eq!((remedy.parts, remedy.at_a_time, remedy.attempts), (1, 1, 1));
}

#[test]
fn each_part_resumes_by_itself() {
    // Every response is cut behind 300 kB of its own.
    let rest = format!("{BODY}[[fault]]\nwhen = {{ body = \"300kB\" }}\nthen = \"fin\"\n");
    let record = play(&rest);
    assert_eq!(record.outcome.kind, Kind::Complete, "{record:#?}");
    assert_eq!(record.received_bytes, 10 << 20);
    let remedy = record.remedy.unwrap();
    assert_eq!(
        (remedy.parts, remedy.attempts, remedy.resumed),
        (10, 40, 30)
    );
}

#[test]
fn a_server_without_ranges_is_refused() {
    let record = play(&format!("{BODY}[response]\nrange = \"ignore\"\n"));
    assert_eq!(record.outcome.kind, Kind::Rejected, "{record:#?}");
    let remedy = record.remedy.unwrap();
    assert_eq!((remedy.parts, remedy.attempts), (1, 1));
    assert_eq!(remedy.rests_on, None);
}

#[test]
fn parts_of_an_object_that_changes_are_not_joined() {
    let changes = "[[version]]\non = { request = \"4..\" }\n";
    let record = play(&format!("{BODY}{changes}"));
    assert!(!record.outcome.error.is_empty(), "{record:#?}");
    assert_ne!(record.remedy.unwrap().file, Left::Target);
    // Under the same tag nothing tells it, and the file is wrong.
    let same = format!("{BODY}[response]\netag = \"v\"\n{changes}etag = \"same\"\n");
    let record = play(&same);
    assert_eq!(record.outcome.kind, Kind::Corrupt, "{record:#?}");
    assert_eq!(record.remedy.unwrap().rests_on, Some(Basis::Validator));
}

#[test]
fn what_a_part_loses_for_good_ends_the_download_and_no_further_part_begins() {
    let gone = "[[answer]]\non = { request = \"3..\" }\nstatus = 404\npage = \"gone\"\n";
    let record = play(&format!("{BODY}{gone}"));
    assert_eq!(record.outcome.kind, Kind::Rejected, "{record:#?}");
    let remedy = record.remedy.unwrap();
    // The first one, and the four under way.
    assert!(remedy.parts <= 5, "{remedy:?}");
    assert_eq!(remedy.file, Left::Temporary);
}

#[test]
fn a_part_that_stalls_is_tried_again_with_a_deadline() {
    let stall = "[[fault]]\non = { request = \"3\" }\nwhen = { body = \"300kB\" }\nthen = { stall = \"forever\" }\n";
    let with = |names: &[Named]| {
        let mut recipe = Recipe::of(names);
        recipe.segments = Some(Segments {
            at_a_time: 4,
            bytes: 1 << 20,
        });
        play_with(
            &format!("{BODY}{stall}[client]\ntotal = \"off\"\n"),
            recipe,
            StrategyName::IterAny,
        )
    };
    let hangs = with(&[Named::Segments]);
    assert_eq!(hangs.outcome.kind, Kind::Stalled, "{hangs:#?}");
    let cured = with(&[Named::Segments, Named::Deadlines]);
    assert_eq!(cured.outcome.kind, Kind::Complete, "{cured:#?}");
    assert_eq!(cured.remedy.unwrap().resumed, 1);
}

#[test]
fn settings_that_contradict_each_other_are_named() {
    let errors = |recipe: Recipe| recipe.check().unwrap_err();
    let mut none = recipe(0, 1);
    assert_eq!(errors(none.clone()), [RecipeError::Connections]);
    none.segments = Some(Segments::default());
    none.resume = None;
    assert_eq!(errors(none), [RecipeError::PartsWithoutResume]);
    let mut digest = recipe(4, 1);
    digest.verify = Some(crate::remedy::Verify {
        require: Basis::Digest,
        digest: None,
    });
    assert_eq!(errors(digest), [RecipeError::DigestOfParts]);
}

#[test]
fn another_length_than_the_one_that_is_wanted_is_no_result() {
    for (wanted, bytes) in [
        (4_000_000, 1 << 20),
        (2_000_000, 1 << 20),
        (4_000_000, 8 << 20),
    ] {
        let mut recipe = recipe(4, bytes);
        recipe.progress = Some(crate::remedy::Progress {
            bytes: Some(wanted),
        });
        let body = "[body]\nsize = \"3MB\"\n";
        let record = play_with(body, recipe, StrategyName::FixedChunk);
        assert_eq!(record.outcome.kind, Kind::Rejected, "{record:#?}");
        assert_eq!(record.remedy.unwrap().file, Left::Temporary);
    }
}
