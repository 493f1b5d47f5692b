//! The changes that count, and their meaning.

use shortread_server::scenario::Scenario;

use super::{
    samples::{cut, failed, hung, repeated, run, scenarios, short, simulated, timed_out},
    *,
};
use crate::{
    client::{Basis, Left},
    results::{Record, RemedyFacts},
};

/// Compares two runs of these records, all of scenarios without chance.
fn compared(old: Vec<Record>, new: Vec<Record>) -> Comparison {
    let names: Vec<&str> = old
        .iter()
        .chain(&new)
        .map(|one| one.scenario.as_str())
        .collect();
    let mut names = names.clone();
    names.dedup();
    let kept = scenarios(&names);
    compare(
        &run("old", old.clone(), &kept),
        &run("new", new.clone(), &kept),
    )
    .unwrap()
}

/// The verdict on the only end that changed.
fn verdict(old: Record, new: Record) -> ChangeVerdict {
    let found = compared(vec![old], vec![new]);
    assert_eq!(found.ends.len(), 1, "{found:?}");
    found.ends[0].verdict
}

fn whole() -> Record {
    simulated("a", "readany", 1)
}

fn with(recipe: &str, mut record: Record, rests_on: Option<Basis>) -> Record {
    record.recipe = Some(recipe.into());
    record.remedy = Some(RemedyFacts {
        attempts: 1,
        rests_on,
        file: Left::Target,
        ..RemedyFacts::default()
    });
    record.as_expected = None;
    record
}

#[test]
fn a_recipe_is_compared_with_itself_in_whatever_order_it_was_written() {
    let old = with("verify+retry", whole(), Some(Basis::Length));
    let new = with("retry+verify", cut(whole()), None);
    let found = compared(vec![whole(), old], vec![whole(), new]);
    assert_eq!(found.virtual_pairs, 2);
    assert_eq!(found.ends.len(), 1, "{found:?}");
    assert_eq!(found.ends[0].verdict, ChangeVerdict::Regression);
    assert_eq!(found.ends[0].old[0].end, "complete, rests on the length");
}

#[test]
fn a_file_that_rests_on_less_is_worse() {
    let on = |basis| with("safe", whole(), Some(basis));
    let (length, digest) = (on(Basis::Length), on(Basis::Digest));
    assert_eq!(
        verdict(digest.clone(), length.clone()),
        ChangeVerdict::Regression
    );
    assert_eq!(verdict(length, digest), ChangeVerdict::Improvement);
}

#[test]
fn a_recipe_of_one_run_is_held_against_the_trial_without() {
    let cured = with("resume", whole(), Some(Basis::Length));
    let found = compared(vec![cut(whole())], vec![cut(whole()), cured.clone()]);
    assert!(found.only_new.is_empty(), "{found:?}");
    let [finding] = &found.recipes[..] else {
        panic!("{found:?}");
    };
    assert_eq!(
        (finding.which, &*finding.effect),
        (Which::New, "cured (length)")
    );
    assert_eq!(finding.trial.recipe.as_deref(), Some("resume"));
    assert!(!found.has_regression());
    // What neither run played without stays alone.
    let other = simulated("b", "readany", 1);
    let found = compared(vec![other.clone()], vec![other, cured]);
    assert!(found.recipes.is_empty());
    assert_eq!(found.only_new.len(), 1);
}

#[test]
fn repetitions_of_a_recipe_that_draws_are_paired_by_their_seeds() {
    let trial = |seed| {
        with(
            "resume",
            simulated("a", "readany", seed),
            Some(Basis::Length),
        )
    };
    let found = compared(
        vec![whole(), trial(1), trial(2)],
        vec![whole(), trial(2), trial(3)],
    );
    assert_eq!(found.virtual_pairs, 2, "the plain one, and seed 2");
    assert_eq!((found.only_old.len(), found.only_new.len()), (1, 1));
}

