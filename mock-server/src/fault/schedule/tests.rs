use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::{
    scenario::{Counts, Landmark, Party},
    units::ByteSize,
};

/// A response with a head of 100 bytes and an unframed body.
struct Plain(u64, u64);

impl OffsetMap for Plain {
    fn wire_of_body(&self, body: u64) -> Option<u64> {
        (body <= self.0).then_some(100 + body)
    }
    fn body_at_wire(&self, wire: u64) -> u64 {
        wire.saturating_sub(100)
    }
    fn wire_len(&self) -> u64 {
        100 + self.0
    }
    fn body_len(&self) -> u64 {
        self.0
    }
    fn wire_of_place(&self, place: Landmark) -> Option<u64> {
        match place {
            Landmark::Head => Some(100),
            Landmark::Share(share) => self.wire_of_body(part(share, self.0)),
            Landmark::Chunk(..) | Landmark::LastChunk | Landmark::Member(_) | Landmark::Trailer => {
                None
            }
        }
    }
    fn wire_of_object(&self, object: u64) -> Option<u64> {
        let at = object.checked_sub(self.1)?;
        (self.1 == 0 || at > 0).then(|| self.wire_of_body(at))?
    }
    fn object_start(&self) -> u64 {
        self.1
    }
}

fn at(now: u64) -> FlowState {
    FlowState {
        now: Instant(now),
        connection: 1,
        request: 1,
        requested: Some(Instant(0)),
        sent: 0,
        last_segment: Instant(0),
        last_payload: Instant(0),
        blocked_since: None,
    }
}

fn schedule(faults: &[Fault]) -> Schedule {
    let mut schedule = Schedule::new(faults, 1, 1);
    schedule.begin_response(&Plain(1000, 0));
    schedule
}

fn triggers() -> impl Strategy<Value = Trigger> {
    prop_oneof![
        (0u64..1000).prop_map(|n| Trigger::Body(ByteSize(n))),
        (0u64..1100).prop_map(|n| Trigger::Wire(ByteSize(n))),
        (0u64..500).prop_map(|n| Trigger::Elapsed(Duration::from_nanos(n))),
    ]
}

fn actions() -> impl Strategy<Value = Action> {
    prop_oneof![
        (1u64..100).prop_map(|n| Action::Stall(Limit::After(Duration::from_nanos(n)))),
        Just(Action::Throttle(crate::units::Rate::per_second(5).unwrap())),
    ]
}

#[test]
fn disarmed_nothing_fires_or_stalls_and_armed_again_what_was_passed_stays_out() {
    let faults = [
        Fault::new(Trigger::Body(ByteSize(10)), Action::Stall(Limit::Never)),
        Fault::new(Trigger::Body(ByteSize(50)), Action::Fin),
        Fault::new(Trigger::Body(ByteSize(90)), Action::Reset),
    ];
    let mut schedule = schedule(&faults);
    let mut flow = at(0);
    flow.sent = 110;
    assert_eq!(schedule.next(&flow).act.map(|fired| fired.index), Some(0));
    assert_eq!(schedule.next(&flow).send_up_to, 110);
    schedule.disarm();
    let free = schedule.next(&flow);
    assert_eq!((free.send_up_to, free.act), (u64::MAX, None));
    flow.sent = 170;
    schedule.arm(flow.sent);
    let step = schedule.next(&flow);
    assert_eq!((step.send_up_to, step.act), (190, None));
    flow.sent = 190;
    assert_eq!(schedule.next(&flow).act.map(|fired| fired.index), Some(2));
    // Armed twice is armed once: what is due stays due.
    schedule.arm(1_000);
    assert_eq!(schedule.next(&flow).act, None);
}

