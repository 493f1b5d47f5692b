use proptest::prelude::*;

use super::*;
use crate::scenario::{
    Action, Answer, Expect, ExpectTrial, Fault, Keepalive, Kind, Limit, Raw, RawAt, Response,
    Selector, Trigger,
};

const SECOND: Duration = Duration::from_secs(1);

fn rate(bytes: u64) -> Rate {
    Rate::per_second(bytes).unwrap()
}

fn after(seconds: u64) -> Limit {
    Limit::After(Duration::from_secs(seconds))
}

/// 600 MB at 2 MB/s with something at 100 MB.
fn base(time: f64, size: f64) -> Scenario {
    let mut scenario = Scenario::default();
    scenario.body.size = ByteSize(600_000_000);
    scenario.link.rate = rate(2_000_000);
    scenario.client.total = Limit::Never;
    let at = Trigger::Body(ByteSize(100_000_000));
    scenario.faults.push(Fault::new(at, Action::Reset));
    scenario.tcp.time = time;
    scenario.tcp.size = size;
    scenario
}

fn says(scenario: &Scenario) -> String {
    scenario.scaled().unwrap_err().to_string()
}

#[test]
fn times_sizes_and_rates_scale_and_kernel_buffers_do_not() {
    let mut scenario = base(0.1, 0.01);
    scenario.body.chunk = ByteSize::kib(64);
    scenario.body.declared_size = Some(ByteSize(700_000_000));
    scenario.sockets.server_send = Some(ByteSize::kib(16));
    scenario.link.latency = SECOND;
    scenario.link.segment = Some(ByteSize(50));
    scenario.response.head_delay = SECOND;
    scenario.response.raw.push(Raw {
        at: RawAt::Body(ByteSize(1000)),
        bytes: "x".into(),
        replace: ByteSize(1000),
    });
    scenario.client.sock_read = after(60);
    scenario.client.memory = Some(ByteSize(1_000_000));
    scenario.client.give_up = Some(1000 * SECOND);
    scenario.sink.pause = SECOND;
    scenario.sink.rate = Some(rate(1000));
    let stall = Action::Stall(after(20));
    scenario
        .faults
        .push(Fault::new(Trigger::Elapsed(30 * SECOND), stall));
    let throttle = Action::Throttle(rate(10_000));
    scenario
        .faults
        .push(Fault::new(Trigger::Request(2), throttle));
    scenario.expect = Expect {
        any: None,
        trials: vec![ExpectTrial {
            strategy: Vec::new(),
            chunk_size: vec![],
            profile: Vec::new(),
            world: Vec::new(),
            kind: Kind::Reset,
            ended_by: None,
            deadline: None,
            delivered: [ByteSize(149), ByteSize(100_000_000)],
            lost: None,
        }],
    };

    let tenth = Duration::from_millis(100);
    let mut expected = scenario.clone();
    expected.tcp = Tcp::default();
    expected.body.size = ByteSize(6_000_000);
    expected.body.declared_size = Some(ByteSize(7_000_000));
    expected.link.rate = rate(200_000);
    expected.link.latency = tenth;
    expected.link.segment = Some(ByteSize(1));
    expected.response.head_delay = tenth;
    expected.response.raw[0].at = RawAt::Body(ByteSize(10));
    expected.client.connect = after(3);
    expected.client.sock_read = after(6);
    expected.client.memory = Some(ByteSize(10_000));
    expected.client.give_up = Some(100 * SECOND);
    expected.sink.pause = tenth;
    expected.sink.rate = Some(rate(100));
    expected.faults[0].when = Trigger::Body(ByteSize(1_000_000));
    expected.faults[1].when = Trigger::Elapsed(3 * SECOND);
    expected.faults[1].then = Action::Stall(after(2));
    expected.faults[2].then = Action::Throttle(rate(1000));
    expected.expect.trials[0].delivered = [ByteSize(1), ByteSize(1_000_000)];
    assert_eq!(scenario.scaled(), Ok(expected));
}

#[test]
fn factors_of_one_change_nothing() {
    let mut scenario = base(1.0, 1.0);
    scenario.body.size = ByteSize((1 << 53) + 1);
    scenario
        .faults
        .push(Fault::new(Trigger::Wire(ByteSize(100)), Action::Fin));
    assert_eq!(scenario.scaled(), Ok(scenario.clone()));
}

#[test]
fn a_page_and_the_places_in_it_stay() {
    let mut scenario = base(1.0, 0.001);
    scenario.response.page = Some("x".repeat(1000));
    let places = [
        Trigger::Body(ByteSize(10)),
        Trigger::Body(ByteSize(11)),
        Trigger::Wire(ByteSize(5)),
    ];
    scenario.faults = places.map(|when| Fault::new(when, Action::Fin)).into();
    let scaled = scenario.scaled().unwrap();
    assert_eq!(scaled.faults, scenario.faults);
    assert_eq!(scaled.body.size, ByteSize(600_000));
}

