//! Whole trials on a simulated clock, and the crew that plays them.

mod late;

use std::sync::Arc;

use shortread_server::{
    clock::simulated_runtime,
    scenario::{Deadline, Kind, Scenario, StrategyName, World, load, parse},
    units::ByteSize,
};

use super::*;
use crate::{
    measure::heap,
    plan::{Choice, Plan},
    results::Memory,
};

fn scenario(text: &str) -> Arc<Scenario> {
    let head = "title = \"t\"\ncause = \"c\"\nwhy = \"w\"\nsources = []\n";
    Arc::new(parse("made-up", "made-up.toml", &format!("{head}{text}")).unwrap())
}

fn trials(scenarios: &[Arc<Scenario>], strategies: &[StrategyName], seed: u64) -> Vec<Trial> {
    let choice = Choice {
        strategies: strategies.to_vec(),
        chunk_sizes: vec![ByteSize::kib(64)],
        worlds: vec![World::Virtual],
        seed,
        ..Choice::default()
    };
    Plan::resolve(scenarios, &choice).unwrap().trials
}

fn play(scenario: &Arc<Scenario>, strategy: StrategyName) -> Record {
    let trials = trials(&[Arc::clone(scenario)], &[strategy], 1);
    let record = run_trial(&trials[0]);
    assert_ne!(record.outcome.kind, Kind::ToolError, "{record:?}");
    record
}

/// Everything that is written about each trial.
fn lines(trials: Vec<Trial>, threads: usize) -> Vec<String> {
    let played = crew(trials, threads, trial::play_telling, PATIENCE);
    played
        .iter()
        .map(|(record, detail)| {
            let kept = (record, &detail.timeline, &detail.histograms);
            serde_json::to_string(&kept).unwrap()
        })
        .collect()
}

fn crew(
    trials: Vec<Trial>,
    threads: usize,
    play: Play,
    patience: Duration,
) -> Vec<(Record, Detail)> {
    crew_told(trials, threads, play, patience, |_, _| {})
}

/// The same; `told` gets the progress of the trials.
fn crew_told(
    trials: Vec<Trial>,
    threads: usize,
    play: Play,
    patience: Duration,
    mut told: impl FnMut(usize, u64),
) -> Vec<(Record, Detail)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let trials: Vec<_> = trials.into_iter().enumerate().collect();
    let mut played = Vec::new();
    let observe = |event| {
        match event {
            RunEvent::Started { .. } => {}
            RunEvent::Progress {
                index,
                delivered_bytes,
            } => told(index, delivered_bytes),
            RunEvent::Ended {
                index,
                record,
                detail,
            } => {
                assert_eq!(index, played.len(), "in the plan's order");
                played.push((*record, *detail));
            }
        }
        Ok(())
    };
    let crew = Crew::new(trials, play, patience);
    let end = runtime.block_on(crew.run(threads, std::future::pending(), observe));
    assert_eq!(end.unwrap(), RunEnd::Finished);
    played
}

#[test]
fn a_total_timeout_fires_at_exactly_its_instant() {
    for (total, rate, size) in [(4, "2MB/s", "100MB"), (300, "100KB/s", "1GB")] {
        let scenario = scenario(&format!(
            "[body]\nsize = \"{size}\"\n[link]\nrate = \"{rate}\"\n[client]\ntotal = \"{total}s\"\n"
        ));
        for strategy in [StrategyName::ReadAll, StrategyName::Readany] {
            let record = play(&scenario, strategy);
            assert_eq!(record.outcome.kind, Kind::TimedOut);
            assert_eq!(record.outcome.deadline, Some(Deadline::Total));
            assert_eq!(record.elapsed_ns, total * 1_000_000_000);
        }
    }
}

/// A pause of 400 s through a firewall that forgets after 350 s.
fn behind_a_firewall(keepalive: &str) -> Record {
    let scenario = scenario(&format!(
        r#"
[body]
size = "2MB"
[link]
rate = "1MB/s"
[[fault]]
when = {{ body = "1MB" }}
then = {{ stall = "400s" }}
[[fault]]
when = {{ idle = {{ after = "350s", counts = "segments" }} }}
then = "blackhole"
[client]
total = "off"
keepalive = {keepalive}
"#
    ));
    play(&scenario, StrategyName::Readany)
}