proptest! {
    /// Plays a whole response against random faults that let it go on.
    #[test]
    fn offsets_are_never_passed_order_is_kept_and_each_fault_fires_once(
        plan in prop::collection::vec((triggers(), actions()), 0..6),
        segments in prop::collection::vec((1u64..200, 1u64..50), 60),
    ) {
        let faults: Vec<_> = plan.iter().map(|(when, then)| Fault::new(*when, *then)).collect();
        let mut schedule = schedule(&faults);
        let (mut flow, mut fired, mut stall) = (at(0), Vec::new(), Instant(0));
        for (segment, time) in segments {
            loop {
                let step = schedule.next(&flow);
                prop_assert!(step.send_up_to >= flow.sent, "sent {} of {}", flow.sent, step.send_up_to);
                let Some(act) = step.act else {
                    if flow.now < stall {
                        prop_assert_eq!(step.send_up_to, flow.sent, "sends during a stall");
                        prop_assert!(step.until <= stall);
                    } else {
                        flow.sent += segment.min(step.send_up_to - flow.sent).min(1100 - flow.sent);
                    }
                    break;
                };
                let due = |i: &usize| match faults[*i].when {
                    Trigger::Body(n) => flow.sent >= 100 + n.0,
                    Trigger::Wire(n) => flow.sent >= n.0,
                    Trigger::Elapsed(d) => flow.now >= Instant(0) + d,
                    _ => false,
                };
                match faults[act.index].when {
                    Trigger::Body(n) => prop_assert_eq!(flow.sent, 100 + n.0),
                    Trigger::Wire(n) => prop_assert_eq!(flow.sent, n.0),
                    _ => prop_assert!(due(&act.index), "fired early"),
                }
                let first = (0..faults.len()).find(|i| !fired.contains(i) && due(i));
                prop_assert_eq!(first, Some(act.index), "not the first that holds");
                fired.push(act.index);
                if let Action::Stall(Limit::After(time)) = act.action {
                    stall = stall.max(flow.now + time);
                }
            }
            flow.now = flow.now + Duration::from_nanos(time);
        }
    }

    #[test]
    fn until_is_the_next_instant_at_which_anything_can_change(
        after in 1u64..1000, idle in 1u64..1000, heard in 0u64..500, now in 0u64..1000,
    ) {
        let faults = [
            Fault::new(Trigger::Elapsed(Duration::from_nanos(after)), Action::Fin),
            Fault::new(
                Trigger::Idle { after: Duration::from_nanos(idle), counts: Counts::Segments },
                Action::Blackhole,
            ),
        ];
        let flow = FlowState { last_segment: Instant(heard), ..at(now) };
        let step = schedule(&faults).next(&flow);
        let due = after.min(heard + idle);
        if now >= due {
            prop_assert!(step.act.is_some());
        } else {
            prop_assert_eq!(step.act, None);
            prop_assert_eq!(step.until, Instant(due));
        }
    }

    #[test]
    fn chance_fires_as_often_as_it_says_and_depends_on_seed_and_connection_alone(seed in any::<u64>()) {
        let faults = [Fault::new(Trigger::Chance(0.25), Action::Reset)];
        let hit = |connection| {
            let mut schedule = Schedule::new(&faults, seed, connection);
            schedule.begin_response(&Plain(1000, 0));
            schedule.faults[0].offset
        };
        let hits: Vec<_> = (1..=400).map(hit).collect();
        prop_assert_eq!(&hits, &(1..=400).map(hit).collect::<Vec<_>>());
        let count = hits.iter().flatten().count();
        // Binomial(400, 1/4): six standard deviations are 52.
        prop_assert!((48..=152).contains(&count), "{count} of 400");
        prop_assert!(hits.iter().flatten().all(|at| (100..=1100).contains(at)));
    }
}

#[test]
fn an_idle_timer_counts_segments_or_payload_as_it_is_told() {
    let idle = |counts| {
        let after = Duration::from_nanos(100);
        let faults = [Fault::new(Trigger::Idle { after, counts }, Action::Forget)];
        // A keepalive probe at 50: a segment without payload.
        let flow = FlowState {
            last_segment: Instant(50),
            ..at(120)
        };
        schedule(&faults).next(&flow).act.is_some()
    };
    assert!(!idle(Counts::Segments));
    assert!(idle(Counts::Payload));
}

#[test]
fn a_request_and_a_connection_are_matched_by_their_number() {
    let faults = [
        Fault::new(Trigger::Request(2), Action::Fin),
        Fault::new(Trigger::Connection(3), Action::Reset),
    ];
    let fires = |connection, request| {
        let flow = FlowState {
            connection,
            request,
            ..at(0)
        };
        Schedule::new(&faults, 1, connection)
            .next(&flow)
            .act
            .map(|fired| fired.index)
    };
    assert_eq!(fires(1, 1), None);
    assert_eq!(fires(1, 2), Some(0));
    assert_eq!(fires(1, 3), None);
    assert_eq!(fires(3, 0), Some(1));
}

#[test]
fn an_offset_that_the_response_does_not_reach_waits_for_the_next() {
    let faults = [Fault::new(Trigger::Body(ByteSize(500)), Action::Fin)];
    let mut schedule = Schedule::new(&faults, 1, 1);
    schedule.begin_response(&Plain(200, 0));
    assert_eq!(
        schedule.next(&FlowState { sent: 300, ..at(0) }).send_up_to,
        u64::MAX
    );
    schedule.end_response();
    schedule.begin_response(&Plain(500, 0));
    assert_eq!(
        schedule.next(&FlowState { sent: 100, ..at(0) }).send_up_to,
        600
    );
}

#[test]
fn blocked_counts_from_the_first_refused_write() {
    let faults = [Fault::new(
        Trigger::Blocked(Duration::from_nanos(60)),
        Action::Fin,
    )];
    let mut schedule = schedule(&faults);
    assert_eq!(schedule.next(&at(1000)).until, Instant::FAR);
    let blocked = FlowState {
        blocked_since: Some(Instant(1000)),
        ..at(1010)
    };
    assert_eq!(schedule.next(&blocked).until, Instant(1060));
    assert!(
        schedule
            .next(&FlowState {
                now: Instant(1060),
                ..blocked
            })
            .act
            .is_some()
    );
}

