//! Each effect, what a cell says of it, and which recipe is the cheapest cure.

use shortread_server::scenario::{Kind, World};

use super::*;
use crate::{
    client::{Basis, Left},
    report::samples,
    results::{RemedyFacts, samples as records},
};

fn plain(kind: Kind) -> Record {
    let mut record = records::record("x", "fixed-chunk-65536");
    record.outcome.kind = kind;
    if kind != Kind::Complete {
        record.delivered_bytes /= 2;
        record.received_bytes /= 2;
    }
    record
}

fn with(recipe: &str, kind: Kind, file: Left) -> Record {
    let mut record = plain(kind);
    record.recipe = Some(recipe.into());
    record.remedy = Some(RemedyFacts {
        attempts: 2,
        resumed: 1,
        waited_ns: 1,
        rests_on: (kind == Kind::Complete).then_some(Basis::Length),
        file,
        ..RemedyFacts::default()
    });
    record
}

fn effect_of(before: Kind, after: Kind) -> Effect {
    Effect::of(&plain(before), &with("retry", after, Left::Target))
}

/// What the cell of one trial says.
fn text(plain: &Record, with: &Record) -> String {
    Cell::of(&[(plain, with)]).unwrap().text()
}

/// What the matrix of `records` is asked for.
fn of<T>(all: &[Record], ask: impl FnOnce(&Cures<'_>) -> T) -> T {
    let info = records::run_info();
    let run = RunView {
        info: &info,
        records: all,
        scenarios: &[],
        folder: None,
        timelines: samples::no_timelines(),
        agreement: None,
        check: false,
    };
    ask(&Cures::of(&run).unwrap())
}

/// The name of the cheapest cure of the only line.
fn cheapest(all: &[Record]) -> String {
    of(all, |cures| {
        let index = cures.lines[0].cheapest.unwrap();
        cures.recipes[index].to_owned()
    })
}

#[test]
fn an_end_is_compared_with_the_one_without_remedies() {
    for (before, after, effect) in [
        (Kind::Truncated, Kind::Complete, Effect::Cured),
        (Kind::Complete, Kind::Complete, Effect::Whole),
        (Kind::Complete, Kind::Reset, Effect::Worse),
        (Kind::SilentTruncation, Kind::Rejected, Effect::Noticed),
        (Kind::Stalled, Kind::TimedOut, Effect::Noticed),
        (Kind::TimedOut, Kind::Stalled, Effect::Worse),
        (Kind::Truncated, Kind::Reset, Effect::Same),
    ] {
        assert_eq!(effect_of(before, after), effect, "{before} {after}");
    }
}

#[test]
fn a_file_that_is_wrong_and_called_whole_is_wrong_whatever_it_was_without() {
    for before in [Kind::Complete, Kind::Truncated, Kind::SilentTruncation] {
        for after in [Kind::Corrupt, Kind::WrongObject, Kind::SilentTruncation] {
            assert_eq!(effect_of(before, after), Effect::Wrong, "{before} {after}");
        }
    }
    let target = |kind| with("resume", kind, Left::Target);
    let cut = plain(Kind::Truncated);
    assert_eq!(text(&cut, &target(Kind::Corrupt)), "wrong, other bytes");
    let short = target(Kind::SilentTruncation);
    assert_eq!(text(&cut, &short), "wrong, 0.5 of 1 GB");
}

#[test]
fn what_the_tool_could_not_play_is_not_measured() {
    assert_eq!(
        effect_of(Kind::Truncated, Kind::ToolError),
        Effect::NotMeasured
    );
    assert_eq!(
        effect_of(Kind::ToolError, Kind::Complete),
        Effect::NotMeasured
    );
    let all = [
        plain(Kind::ToolError),
        with("retry", Kind::Complete, Left::Target),
    ];
    of(&all, |cures| {
        assert!(!cures.lines[0].is_bad(), "nothing is known of it");
        assert_eq!(cures.lines[0].cheapest, None);
    });
}

#[test]
fn the_same_end_is_worse_for_much_more_and_tidy_without_half_a_file() {
    let before = plain(Kind::Truncated);
    let mut dear = with("retry", Kind::Truncated, Left::Target);
    dear.received_bytes = before.received_bytes * 3 / 2 - 1;
    assert_eq!(Effect::of(&before, &dear), Effect::Same);
    dear.received_bytes += 1;
    assert_eq!(Effect::of(&before, &dear), Effect::Worse);
    assert_eq!(text(&before, &dear), "worse, +250 MB");
    let tidy = with("atomic", Kind::Truncated, Left::Temporary);
    assert_eq!(Effect::of(&before, &tidy), Effect::Tidy);
    let mut further = with("resume", Kind::Truncated, Left::Target);
    further.delivered_bytes += before.delivered_bytes / 100 - 1;
    assert_eq!(Effect::of(&before, &further), Effect::Same);
    further.delivered_bytes += 1;
    assert_eq!(Effect::of(&before, &further), Effect::Partly);
    further.delivered_bytes = 812_500_000;
    assert_eq!(text(&before, &further), "partly, 0.81 of 1 GB");
    further.delivered_bytes = 0;
    assert_eq!(Effect::of(&before, &further), Effect::Worse);
    assert_eq!(text(&before, &further), "worse, 0 B of 1 GB");
}

#[test]
fn the_noise_of_loopback_makes_nothing_worse() {
    let mut before = plain(Kind::Truncated);
    before.world = World::Tcp;
    before.elapsed_ns = 2_000_000;
    let mut after = with("progress", Kind::Truncated, Left::Target);
    after.world = World::Tcp;
    // Twenty times as long, in milliseconds that a scheduler decides over.
    after.elapsed_ns = 40_000_000;
    after.received_bytes += 200_000;
    assert_eq!(Effect::of(&before, &after), Effect::Same);
    after.elapsed_ns = 200_000_000;
    assert_eq!(Effect::of(&before, &after), Effect::Worse);
}

#[test]
fn a_file_that_was_whole_anyway_shows_what_it_costs_now() {
    let before = plain(Kind::Complete);
    let mut dear = with("safe", Kind::Complete, Left::Target);
    dear.remedy.as_mut().unwrap().rests_on = Some(Basis::Digest);
    assert_eq!(text(&before, &dear), "whole (digest)");
    dear.received_bytes += before.received_bytes;
    dear.server.requests = before.server.requests + 4;
    assert_eq!(Effect::of(&before, &dear), Effect::Dear);
    assert_eq!(text(&before, &dear), "whole (digest), +1 GB, +4 requests");
}

#[test]
fn a_cell_stands_for_all_repetitions() {
    let mut all = vec![plain(Kind::Truncated)];
    for repetition in 1..=5 {
        let kind = if repetition > 3 {
            Kind::Reset
        } else {
            Kind::Complete
        };
        let mut record = with("retry", kind, Left::Target);
        record.repetition = repetition;
        record.elapsed_ns += u64::from(repetition) * 1_000_000_000;
        all.push(record);
    }
    of(&all, |cures| {
        let line = &cures.lines[0];
        let cell = line.cells[0].as_ref().unwrap();
        assert_eq!(cell.text(), "cured 3 of 5 (length)");
        assert_eq!(cell.extra_ns, 3_000_000_000, "the median");
        assert_eq!((cell.trials(), cell.whole), (5, 3));
    });
    all[4].outcome.kind = Kind::Corrupt;
    of(&all, |cures| {
        let cell = cures.lines[0].cells[0].as_ref().unwrap();
        assert_eq!(cell.text(), "wrong 1 of 5 (length), other bytes");
    });
}

#[test]
fn a_repetition_is_held_against_the_one_of_its_number() {
    let mut all = Vec::new();
    for (repetition, kind) in [(1, Kind::Complete), (2, Kind::Truncated)] {
        for mut record in [plain(kind), with("retry", Kind::Complete, Left::Target)] {
            record.repetition = repetition;
            all.push(record);
        }
    }
    of(&all, |cures| {
        let line = &cures.lines[0];
        assert!(line.is_bad());
        assert_eq!(line.without(), "1 of 2 trials");
        let cell = line.cells[0].as_ref().unwrap();
        let effects: Vec<_> = cell.effects.iter().map(|(k, v)| (*k, *v)).collect();
        assert_eq!(effects, [(Effect::Cured, 1), (Effect::Whole, 1)]);
        assert_eq!(cell.text(), "cured (length)", "it is whole in both");
    });
}

#[test]
fn the_cheapest_cure_is_the_one_that_moves_the_fewest_bytes() {
    let mut all = vec![plain(Kind::Truncated)];
    for (recipe, more) in [("retry", 500_000_000), ("resume", 0)] {
        let mut record = with(recipe, Kind::Complete, Left::Target);
        record.received_bytes += more;
        record.server.requests = 2;
        all.push(record);
    }
    of(&all, |cures| {
        assert_eq!(cures.recipes, ["retry", "resume"]);
        let line = &cures.lines[0];
        assert_eq!(line.cheapest, Some(1));
        assert_eq!(cures.told(line, 1), "resume: +2 requests, +500 MB");
        assert_eq!(
            cures.summary(),
            "Of 1 trial ending badly, some remedy cures 1: `retry` cures 1; `resume` cures 1."
        );
    });
}

#[test]
fn of_cures_as_cheap_the_simplest_wins_in_whatever_order_they_ran() {
    let cure = |recipe: &str, requests: u64, noise: u64| {
        let mut record = with(recipe, Kind::Complete, Left::Target);
        record.server.requests = requests;
        record.received_bytes += noise;
        record.elapsed_ns += noise;
        record
    };
    // `safe` has five remedies, `resume` two; the bytes between them are noise.
    let mut all = vec![
        plain(Kind::Truncated),
        cure("safe", 2, 0),
        cure("resume", 2, 100_000),
        cure("retry+verify", 2, 50_000),
        cure("progress+retry", 3, 0),
    ];
    for _ in 0..all.len() - 1 {
        all[1..].rotate_left(1);
        // Fewer requests, then the order of the catalogue.
        assert_eq!(cheapest(&all), "resume");
    }
    all.push(cure("retry", 9, 0));
    assert_eq!(
        cheapest(&all),
        "retry",
        "fewer remedies before fewer requests"
    );
    let ties = ["wget", "curl", "atomic", "verify"].map(|name| cure(name, 2, 0));
    let mut ties = [vec![plain(Kind::Truncated)], ties.to_vec()].concat();
    for _ in 0..4 {
        ties[1..].rotate_left(1);
        assert_eq!(cheapest(&ties), "verify");
    }
}

#[test]
fn a_cure_that_holds_every_time_is_cheaper_than_one_that_often_fails() {
    let mut all = vec![plain(Kind::Truncated)];
    for repetition in [1, 2] {
        let often = [Kind::Complete, Kind::Reset][repetition as usize - 1];
        for (recipe, kind, more) in [("retry", often, 0), ("safe", Kind::Complete, 900_000_000)] {
            let mut record = with(recipe, kind, Left::Target);
            record.repetition = repetition;
            record.received_bytes += more;
            all.push(record);
        }
    }
    assert_eq!(cheapest(&all), "safe");
}

#[test]
fn a_run_without_recipes_has_no_matrix() {
    let info = records::run_info();
    let all = [plain(Kind::Truncated)];
    assert!(Cures::of(&crate::report::client_samples::view(&info, &all)).is_none());
}