#[test]
fn a_run_does_not_differ_from_itself() {
    let records = || vec![whole(), simulated("a", "iter-any", 1)];
    let found = compared(records(), records());
    assert_eq!((found.virtual_pairs, found.identical), (2, 2));
    assert!(!found.has_regression() && !found.is_undecided());
    assert!(found.ends.is_empty() && found.figures.is_empty() && found.others.is_empty());
}

#[test]
fn what_happens_to_the_user_decides_which_end_is_worse() {
    let order: [fn(Record) -> Record; 4] = [|record| record, cut, hung, short];
    for (index, better) in order.iter().enumerate() {
        for worse in &order[index + 1..] {
            let mut pair = [better(whole()), worse(whole())];
            for record in &mut pair {
                record.as_expected = None;
            }
            let [good, bad] = pair;
            assert_eq!(
                verdict(good.clone(), bad.clone()),
                ChangeVerdict::Regression
            );
            assert_eq!(verdict(bad, good), ChangeVerdict::Improvement);
        }
    }
}

#[test]
fn a_trial_that_the_tool_could_not_play_is_never_as_before() {
    let ends = |old: &Record, new: &Record| verdict(old.clone(), new.clone());
    assert_eq!(ends(&whole(), &failed(whole())), ChangeVerdict::Regression);
    assert_eq!(
        ends(&failed(whole()), &failed(whole())),
        ChangeVerdict::Regression
    );
    assert_eq!(ends(&failed(whole()), &whole()), ChangeVerdict::Improvement);
    // Over TCP neither: that is no matter of chance.
    let mut new = repeated("a", "readany", 2);
    new[1] = failed(new[1].clone());
    let found = compared(repeated("a", "readany", 2), new);
    assert!(found.has_regression(), "{found:?}");
}

#[test]
fn another_end_of_the_same_sort_is_worse_both_ways() {
    let (one, other) = (cut(whole()), timed_out(whole()));
    assert_eq!(
        verdict(one.clone(), other.clone()),
        ChangeVerdict::Regression
    );
    assert_eq!(verdict(other, one), ChangeVerdict::Regression);
}

#[test]
fn an_end_that_was_expected_and_is_no_longer_is_worse_whatever_it_is() {
    let (mut old, mut new) = (cut(whole()), whole());
    (old.as_expected, new.as_expected) = (Some(true), Some(false));
    assert_eq!(verdict(old.clone(), new.clone()), ChangeVerdict::Regression);
    assert_eq!(verdict(new, old), ChangeVerdict::Improvement);
}

#[test]
fn another_exception_is_another_end() {
    let mut new = timed_out(whole());
    new.outcome.exception = Some("ServerTimeoutError".into());
    assert_eq!(verdict(timed_out(whole()), new), ChangeVerdict::Regression);
}

#[test]
fn in_the_virtual_world_one_byte_counts_and_times_of_other_bytes_do_not() {
    let mut new = cut(whole());
    new.delivered_bytes -= 1;
    new.elapsed_ns *= 2;
    let found = compared(vec![cut(whole())], vec![new]);
    let figures: Vec<_> = found
        .figures
        .iter()
        .map(|one| (one.quantity, one.verdict))
        .collect();
    assert_eq!(figures, [("delivered", ChangeVerdict::Regression)]);
    assert_eq!(found.others[0].fields, ["elapsed_ns"]);
}

#[test]
fn in_the_virtual_world_a_time_that_differs_is_told_and_is_worse_only_where_it_matters() {
    for (nanoseconds, expected) in [
        (8_000_000_001, ChangeVerdict::Changed),
        (8_399_999_999, ChangeVerdict::Changed),
        (8_400_000_000, ChangeVerdict::Regression),
        (7_600_000_000, ChangeVerdict::Improvement),
    ] {
        let mut new = whole();
        new.elapsed_ns = nanoseconds;
        let found = compared(vec![whole()], vec![new]);
        assert_eq!(found.figures[0].verdict, expected, "{nanoseconds}");
        assert_eq!(
            found.has_regression(),
            expected == ChangeVerdict::Regression
        );
    }
}

