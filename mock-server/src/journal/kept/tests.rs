use tokio_test::{assert_pending, assert_ready, task};

use super::*;
use crate::{
    clock::Instant,
    journal::{CloseReason, Fact, SocketFacts},
};

fn event(connection: u32, key: Option<&str>, fact: Fact) -> Event {
    Event {
        at_ns: Instant(0),
        utc: None,
        connection,
        key: key.map(str::to_owned),
        fact,
    }
}

pub(super) fn accepted(connection: u32) -> Event {
    let fact = Fact::Accepted {
        peer: None,
        local: None,
        sockets: SocketFacts::default(),
    };
    event(connection, None, fact)
}

pub(super) fn request(connection: u32, key: Option<&str>, target: &str) -> Event {
    let fact = Fact::Request {
        number: 1,
        method: "GET".into(),
        target: target.into(),
        range: None,
        if_range: None,
    };
    event(connection, key, fact)
}

pub(super) fn response_end(connection: u32, key: Option<&str>, closes: bool) -> Event {
    let fact = Fact::ResponseEnd {
        body_bytes: 1,
        wire_bytes: 2,
        closes,
    };
    event(connection, key, fact)
}

pub(super) fn closed(connection: u32, key: Option<&str>) -> Event {
    let fact = Fact::Closed {
        reason: CloseReason::Done,
        sent_bytes: 1,
        acked_bytes: Some(1),
        max_unsent_bytes: 0,
    };
    event(connection, key, fact)
}

fn write(kept: &Kept, events: impl IntoIterator<Item = Event>) {
    events.into_iter().for_each(|event| kept.write(event));
}

fn connections(told: &TestJournal) -> Vec<u32> {
    told.events.iter().map(|event| event.connection).collect()
}

#[test]
fn a_connection_is_of_the_test_that_its_first_request_names_from_its_start_on() {
    let kept = Kept::default();
    write(&kept, [accepted(1), accepted(2)]);
    assert_eq!(kept.all(), TestJournal::default());
    write(
        &kept,
        [request(2, Some("b"), "/"), request(1, Some("a"), "/")],
    );
    assert_eq!(connections(&kept.of("a")), [1, 1]);
    assert_eq!(connections(&kept.of("b")), [2, 2]);
    assert_eq!(kept.of("a").events[0].key.as_deref(), Some("a"));
    assert_eq!(connections(&kept.all()), [2, 2, 1, 1]);
}

#[test]
fn a_connection_that_asks_for_nothing_is_in_the_whole_journal() {
    let kept = Kept::default();
    write(&kept, [accepted(1), closed(1, None)]);
    assert_eq!(connections(&kept.all()), [1, 1]);
    assert!(kept.all().is_final);
}

#[test]
fn a_test_is_final_when_nothing_of_it_is_under_way() {
    let kept = Kept::default();
    let a = Some("a");
    assert!(!kept.of("a").is_final, "nothing was asked for yet");
    write(&kept, [accepted(1), request(1, a, "/")]);
    assert_eq!((kept.of("a").under_way, kept.of("a").is_final), (1, false));
    // The connection is kept open, as clients with pools do.
    write(&kept, [response_end(1, a, false)]);
    assert!(kept.of("a").is_final);
    write(&kept, [request(1, a, "/"), response_end(1, a, true)]);
    assert!(
        !kept.of("a").is_final,
        "the connection's end is still to come"
    );
    write(&kept, [closed(1, a)]);
    assert!(kept.of("a").is_final);
}

#[test]
fn a_connection_that_goes_over_to_another_test_leaves_the_first_one_final() {
    let kept = Kept::default();
    write(&kept, [accepted(1), request(1, Some("a"), "/")]);
    write(&kept, [request(1, Some("b"), "/")]);
    assert!(kept.of("a").is_final && !kept.of("b").is_final);
    write(&kept, [closed(1, Some("b"))]);
    assert!(kept.of("b").is_final);
}

#[test]
fn who_waits_for_the_end_of_a_test_is_not_told_of_others() {
    let kept = Kept::default();
    let mut end = task::spawn(kept.end_of(Some("a")));
    assert_pending!(end.poll());
    write(
        &kept,
        [
            accepted(1),
            request(1, Some("b"), "/"),
            closed(1, Some("b")),
        ],
    );
    assert_pending!(end.poll());
    write(&kept, [accepted(2), request(2, Some("a"), "/")]);
    assert_pending!(end.poll());
    write(&kept, [closed(2, Some("a"))]);
    assert_eq!(connections(&assert_ready!(end.poll())), [2, 2, 2]);
}

#[test]
fn a_long_test_keeps_its_last_events() {
    let kept = Kept::default();
    write(&kept, [accepted(1)]);
    for _ in 0..MOST_OF_A_TEST + 9 {
        write(&kept, [request(1, Some("a"), "/")]);
    }
    let told = kept.of("a");
    assert_eq!((told.events.len(), told.dropped), (MOST_OF_A_TEST, 10));
}

#[test]
fn memory_is_bounded_however_many_tests_come_and_those_at_work_stay() {
    let kept = Kept::default();
    let target = "x".repeat(8_000);
    write(&kept, [accepted(1), request(1, Some("at work"), "/")]);
    for number in 2..9_000 {
        let key = number.to_string();
        write(
            &kept,
            [accepted(number), request(number, Some(&key), &target)],
        );
        write(&kept, [closed(number, Some(&key))]);
        assert!(kept.counts().bytes <= MOST_BYTES);
    }
    assert_eq!(kept.of("at work").events.len(), 2);
    assert_eq!(kept.of("8999").events.len(), 3);
    assert_eq!(kept.of("2").events.len(), 0);
    let counts = kept.counts();
    assert_eq!(counts.kept + counts.dropped, 2 + 3 * 8_998);
    assert!(counts.forgotten > 0);
    assert_eq!(kept.files.borrow().connections(), 1);
    kept.files.borrow().check();
}

#[test]
fn a_stream_gets_events_in_the_order_of_filing_and_is_told_what_it_missed() {
    let kept = Kept::default();
    let mut stream = kept.follow();
    write(&kept, [accepted(1), request(1, Some("a"), "/")]);
    let first = stream.try_recv().unwrap();
    assert!(matches!(first.fact, Fact::Accepted { .. }));
    for _ in 0..MOST_BEHIND + 4 {
        write(&kept, [request(1, Some("a"), "/")]);
    }
    let missed = stream.try_recv().unwrap_err();
    assert_eq!(missed, broadcast::error::TryRecvError::Lagged(5));
}
