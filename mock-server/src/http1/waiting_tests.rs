//! Waits of a connection, on a simulated clock.

use std::{rc::Rc, time::Duration};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{
    Played, Routed, Router,
    origin::Request,
    tests::{at, play, read_all},
};
use crate::{
    clock::Clock,
    journal::{CloseReason, Fact},
    link::memory::MemoryStream,
    scenario::{Action, Fault, Framing, Scenario, Trigger},
    units::ByteSize,
};

/// A scenario that only the request names, as on the standalone server.
struct Asked(Rc<Played>);

impl Router for Asked {
    fn at_accept(&self) -> Option<Rc<Played>> {
        None
    }

    fn route(&self, _: &Request) -> Routed {
        Routed::Play(Rc::clone(&self.0))
    }
}

/// A scenario that is never ready.
struct Later;

impl Router for Later {
    fn at_accept(&self) -> Option<Rc<Played>> {
        None
    }

    fn route(&self, _: &Request) -> Routed {
        Routed::Later(Box::pin(std::future::pending()))
    }
}

fn throttled(segment: Option<ByteSize>) -> Scenario {
    let mut scenario = Scenario::default();
    scenario.body.size = ByteSize(105_000);
    scenario.link.segment = segment;
    let slow = Action::Throttle("10KB/s".parse().unwrap());
    scenario.faults = vec![Fault::new(Trigger::Body(ByteSize(100_000)), slow)];
    scenario
}

async fn ask(stream: &mut MemoryStream) {
    let request = b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
}

/// The longest wait between two reads, and the number of reads.
async fn longest_wait(stream: &mut MemoryStream, clock: Clock) -> (Duration, u32) {
    let (mut longest, mut reads, mut last) = (Duration::ZERO, 0, clock.now());
    let mut buffer = vec![0; 1 << 16];
    while let Ok(1..) = stream.read(&mut buffer).await {
        longest = longest.max(clock.now().since(last));
        (reads, last) = (reads + 1, clock.now());
    }
    (longest, reads)
}

#[test]
fn behind_a_throttle_bytes_trickle_in_5_ms_of_its_rate() {
    let played = Played::new(throttled(None), 1).unwrap();
    play(played, async |mut stream, clock| {
        ask(&mut stream).await;
        let (longest, reads) = longest_wait(&mut stream, clock).await;
        // 50 B each 5 ms: 5,000 B in a hundred reads.
        assert!(longest <= Duration::from_millis(6), "{longest:?}");
        assert!(reads >= 100, "{reads}");
    });
}

#[test]
fn a_segment_that_the_file_states_holds_under_a_throttle_too() {
    let played = Played::new(throttled(Some(ByteSize(1000))), 1).unwrap();
    play(played, async |mut stream, clock| {
        ask(&mut stream).await;
        let (longest, _) = longest_wait(&mut stream, clock).await;
        assert_eq!(longest.as_millis(), 100, "1000 B at 10 kB/s");
    });
}

#[test]
fn a_client_that_leaves_before_a_distant_segment_is_noticed_within_a_second() {
    let mut scenario = Scenario::default();
    scenario.body.size = ByteSize(10_000_000);
    scenario.link.rate = "1KB/s".parse().unwrap();
    // A segment so large that nothing comes for a quarter of an hour.
    scenario.link.segment = Some(ByteSize(1_000_000));
    let played = Played::new(scenario, 1).unwrap();
    let (events, done) = play(played, async |mut stream, clock| {
        ask(&mut stream).await;
        clock.sleep(Duration::from_secs(100)).await;
        drop(stream);
        clock.sleep(Duration::from_secs(5)).await;
    });
    let fin = at(&events, |fact| matches!(fact, Fact::FinReceived {}));
    let closed = at(&events, |fact| matches!(fact, Fact::Closed { .. }));
    assert!(closed < done, "{events:?}");
    assert!(closed.since(fin) <= Duration::from_secs(1), "{events:?}");
}

#[test]
fn a_client_that_only_stopped_sending_gets_all_of_a_slow_response() {
    let mut scenario = Scenario::default();
    scenario.body.size = ByteSize(1000);
    scenario.link.rate = "100B/s".parse().unwrap();
    scenario.link.segment = Some(ByteSize(600));
    let played = Played::new(scenario, 1).unwrap();
    play(played, async |mut stream, clock| {
        ask(&mut stream).await;
        stream.shutdown().await.unwrap();
        let (all, _) = read_all(&mut stream, clock).await;
        assert!(all.len() > 1000, "{}", all.len());
    });
}

