use super::*;
use crate::results::ServerSample;

const FRAME: Frame = Frame {
    span_ns: 10,
    most_bytes: 1000,
    expected_bytes: 1000,
    coded: false,
};

fn client(at_ns: u64, received_bytes: u64, delivered_bytes: u64, queued: u64) -> ClientSample {
    ClientSample {
        at_ns,
        received_bytes,
        delivered_bytes,
        queued_bytes: Some(queued),
        ..ClientSample::default()
    }
}

/// Both in one place of the picture: the fuller moment is not the one at
/// which the reader held most.
#[test]
fn each_place_has_its_own_fullest_moment() {
    let timeline = Timeline {
        client: vec![
            client(0, 0, 0, 0),
            client(1, 0, 0, 900),
            client(2, 600, 0, 0),
            client(1_000_000, 1000, 1000, 0),
        ],
        ..Timeline::default()
    };
    let samples = |frame| waited::samples(&timeline, frame, &[]).collect::<Vec<_>>();
    let most = waited::most(&samples(FRAME));
    assert_eq!((most.queued, most.held), (900, 600));
    let coded = Frame {
        coded: true,
        ..FRAME
    };
    assert_eq!(waited::most(&samples(coded)).held, 0);
    let record = crate::results::samples::record("a", "readany");
    let drawn = super::timeline("a", "a", &record, &timeline, coded);
    assert!(drawn.svg.contains("stream reader: not known"));
}

#[test]
fn where_no_bytes_waited_there_is_no_strip() {
    let record = crate::results::samples::record("a", "readany");
    let drawn = |queued| {
        let timeline = Timeline {
            client: vec![client(0, 0, 0, 0), client(9, 1000, 1000, queued)],
            ..Timeline::default()
        };
        super::timeline("a", "a", &record, &timeline, FRAME).svg
    };
    assert!(!drawn(0).contains("Where bytes waited"));
    assert!(drawn(1).contains("Where bytes waited"));
}

#[test]
fn what_has_arrived_is_not_with_the_server_though_nobody_looked_there_again() {
    let server = |at_ns, sent_bytes, unacked| ServerSample {
        at_ns,
        sent_bytes,
        unacked_bytes: Some(unacked),
    };
    let client = |at_ns, received| client(at_ns, received, 0, 100);
    let timeline = Timeline {
        server: vec![server(1, 500, 400), server(3, 1000, 700)],
        client: vec![client(2, 450), client(4, 400), client(5, 900)],
        ..Timeline::default()
    };
    let unacked: Vec<u64> = waited::samples(&timeline, FRAME, &[])
        .map(|(_, sat)| sat.unacked)
        .collect();
    assert_eq!(unacked, [400, 500, 0]);
}

#[test]
fn what_a_reader_held_when_its_client_asked_again_waits_no_more() {
    let timeline = Timeline {
        client: vec![
            client(1, 500, 100, 0),
            client(2, 600, 100, 0),
            client(8, 700, 150, 0),
        ],
        ..Timeline::default()
    };
    let held = |anew: &[u64]| -> Vec<u64> {
        let samples = waited::samples(&timeline, FRAME, anew);
        samples.map(|(_, sat)| sat.held).collect()
    };
    assert_eq!(held(&[]), [400, 500, 550]);
    assert_eq!(held(&[5]), [400, 500, 50]);
}