#[test]
fn raw_bytes_stay_in_the_page_of_an_answer_and_move_in_the_object() {
    let raw = |at| Raw {
        at: RawAt::Body(ByteSize(at)),
        bytes: "x".into(),
        replace: ByteSize(0),
    };
    let mut scenario = base(1.0, 0.001);
    scenario.response.raw = vec![raw(50_000)];
    let response = Response {
        page: Some("x".repeat(1000)),
        raw: vec![raw(10)],
        ..Response::default()
    };
    let on = Selector::default();
    scenario.answers = vec![Answer { on, response }];
    let scaled = scenario.scaled().unwrap();
    assert_eq!(scaled.answers, scenario.answers);
    assert_eq!(scaled.response.raw, [raw(50)]);
}

#[test]
fn keepalive_stops_at_one_second() {
    let mut scenario = base(0.1, 1.0);
    scenario.client.keepalive = Some(Keepalive {
        idle: 60 * SECOND,
        interval: 3 * SECOND,
        count: 5,
    });
    let scaled = scenario.scaled().unwrap().client.keepalive.unwrap();
    assert_eq!(
        (scaled.idle, scaled.interval, scaled.count),
        (6 * SECOND, SECOND, 5)
    );
}

#[test]
fn a_keepalive_that_would_outlive_the_firewall_is_refused() {
    let mut scenario = base(0.001, 1.0);
    scenario.client.keepalive = Some(Keepalive {
        idle: 60 * SECOND,
        interval: 10 * SECOND,
        count: 3,
    });
    let idle = Trigger::Idle {
        after: 350 * SECOND,
        counts: crate::scenario::Counts::Segments,
    };
    scenario.faults = vec![Fault::new(idle, Action::Blackhole)];
    // 0.35 s would come before the least keepalive of 1 s; all three probes of
    // 1 s come before the firewall from 0.012 on (4.2 s against 4 s).
    insta::assert_snapshot!(says(&scenario), @"tcp.time = 0.001 would reorder fault[0].when (5m 50s -> 350ms) and client.keepalive.idle (1m -> 1s); the smallest tcp.time that works is 0.012");
    scenario.tcp.time = scenario.scaled().unwrap_err().works.unwrap();
    assert!(scenario.scaled().is_ok());
    scenario.tcp.time -= 0.001;
    assert!(scenario.scaled().is_err());
}

#[test]
fn a_total_that_would_be_rounded_differently_is_refused() {
    let mut scenario = base(0.01, 1.0);
    scenario.client.total = after(300);
    insta::assert_snapshot!(says(&scenario), @"tcp.time = 0.01 turns client.total from 300 s into 3 s: aiohttp rounds totals of 5 s and more up to whole seconds, and shorter ones not at all; the smallest tcp.time that works is 0.017");
    scenario.tcp.time = 0.017;
    assert_eq!(
        scenario.scaled().unwrap().client.total,
        Limit::After(Duration::from_millis(5100))
    );
    // 2 s of transfer: a total of 300 s cannot fire.
    scenario.tcp.time = 0.01;
    scenario.link.rate = rate(300_000_000);
    assert!(scenario.scaled().is_ok());
}

#[test]
fn times_that_timers_could_not_tell_apart_are_refused() {
    let mut scenario = base(0.001, 1.0);
    scenario.client.sock_read = after(60);
    let elapsed = Trigger::Elapsed(61 * SECOND);
    scenario.faults = vec![Fault::new(elapsed, Action::Fin)];
    insta::assert_snapshot!(says(&scenario), @"tcp.time = 0.001 leaves client.sock_read (1m -> 60ms) and fault[0].when (1m 1s -> 61ms) less than 2 ms apart, which timers cannot tell; the smallest tcp.time that works is 0.002");
    scenario.tcp.time = 0.002;
    assert!(scenario.scaled().is_ok());
    // Times that are this close in the file itself are its own doing.
    scenario.tcp.time = 0.5;
    let elapsed = Trigger::Elapsed(60 * SECOND + Duration::from_millis(1));
    scenario.faults = vec![Fault::new(elapsed, Action::Fin)];
    assert!(scenario.scaled().is_ok());
}

