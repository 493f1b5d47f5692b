//! Each effect, and which recipe is the cheapest cure.

use shortread_server::scenario::Kind;

use super::*;
use crate::{
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
        rests_on: None,
        file,
    });
    record
}

fn effect_of(before: Kind, after: Kind) -> Effect {
    effect(&plain(before), &with("r", after, Left::Target))
}

#[test]
fn an_end_is_compared_with_the_one_without_remedies() {
    assert_eq!(effect_of(Kind::Truncated, Kind::Complete), Effect::Cured);
    assert_eq!(effect_of(Kind::Complete, Kind::Complete), Effect::NotNeeded);
    assert_eq!(effect_of(Kind::Complete, Kind::Reset), Effect::Worse);
    assert_eq!(
        effect_of(Kind::SilentTruncation, Kind::Rejected),
        Effect::Partly
    );
    assert_eq!(effect_of(Kind::Stalled, Kind::TimedOut), Effect::Partly);
    assert_eq!(effect_of(Kind::Truncated, Kind::Corrupt), Effect::Worse);
    assert_eq!(effect_of(Kind::Truncated, Kind::Reset), Effect::Same);
}

#[test]
fn the_same_end_is_worse_for_much_more_and_better_without_half_a_file() {
    let before = plain(Kind::Truncated);
    let mut dear = with("retry", Kind::Truncated, Left::Target);
    dear.received_bytes = before.received_bytes * 3 / 2;
    assert_eq!(effect(&before, &dear), Effect::Same);
    dear.received_bytes += 1;
    assert_eq!(effect(&before, &dear), Effect::Worse);
    let tidy = with("atomic", Kind::Truncated, Left::Temporary);
    assert_eq!(effect(&before, &tidy), Effect::Partly);
    let mut further = with("resume", Kind::Truncated, Left::Target);
    further.delivered_bytes += before.expected_bytes / 100;
    assert_eq!(effect(&before, &further), Effect::Same);
    further.delivered_bytes += 1;
    assert_eq!(effect(&before, &further), Effect::Partly);
}

#[test]
fn the_cheapest_cure_is_the_one_that_moves_the_fewest_bytes() {
    let mut all = vec![plain(Kind::Truncated)];
    for (recipe, more) in [("retry", 500_000_000), ("resume", 0), ("later", 0)] {
        let mut record = with(recipe, Kind::Complete, Left::Target);
        record.received_bytes += more;
        record.server.requests = 2;
        all.push(record);
    }
    let info = records::run_info();
    let view = |records| RunView {
        info: &info,
        records,
        scenarios: &[],
        folder: None,
        timelines: samples::no_timelines(),
        agreement: None,
        check: false,
    };
    let run = view(&all);
    let cures = Cures::of(&run).unwrap();
    assert_eq!(cures.recipes, ["retry", "resume", "later"]);
    let line = &cures.lines[0];
    assert_eq!(line.cheapest, Some(1));
    assert_eq!(cures.told(line, 1), "resume: +2 requests, +500 MB");
    assert_eq!(
        cures.summary(),
        "Of 1 trial ending badly, some remedy cures 1: `retry` cures 1; `resume` cures 1; \
         `later` cures 1."
    );
    assert!(Cures::of(&view(&all[..1])).is_none());
}