#[test]
fn what_has_no_worse_side_is_told_by_its_name() {
    let mut new = whole();
    new.transport_reads += 1;
    new.chunk_bytes.max += 1;
    let found = compared(vec![whole()], vec![new]);
    assert_eq!(found.others[0].fields, ["chunk_bytes", "transport_reads"]);
    assert_eq!(found.identical, 0);
    assert!(!found.has_regression());
}

#[test]
fn what_is_expected_is_not_what_happened() {
    let mut new = whole();
    new.expected = None;
    new.as_expected = None;
    assert_eq!(compared(vec![whole()], vec![new]).identical, 1);
}

#[test]
fn random_trials_pair_by_their_seeds() {
    let mut random = scenarios(&["a"]);
    random[0].link.loss = 0.1;
    let record = |seed| simulated("a", "readany", seed);
    let old = run("old", vec![record(1), record(2), record(3)], &random);
    let new = run("new", vec![record(2), cut(record(3)), record(4)], &random);
    let found = compare(&old, &new).unwrap();
    assert_eq!((found.virtual_pairs, found.identical), (2, 1));
    assert_eq!(found.only_old[0].seed, Some(1));
    assert_eq!(found.only_new[0].seed, Some(4));
    assert_eq!(found.ends[0].old[0].count, 2);
    assert_eq!(found.ends[0].new.len(), 2);
}

#[test]
fn what_is_not_random_pairs_whatever_its_seed() {
    let found = compared(vec![whole()], vec![simulated("a", "readany", 7)]);
    assert_eq!((found.virtual_pairs, found.identical), (1, 1));
}

#[test]
fn another_scenario_has_its_ends_compared_and_its_figures_not() {
    let kept = scenarios(&["a"]);
    let mut slower: Vec<Scenario> = kept.clone();
    slower[0].link.rate = "1MB/s".parse().unwrap();
    let mut late = whole();
    late.elapsed_ns *= 100;
    let old = run("old", vec![whole()], &kept);
    let found = compare(&old, &run("new", vec![late], &slower)).unwrap();
    assert!(!found.has_regression() && found.figures.is_empty());
    assert_eq!(found.not_compared[0].why, ["link.rate 125 MB/s -> 1 MB/s"]);
    let found = compare(&old, &run("new", vec![cut(whole())], &slower)).unwrap();
    assert!(found.has_regression());
    assert_eq!(found.ends[0].although, found.not_compared[0].why);
}

#[test]
fn other_rules_another_scale_and_other_seeds_are_another_experiment() {
    let mut random = scenarios(&["a"]);
    random[0].link.jitter = std::time::Duration::from_millis(1);
    let old = run("old", repeated("a", "readany", 5), &random);
    let mut new = run("new", repeated("a", "readany", 5), &random);
    new.info.profiles[0].rules = "3.14.5-3.14.5".into();
    for record in &mut new.records {
        record.seed += 5;
        record.scaled = Some(crate::results::Scaled {
            time: 0.1,
            size: 0.5,
        });
    }
    let found = compare(&old, &new).unwrap();
    assert_eq!(
        found.not_compared[0].why,
        [
            "scaled not at all -> times x 0.1, sizes x 0.5",
            "other seeds",
            "rules of aiohttp-3.14.5 3.14.4-3.14.5 -> 3.14.5-3.14.5",
        ]
    );
    assert_eq!(found.intervals, 0);
}

