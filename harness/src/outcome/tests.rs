//! Each rule of the classification, stated once.

use std::time::Duration;

use shortread_server::{
    clock::Instant,
    journal::SocketFacts,
    scenario::{Action, Framing, Limit},
    units::Rate,
};

use super::*;
use crate::measure::{Histograms, Summary};

const SIZE: u64 = 1_000;
const ENDED: Instant = Instant(5_000_000_000);

/// A download of everything; each rule changes what it is about.
fn whole() -> Download {
    Download {
        verdict: Verdict::Success,
        status: Some(200),
        framing: Some(Framing::ContentLength),
        declared_bytes: Some(SIZE),
        received_bytes: SIZE,
        delivered_bytes: SIZE,
        kernel_unread_bytes: Some(0),
        first_bad_offset: None,
        earlier_bytes: 0,
        object_bytes: None,
        account: None,
        arrived_offset: None,
        started: Instant(0),
        ended: ENDED,
        first_byte: Some(Instant(1_000)),
        head: None,
        last_progress: Some(Instant(4_000_000_000)),
        connection: Some(1),
        reused: false,
    }
}

fn short(verdict: Verdict) -> Download {
    Download {
        verdict,
        received_bytes: 700,
        delivered_bytes: 600,
        ..whole()
    }
}

fn failure(cause: FailureCause) -> Verdict {
    Verdict::Failure(Failure {
        cause,
        error: Vec::new(),
        exception: Some("Boom".into()),
    })
}

fn fault(index: usize, action: Action, by: Party, at_s: u64) -> FiredFault {
    FiredFault {
        index,
        action,
        by,
        at_ns: Instant(at_s * 1_000_000_000),
        connection: Some(1),
    }
}

type Facts = (Kind, Option<Party>, Option<Deadline>, Option<usize>);

fn facts(download: &Download, faults: &[FiredFault]) -> Facts {
    let outcome = classify_download(download, SIZE, faults);
    (
        outcome.kind,
        outcome.ended_by,
        outcome.deadline,
        outcome.cause,
    )
}

const CLIENT: Option<Party> = Some(Party::Client);
const SERVER: Option<Party> = Some(Party::Server);
const NETWORK: Option<Party> = Some(Party::Network);

#[test]
fn every_byte_and_all_right_is_complete_and_nobody_ended_it() {
    assert_eq!(facts(&whole(), &[]), (Kind::Complete, None, None, None));
    // A fault that fired and took nothing away led to nothing.
    let late = [fault(0, Action::Reset, Party::Network, 4)];
    assert_eq!(facts(&whole(), &late), (Kind::Complete, None, None, None));
}

#[test]
fn success_with_a_short_body_is_a_silent_truncation_by_the_faults_party_else_the_server() {
    let download = short(Verdict::Success);
    let kind = Kind::SilentTruncation;
    assert_eq!(facts(&download, &[]), (kind, SERVER, None, None));
    // Also a black hole: its ETIMEDOUT ends a close-delimited body like a close.
    for action in [
        Action::Fin,
        Action::Reset,
        Action::Forget,
        Action::Blackhole,
        Action::End,
    ] {
        let faults = [fault(3, action, Party::Network, 4)];
        assert_eq!(facts(&download, &faults), (kind, NETWORK, None, Some(3)));
    }
    // A slow link does not end a body.
    let slow = Action::Throttle(Rate::per_second(9).unwrap());
    let faults = [fault(3, slow, Party::Network, 4)];
    assert_eq!(facts(&download, &faults), (kind, SERVER, None, None));
}

#[test]
fn success_with_a_wrong_byte_is_corrupt_whatever_the_length() {
    let corrupt = (Kind::Corrupt, None, None, None);
    for delivered_bytes in [600, SIZE, 1_400] {
        let download = Download {
            delivered_bytes,
            first_bad_offset: Some(500),
            ..whole()
        };
        assert_eq!(facts(&download, &[]), corrupt, "{delivered_bytes}");
    }
    let more = Download {
        delivered_bytes: 1_001,
        ..whole()
    };
    assert_eq!(facts(&more, &[]), corrupt);
}

#[test]
fn another_object_is_told_by_the_status_or_by_its_first_bytes_and_its_length() {
    let wrong = (Kind::WrongObject, None, None, None);
    let alien = |status, delivered_bytes, first_bad_offset| Download {
        status: Some(status),
        delivered_bytes,
        first_bad_offset,
        ..whole()
    };
    assert_eq!(facts(&alien(503, SIZE, Some(7)), &[]), wrong);
    assert_eq!(facts(&alien(503, 0, None), &[]), wrong);
    assert_eq!(facts(&alien(200, 300, Some(0)), &[]), wrong);
    assert_eq!(facts(&alien(206, SIZE, Some(0)), &[]).0, Kind::Corrupt);
    // Truth is in the bytes: an odd status with the right ones is no harm.
    assert_eq!(facts(&alien(203, SIZE, None), &[]).0, Kind::Complete);
}