#[test]
fn the_first_request_of_a_connection_takes_its_latency_too() {
    let mut scenario = Scenario::default();
    scenario.body.size = ByteSize(10);
    scenario.link.latency = Duration::from_millis(100);
    let played = Played::new(scenario, 1).unwrap();
    play(Asked(played), async |mut stream, clock| {
        for _ in 0..2 {
            let asked = clock.now();
            stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
            let mut all = vec![stream.read_u8().await.unwrap()];
            let took = clock.now().since(asked).as_millis();
            assert!((200..=202).contains(&took), "{took} ms");
            while !all.ends_with(b"\r\n\r\n") {
                all.push(stream.read_u8().await.unwrap());
            }
            stream.read_exact(&mut [0; 10]).await.unwrap();
        }
    });
}

#[test]
fn a_path_that_is_full_of_pieces_holds_the_sender_back_and_loses_nothing() {
    const BODY: usize = 60_000;
    let mut scenario = Scenario::default();
    scenario.body.size = ByteSize(BODY as u64);
    scenario.body.framing = Framing::Chunked;
    scenario.body.chunk = ByteSize(1);
    scenario.link.rate = "1GB/s".parse().unwrap();
    scenario.link.latency = Duration::from_secs(1);
    let played = Played::new(scenario, 1).unwrap();
    play(played, async |mut stream, clock| {
        let asked = clock.now();
        ask(&mut stream).await;
        let (all, last) = read_all(&mut stream, clock).await;
        let head = all.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
        // Size line, byte, line end; and the last chunk.
        assert_eq!(all.len() - head, BODY * 6 + 5);
        // 120,000 pieces are more than the path holds: a round trip more.
        assert_eq!(last.since(asked).as_secs(), 4);
    });
}

#[test]
fn a_connection_in_a_black_hole_ends_after_four_hours_whatever_its_client_does() {
    let scenario = Scenario {
        faults: vec![Fault::new(Trigger::Request(1), Action::Blackhole)],
        ..Scenario::default()
    };
    let played = Played::new(scenario, 1).unwrap();
    let hold = Duration::from_secs(4 * 3600);
    let (events, _) = play(played, async |mut stream, clock| {
        ask(&mut stream).await;
        let silent = clock.now() + hold + Duration::from_secs(60);
        let read = clock.timeout_at(silent, stream.read_u8()).await;
        assert!(!matches!(read, Ok(Ok(_))));
    });
    let asked = at(&events, |fact| matches!(fact, Fact::Request { .. }));
    let closed = at(&events, |fact| {
        matches!(
            fact,
            Fact::Closed {
                reason: CloseReason::Reaped,
                ..
            }
        )
    });
    let waited = closed.since(asked);
    assert!(
        waited >= hold && waited < hold + Duration::from_secs(5),
        "{waited:?}"
    );
}

#[test]
fn a_flow_that_is_forgotten_as_it_is_accepted_answers_the_request_with_rst() {
    let scenario = Scenario {
        faults: vec![Fault::new(Trigger::Connection(1), Action::Forget)],
        ..Scenario::default()
    };
    for pause in [0, 1] {
        let played = Played::new(scenario.clone(), 1).unwrap();
        // The request is there before the server looks, or comes later.
        play(played, async |mut stream, clock| {
            clock.sleep(Duration::from_millis(pause)).await;
            ask(&mut stream).await;
            let due = clock.now() + Duration::from_secs(60);
            let read = clock.timeout_at(due, stream.read_u8()).await;
            let error = read.expect("it is silent").unwrap_err();
            assert_eq!(error.raw_os_error(), Some(104), "{error}");
        });
    }
}

#[test]
fn a_client_that_leaves_while_its_body_is_made_gives_up_its_place() {
    let (events, done) = play(Later, async |mut stream, clock| {
        ask(&mut stream).await;
        clock.sleep(Duration::from_secs(100)).await;
        drop(stream);
        clock.sleep(Duration::from_secs(5)).await;
    });
    let closed = at(&events, |fact| matches!(fact, Fact::Closed { .. }));
    assert!(closed < done, "{events:?}");
}

#[test]
fn behind_fin_a_client_that_does_not_close_is_left_after_half_a_minute() {
    let mut scenario = Scenario {
        faults: vec![Fault::new(Trigger::Body(ByteSize(10)), Action::Fin)],
        ..Scenario::default()
    };
    scenario.body.size = ByteSize(100);
    let played = Played::new(scenario, 1).unwrap();
    let (events, _) = play(played, async |mut stream, clock| {
        ask(&mut stream).await;
        read_all(&mut stream, clock).await;
        // Its own end stays open.
        clock.sleep(Duration::from_secs(60)).await;
    });
    let fin = at(&events, |fact| matches!(fact, Fact::FinSent {}));
    let closed = at(&events, |fact| matches!(fact, Fact::Closed { .. }));
    assert_eq!(closed.since(fin).as_secs(), 30, "{events:?}");
}
