//! Each rule at its boundary.

use shortread_server::scenario::{Deadline, Party, StrategyName};

use super::*;
use crate::{outcome::Outcome, results::samples};

/// A trial in both worlds, 10 s and 1 GB, with buffers of 64 KiB on TCP.
fn pair(strategy: &str) -> [Record; 2] {
    let mut real = samples::record("slow", strategy);
    real.elapsed_ns = 10_000_000_000;
    real.buffers.server.send_buffer = Some(64 << 10);
    real.buffers.client.receive_buffer = Some(64 << 10);
    let mut simulated = real.clone();
    simulated.world = World::Virtual;
    simulated.id = simulated.id.replace("/tcp/", "/virtual/");
    // The simulation's own buffers are no measure.
    simulated.buffers.server.send_buffer = Some(u64::MAX);
    [simulated, real]
}

fn apart(pair: &[Record; 2]) -> Vec<String> {
    let agreement = Agreement::of(pair).unwrap();
    agreement
        .disagreements
        .into_iter()
        .map(|d| d.what)
        .collect()
}

fn timed_out(by: Party, deadline: Deadline) -> Outcome {
    samples::outcome(Kind::TimedOut, Some(by), Some(deadline), None)
}

#[test]
fn the_same_in_both_worlds_is_agreement() {
    let agreement = Agreement::of(&pair("readany")).unwrap();
    assert_eq!((agreement.trials, agreement.ids().len()), (1, 0));
    assert_eq!(agreement.sentence(), "The worlds agree on 1 of 1 trials");
}

#[test]
fn another_kind_party_or_deadline_is_a_disagreement_and_the_only_one() {
    let total = timed_out(Party::Client, Deadline::Total);
    for (other, named) in [
        (
            samples::outcome(
                Kind::Reset,
                Some(Party::Client),
                Some(Deadline::Total),
                None,
            ),
            "reset by the client (total)",
        ),
        (
            timed_out(Party::Server, Deadline::Total),
            "timed-out by the server (total)",
        ),
        (
            timed_out(Party::Client, Deadline::SockRead),
            "timed-out by the client (sock-read)",
        ),
        (
            samples::outcome(Kind::TimedOut, None, None, None),
            "timed-out",
        ),
    ] {
        let mut pair = pair("readany");
        pair[0].outcome = total.clone();
        pair[1] = samples::ended(pair[1].clone(), other, 0, 1.0);
        assert_eq!(
            apart(&pair),
            [format!(
                "timed-out by the client (total) in the virtual world, {named} on TCP; \
                 both must end in the same way"
            )]
        );
    }
}

#[test]
fn the_exception_and_the_cause_are_not_compared() {
    let mut pair = pair("readany");
    pair[0].outcome.cause = Some(1);
    pair[1].outcome.exception = Some("TimeoutError".into());
    assert_eq!(apart(&pair), [""; 0]);
}

#[test]
fn bytes_may_differ_by_what_is_buffered_and_not_by_one_more() {
    const KIB: u64 = 1 << 10;
    const KERNEL_AND_SPARE: u64 = (64 + 64 + 256) * KIB;
    for (strategy, profile, reader) in [
        ("readany", "aiohttp-3.14.5", 512 * KIB),
        ("read-all", "aiohttp-3.14.5", 512 * KIB),
        ("fixed-chunk-8192", "aiohttp-3.14.5", 512 * KIB),
        ("fixed-chunk-262144", "aiohttp-3.14.5", 512 * KIB),
        ("fixed-chunk-262145", "aiohttp-3.14.5", 2 * 262_145),
        ("fixed-chunk-1048576", "aiohttp-3.14.5", 2048 * KIB),
        // Before 3.14 a large chunk raises nothing, and the limit is 64 KiB.
        ("fixed-chunk-1048576", "aiohttp-3.12.15", 128 * KIB),
        ("frames", "", HYPER_BUFFER),
    ] {
        let tolerance = reader + KERNEL_AND_SPARE;
        for sign in [-1, 1] {
            let mut pair = pair(strategy);
            for record in &mut pair {
                record.profile = Some(profile.into()).filter(|name: &String| !name.is_empty());
            }
            let moved = |by: u64| 1_000_000_000u64.saturating_add_signed(sign * by as i64);
            pair[1].delivered_bytes = moved(tolerance);
            assert_eq!(apart(&pair), [""; 0], "{strategy} {profile}");
            pair[1].delivered_bytes = moved(tolerance + 1);
            assert_eq!(apart(&pair).len(), 1, "{strategy} {profile}");
        }
    }
}