#[test]
fn a_deadline_is_the_clients_doing_and_its_cause_what_was_quiet_or_slow() {
    for (deadline, action, cause) in [
        (Deadline::SockRead, Action::Blackhole, Some(0)),
        (Deadline::SockRead, Action::Forget, Some(0)),
        (Deadline::SockRead, Action::Stall(Limit::Never), Some(0)),
        (Deadline::Total, Action::Stall(Limit::Never), Some(0)),
        (Deadline::Head, Action::Blackhole, Some(0)),
        (Deadline::Keepalive, Action::Blackhole, Some(0)),
        // The kernel at the other end answers all through a stall.
        (Deadline::Keepalive, Action::Stall(Limit::Never), None),
        // A close ends a wait, it does not make one.
        (Deadline::SockRead, Action::Fin, None),
        (Deadline::Total, Action::Reset, None),
    ] {
        let download = short(failure(FailureCause::Deadline(deadline)));
        let faults = [fault(0, action, Party::Network, 2)];
        assert_eq!(
            facts(&download, &faults),
            (Kind::TimedOut, CLIENT, Some(deadline), cause),
            "{deadline} {action:?}"
        );
    }
}

#[test]
fn a_stall_that_was_over_explains_a_total_but_not_a_single_wait() {
    let over = Action::Stall(Limit::After(Duration::from_secs(1)));
    let faults = [fault(0, over, Party::Server, 2)];
    let cause = |deadline| facts(&short(failure(FailureCause::Deadline(deadline))), &faults).3;
    assert_eq!(cause(Deadline::Total), Some(0));
    assert_eq!(cause(Deadline::SockRead), None);
    assert_eq!(facts(&short(Verdict::GaveUp), &faults).3, None);
}

#[test]
fn a_close_is_the_doing_of_the_faults_party_else_of_the_server() {
    for (cause, kind) in [
        (FailureCause::ClosedEarly, Kind::Truncated),
        (FailureCause::Reset, Kind::Reset),
    ] {
        let download = short(failure(cause));
        assert_eq!(facts(&download, &[]), (kind, SERVER, None, None));
        for action in [Action::Fin, Action::Reset, Action::Forget] {
            let faults = [fault(1, action, Party::Network, 4)];
            assert_eq!(facts(&download, &faults), (kind, NETWORK, None, Some(1)));
        }
    }
    let unreachable = short(failure(FailureCause::Io));
    assert_eq!(
        facts(&unreachable, &[]),
        (Kind::Truncated, NETWORK, None, None)
    );
}

#[test]
fn a_reset_behind_the_last_announced_byte_is_not_a_truncation() {
    let reset = failure(FailureCause::Reset);
    let all = Download {
        verdict: reset.clone(),
        ..whole()
    };
    let faults = [fault(0, Action::Reset, Party::Server, 4)];
    assert_eq!(facts(&all, &faults), (Kind::Complete, None, None, None));
    // The end of a chunked body was never told.
    let untold = Download {
        declared_bytes: None,
        ..all.clone()
    };
    assert_eq!(facts(&untold, &faults).0, Kind::Reset);
    // The bytes came and were lost on the way to the application.
    let lost = Download {
        delivered_bytes: 0,
        ..all
    };
    assert_eq!(facts(&lost, &faults).0, Kind::Reset);
}

#[test]
fn no_connection_or_no_byte_of_a_response_is_a_refusal() {
    let nothing = |cause| Download {
        verdict: failure(cause),
        status: None,
        declared_bytes: None,
        received_bytes: 0,
        delivered_bytes: 0,
        first_byte: None,
        ..whole()
    };
    for cause in [
        FailureCause::Connect,
        FailureCause::Reset,
        FailureCause::ClosedEarly,
    ] {
        let download = nothing(cause);
        assert_eq!(facts(&download, &[]), (Kind::Refused, SERVER, None, None));
        let faults = [fault(0, Action::Fin, Party::Network, 0)];
        assert_eq!(
            facts(&download, &faults),
            (Kind::Refused, NETWORK, None, Some(0))
        );
    }
    // Half a head is more than none.
    let half = Download {
        first_byte: Some(Instant(1)),
        ..nothing(FailureCause::ClosedEarly)
    };
    assert_eq!(facts(&half, &[]).0, Kind::Truncated);
}

