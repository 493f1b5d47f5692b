//! The remaining time, and rates.

use super::*;
use crate::results::{Detail, samples};

fn task(simulated: bool, bytes: u64) -> Task {
    Task {
        label: String::new(),
        likely: Duration::from_secs(100),
        alone: false,
        simulated,
        bytes,
        tells: true,
    }
}

fn at(seconds: u64) -> Instant {
    Instant::default() + Duration::from_secs(seconds)
}

fn ended(index: usize) -> RunEvent {
    RunEvent::Ended {
        index,
        record: Box::new(samples::record("healthy", "readany")),
        detail: Box::new(Detail::default()),
    }
}

#[test]
fn what_runs_side_by_side_shares_the_time_and_what_measures_does_not() {
    let mut alone = task(false, 1);
    alone.alone = true;
    let mut state = State::new(vec![task(false, 1), task(false, 1), alone], 4);
    assert_eq!(state.left(at(0)), Some(Duration::from_secs(150)));
    state.take(&RunEvent::Started { index: 0 }, at(0));
    assert_eq!(state.left(at(40)), Some(Duration::from_secs(140)));
    state.take(&ended(0), at(50));
    assert_eq!(state.left(at(50)), Some(Duration::from_secs(125)));
}

/// The likely time of a trial in memory is hours of its own clock.
#[test]
fn what_is_simulated_takes_as_long_as_its_bytes_took_so_far() {
    let small = 100_000_000 - BESIDE_BYTES;
    let tasks = vec![task(true, small), task(true, small), task(true, 3 * small)];
    let mut state = State::new(tasks, 4);
    state.take(&RunEvent::Started { index: 0 }, at(0));
    assert_eq!(state.left(at(5)), None, "nothing is known yet");
    state.take(&ended(0), at(10));
    let left = state.left(at(10)).unwrap();
    // 10 s for 100 MB; 100 MB and 286 MB are left.
    assert_eq!(left, Duration::from_secs(38));
}

#[test]
fn a_rate_is_that_of_the_last_second() {
    let mut running = Running::new(at(0));
    running.took(1_000, at(1));
    assert_eq!(running.rate, 1_000);
    running.took(5_000, at(2));
    assert_eq!(running.rate, 4_000);
    running.took(5_000, at(3));
    assert_eq!((running.rate, running.moved), (0, at(2)));
}

#[test]
fn the_rate_of_the_first_second_is_over_all_of_it() {
    let ms = |ms| Instant::default() + Duration::from_millis(ms);
    let mut running = Running::new(ms(0));
    running.took(1_000, ms(100));
    assert_eq!(running.rate, 10_000);
    running.took(40_000, ms(800));
    assert_eq!(running.rate, 50_000, "not that of its first tenth");
}