#[test]
fn keepalive_below_the_idle_limit_keeps_the_flow() {
    let record = behind_a_firewall(r#"{ idle = "349s", interval = "60s", count = 3 }"#);
    assert_eq!(record.outcome.kind, Kind::Complete);
    assert_eq!(record.server.faults.len(), 1);
}

#[test]
fn keepalive_above_the_idle_limit_only_tells_that_it_is_dead() {
    let record = behind_a_firewall(r#"{ idle = "360s", interval = "10s", count = 3 }"#);
    assert_eq!(record.outcome.kind, Kind::TimedOut);
    assert_eq!(record.outcome.deadline, Some(Deadline::Keepalive));
    // The last segment came a second after the start, not counting the head.
    let quiet = record.elapsed_ns - record.last_progress_ns.unwrap();
    assert_eq!(quiet, 390 * 1_000_000_000);
}

#[test]
fn readany_and_iter_any_are_the_same_loop() {
    for name in ["fin-chunked", "slow-consumer-cut", "total-timeout-20mbps"] {
        let scenario = Arc::new(load(name).unwrap());
        let mut records: Vec<_> = [StrategyName::Readany, StrategyName::IterAny]
            .map(|strategy| play(&scenario, strategy))
            .into();
        for record in &mut records {
            record.id.clear();
            record.strategy = Some(StrategyName::Readany);
        }
        let other = records.pop().unwrap();
        assert_eq!(
            serde_json::to_string(&records[0]).unwrap(),
            serde_json::to_string(&other).unwrap(),
            "{name}"
        );
    }
}

const ALL: [StrategyName; 5] = [
    StrategyName::ReadAll,
    StrategyName::Readany,
    StrategyName::FixedChunk,
    StrategyName::IterAny,
    StrategyName::Frames,
];

/// A trial with the small numbers of `[tcp]`.
fn small(seed: u64) -> Vec<Trial> {
    let mut trials = trials(&subset(), &ALL, seed);
    for trial in &mut trials {
        trial.scaled = true;
    }
    trials
}

/// Scenarios of every kind: cuts, silence, gzip, jitter, parallel downloads.
fn subset() -> Vec<Arc<Scenario>> {
    let jitter = scenario(
        "[body]\nsize = \"1MB\"\n[link]\nrate = \"1MB/s\"\nlatency = \"50ms\"\njitter = \"40ms\"\n",
    );
    let mut scenarios = vec![jitter];
    for name in [
        "fin-chunked",
        "gzip-cut",
        "head-byte-by-byte",
        "reset-mid-body",
        "slow-head",
    ] {
        let mut scenario = load(name).unwrap();
        scenario.client.parallel = 2;
        scenarios.push(Arc::new(scenario));
    }
    scenarios
}

#[test]
fn one_seed_gives_one_record_however_often_and_on_however_many_threads() {
    let first = lines(small(7), 1);
    assert_eq!(first.len(), 30);
    for run in 1..20 {
        let again = lines(small(7), [1, 2, 5][run % 3]);
        for (first, again) in first.iter().zip(again) {
            assert_eq!(*first, again, "run {run}");
        }
    }
}

#[test]
fn another_seed_draws_another_jitter() {
    let elapsed = |seed| run_trial(&small(seed)[0]).elapsed_ns;
    assert_ne!(elapsed(1), elapsed(2));
}

fn of_size(size: &str) -> Arc<Scenario> {
    scenario(&format!(
        "[body]\nsize = \"{size}\"\n[link]\nrate = \"1GB/s\"\n[client]\ntotal = \"off\"\n"
    ))
}

/// The peak of the whole process during the trial, above its start.
fn with_process_peak(scenario: &Arc<Scenario>, strategy: StrategyName) -> (Record, u64) {
    let _alone = heap::tests::ALONE.lock();
    let before = heap::live().unwrap();
    let record = play(scenario, strategy);
    (record, heap::peak().unwrap().saturating_sub(before))
}

#[test]
fn memory_does_not_grow_with_the_body() {
    let (small, _) = with_process_peak(&of_size("10MB"), StrategyName::Readany);
    let (large, process) = with_process_peak(&of_size("1GB"), StrategyName::Readany);
    assert_eq!(large.delivered_bytes, 1_000_000_000);
    assert!(large.peak_heap_bytes.unwrap() <= small.peak_heap_bytes.unwrap() + 65_536);
    // Other tests run at the same time.
    assert!(process < 200_000_000, "{process}");
}

#[test]
fn read_all_is_charged_twice_the_body_and_the_process_stays_small() {
    let (record, process) = with_process_peak(&of_size("1GB"), StrategyName::ReadAll);
    assert_eq!(record.memory, Memory::Modelled);
    let peak = record.peak_heap_bytes.unwrap();
    assert!((2_000_000_000..2_010_000_000).contains(&peak), "{peak}");
    assert!(process < 200_000_000, "{process}");
}

/// A trial that never ends in simulated time, nor in real time before [`LET_GO`].
fn stuck_or_not(trial: &Trial, delivered: &Arc<AtomicU64>) -> (Record, Detail) {
    if trial.seed != 13 || trial.strategy.name != StrategyName::Readany {
        return trial::play_telling(trial, delivered);
    }
    let runtime = simulated_runtime().unwrap();
    runtime.block_on(async {
        let clock = Clock::simulated();
        clock.sleep(Duration::from_secs(1)).await;
        while !LET_GO.load(Ordering::Relaxed) {
            clock.now();
            tokio::task::yield_now().await;
        }
    });
    trial::play_telling(trial, delivered)
}

static LET_GO: AtomicBool = AtomicBool::new(false);

#[test]
fn a_trial_whose_time_stands_still_is_a_tool_error_and_the_run_goes_on() {
    let trials = trials(&[scenario("[body]\nsize = \"1MB\"\n")], &ALL, 13);
    let played = crew(trials, 1, stuck_or_not, Duration::from_secs(2));
    let records: Vec<Record> = played.into_iter().map(|(record, _)| record).collect();
    LET_GO.store(true, Ordering::Relaxed);
    let kinds: Vec<_> = records.iter().map(|record| record.outcome.kind).collect();
    let mut expected = [Kind::Complete; 5];
    expected[1] = Kind::ToolError;
    assert_eq!(kinds, expected);
    let error = &records[1].outcome.error[0].message;
    assert!(
        error.contains("`made-up`") && error.contains("seed 13"),
        "{error}"
    );
}

/// Ends once its delivered bytes were reported.
fn until_told(trial: &Trial, delivered: &Arc<AtomicU64>) -> (Record, Detail) {
    let played = trial::play_telling(trial, delivered);
    while !TOLD.load(Ordering::Relaxed) {
        thread::yield_now();
    }
    played
}

static TOLD: AtomicBool = AtomicBool::new(false);

#[test]
fn a_run_tells_how_far_a_long_trial_is_all_its_downloads_together() {
    let text = "[body]\nsize = \"1MB\"\n[client]\nparallel = 3\n";
    let trials = trials(&[scenario(text)], &[StrategyName::Readany], 14);
    let mut heard = Vec::new();
    crew_told(trials, 1, until_told, PATIENCE, |index, bytes| {
        heard.push((index, bytes));
        TOLD.store(bytes == 3_000_000, Ordering::Relaxed);
    });
    assert_eq!(heard.last(), Some(&(0, 3_000_000)));
}

#[test]
fn parallel_downloads_that_end_in_one_moment_end_in_the_same_order() {
    let six = scenario(
        "[body]\nsize = \"2MB\"\n[link]\nrate = \"300KB/s\"\njitter = \"30ms\"\n\
         latency = \"30ms\"\n[client]\nparallel = 6\ntotal = \"2s\"\n",
    );
    let once = || lines(trials(&[Arc::clone(&six)], &[StrategyName::IterAny], 1), 1);
    let first = once();
    for _ in 0..10 {
        assert_eq!(once(), first);
    }
}

#[test]
fn a_loop_that_is_blocked_beyond_giving_up_ends_at_its_next_wait() {
    // 25 kB at 20 kB/s block the loop for 1.25 s, most of it behind one wait.
    let blocked = scenario(
        "[body]\nsize = \"24976B\"\nframing = \"chunked\"\n[client]\n\
         give_up = \"858ms\"\n[sink]\npause = \"10ms\"\nrate = \"19884B/s\"\n\
         blocking = true\n",
    );
    let record = play(&blocked, StrategyName::Frames);
    assert_eq!(record.outcome.kind, Kind::Stalled, "{record:?}");
}