#[test]
fn the_network_does_what_idle_timers_do_and_the_server_the_rest() {
    let idle = Trigger::Idle {
        after: Duration::from_secs(1),
        counts: Counts::Segments,
    };
    assert_eq!(Fault::new(idle, Action::Forget).by, Party::Network);
    assert_eq!(
        Fault::new(Trigger::Request(1), Action::Fin).by,
        Party::Server
    );
    assert!(Fault::new(Trigger::Body(ByteSize(1)), Action::Fin).drain);
    assert!(!Fault::new(Trigger::Wire(ByteSize(1)), Action::Blackhole).drain);
}

#[test]
fn a_cut_at_an_offset_is_clean_unless_told_otherwise() {
    let elapsed = Trigger::Elapsed(Duration::from_secs(1));
    for (when, then, drain, settle) in [
        (Trigger::Body(ByteSize(1)), Action::Reset, true, 50),
        (Trigger::Wire(ByteSize(1)), Action::Fin, true, 50),
        (Trigger::Chance(0.5), Action::Reset, true, 50),
        (Trigger::Body(ByteSize(1)), Action::Blackhole, true, 0),
        (elapsed, Action::Reset, false, 0),
        (Trigger::Request(1), Action::Fin, false, 0),
    ] {
        let fault = Fault::new(when, then);
        let expected = (drain, Duration::from_millis(settle));
        assert_eq!((fault.drain, fault.settle), expected, "{when:?} {then:?}");
    }
}

/// The offset up to which a response is sent, whose body begins at `start` of the
/// object.
fn cut_of(when: Trigger, start: u64) -> u64 {
    let mut schedule = schedule(&[Fault::new(when, Action::Fin)]);
    schedule.begin_response(&Plain(1000, start));
    schedule.next(&at(0)).send_up_to
}

#[test]
fn an_offset_of_the_object_is_passed_over_by_a_response_that_begins_behind_it() {
    let object = |bytes, start| cut_of(Trigger::Object(ByteSize(bytes)), start);
    assert_eq!(object(300, 0), 400);
    assert_eq!(object(300, 299), 101);
    assert_eq!(object(300, 300), u64::MAX);
    assert_eq!(object(300, 5000), u64::MAX);
    assert_eq!(object(0, 0), 100);
    // A body offset is the response's, wherever that begins.
    assert_eq!(cut_of(Trigger::Body(ByteSize(300)), 5000), 400);
}

#[test]
fn a_place_is_where_the_response_has_it() {
    let place = |place| cut_of(Trigger::Place(place), 0);
    assert_eq!(place(Landmark::Head), 100);
    assert_eq!(place(Landmark::Share(0.25)), 350);
    assert_eq!(place(Landmark::Share(1.0)), 1100);
    assert_eq!(place(Landmark::LastChunk), u64::MAX);
}

fn facts(request: u32) -> RequestFacts<'static> {
    RequestFacts {
        request,
        position: request,
        ..RequestFacts::FIRST
    }
}

/// A fault for some requests, at byte 100 of their bodies.
fn only(requests: &str, then: Action) -> Fault {
    let mut fault = Fault::new(Trigger::Body(ByteSize(100)), then);
    fault.on.request = Some(requests.parse().unwrap());
    fault
}

/// The faults that fire in a response to request `n`.
fn fired(schedule: &mut Schedule, n: u32) -> Vec<usize> {
    schedule.asked(&facts(n));
    schedule.begin_response(&Plain(1000, 0));
    let state = FlowState {
        sent: 200,
        request: n,
        ..at(0)
    };
    let all = std::iter::from_fn(|| schedule.next(&state).act).map(|act| act.index);
    let all = all.collect();
    schedule.end_response();
    all
}

#[test]
fn a_fault_for_some_requests_fires_once_for_each_of_them_and_for_no_other() {
    let stall = Action::Stall(Limit::After(Duration::ZERO));
    let mut schedule = Schedule::new(&[only("2..", stall), only("every 2", stall)], 1, 1);
    let each: Vec<_> = (1..=4).map(|n| fired(&mut schedule, n)).collect();
    assert_eq!(each, [vec![], vec![0, 1], vec![0], vec![0, 1]]);
    // Without a selector a connection has it once.
    let plain = Fault::new(Trigger::Body(ByteSize(100)), stall);
    let mut schedule = Schedule::new(&[plain], 1, 1);
    let each: Vec<_> = (1..=3).map(|n| fired(&mut schedule, n)).collect();
    assert_eq!(each, [vec![0], vec![], vec![]]);
}

#[test]
fn a_fault_that_is_for_another_request_holds_nothing_back() {
    let mut schedule = Schedule::new(&[only("2", Action::Fin)], 1, 1);
    for (n, up_to) in [(1, u64::MAX), (2, 200), (3, u64::MAX)] {
        schedule.asked(&facts(n));
        schedule.begin_response(&Plain(1000, 0));
        assert_eq!(schedule.next(&at(0)).send_up_to, up_to, "request {n}");
    }
    let mut late = Fault::new(Trigger::Elapsed(Duration::from_secs(1)), Action::Fin);
    late.on.request = Some("2".parse().unwrap());
    let mut schedule = Schedule::new(&[late], 1, 1);
    assert_eq!(schedule.next(&at(0)).until, Instant::FAR);
    schedule.asked(&facts(2));
    assert!(schedule.next(&at(0)).until < Instant::FAR);
}
