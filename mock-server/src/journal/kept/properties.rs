//! For all events in any order: filing ends, stays within its bounds, and counts
//! right.

use proptest::prelude::*;

use super::{
    files::Files,
    tests::{accepted, closed, request, response_end},
};
use crate::journal::Event;

/// One of few connections and tests, so that they meet.
fn events() -> impl Strategy<Value = Event> {
    let key = prop::option::of(prop::sample::select(vec![
        "a", "bb", "ccc", "dddd", "eeeee",
    ]));
    (0..6_u32, key, 0..6, 0..400_usize).prop_map(|(connection, key, what, length)| match what {
        0 => accepted(connection),
        1 | 2 => request(connection, key, &"x".repeat(length)),
        3 => response_end(connection, key, false),
        4 => response_end(connection, key, true),
        _ => closed(connection, key),
    })
}

proptest! {
    #[test]
    fn every_sequence_of_events_stays_within_the_bounds_and_is_counted(
        events in prop::collection::vec(events(), 0..200),
        most in 0..8_000_usize,
        most_of_a_test in 1..20_usize,
    ) {
        let mut files = Files::new(most, most_of_a_test);
        for event in events {
            files.take(event);
            let fixed = files.check();
            prop_assert!(files.counts().bytes <= most.max(fixed));
        }
    }
}

#[test]
fn an_emptied_test_that_is_still_under_way_does_not_keep_room_from_being_made() {
    // There is room for less than one event, so each new one drops the last.
    let mut files = Files::new(1, 4096);
    for number in 0..200 {
        let key = format!("worker-{number}");
        files.take(accepted(number));
        files.take(request(number, Some(&key), "/"));
        files.check();
    }
    assert_eq!((files.counts().kept, files.counts().dropped), (0, 400));
    for number in 0..200 {
        files.take(closed(number, Some(&format!("worker-{number}"))));
    }
    assert_eq!((files.counts().bytes, files.counts().forgotten), (0, 200));
}

#[test]
fn a_test_that_is_emptied_and_left_is_forgotten_with_its_name() {
    let mut files = Files::new(3_000, 4096);
    // One connection that names another test with each request.
    for number in 0..1_000 {
        files.take(request(1, Some(&number.to_string()), "/"));
        files.check();
    }
    assert!(files.counts().bytes <= 3_000);
}
