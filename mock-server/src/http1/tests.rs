//! The driver on a simulated clock.

use std::{future::Future, rc::Rc, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    task::{LocalSet, spawn_local},
};

use super::{
    Played, Routed, Router,
    origin::{Request, text_response},
    serve_connection,
};
use crate::{
    clock::{Clock, Instant, simulated_runtime},
    flow::{ListenerState, Urgency},
    journal::{CloseReason, Event, Fact, Memory},
    link::memory::{self, MemoryStream},
    scenario::{Action, Fault, Scenario, Sockets, Trigger},
    units::ByteSize,
};

/// A router without any scenario.
struct Nothing;

impl Router for Nothing {
    fn at_accept(&self) -> Option<Rc<Played>> {
        None
    }

    fn key(&self, request: &Request) -> Option<String> {
        Some(request.target.clone())
    }

    fn route(&self, _: &Request) -> Routed {
        Routed::Say(Box::new(text_response(200, "text/plain", "said\n")))
    }
}

/// Connects `client` to `router`. Returns the journal, and the time at which the
/// client was done.
pub(super) fn play<F: Future<Output = ()>>(
    router: impl Router + 'static,
    client: impl FnOnce(MemoryStream, Clock) -> F,
) -> (Vec<Event>, Instant) {
    let runtime = simulated_runtime().unwrap();
    LocalSet::new().block_on(&runtime, async {
        let clock = Clock::simulated();
        let journal = Rc::new(Memory::default());
        let listener = ListenerState::new(clock, Rc::clone(&journal) as _);
        let (wire, stream) = memory::connect(clock, &Sockets::default(), None);
        let serving = serve_connection(wire, Rc::clone(&listener), Rc::new(router));
        let serving = spawn_local(serving);
        client(stream, clock).await;
        let done = clock.now();
        listener.close(Urgency::Now);
        serving.await.unwrap();
        (journal.take(), done)
    })
}

pub(super) fn at(events: &[Event], wanted: fn(&Fact) -> bool) -> Instant {
    let found = events.iter().find(|event| wanted(&event.fact));
    found.unwrap_or_else(|| panic!("{events:?}")).at_ns
}

/// Reads to the end. Returns the bytes, and the time of the last one.
pub(super) async fn read_all(stream: &mut MemoryStream, clock: Clock) -> (Vec<u8>, Instant) {
    let (mut all, mut last) = (Vec::new(), clock.now());
    let mut buffer = vec![0; 1 << 16];
    while let Ok(n @ 1..) = stream.read(&mut buffer).await {
        all.extend_from_slice(&buffer[..n]);
        last = clock.now();
    }
    (all, last)
}

#[test]
fn a_cut_comes_so_long_behind_the_last_acknowledgement_as_it_settles() {
    for (action, settle) in [
        (Action::Fin, 50),
        (Action::Reset, 50),
        (Action::Reset, 20),
        (Action::Reset, 0),
    ] {
        let mut fault = Fault::new(Trigger::Body(ByteSize(5000)), action);
        fault.settle = Duration::from_millis(settle);
        let mut scenario = Scenario {
            faults: vec![fault],
            ..Scenario::default()
        };
        scenario.body.size = ByteSize(10_000);
        let played = Played::new(scenario, 1).unwrap();
        let (events, _) = play(played, async |mut stream, clock| {
            stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
            let (all, last) = read_all(&mut stream, clock).await;
            assert!(all.len() > 5000);
            // The drain looks every millisecond.
            let waited = clock.now().since(last).as_millis() as u64;
            assert!(
                (settle..=settle + 2).contains(&waited),
                "{action:?} {waited} ms"
            );
        });
        let fired = at(&events, |fact| matches!(fact, Fact::Fault { .. }));
        assert!(fired >= Instant(settle * 1_000_000), "{fired:?}");
    }
}

#[test]
fn a_client_that_says_nothing_or_half_a_head_is_told_after_a_minute() {
    for said in ["", "GET / HTTP/1.1\r\nX: a"] {
        let (events, done) = play(Nothing, async |mut stream, clock| {
            stream.write_all(said.as_bytes()).await.unwrap();
            let (all, _) = read_all(&mut stream, clock).await;
            let all = String::from_utf8(all).unwrap();
            assert!(all.starts_with("HTTP/1.1 408 "), "{all}");
            assert!(all.contains("no whole request head"), "{all}");
        });
        let waited = done.since(events[0].at_ns);
        assert!((60..62).contains(&waited.as_secs()), "{waited:?}");
        let reason = events.iter().find_map(|event| match &event.fact {
            Fact::Closed { reason, .. } => Some(reason),
            _ => None,
        });
        assert_eq!(reason, Some(&CloseReason::BadRequest));
    }
}

#[test]
fn a_client_that_plays_a_scenario_may_keep_quiet_between_requests() {
    let mut scenario = Scenario::default();
    scenario.body.size = ByteSize(10);
    let played = Played::new(scenario, 1).unwrap();
    play(played, async |mut stream, clock| {
        for _ in 0..2 {
            clock.sleep(Duration::from_secs(600)).await;
            stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
            let mut first = [0; 12];
            stream.read_exact(&mut first).await.unwrap();
            assert_eq!(&first, b"HTTP/1.1 200");
            let mut rest = Vec::new();
            while !rest.ends_with(b"\r\n\r\n") {
                rest.push(stream.read_u8().await.unwrap());
            }
            stream.read_exact(&mut [0; 10]).await.unwrap();
        }
    });
}

#[test]
fn what_follows_a_request_carries_its_key() {
    let (events, _) = play(Nothing, async |mut stream, clock| {
        stream
            .write_all(b"HEAD /mine HTTP/1.1\r\n\r\n")
            .await
            .unwrap();
        let (all, _) = read_all(&mut stream, clock).await;
        // A response to HEAD has no body, whatever its length field says.
        assert!(all.ends_with(b"\r\n\r\n"), "{all:?}");
    });
    let keys: Vec<_> = events.iter().map(|event| event.key.as_deref()).collect();
    assert_eq!(keys[0], None, "nothing was asked when it was accepted");
    assert!(
        keys.len() > 2 && keys[1..].iter().all(|key| *key == Some("/mine")),
        "{keys:?}"
    );
}