#[test]
fn what_is_in_the_client_or_the_response_has_no_fault_for_a_cause() {
    let faults = [
        fault(0, Action::Reset, Party::Network, 1),
        fault(1, Action::Blackhole, Party::Network, 2),
    ];
    for (cause, kind) in [
        (FailureCause::Malformed, Kind::Malformed),
        (FailureCause::OutOfMemory, Kind::OutOfMemory),
        (FailureCause::DiskFull, Kind::DiskFull),
        (FailureCause::Sink, Kind::ToolError),
    ] {
        let download = short(failure(cause));
        assert_eq!(facts(&download, &faults), (kind, CLIENT, None, None));
    }
}

#[test]
fn giving_up_is_a_stall_that_nobody_ended() {
    let download = short(Verdict::GaveUp);
    assert_eq!(facts(&download, &[]), (Kind::Stalled, None, None, None));
    let faults = [fault(2, Action::Blackhole, Party::Network, 1)];
    assert_eq!(
        facts(&download, &faults),
        (Kind::Stalled, None, None, Some(2))
    );
}

#[test]
fn the_cause_is_the_last_that_explains_on_this_connection_before_the_end() {
    let download = short(failure(FailureCause::Reset));
    let other_connection = FiredFault {
        connection: Some(2),
        ..fault(4, Action::Reset, Party::Network, 4)
    };
    let faults = [
        fault(0, Action::Reset, Party::Server, 1),
        fault(1, Action::Forget, Party::Network, 3),
        fault(2, Action::Blackhole, Party::Network, 4),
        fault(3, Action::Reset, Party::Server, 6),
        other_connection,
    ];
    assert_eq!(
        facts(&download, &faults),
        (Kind::Reset, NETWORK, None, Some(1))
    );
    let unknown_connection = FiredFault {
        connection: None,
        ..other_connection
    };
    assert_eq!(facts(&download, &[unknown_connection]).3, Some(4));
}

#[test]
fn the_error_and_the_exception_are_those_of_the_client() {
    let outcome = classify_download(&short(failure(FailureCause::Reset)), SIZE, &[]);
    assert_eq!(outcome.exception.as_deref(), Some("Boom"));
    assert!(classify_download(&whole(), SIZE, &[]).exception.is_none());
}

#[test]
fn of_several_downloads_the_worst_counts_and_faults_go_by_connection() {
    let report = |downloads| ClientReport {
        downloads,
        started: Instant(0),
        ended: ENDED,
        gap_ns: Summary::default(),
        read_call_ns: Summary::default(),
        chunk_bytes: Summary::default(),
        flowing_ns: 0,
        transport_reads: 0,
        sink_writes: 0,
        cpu_ns: None,
        peak_heap_bytes: None,
        vm_hwm_bytes: None,
        max_receive_queue_bytes: None,
        sockets: SocketFacts::default(),
        samples: Vec::new(),
        histograms: Histograms::default(),
    };
    let second = FiredFault {
        connection: Some(2),
        ..fault(0, Action::Fin, Party::Network, 1)
    };
    let outcome = classify(
        &report(vec![
            short(failure(FailureCause::Reset)),
            Download {
                connection: Some(2),
                ..short(Verdict::Success)
            },
            whole(),
        ]),
        SIZE,
        &[second],
    );
    assert_eq!(outcome.kind, Kind::SilentTruncation);
    assert_eq!((outcome.ended_by, outcome.cause), (NETWORK, Some(0)));
    assert_eq!(
        classify(&report(vec![whole(), whole()]), SIZE, &[]).kind,
        Kind::Complete
    );
    assert_eq!(
        classify(&report(Vec::new()), SIZE, &[]).kind,
        Kind::ToolError
    );
    for pair in [
        [Kind::SilentTruncation, Kind::WrongObject],
        [Kind::WrongObject, Kind::Corrupt],
        [Kind::Corrupt, Kind::Stalled],
        [Kind::Stalled, Kind::OutOfMemory],
        [Kind::OutOfMemory, Kind::DiskFull],
        [Kind::DiskFull, Kind::TimedOut],
        [Kind::Refused, Kind::Complete],
    ] {
        assert!(badness(pair[0]) > badness(pair[1]), "{pair:?}");
    }
    // The order in which everything else calls an end worse.
    let mut kinds = Kind::ALL.to_vec();
    kinds.sort_by_key(|kind| std::cmp::Reverse(badness(*kind)));
    assert!(kinds.is_sorted_by_key(|kind| super::super::Group::of(*kind)));
}
