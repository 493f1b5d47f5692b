use proptest::prelude::*;

use super::*;
use crate::{
    scenario::{self, ChunkPart, query::parse_query},
    testing::{
        FaultAction,
        kind::{Closing, Kind, Lasting, Silencing},
        panics::said,
    },
};

/// A fault as it is written, and as it must be read.
#[derive(Debug, Clone)]
struct Made {
    parameters: Vec<(&'static str, String)>,
    when: Trigger,
    then: Action,
}

impl<P, N> From<Fault<P, N>> for Made {
    fn from(fault: Fault<P, N>) -> Self {
        Self {
            parameters: fault.parameters(),
            when: fault.when,
            then: fault.action,
        }
    }
}

fn read(made: &Made) -> Result<scenario::Fault, String> {
    let mut query = "size=10MB&framing=chunked&chunk=10KB".to_owned();
    for (name, value) in &made.parameters {
        let value = value.replace('%', "%25").replace(' ', "+");
        query += &format!("&{name}={value}");
    }
    let asked = parse_query(&query).map_err(|errors| format!("{query}: {errors}"))?;
    Ok(asked.scenario.faults[0].clone())
}

fn time() -> impl Strategy<Value = Duration> {
    (1u64..1_000_000).prop_map(Duration::from_millis)
}

fn part() -> impl Strategy<Value = ChunkPart> {
    prop_oneof![
        Just(ChunkPart::Size),
        Just(ChunkPart::Data),
        Just(ChunkPart::End)
    ]
}

/// Every trigger that any action may have.
fn timed<K: Kind + fmt::Debug + Copy + 'static>(
    action: impl Strategy<Value = FaultAction<K>> + Clone + 'static,
) -> impl Strategy<Value = Made> {
    let bytes = || 0u64..10_000_000;
    let action = || action.clone();
    let share = (1u32..=100).prop_map(|percent| f64::from(percent) / 100.0);
    prop_oneof![
        (action(), bytes()).prop_map(|(action, n)| action.at(n).into()),
        (action(), bytes()).prop_map(|(action, n)| action.at_wire(n).into()),
        (action(), bytes()).prop_map(|(action, n)| action.at_object(n).into()),
        action().prop_map(|action| action.behind_head().into()),
        (action(), share).prop_map(|(action, share)| action.at_share(share).into()),
        (action(), 1u64..1000, part())
            .prop_map(|(action, n, part)| action.at_chunk(n, part).into()),
        action().prop_map(|action| action.at_last_chunk().into()),
        (action(), time()).prop_map(|(action, time)| action.after(time).into()),
        (action(), time()).prop_map(|(action, time)| action.when_idle(time).into()),
        (action(), time()).prop_map(|(action, time)| action.when_blocked(time).into()),
        (action(), 1u32..1000).prop_map(|(action, n)| action.on_request(n).into()),
    ]
}

fn closing() -> impl Strategy<Value = FaultAction<Closing>> + Clone {
    prop_oneof![Just(Fault::reset()), Just(Fault::fin())]
}

fn lasting() -> impl Strategy<Value = FaultAction<Lasting>> + Clone {
    let throttle = (1u64..125_000_000).prop_map(Fault::throttle);
    let stall = time().prop_map(Fault::stall);
    prop_oneof![Just(Fault::stall_forever()), stall, throttle].boxed()
}

fn silencing() -> impl Strategy<Value = FaultAction<Silencing>> + Clone {
    prop_oneof![Just(Fault::blackhole()), Just(Fault::forget())]
}

fn made() -> impl Strategy<Value = Made> {
    let settle = (0u64..1000).prop_map(Duration::from_millis);
    prop_oneof![
        timed(closing().boxed()),
        timed(silencing().boxed()),
        timed(lasting()),
        timed(Just(Fault::end())),
        (closing(), 1u32..1000).prop_map(|(action, n)| action.on_connection(n).into()),
        (closing(), settle).prop_map(|(action, time)| action.at(9).settle(time).into()),
        closing().prop_map(|action| action.at_wire(9).at_once().by(Party::Network).into()),
        silencing().prop_map(|action| action.at_object(9).at_once().into()),
    ]
}