#[test]
fn each_download_has_buffers_of_its_own() {
    let mut pair = pair("readany");
    pair[1].downloads = 32;
    let tolerance = 32 * ((64 + 64 + 512) << 10) + (256 << 10);
    pair[1].delivered_bytes -= tolerance;
    assert_eq!(apart(&pair), [""; 0]);
    pair[1].delivered_bytes -= 1;
    assert_eq!(apart(&pair).len(), 1);
}

#[test]
fn time_may_differ_by_a_twentieth_and_a_quarter_of_a_second() {
    for (seconds, agree) in [(10.75, true), (10.76, false), (9.25, true), (9.24, false)] {
        let mut pair = pair("readany");
        pair[1].elapsed_ns = (seconds * 1e9) as u64;
        assert_eq!(apart(&pair).is_empty(), agree, "{seconds}");
    }
}

#[test]
fn bytes_that_buffers_explain_excuse_the_time_that_they_took() {
    // 1 MB in 1 s; half of it more takes half as long more.
    for (seconds, agree) in [(1.8, true), (1.81, false)] {
        let mut pair = pair("readany");
        pair[0] = samples::ended(pair[0].clone(), pair[0].outcome.clone(), 1_000_000, 1.0);
        pair[1] = samples::ended(pair[1].clone(), pair[1].outcome.clone(), 1_500_000, seconds);
        assert_eq!(apart(&pair).is_empty(), agree, "{seconds}");
    }
}

#[test]
fn a_disagreement_names_both_values_and_the_tolerance() {
    let mut pair = pair("readany");
    pair[1].delivered_bytes = 600_000_000;
    pair[1].elapsed_ns = 12_000_000_000;
    let agreement = Agreement::of(&pair).unwrap();
    assert_eq!(agreement.sentence(), "The worlds agree on 0 of 1 trials",);
    assert_eq!(agreement.ids(), ["slow/readany/aiohttp-3.14.5/tcp/1"]);
    let what: Vec<&str> = agreement
        .disagreements
        .iter()
        .map(|d| d.what.as_str())
        .collect();
    assert_eq!(
        what,
        [
            "1 GB delivered in the virtual world, 600 MB on TCP; buffers explain 917.5 kB",
            "10 s in the virtual world, 12 s on TCP; 5 %, 250 ms and the bytes that differ allow 759 ms",
        ]
    );
}

#[test]
fn a_trial_is_compared_with_itself_alone() {
    let [simulated, real] = pair("fixed-chunk-8192");
    let changes: [fn(&mut Record); 5] = [
        |record| record.scenario = "other".into(),
        |record| record.strategy = Some(StrategyName::Readany),
        |record| record.chunk_size = Some(1),
        |record| record.profile = None,
        |record| record.repetition = 2,
    ];
    for change in changes {
        let mut other = simulated.clone();
        change(&mut other);
        assert_eq!(Agreement::of(&[other, real.clone()]), None);
    }
    assert_eq!(Agreement::of(&[real.clone(), real.clone()]), None);
    assert!(Agreement::of(&[simulated, real]).is_some());
}

#[test]
fn repetitions_over_tcp_are_compared_with_the_one_in_memory_where_that_ran_once() {
    let [simulated, real] = pair("readany");
    let mut second = real.clone();
    second.repetition = 2;
    second.delivered_bytes = 1;
    let agreement = Agreement::of(&[simulated, real, second]).unwrap();
    assert_eq!(agreement.trials, 2);
    assert_eq!(agreement.ids().len(), 1);
}

#[test]
fn a_failure_of_the_tool_in_one_world_is_a_disagreement_and_in_both_says_nothing() {
    let failed = samples::outcome(Kind::ToolError, None, None, None);
    let mut pair = pair("readany");
    pair[1].outcome = failed.clone();
    assert_eq!(apart(&pair).len(), 1);
    pair[0].outcome = failed;
    assert_eq!(Agreement::of(&pair), None);
}
