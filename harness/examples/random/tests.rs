//! A few hundred scenarios, and a check that they use the whole grammar.

use std::collections::BTreeSet;

use shortread::world::simulated::run_trial;
use shortread_server::scenario::{Kind, StrategyName, World};

use super::*;
use crate::{
    draft::Draft,
    tie::{Decided, neighbours},
};

fn cases(seeds: std::ops::Range<u64>, scope: Scope) -> Vec<Case> {
    seeds
        .map(|seed| Case::drawn(seed, scope).unwrap())
        .collect()
}

#[test]
fn three_hundred_scenarios_give_the_same_bytes_twice_and_contradict_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut check = Check::new(folder.path().to_owned(), 2, 1).unwrap();
    check.twice(&cases(1..301, Scope::VIRTUAL)).unwrap();
    // The reasons are printed.
    assert_eq!(check.sentence(), "300 scenarios, twice each, 0 failed");
}

#[test]
fn what_the_reader_takes_keeps_to_the_schema() {
    let schema = serde_json::from_str(&shortread_server::scenario::schema()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for case in cases(1..1001, Scope::VIRTUAL) {
        let text = case.draft.to_string();
        let file: serde_json::Value = toml::from_str(&text).unwrap();
        let wrong: Vec<_> = schema
            .iter_errors(&file)
            .map(|error| error.to_string())
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}\n{text}");
    }
}

#[test]
fn a_seed_gives_the_same_scenario_and_another_seed_another_one() {
    for scope in [Scope::VIRTUAL, Scope::BOTH] {
        let first = cases(1..50, scope);
        let texts = |cases: &[Case]| -> Vec<String> {
            cases.iter().map(|case| case.draft.to_string()).collect()
        };
        assert_eq!(texts(&first), texts(&cases(1..50, scope)));
        let distinct: BTreeSet<String> = texts(&first).into_iter().collect();
        assert!(distinct.len() > 45, "{}", distinct.len());
    }
}

/// The keys of every table of docs/SCENARIOS.md that has a column `key`, and
/// the words of triggers and actions.
#[test]
fn every_key_of_the_reference_is_drawn() {
    let reference = include_str!("../../../docs/SCENARIOS.md");
    let mut missing: BTreeSet<&str> = BTreeSet::new();
    let mut of_keys = false;
    for line in reference.lines() {
        of_keys = match line.strip_prefix("| ") {
            None => false,
            Some(row) if row.starts_with("key |") => true,
            Some(row) => {
                let key = row.strip_prefix('`').and_then(|row| row.split('`').next());
                missing.extend(key.filter(|_| of_keys));
                of_keys
            }
        };
    }
    missing.extend([
        "body", "wire", "object", "place", "elapsed", "idle", "blocked", "request",
    ]);
    missing.extend([
        "connection",
        "chance",
        "stall",
        "throttle",
        "after",
        "counts",
    ]);
    assert!(missing.len() > 60, "{missing:?}");
    for case in cases(1..4000, Scope::VIRTUAL) {
        let text = case.draft.to_string();
        let mut words = text.split([' ', '\n', '{', ',']).peekable();
        while let Some(word) = words.next() {
            if words.peek() == Some(&"=") {
                missing.remove(word);
            }
        }
        if text.contains("[response.headers]") {
            missing.remove("headers");
        }
        if text.contains("[[response.raw]]") {
            missing.remove("raw");
        }
    }
    assert!(missing.is_empty(), "never drawn: {missing:?}");
}

#[test]
fn what_is_shrunk_still_fails_and_has_nothing_that_is_not_needed() {
    let case = (1..)
        .filter_map(|seed| Case::drawn(seed, Scope::VIRTUAL))
        .find(|case| case.scenario.faults.len() > 2)
        .unwrap();
    let least = shrink::shrink(&case, |case| !case.scenario.faults.is_empty());
    assert_eq!(least.scenario.faults.len(), 1);
    assert_eq!(
        least.draft.to_string().matches('[').count(),
        3,
        "{}",
        least.draft
    );
}