#[test]
fn over_tcp_all_of_four_must_differ_from_all_of_four() {
    let four = || repeated("a", "readany", 4);
    let cuts = |records: Vec<Record>| records.into_iter().map(cut).collect::<Vec<_>>();
    let found = compared(four(), cuts(four()));
    assert_eq!(found.ends[0].verdict, ChangeVerdict::Regression);
    assert!((found.ends[0].p.unwrap() - 2.0 / 70.0).abs() < 1e-9);
    // Three of four.
    let mut mixed = cuts(four());
    mixed[1] = four().remove(1);
    let found = compared(four(), mixed);
    assert_eq!(found.ends[0].verdict, ChangeVerdict::Undecided);
    assert_eq!(found.ends[0].new[0].count, 3);
    // Three against four.
    let found = compared(repeated("a", "readany", 3), cuts(four()));
    assert_eq!(found.ends[0].verdict, ChangeVerdict::Undecided);
    assert!(!found.has_regression() && found.is_undecided());
}

/// Four hangs against two whole files and two short ones: no order of the
/// repetitions makes that better.
#[test]
fn over_tcp_the_worst_of_several_ends_decides_in_any_order() {
    let four = || repeated("a", "readany", 4);
    let timed = || four().into_iter().map(timed_out).collect::<Vec<_>>();
    for shorts in [[0, 1], [2, 3], [0, 3]] {
        let mut new = four();
        for index in shorts {
            new[index] = short(new[index].clone());
        }
        let found = compared(timed(), new.clone());
        assert_eq!(
            found.ends[0].verdict,
            ChangeVerdict::Regression,
            "{shorts:?}"
        );
        // All of four differ, in however many ways.
        assert!((found.ends[0].p.unwrap() - 2.0 / 70.0).abs() < 1e-9);
        let back = compared(new, timed());
        assert!((back.ends[0].p.unwrap() - 2.0 / 70.0).abs() < 1e-9);
    }
}

#[test]
fn other_bytes_excuse_other_times_and_no_memory() {
    let mut new = whole();
    new.delivered_bytes += 1;
    new.elapsed_ns *= 3;
    new.peak_heap_bytes = Some(1_000_000_000);
    let found = compared(vec![whole()], vec![new]);
    let judged: Vec<_> = found
        .figures
        .iter()
        .map(|f| (f.quantity, f.verdict))
        .collect();
    assert_eq!(
        judged,
        [
            ("delivered", ChangeVerdict::Improvement),
            ("peak heap", ChangeVerdict::Regression)
        ]
    );
    assert_eq!(found.others[0].fields, ["elapsed_ns"]);
}

#[test]
fn over_tcp_fewer_than_four_that_ended_alike_are_undecided_too() {
    let found = compared(repeated("a", "readany", 3), repeated("a", "readany", 3));
    assert_eq!((found.too_few_for_ends, found.too_few_for_figures), (1, 1));
    assert_eq!(found.undecided, ["a"]);
    let found = compared(repeated("a", "readany", 4), repeated("a", "readany", 4));
    assert_eq!((found.too_few_for_ends, found.too_few_for_figures), (0, 1));
    let found = compared(repeated("a", "readany", 5), repeated("a", "readany", 5));
    assert!(!found.is_undecided());
}

#[test]
fn a_figure_counts_where_its_interval_excludes_zero_and_its_effect_matters() {
    let slowed = |by: f64| {
        let mut records = repeated("a", "readany", 5);
        for record in &mut records {
            record.elapsed_ns = (record.elapsed_ns as f64 * by) as u64;
        }
        records
    };
    for (by, verdicts) in [
        (1.0, vec![]),
        // Beyond chance, and below 5 %.
        (1.04, vec![]),
        (1.2, vec![ChangeVerdict::Regression]),
        (0.8, vec![ChangeVerdict::Improvement]),
    ] {
        let found = compared(slowed(1.0), slowed(by));
        let all: Vec<_> = found.figures.iter().map(|one| one.verdict).collect();
        assert_eq!(all, verdicts, "{by}");
        assert_eq!(found.intervals, 1, "what never varies is no test");
    }
}