proptest! {
    #[test]
    fn a_fault_is_read_as_it_was_made(made in made()) {
        let read = read(&made);
        prop_assert!(read.is_ok(), "{}", read.unwrap_err());
        let read = read.unwrap();
        prop_assert_eq!((read.when, read.then), (made.when, made.then));
    }
}

#[test]
fn what_follows_a_fault_belongs_to_it() {
    let fault = || Fault::fin().at(400_000).by(Party::Network);
    let settled = fault().settle(Duration::from_millis(70));
    let settled = read(&settled.into()).unwrap();
    assert_eq!(settled.by, Party::Network);
    assert!(settled.drain);
    assert_eq!(settled.settle, Duration::from_millis(70));
    let at_once = read(&fault().at_once().into()).unwrap();
    assert!(!at_once.drain);
}

#[test]
fn faults_of_different_actions_fit_into_one_array() {
    let cut = Fault::fin().at(9).at_once();
    let all = [
        cut,
        Fault::fin().at(9).fixed(),
        Fault::forget().at(9).fixed(),
    ];
    let written = all.map(|fault| fault.parameters());
    assert_eq!(written[0], cut.parameters(), "the pause stays");
    assert_eq!(written[1], [("fault", "fin@body:9B".to_owned())]);
    assert_eq!(written[2], [("fault", "forget@body:9B".to_owned())]);
}

#[test]
fn a_number_out_of_range_panics_where_it_is_given() {
    let fin = || Fault::fin();
    let zero = Duration::ZERO;
    assert_eq!(said!(fin().on_request(0)), "requests count from 1");
    assert_eq!(said!(fin().on_connection(0)), "connections count from 1");
    assert_eq!(
        said!(fin().at_chunk(0, ChunkPart::End)),
        "chunks count from 1"
    );
    assert!(said!(fin().when_idle(zero)).contains("idle at its start"));
    assert!(said!(fin().when_blocked(zero)).contains("at any speed"));
    assert!(said!(Fault::stall(zero)).contains("does nothing"));
    for rate in [0, 1 << 63, u64::MAX] {
        assert!(said!(Fault::throttle(rate)).contains("write 1 to 2^63 - 1"));
    }
    for share in [0.0, -0.5, 1.01, f64::NAN, f64::INFINITY] {
        assert!(said!(fin().at_share(share)).contains("is not a share"));
    }
    let network = fin().at(9).by(Party::Network);
    let twice = said!(network.by(Party::Network));
    assert_eq!(twice, "the party of `fin@body:9B` is given twice");
}

#[test]
fn each_choice_of_requests_is_the_selector_that_it_says() {
    for (requests, is) in [
        (Requests::FirstAttempts, "without Range"),
        (Requests::Resumptions, "with Range"),
        (Requests::Number(2), "request 2"),
        (Requests::From(2), "request 2 and later"),
        (
            Requests::Every(3),
            "every request whose number is a multiple of 3",
        ),
        (
            Requests::OnUsedConnections,
            "request 2 and later of its connection",
        ),
    ] {
        let made = Made::from(Fault::fin().at(5).only(requests));
        assert_eq!(read(&made).unwrap().on.to_string(), is);
    }
}

#[test]
fn requests_that_are_none_or_given_twice_panic_where_they_are_given() {
    let fault = Fault::fin().at(5);
    let zero = said!(fault.only(Requests::Number(0)));
    assert!(zero.contains("requests count from 1"), "{zero}");
    let twice = said!(fault.only(Requests::From(2)).only(Requests::From(3)));
    assert!(twice.contains("given twice"), "{twice}");
}