#[test]
fn places_that_would_fall_together_are_refused() {
    let mut scenario = base(1.0, 0.001);
    let at = Trigger::Body(ByteSize(100_000_400));
    scenario.faults.push(Fault::new(at, Action::Fin));
    insta::assert_snapshot!(says(&scenario), @"tcp.size = 0.001 puts fault[0].when.body (100MB) and fault[1].when.body (100000400B) both at 100KB; the smallest tcp.size that works is 0.002");
    scenario.faults[1].when = Trigger::Body(ByteSize(499));
    insta::assert_snapshot!(says(&scenario), @"tcp.size = 0.001 puts the start of the body and fault[1].when.body (499B) both at 0B; the smallest tcp.size that works is 0.002");
    scenario.faults[1].when = Trigger::Body(ByteSize(0));
    assert!(scenario.scaled().is_ok());
}

#[test]
fn wire_offsets_and_coarse_rates_are_refused() {
    let mut scenario = base(1.0, 0.001);
    scenario.sink.rate = Some(rate(1500));
    insta::assert_snapshot!(says(&scenario), @"sink.rate = 1500B/s times tcp.size / tcp.time = 0.001 is not near a whole byte per second; the smallest tcp.size that works is 0.002");
    scenario.faults[0].when = Trigger::Wire(ByteSize(100));
    insta::assert_snapshot!(says(&scenario), @"fault[0].when.wire counts the bytes of the head, which tcp.size = 0.001 does not make fewer; use a `body` offset, or tcp.size = 1");
}

#[test]
fn of_several_numbers_that_clash_what_there_is_once_is_named_before_faults() {
    let mut scenario = base(1.0, 0.001);
    scenario.faults[0].then = Action::Throttle(rate(1500));
    assert!(says(&scenario).starts_with("fault[0].then.throttle = 1500B/s"));
    scenario.sink.rate = Some(rate(1500));
    assert!(says(&scenario).starts_with("sink.rate = 1500B/s"));
}

proptest! {
    /// Whatever is accepted keeps the order of all places and times.
    #[test]
    fn what_is_accepted_keeps_its_order(
        time in 0.001f64..=1.0, size in 0.001f64..=1.0,
        offsets in prop::collection::vec(0u64..600_000_000, 0..4),
        idle in 1u32..400, count in 1u32..10, sock_read in 1u64..400,
    ) {
        let mut scenario = base(time, size);
        let faults = offsets.iter().map(|at| Fault::new(Trigger::Body(ByteSize(*at)), Action::Fin));
        scenario.faults = faults.collect();
        scenario.client.sock_read = after(sock_read);
        let (idle, interval) = (idle * SECOND, SECOND);
        scenario.client.keepalive = Some(Keepalive { idle, interval, count });
        if let Ok(scaled) = scenario.scaled() {
            let death = |s: &Scenario| s.client.keepalive.unwrap().death();
            let read = |s: &Scenario| s.client.sock_read.duration().unwrap();
            prop_assert_eq!(
                death(&scenario).cmp(&read(&scenario)),
                death(&scaled).cmp(&read(&scaled))
            );
            let places = |s: &Scenario| s.places().into_iter().map(|(_, at)| at).collect::<Vec<_>>();
            let (before, after) = (places(&scenario), places(&scaled));
            for i in 0..before.len() {
                prop_assert_eq!(before[i].0 == 0, after[i].0 == 0);
                for j in 0..i {
                    prop_assert_eq!(before[i].cmp(&before[j]), after[i].cmp(&after[j]));
                }
            }
        }
    }

    #[test]
    fn no_factor_panics(time in any::<f64>(), size in any::<f64>(), bytes in any::<u64>()) {
        let mut scenario = base(time, size);
        scenario.body.size = ByteSize(bytes);
        scenario.client.sock_read = Limit::After(Duration::MAX);
        let _ = scenario.scaled();
        scenario.tcp.time = time.abs().min(1.0);
        scenario.tcp.size = size.abs().min(1.0);
        let _ = scenario.scaled();
    }
}

#[test]
fn what_is_expected_of_an_answers_page_stays() {
    let text = |on: &str| {
        format!(
            "title = 't'\ncause = 'c'\n[body]\nsize = '1MB'\n[[answer]]\non = {on}\nstatus = 503\n\
             page = 'busy'\n[tcp]\nsize = 0.1\n[[expect.trial]]\nkind = 'wrong-object'\n\
             delivered = [4, 40]\n"
        )
    };
    let delivered = |on: &str| {
        let scaled = crate::scenario::parse("n", "n.toml", &text(on))
            .unwrap()
            .scaled()
            .unwrap();
        scaled.expect.trials[0].delivered.map(|size| size.0)
    };
    assert_eq!(delivered("{ request = '..2' }"), [4, 40]);
    assert_eq!(delivered("{ attempt = 'resumption' }"), [0, 4]);
}