#[test]
fn among_many_figures_five_repetitions_cannot_prove_a_single_one() {
    let names: Vec<String> = (0..20).map(|index| format!("s{index:02}")).collect();
    let all = |count: u32, slow: bool| -> Vec<Record> {
        let mut records: Vec<Record> = names
            .iter()
            .flat_map(|name| repeated(name, "readany", count))
            .collect();
        for record in records
            .iter_mut()
            .filter(|one| slow && one.scenario == "s07")
        {
            record.elapsed_ns *= 2;
        }
        records
    };
    let found = compared(all(5, false), all(5, true));
    assert_eq!(found.intervals, 20);
    assert_eq!(found.figures[0].verdict, ChangeVerdict::Undecided);
    assert_eq!(found.undecided, ["s07"]);
    let enough = found.repetitions_needed();
    assert_eq!(
        enough, 6,
        "2 / C(12, 6) = 0.0022 <= 0.05 / 20 < 2 / C(10, 5)"
    );
    let found = compared(all(enough, false), all(enough, true));
    assert_eq!(found.figures[0].verdict, ChangeVerdict::Regression);
}

#[test]
fn figures_of_different_ends_are_not_compared() {
    let cuts = || repeated("a", "readany", 5).into_iter().map(cut).collect();
    let found = compared(repeated("a", "readany", 5), cuts());
    assert_eq!(found.intervals, 0);
    assert_eq!(found.ends.len(), 1);
}

#[test]
fn what_one_run_alone_has_is_named_and_nothing_in_common_is_an_error() {
    let old = || vec![whole(), simulated("b", "readany", 1)];
    let found = compared(old(), vec![whole()]);
    assert_eq!(found.only_old[0].trial.scenario, "b");
    let kept = scenarios(&["a", "b"]);
    let new = run("new", vec![simulated("c", "readany", 1)], &kept);
    let error = compare(&run("old", old(), &kept), &new).unwrap_err();
    assert_eq!(error.to_string(), "`old` and `new` have no trial in common");
}

#[test]
fn a_run_that_died_and_another_machine_are_noted() {
    let kept = scenarios(&["a"]);
    let old = run("old", repeated("a", "readany", 4), &kept);
    let mut new = run("new", repeated("a", "readany", 4), &kept);
    new.info.planned_trials = 9;
    new.info.host.cpus = Some(64);
    new.info.load = Some(crate::measure::Load {
        real_ns: 1_000_000_000,
        cpus: 2,
        others_cpu_ns: 1_500_000_000,
        ..Default::default()
    });
    let found = compare(&old, &new).unwrap();
    assert_eq!(
        found.notes,
        [
            "The new run has 4 of 9 trials: it was interrupted or died",
            "In the new run the machine was busy: in 1 s others used 150 % of one of its 2 CPUs, this run 0 %",
            "The machines differ: Linux 6.12.0, 2 CPUs, cubic -> Linux 6.12.0, 64 CPUs, cubic",
        ]
    );
}

#[test]
fn a_scenario_that_was_not_kept_is_taken_for_the_same_and_noted() {
    let kept = scenarios(&["a", "b"]);
    let records = || vec![whole(), simulated("b", "readany", 1)];
    let (old, new) = (run("old", records(), &kept), run("new", records(), &[]));
    let found = compare(&old, &new).unwrap();
    assert_eq!(found.identical, 2);
    assert_eq!(
        found.notes,
        ["Not both runs have kept what they played as a and 1 more: it is taken for the same"]
    );
}

#[test]
fn random_trials_without_a_seed_in_common_say_so() {
    let mut kept = scenarios(&["a"]);
    kept[0].link.loss = 0.1;
    let run_of = |name: &str, seed| run(name, vec![simulated("a", "readany", seed)], &kept);
    let error = compare(&run_of("old", 1), &run_of("new", 20)).unwrap_err();
    assert!(
        matches!(error, CompareError::NoSeedInCommon { .. }),
        "{error}"
    );
}