/// A made-up scenario, read by `iter_any()`.
fn made_up(tables: &[(&'static str, &[(&str, &str)])]) -> Case {
    made_up_for(StrategyName::IterAny, tables)
}

fn made_up_for(strategy: StrategyName, tables: &[(&'static str, &[(&str, &str)])]) -> Case {
    let mut draft = Draft::default();
    let top = draft.table("");
    top.text("title", "drawn");
    top.text("cause", "chance");
    for (header, lines) in tables {
        let table = draft.table(header);
        for (key, value) in *lines {
            table.set(key, value);
        }
    }
    Case::of(1, draft, strategy).unwrap()
}

fn kinds_of_neighbours(case: &Case) -> Vec<(Decided, Kind)> {
    let trial = case.trial(World::Virtual, true).unwrap();
    neighbours(&trial, &case.scenario)
        .map(|(decided, record)| (decided, record.outcome.kind))
        .collect()
}

#[test]
fn where_reads_end_decides_what_becomes_of_bytes_behind_the_announced_end() {
    let case = made_up(&[
        (
            "[body]",
            &[("size", "\"266B\""), ("declared_size", "\"70B\"")],
        ),
        ("[link]", &[("rate", "\"1MB/s\""), ("segment", "\"50B\"")]),
    ]);
    let kind = run_trial(&case.trial(World::Virtual, true).unwrap())
        .outcome
        .kind;
    let others = kinds_of_neighbours(&case);
    let kinds: BTreeSet<Kind> = others.iter().map(|(_, kind)| *kind).collect();
    assert_eq!(kind, Kind::SilentTruncation);
    assert!(kinds.contains(&Kind::Malformed), "{others:?}");
}

/// No circumstances make a long trial short: an explanation by reads that hid a
/// stall would hide a defect of the link.
#[test]
fn no_reads_explain_a_download_that_is_slower_than_its_deadline_allows() {
    let case = made_up(&[
        ("[body]", &[("size", "\"4000B\"")]),
        ("[link]", &[("rate", "\"1KB/s\"")]),
        ("[client]", &[("sock_read", "\"1s\"")]),
    ]);
    let others = kinds_of_neighbours(&case);
    for (decided, kind) in &others {
        if *decided == Decided::ByReads {
            assert_eq!(*kind, Kind::Complete, "{others:?}");
        }
    }
    assert!(others.len() > 12);
}

/// The first download blocks the event loop for 56 ms of the 96 that all have. In
/// memory all end in one instant, and the second blocks it too before the first
/// has learnt of its end; a server needs some time for each.
#[test]
fn one_thread_decides_which_of_parallel_downloads_is_in_time() {
    let case = made_up_for(
        StrategyName::Frames,
        &[
            ("[body]", &[("size", "\"371B\""), ("framing", "\"close\"")]),
            (
                "[client]",
                &[
                    ("total", "\"96ms\""),
                    ("parallel", "13"),
                    ("timers", "\"before-io\""),
                ],
            ),
            (
                "[[fault]]",
                &[("when", "{ body = \"27B\" }"), ("then", "\"end\"")],
            ),
            ("[sink]", &[("rate", "\"480B/s\""), ("blocking", "true")]),
        ],
    );
    let kind = run_trial(&case.trial(World::Virtual, true).unwrap())
        .outcome
        .kind;
    let others = kinds_of_neighbours(&case);
    assert_eq!(kind, Kind::TimedOut);
    assert!(
        others.contains(&(Decided::ByAMoment, Kind::SilentTruncation)),
        "{others:?}"
    );
}

#[test]
fn no_link_is_asked_for_more_segments_than_a_server_can_send() {
    for case in cases(1..1500, Scope::BOTH) {
        let played = case.scenario.scaled().unwrap();
        let Some(segment) = played.link.segment else {
            continue;
        };
        let downloads = u64::from(played.downloads());
        // Some segments leave at any pace.
        if played.body.size.0.div_ceil(segment.0) * downloads < 200 {
            continue;
        }
        let a_second = played.link.rate.get() * downloads / segment.0;
        // Small numbers are rounded when they are made smaller.
        assert!(a_second <= 50_000, "{}: {a_second} a second", case.seed);
    }
}
